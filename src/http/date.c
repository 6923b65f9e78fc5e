/* SPDX-License-Identifier: Apache-2.0 */
#include "http/date.h"

static char *two(char *at, int64_t number)
{
    *at++ = (char)('0' + number / 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

struct text date_text(struct date *date, int64_t now_unix_s)
{
    if (date->unix_s != now_unix_s || date->at[0] == '\0') {
        date->unix_s = now_unix_s;
        date_write(now_unix_s, date->at);
    }
    return (struct text){date->at, DATE_BYTES};
}

void date_write(int64_t unix_s, char into[static DATE_BYTES])
{
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1 January 1970 was a Thursday */
    static const char months[] = "MarAprMayJunJulAugSepOctNovDecJanFeb";
    const int64_t second = unix_s % 86400;
    const int64_t day = unix_s / 86400;
    /* Years that begin in March put the leap day last: the day of the era of 400 years gives year,
     * month and day by division alone. */
    const int64_t shifted = day + 719468;
    const int64_t era = shifted / 146097;
    const int64_t of_era = shifted % 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * of_year + 2) / 153; /* 0 is March */
    const int64_t year = year_of_era + era * 400 + (month >= 10);
    char *at = into;

    ASSERT(unix_s >= 0);
    ASSERT(year <= 9999);
    at = mempcpy(at, days + 3 * (day % 7), 3);
    at = mempcpy(at, ", ", 2);
    at = two(at, of_year - (153 * month + 2) / 5 + 1);
    *at++ = ' ';
    at = mempcpy(at, months + 3 * month, 3);
    *at++ = ' ';
    at = two(two(at, year / 100), year % 100);
    *at++ = ' ';
    at = two(at, second / 3600);
    *at++ = ':';
    at = two(at, second / 60 % 60);
    *at++ = ':';
    at = two(at, second % 60);
    memcpy(at, " GMT", 4);
}
