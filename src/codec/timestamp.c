/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/timestamp.h"

#include <stdio.h>

struct civil {
    int64_t year, month, day, hour, minute, second, millisecond;
};

/* Days since 1970-01-01. Years are counted from March, so that the leap day is the last one
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = y / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t month_from_march = (month + 9) % 12;
    const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct civil civil_of(int64_t unix_ms)
{
    const int64_t day_ms = 86400000;
    const int64_t ms = unix_ms % day_ms;
    const int64_t z = unix_ms / day_ms + 719468;
    const int64_t era = z / 146097;
    const int64_t day_of_era = z - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

    return (struct civil){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
        .hour = ms / 3600000,
        .minute = ms / 60000 % 60,
        .second = ms / 1000 % 60,
        .millisecond = ms % 1000,
    };
}

/* The last `count` digits and what stands behind them. By hand: logs write two of these a line. */
static char *put(char *at, int64_t number, int count, char behind)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    at[count] = behind;
    return at + count + 1;
}

/* Up to the point in front of the fraction. */
static char *put_seconds(char *at, const struct civil *c)
{
    at = put(at, c->year, 4, '-');
    at = put(at, c->month, 2, '-');
    at = put(at, c->day, 2, 'T');
    at = put(at, c->hour, 2, ':');
    at = put(at, c->minute, 2, ':');
    return put(at, c->second, 2, '.');
}

void timestamp_write(int64_t unix_ms, char out[TIMESTAMP_BYTES])
{
    const struct civil c = civil_of(unix_ms);

    ASSERT(unix_ms >= 0);
    ASSERT(unix_ms <= TIMESTAMP_UNIX_MS_MAX);
    *put(put_seconds(out, &c), c.millisecond, 3, 'Z') = '\0';
}

void timestamp_write_us(int64_t unix_us, char out[TIMESTAMP_US_BYTES])
{
    const struct civil c = civil_of(unix_us / 1000);

    ASSERT(unix_us >= 0);
    ASSERT(unix_us / 1000 <= TIMESTAMP_UNIX_MS_MAX);
    *put(put_seconds(out, &c), unix_us % 1000000, 6, 'Z') = '\0';
}

void timestamp_write_basic(int64_t unix_ms, char out[TIMESTAMP_BYTES])
{
    const struct civil c = civil_of(unix_ms);

    ASSERT(unix_ms >= 0);
    ASSERT(unix_ms <= TIMESTAMP_UNIX_MS_MAX);
    (void)snprintf(out, TIMESTAMP_BYTES, "%04d%02d%02dT%02d%02d%02dZ", (int)c.year, (int)c.month,
                   (int)c.day, (int)c.hour, (int)c.minute, (int)c.second);
}

static enum rc to_unix_ms(const struct civil *c, int64_t offset_minutes, int64_t *unix_ms)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    int64_t ms;

    if (c->year < 1970 || c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > lengths[c->month - 1] + (c->month == 2 && is_leap) || c->hour > 23 ||
        c->minute > 59 || c->second > 59) {
        return RC_BAD;
    }
    ms = ((days_of(c->year, c->month, c->day) * 24 + c->hour) * 60 + c->minute - offset_minutes) *
             60000 +
         c->second * 1000 + c->millisecond;
    if (ms < 0 || ms > TIMESTAMP_UNIX_MS_MAX) {
        return RC_BAD;
    }
    *unix_ms = ms;
    return RC_OK;
}

/* Takes `count` digits, at most 4, off the front. */
static enum rc take_digits(struct text *rest, size_t count, int64_t *out)
{
    uint64_t value;

    if (rest->len < count) {
        return RC_BAD;
    }
    TRY(text_to_u64(text_slice(*rest, 0, count), &value));
    *out = (int64_t)value;
    *rest = text_slice(*rest, count, rest->len);
    return RC_OK;
}

static bool take_byte(struct text *rest, char wanted)
{
    if (rest->len == 0 || rest->at[0] != wanted) {
        return false;
    }
    *rest = text_slice(*rest, 1, rest->len);
    return true;
}

/* Digits beyond milliseconds are read and dropped. */
static enum rc take_fraction(struct text *rest, int64_t *millisecond)
{
    int64_t weight = 100;
    size_t count = 0;

    while (rest->len > 0 && rest->at[0] >= '0' && rest->at[0] <= '9') {
        *millisecond += (rest->at[0] - '0') * weight;
        weight /= 10;
        *rest = text_slice(*rest, 1, rest->len);
        count++;
    }
    return count > 0 ? RC_OK : RC_BAD;
}

static enum rc take_offset(struct text *rest, int64_t *minutes)
{
    int64_t hour;
    int64_t minute;
    int64_t sign = 1;

    if (take_byte(rest, 'Z') || take_byte(rest, 'z')) {
        *minutes = 0;
        return RC_OK;
    }
    if (take_byte(rest, '-')) {
        sign = -1;
    } else if (!take_byte(rest, '+')) {
        return RC_BAD;
    }
    TRY(take_digits(rest, 2, &hour));
    if (!take_byte(rest, ':')) {
        return RC_BAD;
    }
    TRY(take_digits(rest, 2, &minute));
    if (hour > 23 || minute > 59) {
        return RC_BAD;
    }
    *minutes = sign * (hour * 60 + minute);
    return RC_OK;
}

enum rc timestamp_parse(struct text text, int64_t *unix_ms)
{
    struct civil c = {0};
    int64_t offset = 0;

    TRY(take_digits(&text, 4, &c.year));
    if (!take_byte(&text, '-')) {
        return RC_BAD;
    }
    TRY(take_digits(&text, 2, &c.month));
    if (!take_byte(&text, '-')) {
        return RC_BAD;
    }
    TRY(take_digits(&text, 2, &c.day));
    if (text.len == 0) {
        return to_unix_ms(&c, 0, unix_ms);
    }
    if (!take_byte(&text, 'T') && !take_byte(&text, 't')) {
        return RC_BAD;
    }
    TRY(take_digits(&text, 2, &c.hour));
    if (!take_byte(&text, ':')) {
        return RC_BAD;
    }
    TRY(take_digits(&text, 2, &c.minute));
    if (!take_byte(&text, ':')) {
        return RC_BAD;
    }
    TRY(take_digits(&text, 2, &c.second));
    if (take_byte(&text, '.')) {
        TRY(take_fraction(&text, &c.millisecond));
    }
    TRY(take_offset(&text, &offset));
    return text.len == 0 ? to_unix_ms(&c, offset, unix_ms) : RC_BAD;
}

enum rc timestamp_parse_basic(struct text text, int64_t *unix_ms)
{
    struct civil c = {0};

    TRY(take_digits(&text, 4, &c.year));
    TRY(take_digits(&text, 2, &c.month));
    TRY(take_digits(&text, 2, &c.day));
    if (!take_byte(&text, 'T')) {
        return RC_BAD;
    }
    TRY(take_digits(&text, 2, &c.hour));
    TRY(take_digits(&text, 2, &c.minute));
    TRY(take_digits(&text, 2, &c.second));
    if (!take_byte(&text, 'Z') || text.len != 0) {
        return RC_BAD;
    }
    return to_unix_ms(&c, 0, unix_ms);
}
