/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/frame.h"

#include "base/limits.h"

#include "test.h"

static const unsigned any = (1u << FEED_KIND_COUNT) - 1;

TEST(frame_parse, waits_for_every_byte)
{
    char bytes[FRAME_HEAD_BYTES + 3] = {0};
    struct frame frame;

    frame_print_head(FEED_SEED, 3, bytes);
    memcpy(bytes + FRAME_HEAD_BYTES, "abc", 3);
    for (size_t len = 0; len < sizeof(bytes); len++) {
        assert_int_equal(frame_parse((struct text){bytes, len}, any, &frame), RC_AGAIN);
    }
    assert_int_equal(frame_parse((struct text){bytes, sizeof(bytes)}, any, &frame), RC_OK);
    assert_int_equal(frame.kind, FEED_SEED);
    assert_int_equal(frame.len, sizeof(bytes));
    assert_text_equal(frame.payload, TEXT("abc"));
}

TEST(frame_parse, refuses_by_the_head_alone)
{
    char head[FRAME_HEAD_BYTES];
    struct frame frame;

    frame_print_head(FEED_HELLO, LIMIT_FEED_HELLO_BYTES, head);
    assert_int_equal(frame_parse((struct text){head, sizeof(head)}, any, &frame), RC_AGAIN);
    head[3] = 1; /* one more than may be */
    assert_int_equal(frame_parse((struct text){head, sizeof(head)}, any, &frame), RC_LIMIT);
    head[0] = (char)0xff;
    assert_int_equal(frame_parse((struct text){head, sizeof(head)}, any, &frame), RC_LIMIT);
    assert_int_equal(frame_parse((struct text){head, sizeof(head)}, FEED_SET(REPORT), &frame),
                     RC_BAD);
    head[4] = FEED_KIND_COUNT;
    assert_int_equal(frame_parse((struct text){head, sizeof(head)}, any, &frame), RC_BAD);
}

TESTS({
    CASE(frame_parse__waits_for_every_byte),
    CASE(frame_parse__refuses_by_the_head_alone),
})
