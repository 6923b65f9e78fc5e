/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "control/rule_regex.h"

TEST(rule_regex, takes_the_dialect_of_aws)
{
    static const char *const good[] = {
        "^/a+$",       "a|b",        "^/(?:en|de)/(.*)$", "(?i)abc",
        "(?P<name>x)", "(?<name>x)", "[*+?(]{2,3}",       "\\d+\\.\\w*?",
        "[]a]+",       "[^]+]*",     "\\(\\?=",           "a{2}b+",
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        if (rule_regex_fault(text_of(good[i])) != NULL) {
            fail_msg("%s: %s", good[i], rule_regex_fault(text_of(good[i])));
        }
    }
}

TEST(rule_regex, refuses_what_no_node_should_compile)
{
    static const char *const bad[] = {
        "(",      "[a",      "a{2,1}",  "*",       "a)",
        "(?=a)",  "(?!a)",   "(?<=a)b", "(?<!a)b", "(?>a+)",
        "a++",    "a*+",     "a?+",     "a{2}+",   "(a)\\1",
        "(?R)",   "(?1)",    "\\p{L}",  "\\Qa\\C", "(*LIMIT_MATCH=1)a",
        "(?P>x)", "(?|a|b)", "\\k<n>",  "a\\",
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (rule_regex_fault(text_of(bad[i])) == NULL) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

TESTS({
    CASE(rule_regex__takes_the_dialect_of_aws),
    CASE(rule_regex__refuses_what_no_node_should_compile),
})
