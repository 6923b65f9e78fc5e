/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "control/block.h"

TEST(block_canonical, cuts_off_the_bits_behind_the_prefix)
{
    struct arena *arena = arena_new(4096, 4096);
    struct text out;

    assert_int_equal(block_canonical(arena, TEXT("10.0.0.28/29"), &out), RC_OK);
    assert_text_equal(out, TEXT("10.0.0.24/29"));
    assert_int_equal(block_canonical(arena, TEXT("255.255.255.255/32"), &out), RC_OK);
    assert_text_equal(out, TEXT("255.255.255.255/32"));
    assert_int_equal(block_canonical(arena, TEXT("1.2.3.4/0"), &out), RC_OK);
    assert_text_equal(out, TEXT("0.0.0.0/0"));
    arena_free(arena);
}

TEST(block_canonical, refuses_everything_else)
{
    static const char *const bad[] = {
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0/8",
        "10.0.0.0.0/8",
        "10.0.0.256/8",
        "10.0.0.01/8",
        "10.0.0.0/08",
        "::/0",
        "a.b.c.d/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "10..0.0/8",
        "10.0.0.0/8/8",
        "/8",
        "10.0.0.0/+8",
        "0x0a.0.0.0/8",
        "10.0.0./8",
    };
    struct arena *arena = arena_new(4096, 4096);
    struct text out = TEXT("untouched");

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(block_canonical(arena, text_of(bad[i]), &out), RC_BAD);
    }
    assert_text_equal(out, TEXT("untouched"));
    arena_free(arena);
}

TEST(block6_canonical, shortens_and_cuts_off)
{
    struct arena *arena = arena_new(4096, 4096);
    struct text out;

    assert_int_equal(block6_canonical(arena, TEXT("2001:DB8:0:0::1/64"), &out), RC_OK);
    assert_text_equal(out, TEXT("2001:db8::/64"));
    assert_int_equal(block6_canonical(arena, TEXT("2001:db8:ffff::/33"), &out), RC_OK);
    assert_text_equal(out, TEXT("2001:db8:8000::/33"));
    assert_int_equal(block6_canonical(arena, TEXT("::/0"), &out), RC_OK);
    assert_text_equal(out, TEXT("::/0"));
    assert_int_equal(block6_canonical(arena, TEXT("::1/128"), &out), RC_OK);
    assert_text_equal(out, TEXT("::1/128"));
    assert_int_equal(block6_canonical(arena, TEXT("::1/129"), &out), RC_BAD);
    assert_int_equal(block6_canonical(arena, TEXT("10.0.0.0/8"), &out), RC_BAD);
    assert_int_equal(block6_canonical(arena, TEXT("::1"), &out), RC_BAD);
    arena_free(arena);
}

TESTS({
    CASE(block_canonical__cuts_off_the_bits_behind_the_prefix),
    CASE(block_canonical__refuses_everything_else),
    CASE(block6_canonical__shortens_and_cuts_off),
})
