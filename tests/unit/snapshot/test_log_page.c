/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "snapshot/log_page.h"

TEST(log_page, reads_what_was_written_page_by_page)
{
    struct log_page page;
    struct buf out;

    buf_init(&out, 4096);
    log_page_begin(LOG_KIND_ACCESS, TEXT("app/web.1/0123"), &out);
    buf_add(&out, TEXT("one\ntwo # two\n"));
    log_page_begin(LOG_KIND_CONNECTION, TEXT("app/b/1"), &out);
    log_page_begin(LOG_KIND_HEALTH_CHECK, TEXT("app/c/1"), &out);
    buf_add(&out, TEXT("\nthree\n"));
    struct text rest = buf_text(&out);
    assert_int_equal(log_page_parse(&rest, &page), RC_OK);
    assert_int_equal(page.kind, LOG_KIND_ACCESS);
    assert_text_equal(page.balancer_id, TEXT("app/web.1/0123"));
    assert_text_equal(page.lines, TEXT("one\ntwo # two\n"));
    assert_int_equal(log_page_parse(&rest, &page), RC_OK);
    assert_int_equal(page.kind, LOG_KIND_CONNECTION);
    assert_text_equal(page.lines, TEXT(""));
    assert_int_equal(log_page_parse(&rest, &page), RC_OK);
    assert_int_equal(page.kind, LOG_KIND_HEALTH_CHECK);
    assert_text_equal(page.lines, TEXT("\nthree\n"));
    assert_int_equal(log_page_parse(&rest, &page), RC_END);
    buf_done(&out);
}

TEST(log_page, has_one_line_of_head_whatever_a_balancer_is_called)
{
    struct log_page page;
    struct buf out;

    buf_init(&out, 4096);
    log_page_begin(LOG_KIND_ACCESS, TEXT("app/my web\n#access/1"), &out);
    buf_add(&out, TEXT("one\n"));
    struct text rest = buf_text(&out);
    assert_int_equal(log_page_parse(&rest, &page), RC_OK);
    assert_text_equal(page.balancer_id, TEXT("app/my_web__access/1"));
    assert_text_equal(page.lines, TEXT("one\n"));
    buf_done(&out);
}

TEST(log_page, refuses_what_is_none)
{
    static const char *const bad[] = {
        "line\n",
        "#access\n",
        "#access \n",
        "#other app/a/1\n",
        "#access app/a/1",
        "#access app/a 1\n",
        "#access app/\"a/1\n",
        "#access app/a/1\nno end",
        "#access app/a/1\r\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct text rest = text_of(bad[i]);
        struct log_page page;

        assert_int_equal(log_page_parse(&rest, &page), RC_BAD);
        assert_text_equal(rest, text_of(bad[i]));
    }
}

TESTS({
    CASE(log_page__has_one_line_of_head_whatever_a_balancer_is_called),
    CASE(log_page__reads_what_was_written_page_by_page),
    CASE(log_page__refuses_what_is_none),
})
