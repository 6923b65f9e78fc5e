/* SPDX-License-Identifier: Apache-2.0 */
#include "control/id.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>

static uint64_t random_u64(void);

struct text id_ec2(struct turn *turn, const char *prefix)
{
    return arena_printf(turn->arena, "%s-0%016llx", prefix, (unsigned long long)random_u64());
}

struct text id_elb(struct turn *turn)
{
    return arena_printf(turn->arena, "%016llx", (unsigned long long)random_u64());
}

uint64_t id_number(void)
{
    const uint64_t low = 100000000;
    const uint64_t high = 10000000000;

    return low + random_u64() % (high - low);
}

struct text arn_of(struct turn *turn, const char *service, const char *format, ...)
{
    char resource[512];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(resource, sizeof(resource), format, args);
    va_end(args);
    ASSERT(len >= 0 && (size_t)len < sizeof(resource));
    return arena_printf(turn->arena, "arn:aws:%s:%.*s:%.*s:%s", service,
                        TEXT_ARG(turn->config->region), TEXT_ARG(turn->config->account), resource);
}

bool id_is_ec2(struct text id, const char *prefix)
{
    struct text digits;

    if (!text_starts(id, text_of(prefix))) {
        return false;
    }
    digits = text_slice(id, strlen(prefix), id.len);
    if ((digits.len != 1 + 8 && digits.len != 1 + 17) || digits.at[0] != '-') {
        return false;
    }
    for (size_t i = 1; i < digits.len; i++) {
        char c = digits.at[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

static uint64_t random_u64(void)
{
    uint64_t value;
    ssize_t got = getrandom(&value, sizeof(value), 0);

    ASSERT(got == (ssize_t)sizeof(value)); /* man 2 getrandom: up to 256 bytes never fall short */
    return value;
}
