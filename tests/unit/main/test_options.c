/* SPDX-License-Identifier: Apache-2.0 */
#include "main/options.h"

#include "test.h"

#include <stdio.h>

static char why[OPTIONS_WHY_BYTES];

static enum rc read_arguments(struct options *options, const char *a, const char *b)
{
    char first[100];
    char second[100];
    char *arguments[] = {first, second, NULL};

    (void)snprintf(first, sizeof(first), "%s", a);
    (void)snprintf(second, sizeof(second), "%s", b ? b : "");
    return options_read_arguments(options, b ? 2 : 1, arguments, why);
}

static void assert_wrong(const char *a, const char *b, const char *expected)
{
    struct options options;

    options_init(&options, ROLE_SERVE);
    assert_int_equal(read_arguments(&options, a, b), RC_BAD);
    assert_string_equal(why, expected);
    options_done(&options);
}

TEST(options, refuses_what_is_unknown_or_makes_no_sense)
{
    assert_wrong("--stat", "x", "there is no option --stat; --help lists them");
    assert_wrong("--snapshot", "x", "there is no option --snapshot; --help lists them");
    assert_wrong("state", NULL, "\"state\" is not an option; --help lists them");
    assert_wrong("--", NULL, "\"--\" is not an option; --help lists them");
    assert_wrong("--state", NULL, "--state needs a value: DIR");
    assert_wrong("--workers", "257", "--workers: \"257\" is not a number of 0 to 256");
    assert_wrong("--workers=-1", NULL, "--workers: \"-1\" is not a number of 0 to 256");
    assert_wrong("--no-dns=maybe", NULL, "--no-dns: \"maybe\" is not yes or no");
}

TEST(options, takes_values_beside_and_behind)
{
    struct options options;

    options_init(&options, ROLE_SERVE);
    assert_int_equal(read_arguments(&options, "--state", "/a b"), RC_OK);
    assert_int_equal(read_arguments(&options, "--region=eu-west-1", "--no-dns"), RC_OK);
    assert_text_equal(options_text(&options, OPTION_STATE), TEXT("/a b"));
    assert_text_equal(options_text(&options, OPTION_REGION), TEXT("eu-west-1"));
    assert_true(options_flag(&options, OPTION_NO_DNS));
    assert_false(options_flag(&options, OPTION_NO_HOSTS_FILE));
    assert_text_equal(options_text(&options, OPTION_ACCOUNT), TEXT("123456789012"));
    assert_int_equal(options_number(&options, OPTION_DRAIN_SECONDS), 10);
    assert_int_equal(read_arguments(&options, "--help", NULL), RC_END);
    options_done(&options);
}

TEST(options, arguments_win_over_variables_and_those_over_the_file)
{
    char region[] = "OPENALB_REGION=from-variable";
    char account[] = "OPENALB_ACCOUNT=from-variable";
    char other[] = "HOME=/x";
    char *environment[] = {region, account, other, NULL};
    struct options options;

    options_init(&options, ROLE_SERVE);
    assert_int_equal(read_arguments(&options, "--region", "from-argument"), RC_OK);
    assert_int_equal(options_read_environment(&options, environment, why), RC_OK);
    assert_int_equal(options_read_file(&options,
                                       TEXT("# c\n\nregion = from-file\naccount=from-file\n"
                                            " domain = from-file \n"),
                                       "f", why),
                     RC_OK);
    assert_text_equal(options_text(&options, OPTION_REGION), TEXT("from-argument"));
    assert_text_equal(options_text(&options, OPTION_ACCOUNT), TEXT("from-variable"));
    assert_text_equal(options_text(&options, OPTION_DOMAIN), TEXT("from-file"));
    options_done(&options);
}

TEST(options, lists_grow_within_one_source_only)
{
    char key[] = "OPENALB_ACCESS_KEY=E:F";
    char *environment[] = {key, NULL};
    struct options options;

    options_init(&options, ROLE_SERVE);
    assert_int_equal(read_arguments(&options, "--access-key=A:B", "--access-key=C:D"), RC_OK);
    assert_int_equal(options_read_environment(&options, environment, why), RC_OK);
    assert_text_equal(options_text(&options, OPTION_ACCESS_KEY), TEXT("A:B,C:D"));
    options_done(&options);
}

TEST(options, names_the_place_of_a_mistake)
{
    char unknown[] = "OPENALB_STAET=/x";
    char bad[] = "OPENALB_WORKERS=many";
    char *unknown_environment[] = {unknown, NULL};
    char *bad_environment[] = {bad, NULL};
    struct options options;

    options_init(&options, ROLE_SERVE);
    assert_int_equal(options_read_environment(&options, unknown_environment, why), RC_BAD);
    assert_string_equal(why, "the variable OPENALB_STAET belongs to no option");
    assert_int_equal(options_read_environment(&options, bad_environment, why), RC_BAD);
    assert_string_equal(why, "the variable OPENALB_WORKERS: \"many\" is not a number of 0 to 256");
    assert_int_equal(options_read_file(&options, TEXT("state=/x\nstat = y\n"), "c.conf", why),
                     RC_BAD);
    assert_string_equal(why, "c.conf line 2: no option is called \"stat\"");
    assert_int_equal(options_read_file(&options, TEXT("state"), "c.conf", why), RC_BAD);
    assert_string_equal(why, "c.conf line 1: not of the form name = value");
    options_done(&options);
}

TEST(options, what_was_given_becomes_a_variable_of_a_child)
{
    struct options options;
    struct buf variable;

    options_init(&options, ROLE_SERVE);
    buf_init(&variable, 1000);
    assert_int_equal(read_arguments(&options, "--port-offset=8000", NULL), RC_OK);
    assert_true(options_print_variable(&options, OPTION_PORT_OFFSET, &variable));
    assert_text_equal(buf_text(&variable), TEXT("OPENALB_PORT_OFFSET=8000"));
    assert_false(options_print_variable(&options, OPTION_STATE, &variable));
    buf_done(&variable);
    options_done(&options);
}

TESTS({
    CASE(options__refuses_what_is_unknown_or_makes_no_sense),
    CASE(options__takes_values_beside_and_behind),
    CASE(options__arguments_win_over_variables_and_those_over_the_file),
    CASE(options__lists_grow_within_one_source_only),
    CASE(options__names_the_place_of_a_mistake),
    CASE(options__what_was_given_becomes_a_variable_of_a_child),
})
