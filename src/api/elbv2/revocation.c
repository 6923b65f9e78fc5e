/* SPDX-License-Identifier: Apache-2.0 */
#include "control/revocation.h"
#include "api/download.h"
#include "api/elbv2/elbv2.h"

#define CRL TEXT("CRL") /* the one type there is */

enum rc elbv2_add_trust_store_revocations(struct call *call,
                                          const struct elbv2_add_trust_store_revocations_input *in,
                                          struct elbv2_add_trust_store_revocations_output *out)
{
    const struct elbv2_revocation_contents *contents = &in->revocation_contents;
    struct object_name *names = ARENA_ARRAY(call->arena, struct object_name, contents->count);
    struct revocation_rows rows;

    if (names == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < contents->count; i++) {
        names[i] = (struct object_name){contents->items[i].s3_bucket, contents->items[i].s3_key,
                                        contents->items[i].s3_object_version};
    }
    TRY(revocation_add(&call->turn, in->trust_store_arn, names, contents->count, &rows));
    TRY(CALL_LIST(call, &out->trust_store_revocations, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        struct elbv2_trust_store_revocation *added = &out->trust_store_revocations.items[i];

        added->trust_store_arn = in->trust_store_arn;
        added->revocation_type = CRL;
        CALL_SET(added, revocation_id, rows.at[i].id);
        CALL_SET(added, number_of_revoked_entries, rows.at[i].entry_count);
    }
    return RC_OK;
}

enum rc
elbv2_remove_trust_store_revocations(struct call *call,
                                     const struct elbv2_remove_trust_store_revocations_input *in,
                                     struct elbv2_remove_trust_store_revocations_output *out)
{
    (void)out; /* has no members */
    return revocation_remove(&call->turn, in->trust_store_arn, in->revocation_ids.items,
                             in->revocation_ids.count);
}

enum rc elbv2_describe_trust_store_revocations(
    struct call *call, const struct elbv2_describe_trust_store_revocations_input *in,
    struct elbv2_describe_trust_store_revocations_output *out)
{
    struct revocation_rows rows;

    TRY(revocation_find_all(&call->turn, in->trust_store_arn, in->revocation_ids.items,
                            in->revocation_ids.count, &rows));
    TRY(CALL_LIST(call, &out->trust_store_revocations, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        struct elbv2_describe_trust_store_revocation *told = &out->trust_store_revocations.items[i];

        told->trust_store_arn = in->trust_store_arn;
        told->revocation_type = CRL;
        CALL_SET(told, revocation_id, rows.at[i].id);
        CALL_SET(told, number_of_revoked_entries, rows.at[i].entry_count);
    }
    return RC_OK;
}

enum rc elbv2_get_trust_store_revocation_content(
    struct call *call, const struct elbv2_get_trust_store_revocation_content_input *in,
    struct elbv2_get_trust_store_revocation_content_output *out)
{
    struct revocation_rows rows;

    TRY(revocation_find_all(&call->turn, in->trust_store_arn, &in->revocation_id, 1, &rows));
    return download_of_revocation(call, in->trust_store_arn, in->revocation_id, &out->location);
}
