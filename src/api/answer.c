/* SPDX-License-Identifier: Apache-2.0 */
#include "api/answer.h"

#include "api/proto_json.h"
#include "api/xml_out.h"
#include "base/limits.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/xml_writer.h"
#include "crypto/digest.h"

#include <stdio.h>

static const struct api_error common_errors[] = {
#define ERROR(code, status, is_sender) {code, code, status, is_sender},
#include "api/errors.def"
#undef ERROR
    {NULL, NULL, 0, false},
};

/* A random UUID: RFC 9562 §5.4. */
static void write_request_id(char out[ANSWER_ID_BYTES])
{
    unsigned char bytes[16];
    char digits[2 * sizeof(bytes) + 1];

    random_bytes(bytes, sizeof(bytes));
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    hex_encode((struct text){(const char *)bytes, sizeof(bytes)}, digits);
    (void)snprintf(out, ANSWER_ID_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8,
                   digits + 12, digits + 16, digits + 20);
}

void answer_init(struct answer *answer)
{
    *answer = (struct answer){.status = 200};
    buf_init(&answer->body, LIMIT_ANSWER_BYTES);
    write_request_id(answer->request_id);
}

void answer_done(struct answer *answer)
{
    buf_done(&answer->body);
}

/* <CreateListenerResponse xmlns="..."><CreateListenerResult>...</...>
 * <ResponseMetadata><RequestId>...</RequestId></ResponseMetadata></CreateListenerResponse> */
static void write_query(struct answer *answer, const struct service *service,
                        const struct operation *operation, const void *out)
{
    struct buf *body = &answer->body;

    buf_printf(body, "<%sResponse xmlns=\"%s\">", operation->name, service->xml_namespace);
    if (operation->result_wrapper != NULL) {
        xml_write_open(body, operation->result_wrapper);
        xml_out_members(body, operation->output, out);
        xml_write_close(body, operation->result_wrapper);
    }
    xml_write_open(body, "ResponseMetadata");
    xml_write_element(body, "RequestId", text_of(answer->request_id));
    xml_write_close(body, "ResponseMetadata");
    buf_printf(body, "</%sResponse>", operation->name);
}

/* An operation that gives nothing back says <return>true</return> (EC2 API, "Response structure").
 */
static void write_ec2(struct answer *answer, const struct service *service,
                      const struct operation *operation, const void *out)
{
    struct buf *body = &answer->body;

    xml_write_declaration(body);
    buf_printf(body, "<%sResponse xmlns=\"%s/\">", operation->name, service->xml_namespace);
    xml_write_element(body, "requestId", text_of(answer->request_id));
    if (operation->output->member_count == 0) {
        xml_write_element(body, "return", TEXT("true"));
    } else {
        xml_out_members(body, operation->output, out);
    }
    buf_printf(body, "</%sResponse>", operation->name);
}

static const char *json_type(const struct service *service)
{
    return service != NULL && strcmp(service->json_version, "1.0") == 0
               ? "application/x-amz-json-1.0"
               : "application/x-amz-json-1.1";
}

enum rc answer_write(struct answer *answer, const struct service *service,
                     const struct operation *operation, const void *out)
{
    answer->status = operation->http_status != 0 ? operation->http_status : 200;
    answer->content_type = "text/xml;charset=UTF-8";
    switch (service->protocol) {
    case PROTOCOL_QUERY:
        write_query(answer, service, operation, out);
        break;
    case PROTOCOL_EC2:
        write_ec2(answer, service, operation, out);
        break;
    case PROTOCOL_JSON:
        answer->content_type = json_type(service);
        proto_json_encode(&answer->body, operation->output, out);
        break;
    case PROTOCOL_REST_XML:
        return RC_BAD;
    }
    return buf_result(&answer->body);
}

/* ---- errors --------------------------------------------------------------------------------- */

static const struct api_error *find_error(const struct api_error *errors, const char *code)
{
    for (; errors->code != NULL; errors++) {
        if (strcmp(errors->code, code) == 0 || strcmp(errors->shape, code) == 0) {
            return errors;
        }
    }
    return NULL;
}

static void refuse_query(struct answer *answer, const char *code, struct text message,
                         bool is_sender, const char *namespace)
{
    struct buf *body = &answer->body;

    xml_write_open_with(body, "ErrorResponse", "xmlns", text_of(namespace));
    xml_write_open(body, "Error");
    xml_write_element(body, "Type", is_sender ? TEXT("Sender") : TEXT("Receiver"));
    xml_write_element(body, "Code", text_of(code));
    xml_write_element(body, "Message", message);
    xml_write_close(body, "Error");
    xml_write_element(body, "RequestId", text_of(answer->request_id));
    xml_write_close(body, "ErrorResponse");
}

static void refuse_ec2(struct answer *answer, const char *code, struct text message)
{
    struct buf *body = &answer->body;

    xml_write_declaration(body);
    buf_add(body, TEXT("<Response><Errors><Error>"));
    xml_write_element(body, "Code", text_of(code));
    xml_write_element(body, "Message", message);
    buf_add(body, TEXT("</Error></Errors>"));
    xml_write_element(body, "RequestID", text_of(answer->request_id));
    xml_write_close(body, "Response");
}

static void refuse_json(struct answer *answer, const char *code, struct text message)
{
    struct json_writer writer;

    json_writer_init(&writer, &answer->body);
    json_write_object(&writer);
    json_put_text(&writer, "__type", text_of(code));
    json_put_text(&writer, "message", message);
    json_write_object_end(&writer);
}

void answer_refuse(struct answer *answer, enum protocol protocol, const struct service *service,
                   const char *code, struct text message)
{
    const struct api_error *error = service != NULL ? find_error(service->errors, code) : NULL;

    if (error == NULL) {
        error = find_error(common_errors, code);
    }
    answer->status = error != NULL ? error->status : 400;
    answer->error_code = code;
    answer->content_type = "text/xml;charset=UTF-8";
    buf_done(&answer->body);
    buf_init(&answer->body, LIMIT_ANSWER_BYTES);
    switch (protocol) {
    case PROTOCOL_QUERY:
    case PROTOCOL_REST_XML:
        refuse_query(answer, code, message, error == NULL || error->is_sender,
                     service != NULL ? service->xml_namespace : NULL);
        return;
    case PROTOCOL_EC2:
        refuse_ec2(answer, code, message);
        return;
    case PROTOCOL_JSON:
        answer->content_type = json_type(service);
        refuse_json(answer, code, message);
        return;
    }
}
