/* SPDX-License-Identifier: Apache-2.0 */
/* Mutual TLS for the snapshot: the trust stores in use, and what listeners do with them. */
#include "control/listener_auth.h"
#include "control/publish_inner.h"
#include "store/listener_auth.h"
#include "store/trust_store.h"

/* One after the other, each ending with its line. They are large: copied once. */
static enum rc join(struct turn *turn, const struct text *parts, size_t count, struct text *out)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        len += parts[i].len + 1;
    }
    char *at = arena_take_raw(turn->arena, len);
    if (at == NULL) {
        return RC_LIMIT;
    }
    *out = (struct text){at, len};
    for (size_t i = 0; i < count; i++) {
        at = mempcpy(at, parts[i].at, parts[i].len);
        *at++ = '\n';
    }
    return RC_OK;
}

static enum rc join_lists(struct turn *turn, struct text arn, struct text *out)
{
    struct revocation_rows rows;
    struct text *parts;

    *out = TEXT("");
    TRY(revocation_row_list(turn->store, turn->arena, arn, &rows));
    if (rows.count == 0) {
        return RC_OK;
    }
    parts = ARENA_ARRAY(turn->arena, struct text, rows.count);
    if (parts == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        TRY(revocation_row_get_pem(turn->store, turn->arena, arn, rows.at[i].id, &parts[i]));
    }
    return join(turn, parts, rows.count, out);
}

static enum rc add(struct publish *publish, struct text arn, struct snap_trust_store *out)
{
    struct turn *turn = publish->turn;

    out->arn = arn;
    TRY(trust_store_row_get_bundle(turn->store, turn->arena, arn, &out->bundle_pem));
    TRY(join_lists(turn, arn, &out->crl_pem));
    publish->trust_store_count++;
    (void)map_put(&publish->trust_stores_by_arn, out->arn, out); /* each ARN is met once */
    return RC_OK;
}

enum rc publish_trust_stores(struct publish *publish)
{
    struct turn *turn = publish->turn;
    struct trust_store_rows rows;

    TRY(trust_store_row_list(turn->store, turn->arena, &rows));
    publish->trust_stores = ARENA_ARRAY(turn->arena, struct snap_trust_store, rows.count);
    if (publish->trust_stores == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        struct text_list users;

        TRY(listener_auth_row_balancers(turn->store, turn->arena, rows.at[i].arn, &users));
        if (users.count > 0) {
            TRY(add(publish, rows.at[i].arn, &publish->trust_stores[publish->trust_store_count]));
        }
    }
    return RC_OK;
}

static enum snap_client_auth mode_of(struct text word)
{
    if (text_eq(word, TEXT("verify"))) {
        return SNAP_AUTH_VERIFY;
    }
    return text_eq(word, TEXT("passthrough")) ? SNAP_AUTH_PASSTHROUGH : SNAP_AUTH_OFF;
}

enum rc publish_listener_auth(struct publish *publish, struct snap_listener *out)
{
    struct listener_auth auth;

    TRY(listener_auth_load(publish->turn, out->arn, &auth));
    out->client_auth = mode_of(auth.mode);
    if (out->client_auth != SNAP_AUTH_VERIFY) {
        return RC_OK;
    }
    out->trust_store = map_get(&publish->trust_stores_by_arn, auth.trust_store);
    out->ignores_client_expiry = auth.ignores_expiry;
    out->advertises_ca_names = text_eq(auth.advertises, TEXT("on"));
    return out->trust_store != NULL ? RC_OK : RC_ABSENT;
}
