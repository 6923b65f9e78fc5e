/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/snapshot.h"

#include "base/limits.h"
#include "base/mem.h"
#include "snapshot/tables.h"

#include <stdatomic.h>
#include <stdio.h>

enum { FIRST_BLOCK_BYTES = 4096 };

struct snapshot {
    struct arena *arena; /* own: all that the document points at */
    struct snap_document document;
    atomic_size_t refs;
};

uint64_t snapshot_revision(const struct snapshot *snapshot)
{
    return snapshot->document.revision;
}

struct text snapshot_region(const struct snapshot *snapshot)
{
    return snapshot->document.region;
}

const struct snap_balancer *snapshot_balancers(const struct snapshot *snapshot, size_t *count)
{
    *count = snapshot->document.balancer_count;
    return snapshot->document.balancers;
}

const struct snap_group *snapshot_groups(const struct snapshot *snapshot, size_t *count)
{
    *count = snapshot->document.group_count;
    return snapshot->document.groups;
}

const struct snap_trust_store *snapshot_trust_stores(const struct snapshot *snapshot, size_t *count)
{
    *count = snapshot->document.trust_store_count;
    return snapshot->document.trust_stores;
}

const struct snap_ticket_key *snapshot_ticket_keys(const struct snapshot *snapshot, size_t *count)
{
    *count = snapshot->document.ticket_key_count;
    return snapshot->document.ticket_keys;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
    const size_t before = atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);

    ASSERT(before > 0);
    return snapshot;
}

void snapshot_unref(struct snapshot *snapshot)
{
    /* Acquire and release: whoever frees sees the last use by every other thread. */
    if (snapshot && atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) == 1) {
        arena_free(snapshot->arena);
        mem_give(snapshot);
    }
}

static enum rc read_document(struct snapshot *snapshot, struct text json, char *why,
                             size_t why_size)
{
    struct snap_names names;
    struct record_reader reader = {
        .arena = snapshot->arena, .why = why, .why_size = why_size, .context = &names};

    (void)snprintf(why, why_size, "too large"); /* what RC_LIMIT means, wherever it comes from */
    map_init(&names.groups);
    map_init(&names.certificates);
    map_init(&names.trust_stores);
    map_init(&names.listeners);
    const enum rc rc = record_read(&reader, &snap_document_record, json, &snapshot->document);
    map_done(&names.groups);
    map_done(&names.certificates);
    map_done(&names.trust_stores);
    map_done(&names.listeners);
    return rc;
}

enum rc snapshot_decode(struct text json, struct snapshot **out, char *why, size_t why_size)
{
    if (json.len > LIMIT_SNAPSHOT_BYTES) {
        (void)snprintf(why, why_size, "larger than %d bytes", LIMIT_SNAPSHOT_BYTES);
        return RC_LIMIT;
    }

    struct snapshot *snapshot = MEM_NEW(struct snapshot);

    snapshot->arena = arena_new(FIRST_BLOCK_BYTES, LIMIT_SNAPSHOT_ARENA_BYTES);
    atomic_init(&snapshot->refs, 1);
    const enum rc rc = read_document(snapshot, json, why, why_size);
    if (rc != RC_OK) {
        snapshot_unref(snapshot);
        return rc;
    }
    *out = snapshot;
    return RC_OK;
}

void snapshot_encode(const struct snap_document *document, struct buf *out)
{
    record_write(&snap_document_record, document, out);
}

void snapshot_encode_names(const struct snap_document *document, struct buf *out)
{
    struct snap_balancer *balancers = mem_take_array(document->balancer_count, sizeof(*balancers));
    const struct snap_document names = {
        .revision = document->revision,
        .region = document->region,
        .balancers = balancers,
        .balancer_count = document->balancer_count,
    };

    for (size_t i = 0; i < document->balancer_count; i++) {
        const struct snap_balancer *whole = &document->balancers[i];
        snapshot_balancer_defaults(&balancers[i]);
        balancers[i].arn = whole->arn;
        balancers[i].id = whole->id;
        balancers[i].name = whole->name;
        balancers[i].dns_name = whole->dns_name;
        balancers[i].scheme = whole->scheme;
        balancers[i].addresses = whole->addresses;
        balancers[i].address_count = whole->address_count;
    }
    snapshot_encode(&names, out);
    mem_give(balancers);
}

const struct snap_document *snapshot_document(const struct snapshot *snapshot)
{
    return &snapshot->document;
}

void snapshot_balancer_defaults(struct snap_balancer *out)
{
    record_defaults(&snap_balancer_record, out);
}

void snapshot_listener_defaults(struct snap_listener *out)
{
    record_defaults(&snap_listener_record, out);
}

void snapshot_group_defaults(struct snap_group *out)
{
    record_defaults(&snap_group_record, out);
}

void snapshot_action_defaults(struct snap_action *out)
{
    record_defaults(&snap_action_record, out);
}
