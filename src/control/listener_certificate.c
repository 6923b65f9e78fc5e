/* SPDX-License-Identifier: Apache-2.0 */
#include "control/listener_certificate.h"

#include "control/certificate.h"
#include "control/elb_quota.h"
#include "control/listener.h"

static enum rc check_call(struct turn *turn, struct text listener, size_t count,
                          struct listener_row *out)
{
    TRY(listener_find_row(turn, listener, out));
    if (count != 1) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "You must specify exactly one certificate");
    }
    if (!text_eq(out->protocol, TEXT("HTTPS"))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Certificates can be specified only for HTTPS listeners");
    }
    return RC_OK;
}

enum rc listener_certificate_add(struct turn *turn, struct text listener, const struct text *arns,
                                 size_t count, struct listener_certificate_rows *out)
{
    struct listener_certificate_row row = {.listener = listener};
    struct listener_row owner;
    int64_t total = 0;

    TRY(check_call(turn, listener, count, &owner));
    TRY(certificate_for_listener(turn, arns[0]));
    row.certificate = arns[0];
    TRY(listener_certificate_row_put(turn->store, &row));
    TRY(listener_certificate_row_count(turn->store, owner.balancer, &total));
    if (total > elb_quota_max(ELB_QUOTA_CERTIFICATES)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyCertificates",
                      "You have reached the maximum number of certificates per load balancer: "
                      "[%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_CERTIFICATES));
    }
    out->at = ARENA_NEW(turn->arena, struct listener_certificate_row);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    out->at[0] = row;
    out->count = 1;
    return RC_OK;
}

enum rc listener_certificate_remove(struct turn *turn, struct text listener,
                                    const struct text *arns, size_t count)
{
    struct listener_certificate_rows rows;
    struct listener_row owner;
    bool is_listed = false;

    TRY(check_call(turn, listener, count, &owner));
    TRY(listener_certificate_row_list(turn->store, turn->arena, listener, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        is_listed =
            is_listed || (!rows.at[i].is_default && text_eq(rows.at[i].certificate, arns[0]));
    }
    if (!is_listed && rows.count > 0 && text_eq(rows.at[0].certificate, arns[0])) {
        return refuse(&turn->refusal, RC_DENIED, "OperationNotPermitted",
                      "The default certificate of a listener cannot be removed: '%.*s'",
                      TEXT_ARG(arns[0]));
    }
    return listener_certificate_row_remove(turn->store, listener, arns[0], false);
}

enum rc listener_certificate_find_all(struct turn *turn, struct text listener,
                                      struct listener_certificate_rows *out)
{
    struct listener_row owner;

    TRY(listener_find_row(turn, listener, &owner));
    return listener_certificate_row_list(turn->store, turn->arena, listener, out);
}
