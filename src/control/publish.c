/* SPDX-License-Identifier: Apache-2.0 */
#include "control/publish.h"

#include "codec/hex.h"
#include "control/publish_inner.h"
#include "crypto/x509.h"
#include "snapshot/write.h"
#include "store/certificate.h"
#include "store/ticket_key.h"

static enum rc add_groups(struct publish *publish, const struct balancer_rows *balancers);
static enum rc add_certificates(struct publish *publish);
static enum rc add_ticket_keys(struct turn *turn, struct snap_document *document);
static enum rc fill(struct publish *publish, struct snap_document *document);

enum rc publish_build(struct turn *turn, struct buf *out, struct buf *names)
{
    struct publish publish = {.turn = turn};
    struct snap_document document = {.revision = store_revision(turn->store),
                                     .region = turn->config->region};
    enum rc rc;

    /* 0 is no revision: on a store that was never written there is nothing to serve either. */
    document.revision = document.revision == 0 ? 1 : document.revision;
    map_init(&publish.groups_by_arn);
    map_init(&publish.certificates_by_arn);
    map_init(&publish.trust_stores_by_arn);
    rc = fill(&publish, &document);
    if (rc == RC_OK) {
        snapshot_encode(&document, out);
        rc = buf_result(out);
    }
    if (rc == RC_OK && names) {
        snapshot_encode_names(&document, names);
        rc = buf_result(names);
    }
    map_done(&publish.groups_by_arn);
    map_done(&publish.certificates_by_arn);
    map_done(&publish.trust_stores_by_arn);
    return rc;
}

static enum rc fill(struct publish *publish, struct snap_document *document)
{
    struct turn *turn = publish->turn;
    struct snap_balancer *balancers;
    struct balancer_rows rows;

    TRY(balancer_row_list(turn->store, turn->arena, &rows));
    TRY(add_certificates(publish));
    TRY(publish_trust_stores(publish));
    TRY(add_groups(publish, &rows));
    balancers = ARENA_ARRAY(turn->arena, struct snap_balancer, rows.count);
    if (balancers == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        TRY(publish_balancer(publish, &rows.at[i], &balancers[i]));
    }
    document->balancers = balancers;
    document->balancer_count = rows.count;
    document->groups = publish->groups;
    document->group_count = publish->group_count;
    document->certificates = publish->certificates;
    document->certificate_count = publish->certificate_count;
    document->trust_stores = publish->trust_stores;
    document->trust_store_count = publish->trust_store_count;
    return add_ticket_keys(turn, document);
}

/* Those in use, each once: a group belongs to one load balancer. */
static enum rc add_groups(struct publish *publish, const struct balancer_rows *balancers)
{
    struct turn *turn = publish->turn;
    int64_t most = 0;

    TRY(target_group_row_count(turn->store, &most));
    publish->groups = ARENA_ARRAY(turn->arena, struct snap_group, (size_t)most);
    if (publish->groups == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < balancers->count; i++) {
        struct target_group_rows rows;

        TRY(target_group_row_list_of_balancer(turn->store, turn->arena, balancers->at[i].arn,
                                              &rows));
        for (size_t j = 0; j < rows.count; j++) {
            struct snap_group *group = &publish->groups[publish->group_count++];

            TRY(publish_group(publish, &rows.at[j], group));
            (void)map_put(&publish->groups_by_arn, group->arn, group); /* each ARN is met once */
        }
    }
    return RC_OK;
}

static enum rc add_certificate(struct turn *turn, const struct certificate_row *row,
                               struct snap_certificate *out)
{
    struct x509 x509;

    TRY(x509_read(row->body_pem, turn->arena, &x509));
    *out = (struct snap_certificate){
        .arn = row->arn,
        .chain_pem = arena_printf(turn->arena, "%.*s\n%.*s", TEXT_ARG(row->body_pem),
                                  TEXT_ARG(row->chain_pem)),
        .key_pem = row->key_pem,
        .names = x509.names,
        .name_count = x509.name_count,
    };
    return out->chain_pem.at != NULL ? RC_OK : RC_LIMIT;
}

/* Only those that listeners use: a node has no business with other keys. */
static enum rc add_certificates(struct publish *publish)
{
    struct turn *turn = publish->turn;
    struct certificate_rows rows;

    TRY(certificate_row_list(turn->store, turn->arena, TEXT(""), &rows));
    publish->certificates = ARENA_ARRAY(turn->arena, struct snap_certificate, rows.count);
    if (publish->certificates == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        struct snap_certificate *certificate = &publish->certificates[publish->certificate_count];
        struct text *users;
        size_t user_count = 0;

        TRY(certificate_row_users(turn->store, turn->arena, rows.at[i].arn, &users, &user_count));
        if (user_count == 0) {
            continue;
        }
        TRY(add_certificate(turn, &rows.at[i], certificate));
        publish->certificate_count++;
        (void)map_put(&publish->certificates_by_arn, certificate->arn, certificate);
    }
    return RC_OK;
}

enum rc publish_certificate(struct publish *publish, struct text arn,
                            const struct snap_certificate **out)
{
    *out = map_get(&publish->certificates_by_arn, arn);
    return *out != NULL ? RC_OK : RC_ABSENT;
}

/* Nothing to resume without a certificate. */
static enum rc add_ticket_keys(struct turn *turn, struct snap_document *document)
{
    struct snap_ticket_key *keys;
    struct ticket_key_rows rows;

    if (document->certificate_count == 0) {
        return RC_OK;
    }
    TRY(ticket_key_row_list(turn->store, turn->arena, &rows));
    keys = ARENA_ARRAY(turn->arena, struct snap_ticket_key, rows.count);
    if (keys == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        size_t len = 0;

        TRY(hex_decode(rows.at[i].hex, (char *)keys[i].bytes, sizeof(keys[i].bytes), &len));
    }
    document->ticket_keys = keys;
    document->ticket_key_count = rows.count;
    return RC_OK;
}
