/* SPDX-License-Identifier: Apache-2.0 */
#include "control/certificate.h"

#include "control/id.h"
#include "crypto/digest.h"
#include "store/tag.h"

/* The two services refuse the same faults with other words. */
struct words {
    const char *bad_body, *bad_key, *mismatch;
};

static const struct words acm_words = {"ValidationException", "ValidationException",
                                       "ValidationException"};
static const struct words iam_words = {"MalformedCertificate", "MalformedCertificate",
                                       "KeyPairMismatch"};

static enum rc check_body(struct turn *turn, const struct words *words, struct text body)
{
    size_t count;

    if (x509_count(body, &count) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, words->bad_body,
                      "The certificate provided is not in a valid PEM format.");
    }
    if (count > 1) {
        return refuse(&turn->refusal, RC_BAD, words->bad_body,
                      "The certificate field contains more than one certificate. You can specify "
                      "only one certificate in this field.");
    }
    return RC_OK;
}

static enum rc check_key(struct turn *turn, const struct words *words,
                         const struct certificate_material *material)
{
    const enum rc rc = x509_check_key(material->body, material->key);

    if (rc == RC_BAD) {
        return refuse(&turn->refusal, rc, words->bad_key,
                      "The private key provided is not an unencrypted private key in PEM format.");
    }
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, words->mismatch,
                      "The private key does not match the public key in the certificate.");
    }
    return rc;
}

static enum rc check_chain(struct turn *turn, const struct words *words,
                           const struct certificate_material *material)
{
    size_t count;

    if (material->chain.len == 0) {
        return RC_OK;
    }
    if (x509_count(material->chain, &count) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, words->bad_body,
                      "The certificate chain provided is not in a valid PEM format.");
    }
    if (x509_check_chain(material->body, material->chain) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, words->bad_body,
                      "Could not validate the certificate with the certificate chain.");
    }
    return RC_OK;
}

static enum rc check_material(struct turn *turn, const struct words *words,
                              const struct certificate_material *material)
{
    TRY(check_body(turn, words, material->body));
    TRY(check_key(turn, words, material));
    return check_chain(turn, words, material);
}

/* 8-4-4-4-12 hex digits, version 4. */
static struct text uuid(struct turn *turn)
{
    unsigned char b[16];

    random_bytes(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return arena_printf(turn->arena,
                        "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                        b[12], b[13], b[14], b[15]);
}

/* ---- ACM --------------------------------------------------------------------------------------
 */

enum rc certificate_import(struct turn *turn, struct text arn,
                           const struct certificate_material *material, struct certificate_row *out)
{
    struct certificate_row row = {.created_ms = turn->now_unix_ms};

    if (arn.len) {
        TRY(certificate_get_acm(turn, arn, &row));
    } else {
        row.arn = arn_of(turn, "acm", "certificate/%s", uuid(turn).at);
    }
    TRY(check_material(turn, &acm_words, material));
    row.source = TEXT("acm");
    row.body_pem = material->body;
    row.chain_pem = material->chain;
    row.key_pem = material->key;
    row.imported_ms = turn->now_unix_ms;
    TRY(arn.len ? certificate_row_update(turn->store, arn, &row)
                : certificate_row_insert(turn->store, &row));
    *out = row;
    return RC_OK;
}

enum rc certificate_get_acm(struct turn *turn, struct text arn, struct certificate_row *out)
{
    struct certificate_row row;
    enum rc rc = certificate_row_get(turn->store, turn->arena, arn, &row);

    if (rc == RC_OK && !text_eq(row.source, TEXT("acm"))) {
        rc = RC_ABSENT;
    }
    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "ResourceNotFoundException",
                      "Could not find certificate %.*s in account %.*s.", TEXT_ARG(arn),
                      TEXT_ARG(turn->config->account));
    }
    TRY(rc);
    *out = row;
    return RC_OK;
}

static enum rc find_user(struct turn *turn, struct text arn, struct text *user)
{
    struct text *users;
    size_t count;

    TRY(certificate_row_users(turn->store, turn->arena, arn, &users, &count));
    *user = count ? users[0] : TEXT("");
    return RC_OK;
}

static enum rc remove_row(struct turn *turn, struct text arn)
{
    TRY(tag_row_delete_all(turn->store, arn));
    return certificate_row_delete(turn->store, arn);
}

enum rc certificate_delete_acm(struct turn *turn, struct text arn)
{
    struct certificate_row row;
    struct text user;

    TRY(certificate_get_acm(turn, arn, &row));
    TRY(find_user(turn, arn, &user));
    if (user.len) {
        return refuse(&turn->refusal, RC_CONFLICT, "ResourceInUseException",
                      "Certificate %.*s in account %.*s is in use.", TEXT_ARG(arn),
                      TEXT_ARG(turn->config->account));
    }
    return remove_row(turn, arn);
}

/* ---- IAM --------------------------------------------------------------------------------------
 */

static struct text iam_arn(struct turn *turn, struct text path, struct text name)
{
    return arena_printf(turn->arena, "arn:aws:iam::%.*s:server-certificate%.*s%.*s",
                        TEXT_ARG(turn->config->account), TEXT_ARG(path), TEXT_ARG(name));
}

/* "ASCA" and 17 upper-case letters and digits. */
static struct text iam_id(struct turn *turn)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned char random[17];
    char id[22] = "ASCA";

    random_bytes(random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++) {
        id[4 + i] = letters[random[i] & 31];
    }
    return arena_text(turn->arena, (struct text){id, 21});
}

static enum rc refuse_taken(struct turn *turn, struct text name)
{
    return refuse(&turn->refusal, RC_CONFLICT, "EntityAlreadyExists",
                  "The Server Certificate with name %.*s already exists.", TEXT_ARG(name));
}

enum rc certificate_upload(struct turn *turn, struct text name, struct text path,
                           const struct certificate_material *material, struct certificate_row *out)
{
    const struct text folder = path.len ? path : TEXT("/");
    const struct certificate_row row = {
        .arn = iam_arn(turn, folder, name),
        .source = TEXT("iam"),
        .body_pem = material->body,
        .chain_pem = material->chain,
        .key_pem = material->key,
        .created_ms = turn->now_unix_ms,
        .imported_ms = turn->now_unix_ms,
        .name = name,
        .path = folder,
        .id = iam_id(turn),
    };
    struct certificate_row taken;

    TRY(check_material(turn, &iam_words, material));
    const enum rc rc = certificate_row_get_named(turn->store, turn->arena, name, &taken);
    if (rc == RC_OK) {
        return refuse_taken(turn, name);
    }
    if (rc != RC_ABSENT) {
        return rc;
    }
    TRY(certificate_row_insert(turn->store, &row));
    *out = row;
    return RC_OK;
}

enum rc certificate_get_iam(struct turn *turn, struct text name, struct certificate_row *out)
{
    const enum rc rc = certificate_row_get_named(turn->store, turn->arena, name, out);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "NoSuchEntity",
                      "The Server Certificate with name %.*s cannot be found.", TEXT_ARG(name));
    }
    return rc;
}

static enum rc refuse_if_used(struct turn *turn, const struct certificate_row *row)
{
    struct text user;

    TRY(find_user(turn, row->arn, &user));
    if (user.len) {
        return refuse(&turn->refusal, RC_CONFLICT, "DeleteConflict",
                      "Certificate: %.*s is currently in use by %.*s. Please remove it first "
                      "before deleting it from IAM.",
                      TEXT_ARG(row->id), TEXT_ARG(user));
    }
    return RC_OK;
}

enum rc certificate_delete_iam(struct turn *turn, struct text name)
{
    struct certificate_row row;

    TRY(certificate_get_iam(turn, name, &row));
    TRY(refuse_if_used(turn, &row));
    return remove_row(turn, row.arn);
}

static enum rc move_tags(struct turn *turn, struct text from, struct text to)
{
    struct tag_rows tags;

    TRY(tag_row_list(turn->store, turn->arena, from, &tags));
    TRY(tag_row_delete_all(turn->store, from));
    for (size_t i = 0; i < tags.count; i++) {
        TRY(tag_row_put(turn->store, to, tags.at[i].key, tags.at[i].value));
    }
    return RC_OK;
}

enum rc certificate_rename(struct turn *turn, struct text name, struct text new_name,
                           struct text new_path)
{
    struct certificate_row row;

    TRY(certificate_get_iam(turn, name, &row));
    TRY(refuse_if_used(turn, &row));
    const struct text old_arn = row.arn;
    row.name = new_name.len ? new_name : row.name;
    row.path = new_path.len ? new_path : row.path;
    row.arn = iam_arn(turn, row.path, row.name);
    const enum rc rc = certificate_row_update(turn->store, old_arn, &row);
    if (rc == RC_CONFLICT) {
        return refuse_taken(turn, row.name);
    }
    TRY(rc);
    return move_tags(turn, old_arn, row.arn);
}

/* ---- for listeners ----------------------------------------------------------------------------
 */

static bool is_key_usable(struct text algorithm)
{
    /* AWS ALB, "SSL certificates": what a listener takes. RSA 1024 can be imported, not used. */
    static const char *const usable[] = {"RSA_2048",      "RSA_3072",     "RSA_4096",
                                         "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"};

    for (size_t i = 0; i < ARRAY_LEN(usable); i++) {
        if (text_eq(algorithm, text_of(usable[i]))) {
            return true;
        }
    }
    return false;
}

enum rc certificate_for_listener(struct turn *turn, struct text arn)
{
    struct certificate_row row;
    struct x509 read;
    const enum rc rc = certificate_row_get(turn->store, turn->arena, arn, &row);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "CertificateNotFound", "Certificate '%.*s' not found",
                      TEXT_ARG(arn));
    }
    TRY(rc);
    TRY(x509_read(row.body_pem, turn->arena, &read));
    if (!is_key_usable(read.key_algorithm) || (read.name_count == 0 && read.common_name.len == 0)) {
        return refuse(&turn->refusal, RC_DENIED, "UnsupportedCertificate",
                      "The certificate '%.*s' must have a fully-qualified domain name, a supported "
                      "signature, and a supported key size.",
                      TEXT_ARG(arn));
    }
    return RC_OK;
}
