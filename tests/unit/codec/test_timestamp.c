/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "codec/timestamp.h"

TEST(timestamp_write, knows_leap_days_and_far_years)
{
    char out[TIMESTAMP_BYTES];

    timestamp_write(0, out);
    assert_string_equal(out, "1970-01-01T00:00:00.000Z");
    timestamp_write(951782400123, out);
    assert_string_equal(out, "2000-02-29T00:00:00.123Z");
    timestamp_write(253402300799999, out);
    assert_string_equal(out, "9999-12-31T23:59:59.999Z");
    timestamp_write_basic(1458941172920, out);
    assert_string_equal(out, "20160325T212612Z");
}

TEST(timestamp_write_us, has_six_digits_behind_the_second)
{
    char out[TIMESTAMP_US_BYTES];

    timestamp_write_us(0, out);
    assert_string_equal(out, "1970-01-01T00:00:00.000000Z");
    timestamp_write_us(INT64_C(1530570180186041), out);
    assert_string_equal(out, "2018-07-02T22:23:00.186041Z");
    timestamp_write_us(INT64_C(253402300799999999), out);
    assert_string_equal(out, "9999-12-31T23:59:59.999999Z");
}

TEST(timestamp_parse, reads_offsets_fractions_and_dates)
{
    int64_t ms;

    assert_int_equal(timestamp_parse(TEXT("2016-03-25T21:26:12.920Z"), &ms), RC_OK);
    assert_int_equal(ms, 1458941172920);
    assert_int_equal(timestamp_parse(TEXT("2016-03-25T23:26:12.9+02:00"), &ms), RC_OK);
    assert_int_equal(ms, 1458941172900);
    assert_int_equal(timestamp_parse(TEXT("2016-03-25T21:26:12.920999999Z"), &ms), RC_OK);
    assert_int_equal(ms, 1458941172920);
    assert_int_equal(timestamp_parse(TEXT("2000-02-29"), &ms), RC_OK);
    assert_int_equal(ms, 951782400000);
    assert_int_equal(timestamp_parse_basic(TEXT("20160325T212612Z"), &ms), RC_OK);
    assert_int_equal(ms, 1458941172000);
}

TEST(timestamp_parse, refuses_days_that_do_not_exist_and_other_forms)
{
    static const char *const bad[] = {
        "",
        "2016",
        "2016-3-25",
        "2015-02-29",
        "1900-01-01",
        "2016-13-01",
        "2016-00-01",
        "2016-01-32",
        "2016-01-01T24:00:00Z",
        "2016-01-01T00:60:00Z",
        "2016-01-01T00:00:60Z",
        "2016-01-01T00:00:00",
        "2016-01-01T00:00:00.Z",
        "2016-01-01T00:00:00Zx",
        "2016-01-01 00:00:00Z",
        "2016-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-00:01",
        "+016-01-01",
        "20160325T212612Z",
    };
    static const char *const bad_basic[] = {"",
                                            "20160325T212612",
                                            "20160325t212612Z",
                                            "2016-03-25T21:26:12Z",
                                            "20160325T212612Zx",
                                            "20160230T000000Z",
                                            "20160225T-02612Z"};
    int64_t ms = 7;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(timestamp_parse(text_of(bad[i]), &ms), RC_BAD);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_basic); i++) {
        assert_int_equal(timestamp_parse_basic(text_of(bad_basic[i]), &ms), RC_BAD);
    }
    assert_int_equal(ms, 7);
}

TEST(timestamp, every_day_reads_back)
{
    char out[TIMESTAMP_BYTES];
    int64_t ms;

    for (int64_t day = 0; day < 2932896; day += 13) {
        timestamp_write(day * 86400000 + 3723004, out);
        assert_int_equal(timestamp_parse(text_of(out), &ms), RC_OK);
        assert_int_equal(ms, day * 86400000 + 3723004);
    }
}

TESTS({
    CASE(timestamp_write__knows_leap_days_and_far_years),
    CASE(timestamp_write_us__has_six_digits_behind_the_second),
    CASE(timestamp_parse__reads_offsets_fractions_and_dates),
    CASE(timestamp_parse__refuses_days_that_do_not_exist_and_other_forms),
    CASE(timestamp__every_day_reads_back),
})
