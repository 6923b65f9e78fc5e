/* SPDX-License-Identifier: Apache-2.0 */
/* rc: the one form of results.
 *
 * A function that can fail returns `enum rc`, is marked MUST_USE, and gives its answers through
 * `out` parameters that stay untouched on failure. Code branches on the code; people and logs get
 * a struct fault or struct refusal filled in by whoever knows the reason. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum rc {
    RC_OK = 0,
    RC_AGAIN,    /* not yet: try again when told */
    RC_END,      /* orderly end: of a body, a list, a connection */
    RC_BAD,      /* the other side broke the rules */
    RC_LIMIT,    /* one of our limits was reached */
    RC_LATE,     /* a deadline passed */
    RC_ABSENT,   /* no such thing */
    RC_CONFLICT, /* it exists already, or something else stands in the way */
    RC_DENIED,   /* not allowed */
    RC_IO,       /* the operating system or the other side failed us */
};

/* A word for logs: "ok", "again", ... Never NULL. */
const char *rc_name(enum rc rc);

#define MUST_USE               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* Returns from the caller on anything but RC_OK. The one macro that hides control flow. */
#define TRY(expr)                       \
    do {                                \
        const enum rc try_rc_ = (expr); \
        if (try_rc_ != RC_OK) {         \
            return try_rc_;             \
        }                               \
    } while (0)

/* AUTO(cert) struct cert *c = ...; calls cert_free(c) at the end of the scope. A type opts in with
 * AUTO_DEFINE(cert) in its header, after its cert_free(), which must accept NULL. */
#define AUTO(noun) __attribute__((cleanup(noun##_auto_)))
#define AUTO_DEFINE(noun)                                  \
    static inline void noun##_auto_(struct noun **pointer) \
    {                                                      \
        noun##_free(*pointer);                             \
    }

/* Hands an AUTO pointer on: gives its value and leaves NULL behind. */
#define MOVE(pointer)                          \
    ({                                         \
        __typeof__(pointer) move_ = (pointer); \
        (pointer) = NULL;                      \
        move_;                                 \
    })

#define ARRAY_LEN(array)                    (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(pointer, type, member) ((type *)((uintptr_t)(pointer)-offsetof(type, member)))

/* Our own mistakes stop the process, in production too. One condition each. */
#define ASSERT(condition) ((condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))
_Noreturn void assert_failed(const char *condition, const char *file, int line);
