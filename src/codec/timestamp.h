/* SPDX-License-Identifier: Apache-2.0 */
/* timestamp: points in time as text. Proleptic Gregorian, UTC, no leap seconds, 1970 to
 * 9999.
 *
 * Sources  RFC 3339; AWS Signature Version 4, "Date". */
#pragma once
#include "base/text.h"

#define TIMESTAMP_BYTES       25                       /* of the longest form, with the NUL */
#define TIMESTAMP_US_BYTES    28                       /* of the one with microseconds */
#define TIMESTAMP_UNIX_MS_MAX INT64_C(253402300799999) /* the end of the year 9999 */

/* 2026-01-13T10:00:00.123Z */
void timestamp_write(int64_t unix_ms, char out[TIMESTAMP_BYTES]);
/* 2026-01-13T10:00:00.123456Z, as AWS ALB's logs have it. */
void timestamp_write_us(int64_t unix_us, char out[TIMESTAMP_US_BYTES]);
/* 20260113T100000Z, as signatures have it. */
void timestamp_write_basic(int64_t unix_ms, char out[TIMESTAMP_BYTES]);

/* RFC 3339 with Z or an offset, seconds with or without a fraction; a date alone is its midnight.
 * RC_BAD: anything else. */
MUST_USE enum rc timestamp_parse(struct text text, int64_t *unix_ms);
/* Exactly 20260113T100000Z. */
MUST_USE enum rc timestamp_parse_basic(struct text text, int64_t *unix_ms);
