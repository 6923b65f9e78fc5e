/* SPDX-License-Identifier: Apache-2.0 */
#include "api/download.h"

#include "api/presign.h"
#include "codec/xml_writer.h"
#include "control/id.h"
#include "control/revocation.h"
#include "control/trust_store.h"

#define ROOT       TEXT("/truststore/")
#define BUNDLE     TEXT("ca-certificates-bundle")
#define REVOCATION TEXT("revocation")

enum { EXPIRES_S = 600 }; /* AWS ELBv2 API: "The presigned URL expires after 10 minutes" */

/* ---- giving ------------------------------------------------------------------------------- */

/* "truststore/name/0123456789abcdef" of the ARN. */
static struct text name_of(struct text arn)
{
    struct text rest = arn;
    struct text part;

    for (int colons = 0; colons < 5; colons++) {
        (void)text_next(&rest, ':', &part); /* an ARN has as many */
    }
    return rest;
}

enum rc download_of_bundle(struct call *call, struct text arn, struct text *out)
{
    const struct text path =
        call_printf(call, "/%.*s/%.*s", TEXT_ARG(name_of(arn)), TEXT_ARG(BUNDLE));

    return path.at != NULL ? presign_url(call, path, EXPIRES_S, out) : RC_LIMIT;
}

enum rc download_of_revocation(struct call *call, struct text arn, int64_t id, struct text *out)
{
    const struct text path = call_printf(call, "/%.*s/%.*s/%lld", TEXT_ARG(name_of(arn)),
                                         TEXT_ARG(REVOCATION), (long long)id);

    return path.at != NULL ? presign_url(call, path, EXPIRES_S, out) : RC_LIMIT;
}

/* ---- answering ---------------------------------------------------------------------------- */

bool download_is_asked(const struct http_request *head)
{
    return head->method_id == HTTP_GET && text_starts(head->path, ROOT);
}

static enum rc find(struct call *call, struct text path, struct text *out)
{
    struct text rest = text_slice(path, ROOT.len, path.len);
    struct text name;
    struct text id;
    struct text what;
    int64_t number;

    if (!text_next(&rest, '/', &name) || !text_next(&rest, '/', &id) ||
        !text_next(&rest, '/', &what)) {
        return RC_ABSENT;
    }
    const struct text arn =
        arn_of(&call->turn, "elasticloadbalancing", "truststore/%.*s/%.*s",
               TEXT_ARG(text_slice(name, 0, 32)), TEXT_ARG(text_slice(id, 0, 16)));
    if (text_eq(what, BUNDLE) && rest.at == NULL) {
        return trust_store_bundle(&call->turn, arn, out);
    }
    if (text_eq(what, REVOCATION) && text_to_int(rest, 1, INT64_MAX, &number) == RC_OK) {
        return revocation_content(&call->turn, arn, number, out);
    }
    return RC_ABSENT;
}

static void refuse_as_s3(struct answer *answer, int status, const char *code, const char *message)
{
    buf_clear(&answer->body);
    answer->status = status;
    answer->content_type = "application/xml";
    answer->error_code = code;
    xml_write_declaration(&answer->body);
    xml_write_open(&answer->body, "Error");
    xml_write_element(&answer->body, "Code", text_of(code));
    xml_write_element(&answer->body, "Message", text_of(message));
    xml_write_element(&answer->body, "RequestId", text_of(answer->request_id));
    xml_write_close(&answer->body, "Error");
}

static void give(struct call *call, const struct control *control, struct text path,
                 struct answer *answer)
{
    struct text content = {NULL, 0};
    enum rc rc = turn_begin(&call->turn, control, call->arena, call->now_unix_ms, STORE_READ);

    if (rc == RC_OK) {
        rc = turn_end(&call->turn, find(call, path, &content));
    }
    if (rc != RC_OK) {
        refuse_as_s3(answer, 404, "NoSuchKey", "The specified key does not exist.");
        return;
    }
    answer->status = 200;
    answer->content_type = "binary/octet-stream";
    buf_add(&answer->body, content);
    if (buf_result(&answer->body) != RC_OK) {
        refuse_as_s3(answer, 500, "InternalError", "It is larger than an answer may be.");
    }
}

void download_answer(struct call *call, const struct control *control,
                     const struct http_request *head, struct answer *answer)
{
    static const struct {
        const char *code, *message;
    } refusals[] = {
        [SIGV4_MISSING] = {"AccessDenied", "Access Denied"},
        [SIGV4_INCOMPLETE] = {"AccessDenied", "Access Denied"},
        [SIGV4_UNKNOWN_KEY] = {"InvalidAccessKeyId",
                               "The AWS Access Key Id you provided does not exist in our records."},
        [SIGV4_MISMATCH] = {"SignatureDoesNotMatch",
                            "The request signature we calculated does not match the signature you "
                            "provided. Check your key and signing method."},
        [SIGV4_OUT_OF_TIME] = {"AccessDenied", "Request has expired"},
        [SIGV4_LIMIT] = {"AccessDenied", "Access Denied"},
    };
    struct sigv4_result result;
    const enum sigv4_verdict verdict =
        sigv4_verify(head, TEXT(""), call->keys, TEXT("s3"), control->config.region,
                     call->now_unix_ms, call->arena, &result);

    call->access_key = result.access_key;
    if (verdict != SIGV4_GOOD) {
        refuse_as_s3(answer, 403, refusals[verdict].code, refusals[verdict].message);
        return;
    }
    give(call, control, head->path, answer);
}
