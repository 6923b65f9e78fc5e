/* SPDX-License-Identifier: Apache-2.0 */
/* date: IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), written once a second.
 * Time is Unix seconds, 0 to 253402300799 (year 9999). */
#pragma once
#include "base/text.h"

#define DATE_BYTES 29

struct date { /* begins as {0} */
    int64_t unix_s;
    char at[DATE_BYTES];
};

/* Borrowed until the next call with another second. */
struct text date_text(struct date *date, int64_t now_unix_s);

/* Without a cache: exactly DATE_BYTES, not terminated. */
void date_write(int64_t unix_s, char into[static DATE_BYTES]);
