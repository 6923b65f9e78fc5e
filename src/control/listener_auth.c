/* SPDX-License-Identifier: Apache-2.0 */
#include "control/listener_auth.h"

#include "control/trust_store.h"
#include "store/listener_auth.h"

#define VERIFY TEXT("verify")

enum { VERIFY_MAX = 2 };

const struct listener_auth listener_auth_off = {.mode = TEXT_INIT("off"),
                                                .advertises = TEXT_INIT("off")};

static enum rc refuse_validation(struct turn *turn, const char *message)
{
    return refuse(&turn->refusal, RC_BAD, "ValidationError", "%s", message);
}

static enum rc check_verify(struct turn *turn, const struct listener_auth *given)
{
    struct trust_store_row row;

    if (text_is_empty(given->trust_store)) {
        return refuse_validation(turn, "A trust store ARN must be specified for mutual "
                                       "authentication mode 'verify'");
    }
    return trust_store_find_row(turn, given->trust_store, &row);
}

/* off and passthrough: what belongs to verify says nothing there. */
static enum rc check_other(struct turn *turn, const struct listener_auth *given)
{
    if (!text_eq(given->mode, TEXT("off")) && !text_eq(given->mode, TEXT("passthrough"))) {
        return refuse_validation(
            turn, "Mutual Authentication mode must be one of: 'off, passthrough, verify'");
    }
    if (!text_is_empty(given->trust_store)) {
        return refuse_validation(turn, "A trust store ARN can be specified only for mutual "
                                       "authentication mode 'verify'");
    }
    if (given->ignores_expiry || text_eq(given->advertises, TEXT("on"))) {
        return refuse_validation(turn, "IgnoreClientCertificateExpiry and "
                                       "AdvertiseTrustStoreCaNames are supported only for mutual "
                                       "authentication mode 'verify'");
    }
    return RC_OK;
}

enum rc listener_auth_make(struct turn *turn, const struct listener_auth *given,
                           struct listener_auth *out)
{
    if (text_is_empty(out->mode)) {
        *out = listener_auth_off;
    }
    if (!given) {
        return RC_OK;
    }
    TRY(text_eq(given->mode, VERIFY) ? check_verify(turn, given) : check_other(turn, given));
    *out = *given;
    if (text_is_empty(out->advertises)) {
        out->advertises = listener_auth_off.advertises;
    }
    return RC_OK;
}

enum rc listener_auth_load(struct turn *turn, struct text listener, struct listener_auth *out)
{
    struct listener_auth_row row;
    const enum rc rc = listener_auth_row_get(turn->store, turn->arena, listener, &row);

    if (rc == RC_ABSENT) {
        *out = listener_auth_off;
        return RC_OK;
    }
    TRY(rc);
    *out = (struct listener_auth){
        .mode = row.mode,
        .trust_store = row.trust_store,
        .ignores_expiry = row.ignores_expiry,
        .advertises = row.advertises_ca_names ? TEXT("on") : TEXT("off"),
    };
    return RC_OK;
}

static enum rc check_count(struct turn *turn, const struct listener_row *listener)
{
    int64_t count = 0;

    TRY(listener_auth_row_count_verify(turn->store, listener->balancer, listener->arn, &count));
    if (count < VERIFY_MAX) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_LIMIT, "InvalidConfigurationRequest",
                  "You have reached the maximum number of listeners with mutual authentication "
                  "mode 'verify' per load balancer: [%d]",
                  VERIFY_MAX);
}

enum rc listener_auth_save(struct turn *turn, const struct listener_row *listener,
                           const struct listener_auth *auth)
{
    const struct listener_auth_row row = {
        .listener = listener->arn,
        .mode = auth->mode,
        .trust_store = auth->trust_store,
        .ignores_expiry = auth->ignores_expiry,
        .advertises_ca_names = text_eq(auth->advertises, TEXT("on")),
    };

    if (text_eq(auth->mode, TEXT("off"))) {
        return listener_auth_row_remove(turn->store, listener->arn);
    }
    if (text_eq(auth->mode, VERIFY)) {
        TRY(check_count(turn, listener));
    }
    return listener_auth_row_put(turn->store, &row);
}

bool listener_auth_is_same(const struct listener_auth *a, const struct listener_auth *b)
{
    return text_eq(a->mode, b->mode) && text_eq(a->trust_store, b->trust_store) &&
           a->ignores_expiry == b->ignores_expiry && text_eq(a->advertises, b->advertises);
}
