/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "codec/base64.h"

/* RFC 4648 §10. */
TEST(base64, round_trips_the_published_vectors)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    AUTO(arena) struct arena *arena = arena_new(1024, 4096);
    struct text decoded;

    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        assert_text_equal(base64_encode(arena, text_of(vectors[i][0])), text_of(vectors[i][1]));
        assert_int_equal(base64_decode(arena, text_of(vectors[i][1]), &decoded), RC_OK);
        assert_text_equal(decoded, text_of(vectors[i][0]));
    }
}

TEST(base64url, uses_its_own_letters_and_no_padding)
{
    AUTO(arena) struct arena *arena = arena_new(1024, 4096);
    const struct text bytes = {"\xfb\xff\xfe\xff", 4};
    struct text decoded;

    assert_text_equal(base64url_encode(arena, bytes), TEXT("-__-_w"));
    assert_int_equal(base64url_decode(arena, TEXT("-__-_w"), &decoded), RC_OK);
    assert_text_equal(decoded, bytes);
    assert_int_equal(base64url_decode(arena, TEXT("+//+/w"), &decoded), RC_BAD);
}

TEST(base64_decode, refuses_what_no_encoder_writes)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",      "Zh==", "Zm9=",   "=",
                                      "====", "Z===", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm8-"};
    AUTO(arena) struct arena *arena = arena_new(1024, 4096);
    struct text out = TEXT("untouched");

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(base64_decode(arena, text_of(bad[i]), &out), RC_BAD);
    }
    assert_text_equal(out, TEXT("untouched"));
}

TESTS({
    CASE(base64__round_trips_the_published_vectors),
    CASE(base64url__uses_its_own_letters_and_no_padding),
    CASE(base64_decode__refuses_what_no_encoder_writes),
})
