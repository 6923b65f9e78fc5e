/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a listener that are about header fields, for the snapshot. */
#include "control/publish_inner.h"

#define REQUEST  "routing.http.request."
#define RESPONSE "routing.http.response."

struct naming {
    const char *key;
    struct text name;
};

/* The value is the field's name toward targets. AWS ALB, "HTTP header modification". */
static const struct naming renamed[] = {
    {REQUEST "x_amzn_mtls_clientcert_serial_number.header_name",
     TEXT_INIT("X-Amzn-Mtls-Clientcert-Serial-Number")},
    {REQUEST "x_amzn_mtls_clientcert_issuer.header_name",
     TEXT_INIT("X-Amzn-Mtls-Clientcert-Issuer")},
    {REQUEST "x_amzn_mtls_clientcert_subject.header_name",
     TEXT_INIT("X-Amzn-Mtls-Clientcert-Subject")},
    {REQUEST "x_amzn_mtls_clientcert_validity.header_name",
     TEXT_INIT("X-Amzn-Mtls-Clientcert-Validity")},
    {REQUEST "x_amzn_mtls_clientcert_leaf.header_name", TEXT_INIT("X-Amzn-Mtls-Clientcert-Leaf")},
    {REQUEST "x_amzn_mtls_clientcert.header_name", TEXT_INIT("X-Amzn-Mtls-Clientcert")},
    {REQUEST "x_amzn_tls_version.header_name", TEXT_INIT("X-Amzn-Tls-Version")},
    {REQUEST "x_amzn_tls_cipher_suite.header_name", TEXT_INIT("X-Amzn-Tls-Cipher-Suite")},
};

/* The value is the field's; empty: answers are as they are. */
static const struct naming response[] = {
    {RESPONSE "strict_transport_security.header_value", TEXT_INIT("Strict-Transport-Security")},
    {RESPONSE "access_control_allow_origin.header_value", TEXT_INIT("Access-Control-Allow-Origin")},
    {RESPONSE "access_control_allow_methods.header_value",
     TEXT_INIT("Access-Control-Allow-Methods")},
    {RESPONSE "access_control_allow_headers.header_value",
     TEXT_INIT("Access-Control-Allow-Headers")},
    {RESPONSE "access_control_allow_credentials.header_value",
     TEXT_INIT("Access-Control-Allow-Credentials")},
    {RESPONSE "access_control_expose_headers.header_value",
     TEXT_INIT("Access-Control-Expose-Headers")},
    {RESPONSE "access_control_max_age.header_value", TEXT_INIT("Access-Control-Max-Age")},
    {RESPONSE "content_security_policy.header_value", TEXT_INIT("Content-Security-Policy")},
    {RESPONSE "x_content_type_options.header_value", TEXT_INIT("X-Content-Type-Options")},
    {RESPONSE "x_frame_options.header_value", TEXT_INIT("X-Frame-Options")},
};

/* Some attributes are those of HTTPS listeners only. */
static struct text value_of(const struct attribute_set *set, const char *key)
{
    for (size_t i = 0; i < set->count; i++) {
        if (text_eq(set->items[i].key, text_of(key))) {
            return set->items[i].value;
        }
    }
    return TEXT("");
}

enum rc publish_fields(struct publish *publish, const struct attribute_set *set,
                       struct snap_listener *out)
{
    struct snap_field *fields =
        ARENA_ARRAY(publish->turn->arena, struct snap_field, ARRAY_LEN(renamed));
    struct snap_field *answer =
        ARENA_ARRAY(publish->turn->arena, struct snap_field, ARRAY_LEN(response));

    if (fields == NULL || answer == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < ARRAY_LEN(renamed); i++) {
        const struct text value = value_of(set, renamed[i].key);

        if (!text_is_empty(value) && !text_eq(value, renamed[i].name)) {
            fields[out->renamed_field_count++] = (struct snap_field){renamed[i].name, value};
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(response); i++) {
        const struct text value = value_of(set, response[i].key);

        if (!text_is_empty(value)) {
            answer[out->response_field_count++] = (struct snap_field){response[i].name, value};
        }
    }
    out->renamed_fields = fields;
    out->response_fields = answer;
    return RC_OK;
}
