/* SPDX-License-Identifier: Apache-2.0 */
#include "node/fields.h"

#include "base/arena.h"

static const struct listener_fields plain = {
    .names =
        {
            [OWN_MTLS_SERIAL] = TEXT_INIT("X-Amzn-Mtls-Clientcert-Serial-Number"),
            [OWN_MTLS_ISSUER] = TEXT_INIT("X-Amzn-Mtls-Clientcert-Issuer"),
            [OWN_MTLS_SUBJECT] = TEXT_INIT("X-Amzn-Mtls-Clientcert-Subject"),
            [OWN_MTLS_VALIDITY] = TEXT_INIT("X-Amzn-Mtls-Clientcert-Validity"),
            [OWN_MTLS_LEAF] = TEXT_INIT("X-Amzn-Mtls-Clientcert-Leaf"),
            [OWN_MTLS_CHAIN] = TEXT_INIT("X-Amzn-Mtls-Clientcert"),
            [OWN_TLS_VERSION] = TEXT_INIT("X-Amzn-Tls-Version"),
            [OWN_TLS_CIPHER] = TEXT_INIT("X-Amzn-Tls-Cipher-Suite"),
        },
};

static void rename_one(struct listener_fields *fields, const struct snap_field *wanted)
{
    for (size_t i = 0; i < OWN_FIELDS; i++) {
        if (text_eq_nocase(plain.names[i], wanted->name) &&
            !text_eq_nocase(plain.names[i], wanted->value)) {
            fields->names[i] = wanted->value;
            fields->renames_tls |= i == OWN_TLS_VERSION || i == OWN_TLS_CIPHER;
            fields->renamed.at[fields->renamed.count++].name = wanted->value;
        }
    }
}

static enum rc fill(const struct snap_listener *listener, struct arena *arena,
                    struct listener_fields *fields)
{
    fields->renamed.at = ARENA_ARRAY(arena, struct http_field, listener->renamed_field_count);
    fields->answer.at = ARENA_ARRAY(arena, struct http_field, listener->response_field_count);
    if (!fields->renamed.at || !fields->answer.at) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < listener->renamed_field_count; i++) {
        rename_one(fields, &listener->renamed_fields[i]);
    }
    for (size_t i = 0; i < listener->response_field_count; i++) {
        fields->answer.at[fields->answer.count++] = (struct http_field){
            .name = listener->response_fields[i].name, .value = listener->response_fields[i].value};
    }
    return RC_OK;
}

enum rc listener_fields_build(const struct snap_listener *listener, struct arena *arena,
                              const struct listener_fields **out)
{
    struct listener_fields *fields;

    *out = &plain;
    if (listener->renamed_field_count + listener->response_field_count == 0) {
        return RC_OK;
    }
    fields = ARENA_NEW(arena, struct listener_fields);
    if (!fields) {
        return RC_LIMIT;
    }
    *fields = plain;
    *out = fields;
    return fill(listener, arena, fields);
}
