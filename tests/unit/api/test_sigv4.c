/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures made by botocore 1.29 with the key of AWS's published test suite; the first one is
 * the suite's "get-vanilla". */
#include "test.h"

#include "api/sigv4.h"

#include <stdlib.h>

#define SCOPE(service) "AKIDEXAMPLE/20150830/us-east-1/" service "/aws4_request"
#define HEADER(service, names, signature)                                       \
    "AWS4-HMAC-SHA256 Credential=" SCOPE(service) ", SignedHeaders=" names ", " \
                                                  "Signature=" signature
#define NOW     1440938160000 /* 2015-08-30T12:36:00Z */
#define VANILLA "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"

static const struct sigv4_key key = {
    TEXT_INIT("AKIDEXAMPLE"),
    TEXT_INIT("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
};
static const struct sigv4_keys keys = {&key, 1};

/* A request, and who looks at it when. */
struct scene {
    const char *method;
    const char *path;
    const char *query;
    const char *body;
    const char *service;
    const char *region;
    int64_t now_unix_ms;
    struct http_field fields[6];
    size_t field_count;
    const char *why; /* what the verdict's sentence contains; NULL: not looked at */
};

static struct text text_or_null(const char *string)
{
    return string != NULL ? text_of(string) : (struct text){NULL, 0};
}

static enum sigv4_verdict look_at(struct scene *scene)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 4 * 1024 * 1024);
    struct http_request head = {
        .method = text_of(scene->method),
        .path = text_of(scene->path),
        .query = text_or_null(scene->query),
        .fields = {scene->fields, scene->field_count},
    };
    struct sigv4_result result;
    const enum sigv4_verdict verdict =
        sigv4_verify(&head, text_or_null(scene->body), &keys, text_of(scene->service),
                     text_of(scene->region), scene->now_unix_ms, arena, &result);

    if (scene->why != NULL) {
        assert_non_null(result.why.at);
        assert_non_null(strstr(result.why.at, scene->why));
    }
    if (verdict == SIGV4_GOOD) {
        assert_text_equal(result.access_key, TEXT("AKIDEXAMPLE"));
    }
    return verdict;
}

static void add_field(struct scene *scene, const char *name, const char *value)
{
    assert_true(scene->field_count < ARRAY_LEN(scene->fields));
    scene->fields[scene->field_count++] =
        (struct http_field){.name = text_of(name), .value = text_of(value)};
}

static struct scene vanilla_with(const char *authorization)
{
    struct scene scene = {.method = "GET",
                          .path = "/",
                          .service = "service",
                          .region = "us-east-1",
                          .now_unix_ms = NOW};

    add_field(&scene, "Host", "example.amazonaws.com");
    add_field(&scene, "X-Amz-Date", "20150830T123600Z");
    if (authorization != NULL) {
        add_field(&scene, "Authorization", authorization);
    }
    return scene;
}

static struct scene vanilla(void)
{
    return vanilla_with(HEADER("service", "host;x-amz-date", VANILLA));
}

static struct scene post(void)
{
    struct scene scene = {.method = "POST",
                          .path = "/",
                          .service = "sts",
                          .region = "us-east-1",
                          .body = "Action=GetCallerIdentity&Version=2011-06-15",
                          .now_unix_ms = NOW};

    add_field(&scene, "host", "127.0.0.1:4566");
    add_field(&scene, "content-type", "application/x-www-form-urlencoded; charset=utf-8");
    add_field(&scene, "x-amz-date", "20150830T123600Z");
    add_field(&scene, "authorization",
              HEADER("sts", "content-type;host;x-amz-date",
                     "4f2ed0c8ea52016955514849084a3a2a31b70624782f7be124ec33c09b26228a"));
    return scene;
}

static struct scene presigned(void)
{
    struct scene scene = {
        .method = "GET",
        .path = "/",
        .service = "sts",
        .region = "us-east-1",
        .now_unix_ms = NOW,
        .query =
            "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request"
            "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=a108437b06a05d2e2ace5ba61f503ffcd7b52e4f3c951e32e0f52c0459e6a43b"};

    add_field(&scene, "Host", "127.0.0.1:4566");
    return scene;
}

TEST(sigv4, accepts_the_published_vector)
{
    struct scene scene = vanilla();

    assert_int_equal(look_at(&scene), SIGV4_GOOD);
}

TEST(sigv4, accepts_a_form_post_with_lower_case_names)
{
    struct scene scene = post();

    assert_int_equal(look_at(&scene), SIGV4_GOOD);
}

TEST(sigv4, folds_blanks_of_signed_values)
{
    struct scene scene = vanilla();

    scene.fields[0].value = TEXT("  example.amazonaws.com\t");
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
}

TEST(sigv4, normalises_path_and_query)
{
    struct scene scene = {.method = "GET",
                          .path = "/2013-04-01/hostedzone/a%20b/../c//rrset",
                          .query = "name=a%2Fb&maxitems=1&type=A&empty&name=%C3%A9",
                          .service = "route53",
                          .region = "us-east-1",
                          .now_unix_ms = NOW};

    add_field(&scene, "Host", "127.0.0.1:4566");
    add_field(&scene, "X-Amz-Date", "20150830T123600Z");
    add_field(&scene, "Authorization",
              HEADER("route53", "host;x-amz-date",
                     "6f5ad54cefaa99f13524144b18a7e225e274495d40dd55e9a3d1837bd3e6bd04"));
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.query = "type=A&name=%c3%a9&empty=&maxitems=1&name=a%2fb";
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.query = "type=A&name=%c3%a9&empty=&maxitems=1&name=a%2fc";
    assert_int_equal(look_at(&scene), SIGV4_MISMATCH);
}

TEST(sigv4, accepts_a_presigned_request_until_it_expires)
{
    struct scene scene = presigned();

    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.now_unix_ms = NOW + 60000;
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.now_unix_ms = NOW + 61000;
    scene.why = "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
                "(20150830T123701Z - 1 min.)";
    assert_int_equal(look_at(&scene), SIGV4_OUT_OF_TIME);
}

TEST(sigv4, of_another_method_path_body_or_host_is_a_mismatch)
{
    struct scene changed[] = {post(), post(), post(), post(), post()};

    changed[0].method = "PUT";
    changed[1].path = "/x";
    changed[2].body = "Action=GetCallerIdentity&Version=2011-06-16";
    changed[3].fields[0].value = TEXT("127.0.0.1:4567");
    changed[4].query = "a=b";
    for (size_t i = 0; i < ARRAY_LEN(changed); i++) {
        changed[i].why = "The request signature we calculated does not match";
        assert_int_equal(look_at(&changed[i]), SIGV4_MISMATCH);
    }
}

TEST(sigv4, mismatch_shows_the_canonical_request)
{
    struct scene scene = post();

    scene.method = "PUT";
    scene.why = "The Canonical String for this request should have been\n'PUT\n/\n\n"
                "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
                "host:127.0.0.1:4566\nx-amz-date:20150830T123600Z\n\n"
                "content-type;host;x-amz-date\n";
    assert_int_equal(look_at(&scene), SIGV4_MISMATCH);
}

TEST(sigv4, is_current_for_fifteen_minutes_both_ways)
{
    struct scene scene = vanilla();

    scene.now_unix_ms = NOW + SIGV4_SKEW_MS;
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.now_unix_ms = NOW - SIGV4_SKEW_MS;
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.now_unix_ms = NOW + SIGV4_SKEW_MS + 1000;
    scene.why = "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z "
                "(20150830T125101Z - 15 min.)";
    assert_int_equal(look_at(&scene), SIGV4_OUT_OF_TIME);
    scene.now_unix_ms = NOW - SIGV4_SKEW_MS - 1000;
    scene.why = "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z "
                "(20150830T122059Z + 15 min.)";
    assert_int_equal(look_at(&scene), SIGV4_OUT_OF_TIME);
}

TEST(sigv4, without_a_signature_is_missing)
{
    struct scene scene = vanilla_with(NULL);

    scene.why = "Request is missing Authentication Token";
    assert_int_equal(look_at(&scene), SIGV4_MISSING);
    scene.query = "X-Amz-Signature=x";
    assert_int_equal(look_at(&scene), SIGV4_MISSING);
}

TEST(sigv4, in_another_form_is_incomplete)
{
    static const char *const bad[] = {
        "Bearer x",
        "Basic QUtJRDpTRUNSRVQ=",
        "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256 Credential=" SCOPE("service"),
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 Credential=" SCOPE("service") ", SignedHeaders=host;x-amz-date",
        "AWS4-HMAC-SHA256 Credential=" SCOPE("service") ", Signature=" VANILLA,
    };
    struct scene undated = vanilla();

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct scene scene = vanilla_with(bad[i]);

        assert_int_equal(look_at(&scene), SIGV4_INCOMPLETE);
    }
    undated.fields[1].value = TEXT("yesterday");
    undated.why = "Date must be in ISO-8601 'basic format'. Got 'yesterday'.";
    assert_int_equal(look_at(&undated), SIGV4_INCOMPLETE);
    undated.fields[1].name = TEXT("x-other");
    undated.why =
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
    assert_int_equal(look_at(&undated), SIGV4_INCOMPLETE);
}

TEST(sigv4, of_an_unknown_key_or_with_a_token_is_refused)
{
    struct scene scene = vanilla_with(
        "AWS4-HMAC-SHA256 Credential=AKIDOTHER/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=" VANILLA);
    struct scene with_token = vanilla();

    scene.why = "The security token included in the request is invalid.";
    assert_int_equal(look_at(&scene), SIGV4_UNKNOWN_KEY);
    add_field(&with_token, "X-Amz-Security-Token", "t");
    assert_int_equal(look_at(&with_token), SIGV4_UNKNOWN_KEY);
}

TEST(sigv4, scoped_elsewhere_is_a_mismatch)
{
    struct scene service = vanilla();
    struct scene region = vanilla();
    struct scene date = vanilla();
    struct scene host = vanilla_with(HEADER("service", "x-amz-date", VANILLA));

    service.service = "sts";
    service.why = "Credential should be scoped to correct service: 'sts'.";
    assert_int_equal(look_at(&service), SIGV4_MISMATCH);
    region.region = "eu-west-1";
    region.why = "Credential should be scoped to a valid region, not 'us-east-1'.";
    assert_int_equal(look_at(&region), SIGV4_MISMATCH);
    region.region = ""; /* a global service */
    region.why = NULL;
    assert_int_equal(look_at(&region), SIGV4_GOOD);
    date.fields[1].value = TEXT("20150831T000000Z");
    date.why = "'20150830' != '20150831'";
    assert_int_equal(look_at(&date), SIGV4_MISMATCH);
    host.why = "'Host' or ':authority' must be a 'SignedHeader'";
    assert_int_equal(look_at(&host), SIGV4_MISMATCH);
}

TEST(sigv4, compares_a_claimed_payload_hash_with_the_body)
{
    struct scene scene = vanilla();

    add_field(&scene, "x-amz-content-sha256",
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(look_at(&scene), SIGV4_GOOD);
    scene.body = "x";
    scene.why = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    assert_int_equal(look_at(&scene), SIGV4_MISMATCH);
    /* Another way of saying it is part of what is signed. */
    scene.fields[3].value = TEXT("UNSIGNED-PAYLOAD");
    scene.why = "UNSIGNED-PAYLOAD'";
    assert_int_equal(look_at(&scene), SIGV4_MISMATCH);
}

TEST(sigv4_claim, names_the_service_without_believing_it)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 65536);
    struct scene scene = vanilla_with(HEADER("elasticloadbalancing", "host", "x"));
    struct http_request head = {.fields = {scene.fields, scene.field_count}};

    assert_text_equal(sigv4_claim(&head, arena), TEXT("elasticloadbalancing"));
    head.fields.count = 0;
    assert_true(text_is_empty(sigv4_claim(&head, arena)));
}

TESTS({
    CASE(sigv4__accepts_the_published_vector),
    CASE(sigv4__accepts_a_form_post_with_lower_case_names),
    CASE(sigv4__folds_blanks_of_signed_values),
    CASE(sigv4__normalises_path_and_query),
    CASE(sigv4__accepts_a_presigned_request_until_it_expires),
    CASE(sigv4__of_another_method_path_body_or_host_is_a_mismatch),
    CASE(sigv4__mismatch_shows_the_canonical_request),
    CASE(sigv4__is_current_for_fifteen_minutes_both_ways),
    CASE(sigv4__without_a_signature_is_missing),
    CASE(sigv4__in_another_form_is_incomplete),
    CASE(sigv4__of_an_unknown_key_or_with_a_token_is_refused),
    CASE(sigv4__scoped_elsewhere_is_a_mismatch),
    CASE(sigv4__compares_a_claimed_payload_hash_with_the_body),
    CASE(sigv4_claim__names_the_service_without_believing_it),
})
