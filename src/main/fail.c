/* SPDX-License-Identifier: Apache-2.0 */
#include "main/role.h"

#include <stdarg.h>
#include <stdio.h>

int role_fail(const char *role, int code, const char *format, ...)
{
    char words[1000];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    (void)fprintf(stderr, "openalb%s%s: %s\n", *role ? " " : "", role, words);
    return code;
}
