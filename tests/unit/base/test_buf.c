/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "test.h"

TEST(buf_add, grows_up_to_the_ceiling_and_no_further)
{
    struct buf buf;

    buf_init(&buf, 1000);
    for (int i = 0; i < 1000; i++) {
        buf_add_byte(&buf, 'x');
    }
    assert_int_equal(buf_result(&buf), RC_OK);
    buf_add_byte(&buf, 'y');
    assert_int_equal(buf_result(&buf), RC_LIMIT);
    assert_int_equal(buf.len, 1000);
    buf_done(&buf);
}

TEST(buf_add, drops_a_write_that_does_not_fit_whole)
{
    struct buf buf;

    buf_init(&buf, 8);
    buf_add(&buf, TEXT("12345"));
    buf_add(&buf, TEXT("67890"));
    assert_text_equal(buf_text(&buf), TEXT("12345"));
    assert_int_equal(buf_result(&buf), RC_LIMIT);
    buf_clear(&buf);
    assert_int_equal(buf_result(&buf), RC_OK);
    buf_done(&buf);
}

TEST(buf_printf, appends_what_is_longer_than_any_guess)
{
    struct buf buf;

    buf_init(&buf, 10000);
    buf_printf(&buf, "%s", "<");
    buf_printf(&buf, "%05000d", 7);
    buf_printf(&buf, "%c", '>');
    assert_int_equal(buf.len, 5002);
    assert_int_equal(buf.at[0], '<');
    assert_int_equal(buf.at[5000], '7');
    assert_int_equal(buf.at[5001], '>');
    buf_done(&buf);
}

TEST(buf_consume, takes_from_the_front)
{
    struct buf buf;

    buf_init(&buf, 100);
    buf_add(&buf, TEXT("headbody"));
    buf_consume(&buf, 4);
    assert_text_equal(buf_text(&buf), TEXT("body"));
    buf_consume(&buf, 4);
    assert_int_equal(buf.len, 0);
    buf_done(&buf);
}

TESTS({
    CASE(buf_add__grows_up_to_the_ceiling_and_no_further),
    CASE(buf_add__drops_a_write_that_does_not_fit_whole),
    CASE(buf_printf__appends_what_is_longer_than_any_guess),
    CASE(buf_consume__takes_from_the_front),
})
