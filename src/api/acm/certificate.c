/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that were imported. */
#include "control/certificate.h"
#include "api/acm/acm.h"

enum { SUMMARY_NAMES_MAX = 100 }; /* AWS ACM, CertificateSummary: the first hundred names */

enum rc acm_import_certificate(struct call *call, const struct acm_import_certificate_input *in,
                               struct acm_import_certificate_output *out)
{
    const struct certificate_material material = {
        .body = in->certificate, .chain = in->certificate_chain, .key = in->private_key};
    struct certificate_row row;

    if (in->certificate_arn.len && in->tags.count) {
        return call_refuse(call, "ValidationException",
                           "Tags can't be specified when a certificate is imported again.");
    }
    TRY(certificate_import(&call->turn, in->certificate_arn, &material, &row));
    TRY(acm_put_tags(call, row.arn, &in->tags));
    out->certificate_arn = row.arn;
    return RC_OK;
}

enum rc acm_delete_certificate(struct call *call, const struct acm_delete_certificate_input *in,
                               struct acm_delete_certificate_output *out)
{
    (void)out; /* has no members */
    return certificate_delete_acm(&call->turn, in->certificate_arn);
}

enum rc acm_get_certificate(struct call *call, const struct acm_get_certificate_input *in,
                            struct acm_get_certificate_output *out)
{
    struct certificate_row row;

    TRY(certificate_get_acm(&call->turn, in->certificate_arn, &row));
    out->certificate = row.body_pem;
    if (row.chain_pem.len) {
        out->certificate_chain = row.chain_pem;
    }
    return RC_OK;
}

/* ---- describing -------------------------------------------------------------------------------
 */

static struct text domain_of(const struct x509 *cert)
{
    if (cert->common_name.len) {
        return cert->common_name;
    }
    return cert->name_count ? cert->names[0] : TEXT("");
}

static const char *status_of(const struct call *call, const struct x509 *cert)
{
    return cert->not_after_unix_ms < call->now_unix_ms ? "EXPIRED" : "ISSUED";
}

static enum rc fill_names(struct call *call, const struct x509 *cert, size_t most,
                          struct text_list *out)
{
    const size_t count = cert->name_count < most ? cert->name_count : most;

    TRY(CALL_LIST(call, out, count));
    for (size_t i = 0; i < count; i++) {
        out->items[i] = cert->names[i];
    }
    return RC_OK;
}

static enum rc fill_usages(struct call *call, const struct x509 *cert,
                           struct acm_certificate_detail *out)
{
    TRY(CALL_LIST(call, &out->key_usages, cert->key_usage_count));
    for (size_t i = 0; i < cert->key_usage_count; i++) {
        out->key_usages.items[i].name = text_of(cert->key_usages[i]);
    }
    TRY(CALL_LIST(call, &out->extended_key_usages, cert->extended_usage_count));
    for (size_t i = 0; i < cert->extended_usage_count; i++) {
        out->extended_key_usages.items[i].name = text_of(cert->extended_usages[i]);
        out->extended_key_usages.items[i].oid = text_of(cert->extended_oids[i]);
    }
    return RC_OK;
}

/* ACM writes RSA-2048 here and RSA_2048 everywhere else. */
static struct text described_algorithm(struct call *call, struct text algorithm)
{
    if (!text_starts(algorithm, TEXT("RSA_"))) {
        return algorithm;
    }
    return call_printf(call, "RSA-%.*s", TEXT_ARG(text_slice(algorithm, 4, algorithm.len)));
}

enum rc acm_describe_certificate(struct call *call, const struct acm_describe_certificate_input *in,
                                 struct acm_describe_certificate_output *out)
{
    struct certificate_row row;
    struct x509 cert;

    TRY(certificate_get_acm(&call->turn, in->certificate_arn, &row));
    TRY(x509_read(row.body_pem, call->arena, &cert));
    TRY(CALL_NEW(call, &out->certificate));
    struct acm_certificate_detail *detail = out->certificate;
    detail->certificate_arn = row.arn;
    detail->domain_name = domain_of(&cert);
    TRY(fill_names(call, &cert, cert.name_count, &detail->subject_alternative_names));
    detail->serial = cert.serial;
    detail->subject = cert.subject;
    detail->issuer = cert.issuer_name;
    CALL_SET_TIME(detail, created_at, row.created_ms);
    CALL_SET_TIME(detail, imported_at, row.imported_ms);
    CALL_SET_TIME(detail, not_before, cert.not_before_unix_ms);
    CALL_SET_TIME(detail, not_after, cert.not_after_unix_ms);
    detail->status = text_of(status_of(call, &cert));
    detail->key_algorithm = described_algorithm(call, cert.key_algorithm);
    detail->signature_algorithm = cert.signature_algorithm;
    detail->type = TEXT("IMPORTED");
    detail->renewal_eligibility = TEXT("INELIGIBLE");
    TRY(fill_usages(call, &cert, detail));
    TRY(CALL_NEW(call, &detail->options));
    detail->options->certificate_transparency_logging_preference = TEXT("DISABLED");
    struct text *users;
    size_t count;
    TRY(certificate_row_users(call->turn.store, call->arena, row.arn, &users, &count));
    TRY(CALL_LIST(call, &detail->in_use_by, count));
    for (size_t i = 0; i < count; i++) {
        detail->in_use_by.items[i] = users[i];
    }
    return RC_OK;
}

/* ---- listing ----------------------------------------------------------------------------------
 */

static bool is_among(const struct text_list *list, struct text word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_eq(list->items[i], word)) {
            return true;
        }
    }
    return list->count == 0; /* no filter */
}

/* AWS ACM, ListCertificates: without a filter by key type, only RSA_1024 and RSA_2048 show up. */
static bool is_key_type_wanted(const struct acm_filters *includes, struct text algorithm)
{
    if (includes && includes->key_types.count) {
        return is_among(&includes->key_types, algorithm);
    }
    return text_eq(algorithm, TEXT("RSA_2048")) || text_eq(algorithm, TEXT("RSA_1024"));
}

static enum rc summarize(struct call *call, const struct certificate_row *row,
                         const struct x509 *cert, struct acm_certificate_summary *out)
{
    struct text *users;
    size_t count;

    out->certificate_arn = row->arn;
    out->domain_name = domain_of(cert);
    TRY(fill_names(call, cert, SUMMARY_NAMES_MAX, &out->subject_alternative_name_summaries));
    CALL_SET(out, has_additional_subject_alternative_names, cert->name_count > SUMMARY_NAMES_MAX);
    out->status = text_of(status_of(call, cert));
    out->type = TEXT("IMPORTED");
    out->key_algorithm = cert->key_algorithm;
    out->renewal_eligibility = TEXT("INELIGIBLE");
    TRY(certificate_row_users(call->turn.store, call->arena, row->arn, &users, &count));
    CALL_SET(out, in_use, count > 0);
    CALL_SET_TIME(out, not_before, cert->not_before_unix_ms);
    CALL_SET_TIME(out, not_after, cert->not_after_unix_ms);
    CALL_SET_TIME(out, created_at, row->created_ms);
    CALL_SET_TIME(out, imported_at, row->imported_ms);
    return RC_OK;
}

enum rc acm_list_certificates(struct call *call, const struct acm_list_certificates_input *in,
                              struct acm_list_certificates_output *out)
{
    struct certificate_rows rows;
    size_t count = 0;

    TRY(certificate_row_list(call->turn.store, call->arena, TEXT("acm"), &rows));
    TRY(CALL_LIST(call, &out->certificate_summary_list, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        struct x509 cert;
        TRY(x509_read(rows.at[i].body_pem, call->arena, &cert));
        if (is_among(&in->certificate_statuses, text_of(status_of(call, &cert))) &&
            is_key_type_wanted(in->includes, cert.key_algorithm)) {
            TRY(summarize(call, &rows.at[i], &cert, &out->certificate_summary_list.items[count++]));
        }
    }
    out->certificate_summary_list.count = count;
    return RC_OK;
}
