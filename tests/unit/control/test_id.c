/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "control/id.h"

static const struct control_config config = {
    .account = TEXT_INIT("123456789012"),
    .region = TEXT_INIT("us-east-1"),
};

TEST(id_ec2, has_the_shape_of_aws)
{
    struct arena *arena = arena_new(4096, 4096);
    struct turn turn = {.config = &config, .arena = arena};
    struct text id = id_ec2(&turn, "sg");

    assert_int_equal(id.len, 3 + 17);
    assert_true(text_starts(id, TEXT("sg-0")));
    assert_true(id_is_ec2(id, "sg"));
    assert_false(text_eq(id, id_ec2(&turn, "sg")));
    arena_free(arena);
}

TEST(id_is_ec2, refuses_other_prefixes_lengths_and_letters)
{
    assert_true(id_is_ec2(TEXT("sg-0123abcd"), "sg"));
    assert_false(id_is_ec2(TEXT("sgr-0123abcd"), "sg"));
    assert_false(id_is_ec2(TEXT("sg-0123abc"), "sg"));
    assert_false(id_is_ec2(TEXT("sg-0123ABCD"), "sg"));
    assert_false(id_is_ec2(TEXT("sg-"), "sg"));
    assert_false(id_is_ec2(TEXT("sg"), "sg"));
    assert_false(id_is_ec2(TEXT(""), "sg"));
}

TEST(arn_of, joins_region_account_and_resource)
{
    struct arena *arena = arena_new(4096, 4096);
    struct turn turn = {.config = &config, .arena = arena};

    assert_text_equal(arn_of(&turn, "ec2", "security-group/%s", "sg-1"),
                      TEXT("arn:aws:ec2:us-east-1:123456789012:security-group/sg-1"));
    arena_free(arena);
}

TEST(id_number, has_nine_or_ten_digits)
{
    for (int i = 0; i < 1000; i++) {
        uint64_t number = id_number();

        assert_true(number >= 100000000 && number < 10000000000);
    }
}

TESTS({
    CASE(id_ec2__has_the_shape_of_aws),
    CASE(id_is_ec2__refuses_other_prefixes_lengths_and_letters),
    CASE(arn_of__joins_region_account_and_resource),
    CASE(id_number__has_nine_or_ten_digits),
})
