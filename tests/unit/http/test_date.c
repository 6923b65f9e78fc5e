/* SPDX-License-Identifier: Apache-2.0 */
#include "http/date.h"

#include "test.h"

#include <time.h>

TEST(date_text, is_the_example_of_rfc_9110)
{
    struct date date = {0};

    assert_text_equal(date_text(&date, 784111777), TEXT("Sun, 06 Nov 1994 08:49:37 GMT"));
    assert_text_equal(date_text(&date, 784111777), TEXT("Sun, 06 Nov 1994 08:49:37 GMT"));
    assert_text_equal(date_text(&date, 784111778), TEXT("Sun, 06 Nov 1994 08:49:38 GMT"));
}

TEST(date_text, agrees_with_the_c_library)
{
    /* A day and an odd number of seconds at a time: every weekday, month and leap year. */
    for (int64_t now = 0; now < 253402300799; now += 86400 * 11 + 3607) {
        const time_t seconds = (time_t)now;
        char expected[64];
        struct date date = {0};
        struct tm parts;
        const size_t len = strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT",
                                    gmtime_r(&seconds, &parts));

        assert_text_equal(date_text(&date, now), ((struct text){expected, len}));
    }
}

TEST(date_text, knows_the_first_second)
{
    struct date date = {0};

    assert_text_equal(date_text(&date, 0), TEXT("Thu, 01 Jan 1970 00:00:00 GMT"));
}

TESTS({
    CASE(date_text__is_the_example_of_rfc_9110),
    CASE(date_text__agrees_with_the_c_library),
    CASE(date_text__knows_the_first_second),
})
