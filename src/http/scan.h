/* SPDX-License-Identifier: Apache-2.0 */
/* scan: the inner loops of the readers and the writer: classes of bytes, sixteen at a time where
 * the machine can (SSE2 is part of x86-64; elsewhere the plain loop serves). Private to this room.
 */
#pragma once
#include "base/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
    SCAN_TCHAR = 1,    /* RFC 9110 §5.6.2: token */
    SCAN_TARGET = 2,   /* may stand in a request target as it is: no control, no space, no '#' */
    SCAN_HOST = 4,     /* RFC 3986 §3.2.2: reg-name and IP-literal, '%' and ':' included */
    SCAN_DIGIT = 8,    /* 0-9 */
    SCAN_HEX = 16,     /* 0-9, A-F, a-f */
    SCAN_ALNUM = 32,   /* letters and digits */
    SCAN_CONTROL = 64, /* 0x00-0x1f and 0x7f, HTAB too */
};
extern const uint8_t scan_class[256];

static inline bool scan_is(char c, unsigned class)
{
    return (scan_class[(unsigned char)c] & class) != 0;
}

/* The first byte that is not of the class, or `end`. */
static inline const char *scan_span(const char *at, const char *end, unsigned class)
{
    while (at < end && scan_is(*at, class)) {
        at++;
    }
    return at;
}

/* The first control byte but HTAB (0x00-0x08, 0x0a-0x1f, 0x7f), or `end`. */
static inline const char *scan_value(const char *at, const char *end)
{
#ifdef __SSE2__
    const __m128i tab = _mm_set1_epi8('\t');
    const __m128i del = _mm_set1_epi8(0x7f);
    const __m128i unit = _mm_set1_epi8(0x1f);

    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* unsigned min(b, 0x1f) == b  <=>  b <= 0x1f */
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, unit), bytes);
        const __m128i control = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low),
                                             _mm_cmpeq_epi8(bytes, del));
        const unsigned mask = (unsigned)_mm_movemask_epi8(control);

        if (mask) {
            return at + __builtin_ctz(mask);
        }
    }
#endif
    while (at < end && (!scan_is(*at, SCAN_CONTROL) || *at == '\t')) {
        at++;
    }
    return at;
}

/* The first byte that is ':' or <= 0x20, or `end`. */
static inline const char *scan_colon(const char *at, const char *end)
{
#ifdef __SSE2__
    const __m128i colon = _mm_set1_epi8(':');
    const __m128i space = _mm_set1_epi8(0x20);

    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes);
        const unsigned mask =
            (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(bytes, colon)));

        if (mask) {
            return at + __builtin_ctz(mask);
        }
    }
#endif
    while (at < end && (unsigned char)*at > 0x20 && *at != ':') {
        at++;
    }
    return at;
}

/* The first byte <= 0x20 or 0x7f, or `end`. */
static inline const char *scan_visible(const char *at, const char *end)
{
#ifdef __SSE2__
    const __m128i del = _mm_set1_epi8(0x7f);
    const __m128i space = _mm_set1_epi8(0x20);

    for (; end - at >= 16; at += 16) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes);
        const unsigned mask =
            (unsigned)_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(bytes, del)));

        if (mask) {
            return at + __builtin_ctz(mask);
        }
    }
#endif
    while (at < end && (unsigned char)*at > 0x20 && *at != 0x7f) {
        at++;
    }
    return at;
}
