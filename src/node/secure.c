/* SPDX-License-Identifier: Apache-2.0 */
#include "node/secure.h"

#include "base/mem.h"
#include "tls/peer.h"
#include "tls/stream.h"

#include <stdio.h>

_Static_assert(sizeof(struct snap_ticket_key) == TLS_TICKET_KEY_BYTES, "keys pass as they are");

/* ---- listeners ---------------------------------------------------------------------------- */

static bool is_same_certificate(const struct snap_certificate *a, const struct snap_certificate *b)
{
    return text_eq(a->arn, b->arn) && text_eq(a->chain_pem, b->chain_pem) &&
           text_eq(a->key_pem, b->key_pem);
}

static bool is_same_keys(const struct plan *a, const struct plan *b)
{
    size_t a_count;
    size_t b_count;
    const struct snap_ticket_key *a_keys = snapshot_ticket_keys(a->snapshot, &a_count);
    const struct snap_ticket_key *b_keys = snapshot_ticket_keys(b->snapshot, &b_count);

    return a_count == b_count &&
           (a_count == 0 || memcmp(a_keys, b_keys, a_count * sizeof(*a_keys)) == 0);
}

/* A plan shares what has not changed of a trust store with the plan before it. */
static bool is_same_auth(const struct plan_listener *a, const struct plan_listener *b)
{
    return a->snap->client_auth == b->snap->client_auth && a->trust == b->trust &&
           a->snap->ignores_client_expiry == b->snap->ignores_client_expiry &&
           a->snap->advertises_ca_names == b->snap->advertises_ca_names;
}

bool secure_is_same(const struct plan *a_plan, const struct plan_listener *a,
                    const struct plan *b_plan, const struct plan_listener *b)
{
    if (a->snap->protocol != b->snap->protocol ||
        a->config.is_http2_offered != b->config.is_http2_offered ||
        !text_eq(a->snap->ssl_policy, b->snap->ssl_policy) || !is_same_auth(a, b) ||
        a->snap->certificate_count != b->snap->certificate_count || !is_same_keys(a_plan, b_plan)) {
        return false;
    }
    for (size_t i = 0; i < a->snap->certificate_count; i++) {
        if (!is_same_certificate(a->snap->certificates[i], b->snap->certificates[i])) {
            return false;
        }
    }
    return true;
}

static const struct tls_policy *policy_of(const struct snap_listener *listener)
{
    const struct tls_policy *policy = tls_policy_find(listener->ssl_policy);

    return policy ? policy : tls_policy_find(TLS_POLICY_DEFAULT);
}

static enum tls_client_auth auth_of(enum snap_client_auth auth)
{
    switch (auth) {
    case SNAP_AUTH_OFF:
        return TLS_AUTH_OFF;
    case SNAP_AUTH_PASSTHROUGH:
        return TLS_AUTH_PASSTHROUGH;
    case SNAP_AUTH_VERIFY:
        return TLS_AUTH_VERIFY;
    }
    return TLS_AUTH_OFF;
}

struct tls_trust *secure_trust(const struct snap_trust_store *trust_store)
{
    struct tls_trust *trust = NULL;
    char why[256];
    const enum rc rc =
        tls_trust_new(trust_store->bundle_pem, trust_store->crl_pem, &trust, why, sizeof(why));

    return rc == RC_OK ? trust : NULL; /* listeners that need it say so */
}

struct tls_server *secure_listener(const struct plan *plan, const struct plan_listener *listener,
                                   const struct log *log)
{
    const struct snap_listener *snap = listener->snap;
    size_t key_count;
    const struct snap_ticket_key *keys = snapshot_ticket_keys(plan->snapshot, &key_count);
    struct tls_certificate *certificates =
        mem_take_array(snap->certificate_count, sizeof(*certificates));
    struct tls_server *context = NULL;
    char why[256] = "its trust store cannot be read";
    char scope[256];
    const bool lacks_trust = snap->client_auth == SNAP_AUTH_VERIFY && !listener->trust;

    for (size_t i = 0; i < snap->certificate_count; i++) {
        const struct snap_certificate *from = snap->certificates[i];
        certificates[i] = (struct tls_certificate){from->arn, from->chain_pem, from->key_pem};
    }
    /* All nodes have the keys, for all listeners: what was agreed with one of them, under its
     * policy, is worth nothing to another. AWS ALB: only the same load balancer resumes. */
    (void)snprintf(scope, sizeof(scope), "%.*s:%u %.*s", TEXT_ARG(listener->balancer->id),
                   listener->port, TEXT_ARG(policy_of(snap)->name));
    const struct tls_server_config config = {
        .policy = policy_of(snap),
        .certificates = certificates,
        .certificate_count = snap->certificate_count,
        .ticket_keys = (const unsigned char(*)[TLS_TICKET_KEY_BYTES])(uintptr_t)keys,
        .ticket_key_count = key_count,
        .session_scope = text_of(scope),
        .is_http2_offered = listener->config.is_http2_offered,
        .client_auth = auth_of(snap->client_auth),
        .trust = listener->trust,
        .ignores_expiry = snap->ignores_client_expiry,
        .advertises_ca_names = snap->advertises_ca_names,
    };
    if (lacks_trust || tls_server_new(&config, &context, why, sizeof(why)) != RC_OK) {
        log_event(log, LOG_ERROR, "HTTPS listener cannot serve", {"listener", snap->arn},
                  {"why", text_of(why)});
    }
    mem_give(certificates);
    return context;
}

/* ---- targets ------------------------------------------------------------------------------ */

const struct tls_policy *secure_policy_toward_targets(const struct snap_balancer *balancer)
{
    const struct tls_policy **policies =
        mem_take_array(balancer->listener_count, sizeof(struct tls_policy *));
    size_t count = 0;

    for (size_t i = 0; i < balancer->listener_count; i++) {
        if (balancer->listeners[i].protocol == SNAP_HTTPS) {
            policies[count++] = policy_of(&balancer->listeners[i]);
        }
    }
    const struct tls_policy *policy = tls_policy_backend(policies, count);
    mem_give(policies);
    return policy;
}

/* ---- fields of TLS -------------------------------------------------------------------------- */

/* What is being told. */
struct telling {
    const struct listener_fields *fields;
    struct http_fields *out;
};

static void tell(struct telling *telling, enum own_field field, struct text value)
{
    telling->out->at[telling->out->count++] =
        (struct http_field){.name = telling->fields->names[field], .value = value};
}

static enum rc tell_certificate(struct telling *telling, enum snap_client_auth auth,
                                const struct stream *stream, struct arena *arena)
{
    struct tls_peer peer;
    const enum rc rc = tls_peer_read(stream, arena, &peer);

    if (rc == RC_ABSENT) {
        return RC_OK; /* passthrough tolerates a client without one */
    }
    TRY(rc);
    if (auth == SNAP_AUTH_PASSTHROUGH) {
        tell(telling, OWN_MTLS_CHAIN, peer.chain);
        return RC_OK;
    }
    tell(telling, OWN_MTLS_SERIAL, peer.serial);
    tell(telling, OWN_MTLS_ISSUER, peer.issuer);
    tell(telling, OWN_MTLS_SUBJECT, peer.subject);
    tell(telling, OWN_MTLS_VALIDITY, peer.validity);
    tell(telling, OWN_MTLS_LEAF, peer.leaf);
    return RC_OK;
}

enum rc secure_fields(const struct plan_listener *listener, const struct stream *stream,
                      struct arena *arena, struct http_fields *out)
{
    const enum snap_client_auth auth = listener->snap->client_auth;
    const bool tells_tls = listener->fields->renames_tls && listener->balancer->adds_tls_fields;
    struct telling telling = {listener->fields, out};

    *out = (struct http_fields){NULL, 0};
    if (auth == SNAP_AUTH_OFF && !tells_tls) {
        return RC_OK;
    }
    out->at = ARENA_ARRAY(arena, struct http_field, OWN_FIELDS);
    if (!out->at) {
        return RC_LIMIT;
    }
    if (tells_tls) {
        tell(&telling, OWN_TLS_VERSION, tls_stream_version(stream));
        tell(&telling, OWN_TLS_CIPHER, tls_stream_cipher(stream));
    }
    return auth == SNAP_AUTH_OFF ? RC_OK : tell_certificate(&telling, auth, stream, arena);
}
