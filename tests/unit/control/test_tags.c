/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "control/quota.h"
#include "control/tags.h"

#define TAG(key_, value_)                                  \
    {                                                      \
        .key = TEXT_INIT(key_), .value = TEXT_INIT(value_) \
    }

static enum rc put(struct world *world, const struct tag_row *tags, size_t count)
{
    struct text vpc = world_vpc(world).id;

    return tags_create(&world->turn, &vpc, 1, tags, count);
}

TEST(tags_create, replaces_values_and_counts_only_new_keys)
{
    struct world world = world_new();
    struct tag_rows rows;

    world_begin(&world);
    for (int i = 0; i < QUOTA_TAGS; i++) {
        struct tag_row tag = {.key = arena_printf(world.arena, "k%d", i), .value = TEXT("v")};

        assert_int_equal(put(&world, &tag, 1), RC_OK);
    }
    const struct tag_row again = TAG("k7", "changed");
    assert_int_equal(put(&world, &again, 1), RC_OK);
    assert_int_equal(tag_row_list(world.store, world.arena, world_vpc(&world).id, &rows), RC_OK);
    assert_int_equal(rows.count, QUOTA_TAGS);
    assert_int_equal(turn_end(&world.turn, RC_OK), RC_OK);
    world_begin(&world);
    const struct tag_row more = TAG("more", "");
    assert_refused(&world, put(&world, &more, 1), "TagLimitExceeded",
                   "The maximum number of Tags for a resource has been reached.");
    world_done(&world);
}

TEST(tags_create, refuses_bad_keys_and_values)
{
    struct world world = world_new();
    char bytes[300];
    const struct text alien = TEXT("abc");
    const struct text absent = TEXT("sg-12345678");

    memset(bytes, 'x', sizeof(bytes));
    const struct tag_row reserved = TAG("AWS:x", "");
    const struct tag_row twice[] = {TAG("a", ""), TAG("a", "b")};
    const struct tag_row empty = TAG("", "");
    const struct tag_row long_key = {.key = {bytes, 129}, .value = TEXT("")};
    const struct tag_row long_value = {.key = TEXT("k"), .value = {bytes, 257}};
    const struct tag_row just = {.key = {bytes, 128}, .value = {bytes, 256}};

    world_begin(&world);
    assert_refused(&world, put(&world, &reserved, 1), "InvalidParameterValue",
                   "Tag keys starting with 'aws:' are reserved for internal use");
    assert_refused(&world, put(&world, twice, 2), "InvalidParameterValue",
                   "Duplicate tag key 'a' specified.");
    assert_refused(&world, put(&world, &empty, 1), "InvalidParameterValue",
                   "Tag key cannot be empty.");
    assert_refused(&world, put(&world, &long_key, 1), "InvalidParameterValue",
                   "Tag key exceeds the maximum length of 128 characters");
    assert_refused(&world, put(&world, &long_value, 1), "InvalidParameterValue",
                   "Tag value exceeds the maximum length of 256 characters");
    assert_int_equal(put(&world, &just, 1), RC_OK);
    assert_refused(&world, tags_create(&world.turn, &alien, 1, &just, 1), "InvalidID",
                   "The ID 'abc' is not valid");
    assert_refused(&world, tags_create(&world.turn, &absent, 1, &just, 1), "InvalidGroup.NotFound",
                   "The security group 'sg-12345678' does not exist");
    world_done(&world);
}

TEST(tags_delete, minds_the_value_if_one_is_given)
{
    struct world world = world_new();
    const struct tag_row tags[] = {TAG("a", "1"), TAG("b", "2"), TAG("c", "3")};
    const struct tag_row wrong_value = TAG("a", "x");
    const struct tag_row right_value = TAG("b", "2");
    const struct tag_row no_value = {.key = TEXT("c")};
    struct tag_rows rows;
    struct text vpc;

    world_begin(&world);
    vpc = world_vpc(&world).id;
    assert_int_equal(put(&world, tags, 3), RC_OK);
    assert_int_equal(tags_delete(&world.turn, &vpc, 1, &wrong_value, 1), RC_OK);
    assert_int_equal(tags_delete(&world.turn, &vpc, 1, &right_value, 1), RC_OK);
    assert_int_equal(tags_delete(&world.turn, &vpc, 1, &no_value, 1), RC_OK);
    assert_int_equal(tag_row_list(world.store, world.arena, vpc, &rows), RC_OK);
    assert_int_equal(rows.count, 1);
    assert_text_equal(rows.at[0].key, TEXT("a"));
    assert_int_equal(tags_delete(&world.turn, &vpc, 1, NULL, 0), RC_OK);
    assert_int_equal(tag_row_list(world.store, world.arena, vpc, &rows), RC_OK);
    assert_int_equal(rows.count, 0);
    world_done(&world);
}

TESTS({
    CASE(tags_create__replaces_values_and_counts_only_new_keys),
    CASE(tags_create__refuses_bad_keys_and_values),
    CASE(tags_delete__minds_the_value_if_one_is_given),
})
