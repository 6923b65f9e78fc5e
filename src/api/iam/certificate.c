/* SPDX-License-Identifier: Apache-2.0 */
/* Server certificates. */
#include "control/certificate.h"
#include "api/iam/iam.h"

static enum rc fill_metadata(struct call *call, const struct certificate_row *row,
                             struct iam_server_certificate_metadata *out)
{
    struct x509 cert;

    TRY(x509_read(row->body_pem, call->arena, &cert));
    out->path = row->path;
    out->server_certificate_name = row->name;
    out->server_certificate_id = row->id;
    out->arn = row->arn;
    CALL_SET_TIME(out, upload_date, row->created_ms);
    CALL_SET_TIME(out, expiration, cert.not_after_unix_ms);
    return RC_OK;
}

enum rc iam_upload_server_certificate(struct call *call,
                                      const struct iam_upload_server_certificate_input *in,
                                      struct iam_upload_server_certificate_output *out)
{
    const struct certificate_material material = {
        .body = in->certificate_body, .chain = in->certificate_chain, .key = in->private_key};
    struct certificate_row row;

    TRY(certificate_upload(&call->turn, in->server_certificate_name, in->path, &material, &row));
    TRY(iam_put_tags(call, row.arn, &in->tags));
    TRY(CALL_NEW(call, &out->server_certificate_metadata));
    out->tags = in->tags;
    return fill_metadata(call, &row, out->server_certificate_metadata);
}

enum rc iam_get_server_certificate(struct call *call,
                                   const struct iam_get_server_certificate_input *in,
                                   struct iam_get_server_certificate_output *out)
{
    struct certificate_row row;

    TRY(certificate_get_iam(&call->turn, in->server_certificate_name, &row));
    TRY(CALL_NEW(call, &out->server_certificate));
    struct iam_server_certificate *certificate = out->server_certificate;
    TRY(CALL_NEW(call, &certificate->server_certificate_metadata));
    TRY(fill_metadata(call, &row, certificate->server_certificate_metadata));
    certificate->certificate_body = row.body_pem;
    if (row.chain_pem.len) {
        certificate->certificate_chain = row.chain_pem;
    }
    return iam_fill_tags(call, row.arn, &certificate->tags);
}

enum rc iam_list_server_certificates(struct call *call,
                                     const struct iam_list_server_certificates_input *in,
                                     struct iam_list_server_certificates_output *out)
{
    struct certificate_rows rows;
    size_t count = 0;

    TRY(certificate_row_list(call->turn.store, call->arena, TEXT("iam"), &rows));
    TRY(CALL_LIST(call, &out->server_certificate_metadata_list, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        if (text_starts(rows.at[i].path, in->path_prefix)) {
            TRY(fill_metadata(call, &rows.at[i],
                              &out->server_certificate_metadata_list.items[count++]));
        }
    }
    out->server_certificate_metadata_list.count = count;
    return RC_OK;
}

enum rc iam_delete_server_certificate(struct call *call,
                                      const struct iam_delete_server_certificate_input *in,
                                      struct iam_delete_server_certificate_output *out)
{
    (void)out; /* has no members */
    return certificate_delete_iam(&call->turn, in->server_certificate_name);
}

enum rc iam_update_server_certificate(struct call *call,
                                      const struct iam_update_server_certificate_input *in,
                                      struct iam_update_server_certificate_output *out)
{
    (void)out; /* has no members */
    return certificate_rename(&call->turn, in->server_certificate_name,
                              in->new_server_certificate_name, in->new_path);
}
