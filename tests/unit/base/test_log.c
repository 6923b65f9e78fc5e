/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "test.h"

#include <unistd.h>

/* What was logged, without the time in front (24 bytes and a blank; in JSON behind "time":). */
static struct text logged(bool is_json, enum log_level level, struct text value, char *into,
                          size_t size)
{
    int pipe_fds[2];

    assert_int_equal(pipe(pipe_fds), 0);
    const struct log log = {pipe_fds[1], is_json, LOG_INFO, "node us-east-1a"};
    log_event(&log, level, "it happened", {"what", value});
    (void)close(pipe_fds[1]);
    const ssize_t len = read(pipe_fds[0], into, size);
    (void)close(pipe_fds[0]);
    assert_true(len >= 0);
    return text_slice((struct text){into, (size_t)len}, is_json ? 34 : 25, size);
}

TEST(log_event, is_one_line_of_text)
{
    char into[1000];

    assert_text_equal(logged(false, LOG_WARN, TEXT("10.0.0.1:80"), into, sizeof(into)),
                      TEXT("warn node us-east-1a: it happened what=\"10.0.0.1:80\"\n"));
}

TEST(log_event, cannot_be_forged_by_a_value)
{
    char into[1000];

    assert_text_equal(
        logged(false, LOG_INFO, TEXT("a\n\"b\\\x01"), into, sizeof(into)),
        TEXT("info node us-east-1a: it happened what=\"a\\u000a\\\"b\\\\\\u0001\"\n"));
    assert_text_equal(logged(true, LOG_INFO, TEXT("a\"\nb"), into, sizeof(into)),
                      TEXT(",\"level\":\"info\",\"role\":\"node us-east-1a\",\"event\":"
                           "\"it happened\",\"what\":\"a\\\"\\u000ab\"}\n"));
}

TEST(log_event, is_dropped_above_the_level)
{
    char into[1000];

    assert_text_equal(logged(false, LOG_DEBUG, TEXT("x"), into, sizeof(into)), TEXT(""));
}

TEST(log_level_parse, knows_four_words)
{
    enum log_level level = LOG_DEBUG;

    assert_int_equal(log_level_parse(TEXT("error"), &level), RC_OK);
    assert_int_equal(level, LOG_ERROR);
    assert_int_equal(log_level_parse(TEXT("Error"), &level), RC_BAD);
    assert_int_equal(log_level_parse(TEXT(""), &level), RC_BAD);
    assert_int_equal(level, LOG_ERROR);
}

TESTS({
    CASE(log_event__is_one_line_of_text),
    CASE(log_event__cannot_be_forged_by_a_value),
    CASE(log_event__is_dropped_above_the_level),
    CASE(log_level_parse__knows_four_words),
})
