/* SPDX-License-Identifier: Apache-2.0 */
#include "control/trust_store.h"

#include "base/limits.h"
#include "control/elb_arn.h"
#include "control/elb_quota.h"
#include "control/elb_tags.h"
#include "control/id.h"
#include "crypto/trust.h"
#include "store/listener_auth.h"

/* AWS ALB, "Quotas for your Application Load Balancers": of one trust store. */
enum {
    CERTIFICATES_MAX = 25,
    SUBJECT_BYTES_MAX = 10000,
    CERTIFICATE_BYTES_MAX = 16 * 1024,
};

static enum rc read_bundle(struct turn *turn, const struct object_name *name, struct buf *out,
                           int64_t *certificate_count);

static enum rc check_name(struct turn *turn, struct text name)
{
    struct trust_store_row taken;
    int64_t count = 0;
    const enum rc rc = trust_store_row_get_named(turn->store, turn->arena, name, &taken);

    if (rc == RC_OK) {
        return refuse(&turn->refusal, RC_CONFLICT, "DuplicateTrustStoreName",
                      "A trust store with the same name '%.*s' exists", TEXT_ARG(name));
    }
    if (rc != RC_ABSENT) {
        return rc;
    }
    TRY(trust_store_row_count(turn->store, &count));
    if (count >= elb_quota_max(ELB_QUOTA_TRUST_STORES)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTrustStores",
                      "You have reached the maximum number of trust stores: [%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_TRUST_STORES));
    }
    return RC_OK;
}

static enum rc insert(struct turn *turn, const struct trust_store_new *wanted,
                      struct text bundle_pem, int64_t certificate_count,
                      struct trust_store_row *out)
{
    *out = (struct trust_store_row){
        .arn = arn_of(turn, "elasticloadbalancing", "truststore/%.*s/%.*s", TEXT_ARG(wanted->name),
                      TEXT_ARG(id_elb(turn))),
        .name = wanted->name,
        .certificate_count = certificate_count,
        .next_revocation = 1,
        .created_ms = turn->now_unix_ms,
    };
    TRY(trust_store_row_insert(turn->store, out, bundle_pem));
    return elb_tags_put(turn, out->arn, wanted->tags, wanted->tag_count);
}

enum rc trust_store_create(struct turn *turn, const struct trust_store_new *wanted,
                           struct trust_store_row *out)
{
    int64_t certificate_count = 0;
    struct buf pem;

    TRY(check_name(turn, wanted->name));
    buf_init(&pem, LIMIT_BUNDLE_BYTES);
    enum rc rc = read_bundle(turn, &wanted->bundle, &pem, &certificate_count);
    if (rc == RC_OK) {
        rc = insert(turn, wanted, buf_text(&pem), certificate_count, out);
    }
    buf_done(&pem);
    return rc;
}

enum rc trust_store_modify(struct turn *turn, struct text arn, const struct object_name *bundle,
                           struct trust_store_row *out)
{
    int64_t certificate_count = 0;
    struct buf pem;

    TRY(trust_store_find_row(turn, arn, out));
    buf_init(&pem, LIMIT_BUNDLE_BYTES);
    enum rc rc = read_bundle(turn, bundle, &pem, &certificate_count);
    if (rc == RC_OK) {
        rc = trust_store_row_set_bundle(turn->store, arn, buf_text(&pem), certificate_count);
    }
    buf_done(&pem);
    out->certificate_count = certificate_count;
    return rc;
}

enum rc trust_store_delete(struct turn *turn, struct text arn)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(turn, arn, &row));
    const enum rc rc = trust_store_row_remove(turn->store, arn);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "TrustStoreInUse",
                      "Trust store '%.*s' is currently in use by a listener", TEXT_ARG(arn));
    }
    TRY(rc);
    return tag_row_delete_all(turn->store, arn);
}

/* ---- the bundle --------------------------------------------------------------------------- */

static enum rc refuse_bundle(struct turn *turn, const char *why)
{
    return refuse(&turn->refusal, RC_BAD, "InvalidCaCertificatesBundle",
                  "The specified ca certificate bundle is in an invalid format, or corrupt: %s",
                  why);
}

static enum rc check_size(struct turn *turn, const struct trust_bundle *bundle)
{
    const struct {
        size_t is, max;
        const char *what;
    } sizes[] = {
        {bundle->certificate_count, CERTIFICATES_MAX, "certificates"},
        {bundle->subject_bytes, SUBJECT_BYTES_MAX, "bytes in the subjects of its certificates"},
        {bundle->largest_bytes, CERTIFICATE_BYTES_MAX, "bytes in one certificate"},
    };
    char why[TRUST_WHY_BYTES];

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        if (sizes[i].is > sizes[i].max) {
            (void)snprintf(why, sizeof(why), "it has %zu %s, of which there may be %zu",
                           sizes[i].is, sizes[i].what, sizes[i].max);
            return refuse_bundle(turn, why);
        }
    }
    return RC_OK;
}

static enum rc read_bundle(struct turn *turn, const struct object_name *name, struct buf *out,
                           int64_t *certificate_count)
{
    struct trust_bundle bundle;
    char why[TRUST_WHY_BYTES];
    const enum rc rc = object_read(turn, name, out);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "CaCertificatesBundleNotFound",
                      "The specified ca certificate bundle does not exist: s3://%.*s/%.*s",
                      TEXT_ARG(name->bucket), TEXT_ARG(name->key));
    }
    if (rc == RC_LIMIT) {
        return refuse_bundle(turn, "it is too large");
    }
    TRY(rc);
    if (trust_bundle_read(buf_text(out), &bundle, why) != RC_OK) {
        return refuse_bundle(turn, why);
    }
    *certificate_count = (int64_t)bundle.certificate_count;
    return check_size(turn, &bundle);
}

enum rc trust_store_bundle(struct turn *turn, struct text arn, struct text *out)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(turn, arn, &row));
    return trust_store_row_get_bundle(turn->store, turn->arena, arn, out);
}

/* ---- finding ------------------------------------------------------------------------------ */

enum rc trust_store_find_row(struct turn *turn, struct text arn, struct trust_store_row *out)
{
    TRY(elb_arn_check(turn, arn, ELB_TRUST_STORE));
    const enum rc rc = trust_store_row_get(turn->store, turn->arena, arn, out);
    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_TRUST_STORE) : rc;
}

static enum rc find_named(struct turn *turn, struct text name, struct trust_store_row *out)
{
    const enum rc rc = trust_store_row_get_named(turn->store, turn->arena, name, out);

    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_TRUST_STORE) : rc;
}

enum rc trust_store_find_all(struct turn *turn, const struct text *arns, size_t arn_count,
                             const struct text *names, size_t name_count,
                             struct trust_store_rows *out)
{
    if (arn_count > 0 && name_count > 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Trust store names and trust store ARNs cannot be specified at the same "
                      "time");
    }
    if (arn_count + name_count == 0) {
        return trust_store_row_list(turn->store, turn->arena, out);
    }
    out->count = arn_count + name_count;
    out->at = ARENA_ARRAY(turn->arena, struct trust_store_row, out->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < arn_count; i++) {
        TRY(trust_store_find_row(turn, arns[i], &out->at[i]));
    }
    for (size_t i = 0; i < name_count; i++) {
        TRY(find_named(turn, names[i], &out->at[i]));
    }
    return RC_OK;
}

enum rc trust_store_users(struct turn *turn, struct text arn, struct text_list *out)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(turn, arn, &row));
    return listener_auth_row_balancers(turn->store, turn->arena, arn, out);
}
