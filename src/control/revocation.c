/* SPDX-License-Identifier: Apache-2.0 */
#include "control/revocation.h"

#include "base/limits.h"
#include "control/trust_store.h"
#include "crypto/trust.h"

/* AWS ALB, "Quotas for your Application Load Balancers": of one trust store. */
enum { LISTS_MAX = 30, ENTRIES_MAX = 500000 };

/* What is added to. */
struct addition {
    struct turn *turn;
    struct trust_store_row row;
    struct text bundle_pem;
    int64_t bytes; /* of all lists of the account */
};

static enum rc refuse_many(struct turn *turn, const char *what, long long max)
{
    return refuse(&turn->refusal, RC_LIMIT, "TooManyTrustStoreRevocationEntries",
                  "The specified revocation file would give too many %s: [%lld] are allowed", what,
                  max);
}

static enum rc read_content(struct turn *turn, const struct object_name *name, struct buf *out)
{
    const enum rc rc = object_read(turn, name, out);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "RevocationContentNotFound",
                      "The specified revocation file does not exist: s3://%.*s/%.*s",
                      TEXT_ARG(name->bucket), TEXT_ARG(name->key));
    }
    if (rc == RC_LIMIT) {
        return refuse_many(turn, "bytes in all revocation files", LIMIT_REVOCATIONS_BYTES);
    }
    return rc;
}

static enum rc insert(struct addition *add, struct text pem, struct revocation_row *out)
{
    struct turn *turn = add->turn;
    char why[TRUST_WHY_BYTES];
    int64_t entries;

    if (trust_list_read(pem, add->bundle_pem, &entries, why) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidRevocationContent",
                      "The provided revocation file is in an invalid format, or uses an incorrect "
                      "algorithm: %s",
                      why);
    }
    add->row.revoked_count += entries;
    add->bytes += (int64_t)pem.len;
    if (add->row.revoked_count > ENTRIES_MAX) {
        return refuse_many(turn, "revocation entries per trust store", ENTRIES_MAX);
    }
    *out = (struct revocation_row){
        .trust_store = add->row.arn,
        .id = add->row.next_revocation++,
        .entry_count = entries,
    };
    return revocation_row_insert(turn->store, out, pem);
}

static enum rc add_one(struct addition *add, const struct object_name *name,
                       struct revocation_row *out)
{
    struct buf pem;

    buf_init(&pem, (size_t)(LIMIT_REVOCATIONS_BYTES - add->bytes));
    enum rc rc = read_content(add->turn, name, &pem);
    if (rc == RC_OK) {
        rc = insert(add, buf_text(&pem), out);
    }
    buf_done(&pem);
    return rc;
}

static enum rc begin(struct turn *turn, struct text trust_store, size_t count, struct addition *add)
{
    struct revocation_rows held;

    *add = (struct addition){.turn = turn};
    TRY(trust_store_find_row(turn, trust_store, &add->row));
    if (count == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "A revocation content must be specified");
    }
    TRY(revocation_row_list(turn->store, turn->arena, trust_store, &held));
    if (held.count + count > LISTS_MAX) {
        return refuse_many(turn, "revocation lists per trust store", LISTS_MAX);
    }
    TRY(trust_store_row_get_bundle(turn->store, turn->arena, trust_store, &add->bundle_pem));
    return revocation_row_bytes(turn->store, &add->bytes);
}

enum rc revocation_add(struct turn *turn, struct text trust_store,
                       const struct object_name *contents, size_t count,
                       struct revocation_rows *out)
{
    struct addition add;

    TRY(begin(turn, trust_store, count, &add));
    out->count = count;
    out->at = ARENA_ARRAY(turn->arena, struct revocation_row, count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(add_one(&add, &contents[i], &out->at[i]));
    }
    return trust_store_row_set_next_revocation(turn->store, trust_store, add.row.next_revocation);
}

static enum rc refuse_absent(struct turn *turn, int64_t id)
{
    return refuse(&turn->refusal, RC_ABSENT, "RevocationIdNotFound",
                  "The specified revocation ID does not exist: '%lld'", (long long)id);
}

enum rc revocation_remove(struct turn *turn, struct text trust_store, const int64_t *ids,
                          size_t count)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(turn, trust_store, &row));
    for (size_t i = 0; i < count; i++) {
        const enum rc rc = revocation_row_remove(turn->store, trust_store, ids[i]);

        TRY(rc == RC_ABSENT ? refuse_absent(turn, ids[i]) : rc);
    }
    return RC_OK;
}

enum rc revocation_find_all(struct turn *turn, struct text trust_store, const int64_t *ids,
                            size_t count, struct revocation_rows *out)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(turn, trust_store, &row));
    if (count == 0) {
        return revocation_row_list(turn->store, turn->arena, trust_store, out);
    }
    out->count = count;
    out->at = ARENA_ARRAY(turn->arena, struct revocation_row, count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        const enum rc rc =
            revocation_row_get(turn->store, turn->arena, trust_store, ids[i], &out->at[i]);

        TRY(rc == RC_ABSENT ? refuse_absent(turn, ids[i]) : rc);
    }
    return RC_OK;
}

enum rc revocation_content(struct turn *turn, struct text trust_store, int64_t id, struct text *out)
{
    struct trust_store_row row;

    TRY(trust_store_find_row(turn, trust_store, &row));
    const enum rc rc = revocation_row_get_pem(turn->store, turn->arena, trust_store, id, out);
    return rc == RC_ABSENT ? refuse_absent(turn, id) : rc;
}
