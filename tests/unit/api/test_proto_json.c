/* SPDX-License-Identifier: Apache-2.0 */
/* The json protocol, on shapes of ACM. */
#include "client.h"

#include "api/acm_shapes.h"
#include "api/proto_json.h"
#include "api/validate.h"

static struct validator *validator;
static struct arena *arena;
static struct refusal refusal; /* of the last input */
static const void *input;

static int set_up(void **state)
{
    (void)state;
    validator = validator_new(&acm_service);
    arena = arena_new(4096, 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    validator_free(validator);
    arena_free(arena);
    return 0;
}

static enum rc check(const char *operation, const char *body)
{
    struct call call = {.arena = arena, .service = &acm_service};
    void *in;
    enum rc rc;

    call.operation = service_operation(&acm_service, text_of(operation));
    assert_non_null(call.operation);
    in = arena_take(arena, call.operation->input->size);
    rc = proto_json_decode(&call, text_of(body), in);
    if (rc == RC_OK) {
        rc = validator_check(validator, &call, in);
    }
    input = in;
    refusal = call.turn.refusal;
    return rc;
}

static void expect_refusal(const char *operation, const char *body, const char *code,
                           const char *message)
{
    assert_int_equal(check(operation, body), RC_DENIED);
    assert_string_equal(refusal.code, code);
    assert_contains(refusal.message, message);
}

TEST(proto_json, puts_members_where_the_tables_say)
{
    const struct acm_list_certificates_input *list;
    const struct acm_import_certificate_input *import;

    assert_int_equal(
        check("ListCertificates",
              "{\"CertificateStatuses\":[\"ISSUED\",null,\"EXPIRED\"],\"MaxItems\":1e1,"
              "\"Includes\":{\"keyTypes\":[\"RSA_2048\"],\"unknown\":{\"a\":[]}},"
              "\"SortBy\":null}"),
        RC_OK);
    list = input;
    assert_int_equal(list->certificate_statuses.count, 2);
    assert_text_equal(list->certificate_statuses.items[1], TEXT("EXPIRED"));
    assert_int_equal(list->max_items, 10);
    assert_text_equal(list->includes->key_types.items[0], TEXT("RSA_2048"));
    assert_null(list->includes->key_usage.items);
    assert_null(list->sort_by.at);
    assert_int_equal(
        check("ImportCertificate",
              "{\"Certificate\":\"AAEC\",\"PrivateKey\":\"/w==\",\"Tags\":[{\"Key\":\"k\"}]}"),
        RC_OK);
    import = input;
    assert_text_equal(import->certificate, ((struct text){"\0\1\2", 3}));
    assert_text_equal(import->private_key, TEXT("\xff"));
    assert_text_equal(import->tags.items[0].key, TEXT("k"));
    assert_null(import->tags.items[0].value.at);
}

TEST(proto_json, takes_an_empty_body_as_an_empty_object)
{
    assert_int_equal(check("ListCertificates", ""), RC_OK);
}

TEST(proto_json, refuses_what_is_not_of_the_members_type)
{
    static const char *const bodies[][2] = {
        {"{", "line 1"},
        {"[]", "Start of list found where not expected"},
        {"1", "NUMBER_VALUE can not be converted to a structure"},
        {"{\"NextToken\":1}", "NUMBER_VALUE can not be converted to a string"},
        {"{\"NextToken\":{}}", "Start of structure or map found where not expected."},
        {"{\"MaxItems\":\"1\"}", "STRING_VALUE can not be converted to a integer"},
        {"{\"MaxItems\":1.5}", "NUMBER_VALUE can not be converted to a integer"},
        {"{\"MaxItems\":2147483648}", "NUMBER_VALUE can not be converted to a integer"},
        {"{\"MaxItems\":true}", "BOOLEAN_VALUE can not be converted to a integer"},
        {"{\"Includes\":[]}", "Start of list found where not expected"},
        {"{\"CertificateStatuses\":\"ISSUED\"}", "STRING_VALUE can not be converted to a list"},
        {"{\"MaxItems\":1,\"MaxItems\":2}", "duplicate"},
    };

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        expect_refusal("ListCertificates", bodies[i][0], "SerializationException", bodies[i][1]);
    }
    expect_refusal("ImportCertificate", "{\"Certificate\":\"*\",\"PrivateKey\":\"\"}",
                   "SerializationException", "can not be converted to a blob");
}

TEST(validate, speaks_json_services_code_and_keeps_secrets)
{
    expect_refusal("ListCertificates", "{\"MaxItems\":0}", "ValidationException",
                   "1 validation error detected: Value '0' at 'maxItems' failed to satisfy "
                   "constraint: Member must have value greater than or equal to 1");
    expect_refusal("ImportCertificate", "{\"Certificate\":\"AAEC\",\"PrivateKey\":\"\"}",
                   "ValidationException",
                   "1 validation error detected: Value at 'privateKey' failed to satisfy "
                   "constraint: Member must have length greater than or equal to 1");
}

TEST(proto_json, writes_what_is_set)
{
    struct acm_tag tag = {.key = TEXT("k"), .value = TEXT("a\"b")};
    struct acm_certificate_detail detail = {
        .domain_name = TEXT("example.com"),
        .has_not_after = true,
        .not_after_unix_ms = 1516925490123,
        .in_use_by = {.count = 0, .items = &tag.key},
    };
    struct acm_describe_certificate_output out = {.certificate = &detail};
    struct acm_list_tags_for_certificate_output tags = {.tags = {1, &tag}};
    struct buf buf;

    buf_init(&buf, 4096);
    proto_json_encode(&buf, service_operation(&acm_service, TEXT("DescribeCertificate"))->output,
                      &out);
    assert_text_equal(buf_text(&buf), TEXT("{\"Certificate\":{\"DomainName\":\"example.com\","
                                           "\"NotAfter\":1516925490.123,\"InUseBy\":[]}}"));
    buf_clear(&buf);
    proto_json_encode(&buf, service_operation(&acm_service, TEXT("ListTagsForCertificate"))->output,
                      &tags);
    assert_text_equal(buf_text(&buf), TEXT("{\"Tags\":[{\"Key\":\"k\",\"Value\":\"a\\\"b\"}]}"));
    buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(proto_json__puts_members_where_the_tables_say),
        CASE(proto_json__takes_an_empty_body_as_an_empty_object),
        CASE(proto_json__refuses_what_is_not_of_the_members_type),
        CASE(validate__speaks_json_services_code_and_keeps_secrets),
        CASE(proto_json__writes_what_is_set),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
