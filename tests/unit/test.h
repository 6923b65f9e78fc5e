/* SPDX-License-Identifier: Apache-2.0 */
/* test: cmocka with less to type. A case is a sentence, named once more at the end of the file:
 *
 *   TEST(text_to_u64, refuses_a_sign)
 *   {
 *       uint64_t v;
 *       assert_int_equal(text_to_u64(TEXT("+1"), &v), RC_BAD);
 *   }
 *
 *   TESTS({
 *       CASE(text_to_u64__refuses_a_sign),
 *   })
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#define TEST(subject, sentence) static void subject##__##sentence(void **state_)

#define CASE(name) cmocka_unit_test(name)
#define TESTS(...)                                        \
    int main(void)                                        \
    {                                                     \
        const struct CMUnitTest tests[] = __VA_ARGS__;    \
        return cmocka_run_group_tests(tests, NULL, NULL); \
    }

#define assert_text_equal(actual, expected)                                   \
    do {                                                                      \
        const struct text actual_ = (actual);                                 \
        const struct text expected_ = (expected);                             \
        if (!text_eq(actual_, expected_)) {                                   \
            print_error("got \"%.*s\", wanted \"%.*s\"\n", TEXT_ARG(actual_), \
                        TEXT_ARG(expected_));                                 \
        }                                                                     \
        assert_true(text_eq(actual_, expected_));                             \
    } while (0)
