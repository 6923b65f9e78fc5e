/* SPDX-License-Identifier: Apache-2.0 */
/* client: a signed form request against an engine over a store in memory. */
#pragma once
#include "test.h"

#include "api/engine.h"
#include "api/sigv4_canonical.h"
#include "codec/hex.h"
#include "crypto/digest.h"

#include <stdlib.h>

#define CLIENT_NOW INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

struct client_world {
    struct store *store;
    struct control *control;
    struct engine *engine;
    struct answer answer; /* the last one */
};

static const struct sigv4_key client_key = {TEXT_INIT("AKIDEXAMPLE"), TEXT_INIT("very-secret")};
static const struct sigv4_keys client_keys = {&client_key, 1};

static inline void client_open(struct client_world *world)
{
    const struct control_config config = {.account = TEXT("")};
    char why[256];

    assert_int_equal(store_open(":memory:", &world->store, why, sizeof(why)), RC_OK);
    assert_int_equal(
        control_new(world->store, &config, CLIENT_NOW, &world->control, why, sizeof(why)), RC_OK);
    world->engine = engine_new(world->control, &client_keys, NULL);
    answer_init(&world->answer);
}

static inline void client_close(struct client_world *world)
{
    answer_done(&world->answer);
    engine_free(world->engine);
    control_free(world->control);
    store_free(world->store);
}

static inline void client_sign(const struct http_request *head, struct text body,
                               const char *service, struct arena *arena, struct http_field *out)
{
    const struct text steps[] = {TEXT("20260101"), TEXT("us-east-1"), text_of(service),
                                 TEXT("aws4_request")};
    struct text key = arena_printf(arena, "AWS4%.*s", TEXT_ARG(client_key.secret));
    unsigned char mac[SHA256_BYTES];
    char digest[SHA256_HEX_BYTES];
    struct text canonical;
    struct text to_sign;

    sha256_hex(body, digest);
    assert_int_equal(sigv4_canonical(head, TEXT("host;x-amz-date"),
                                     arena_text(arena, text_of(digest)), arena, &canonical),
                     RC_OK);
    sha256_hex(canonical, digest);
    to_sign = arena_printf(arena,
                           "AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/us-east-1/%s/"
                           "aws4_request\n%s",
                           service, digest);
    for (size_t i = 0; i <= ARRAY_LEN(steps); i++) {
        hmac_sha256(key, i < ARRAY_LEN(steps) ? steps[i] : to_sign, mac);
        key = arena_text(arena, (struct text){(const char *)mac, sizeof(mac)});
    }
    hex_encode(key, digest);
    *out = (struct http_field){
        .name = TEXT("Authorization"),
        .value = arena_printf(arena,
                              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/%s/"
                              "aws4_request, SignedHeaders=host;x-amz-date, Signature=%s",
                              service, digest)};
}

/* The answer's body, until the next call; its status in world->answer. `target` NULL: none. */
static inline const char *client_send(struct client_world *world, const char *service,
                                      const char *target, const char *body)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 1024 * 1024);
    struct http_field fields[4] = {
        {.name = TEXT("Host"), .value = TEXT("127.0.0.1:4566")},
        {.name = TEXT("X-Amz-Date"), .value = TEXT("20260101T000000Z")},
    };
    struct http_request head = {.method = TEXT("POST"), .path = TEXT("/"), .fields = {fields, 2}};

    client_sign(&head, text_of(body), service, arena, &fields[2]);
    head.fields.count = 3;
    if (target != NULL) {
        fields[3] = (struct http_field){.name = TEXT("X-Amz-Target"), .value = text_of(target)};
        head.fields.count = 4;
    }
    answer_done(&world->answer);
    answer_init(&world->answer);
    engine_answer(world->engine, &head, text_of(body), CLIENT_NOW, &world->answer);
    buf_add_byte(&world->answer.body, '\0');
    return world->answer.body.at;
}

static inline const char *client_post(struct client_world *world, const char *service,
                                      const char *form)
{
    return client_send(world, service, NULL, form);
}

/* Says what there is when it does not contain what it should. */
static inline bool client_contains(const char *text, const char *part)
{
    const bool contains = strstr(text, part) != NULL;

    if (!contains) {
        print_error("no \"%s\" in\n%s\n", part, text);
    }
    return contains;
}

#define assert_contains(text, part) assert_true(client_contains((text), (part)))
