/* SPDX-License-Identifier: Apache-2.0 */
#include "control/trust_store.h"
#include "api/download.h"
#include "api/elbv2/elbv2.h"
#include "api/elbv2/tagging.h"

static void write_store(const struct trust_store_row *row, struct elbv2_trust_store *out)
{
    out->name = row->name;
    out->trust_store_arn = row->arn;
    out->status = TEXT("ACTIVE");
    CALL_SET(out, number_of_ca_certificates, row->certificate_count);
    CALL_SET(out, total_revoked_entries, row->revoked_count);
}

static enum rc write_one(struct call *call, const struct trust_store_row *row,
                         struct elbv2_trust_stores *out)
{
    TRY(CALL_LIST(call, out, 1));
    write_store(row, &out->items[0]);
    return RC_OK;
}

enum rc elbv2_create_trust_store(struct call *call, const struct elbv2_create_trust_store_input *in,
                                 struct elbv2_create_trust_store_output *out)
{
    struct trust_store_new wanted = {
        .name = in->name,
        .bundle = {in->ca_certificates_bundle_s3_bucket, in->ca_certificates_bundle_s3_key,
                   in->ca_certificates_bundle_s3_object_version},
    };
    struct trust_store_row row;

    TRY(tagging_read_elbv2(call, &in->tags, &wanted.tags, &wanted.tag_count));
    TRY(trust_store_create(&call->turn, &wanted, &row));
    return write_one(call, &row, &out->trust_stores);
}

enum rc elbv2_modify_trust_store(struct call *call, const struct elbv2_modify_trust_store_input *in,
                                 struct elbv2_modify_trust_store_output *out)
{
    const struct object_name bundle = {in->ca_certificates_bundle_s3_bucket,
                                       in->ca_certificates_bundle_s3_key,
                                       in->ca_certificates_bundle_s3_object_version};
    struct trust_store_row row;

    TRY(trust_store_modify(&call->turn, in->trust_store_arn, &bundle, &row));
    return write_one(call, &row, &out->trust_stores);
}

enum rc elbv2_delete_trust_store(struct call *call, const struct elbv2_delete_trust_store_input *in,
                                 struct elbv2_delete_trust_store_output *out)
{
    (void)out; /* has no members */
    return trust_store_delete(&call->turn, in->trust_store_arn);
}

enum rc elbv2_describe_trust_stores(struct call *call,
                                    const struct elbv2_describe_trust_stores_input *in,
                                    struct elbv2_describe_trust_stores_output *out)
{
    struct trust_store_rows rows;

    TRY(trust_store_find_all(&call->turn, in->trust_store_arns.items, in->trust_store_arns.count,
                             in->names.items, in->names.count, &rows));
    TRY(CALL_LIST(call, &out->trust_stores, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        write_store(&rows.at[i], &out->trust_stores.items[i]);
    }
    return RC_OK;
}

enum rc elbv2_describe_trust_store_associations(
    struct call *call, const struct elbv2_describe_trust_store_associations_input *in,
    struct elbv2_describe_trust_store_associations_output *out)
{
    struct text_list users;

    TRY(trust_store_users(&call->turn, in->trust_store_arn, &users));
    TRY(CALL_LIST(call, &out->trust_store_associations, users.count));
    for (size_t i = 0; i < users.count; i++) {
        out->trust_store_associations.items[i].resource_arn = users.items[i];
    }
    return RC_OK;
}

enum rc elbv2_get_trust_store_ca_certificates_bundle(
    struct call *call, const struct elbv2_get_trust_store_ca_certificates_bundle_input *in,
    struct elbv2_get_trust_store_ca_certificates_bundle_output *out)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(&call->turn, in->trust_store_arn, &row));
    return download_of_bundle(call, row.arn, &out->location);
}

/* ---- sharing, which one account has nobody for ---------------------------------------------- */

enum rc elbv2_get_resource_policy(struct call *call,
                                  const struct elbv2_get_resource_policy_input *in,
                                  struct elbv2_get_resource_policy_output *out)
{
    struct trust_store_row row;

    (void)out; /* there is no policy to give */
    TRY(trust_store_find_row(&call->turn, in->resource_arn, &row));
    return call_refuse(call, "ResourceNotFound", "The resource '%.*s' has no resource policy",
                       TEXT_ARG(in->resource_arn));
}

enum rc elbv2_delete_shared_trust_store_association(
    struct call *call, const struct elbv2_delete_shared_trust_store_association_input *in,
    struct elbv2_delete_shared_trust_store_association_output *out)
{
    struct text_list users;

    (void)out; /* has no members */
    TRY(trust_store_users(&call->turn, in->trust_store_arn, &users));
    for (size_t i = 0; i < users.count; i++) {
        if (text_eq(users.items[i], in->resource_arn)) {
            return call_refuse(call, "DeleteAssociationSameAccount",
                               "The specified association can't be within the same account.");
        }
    }
    return call_refuse(call, "AssociationNotFound", "The specified association does not exist.");
}
