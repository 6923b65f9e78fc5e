/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/pattern.h"
#include "node/rules.h"

#include <stdio.h>

#define MAX_RULES 200

/* A listener's rules, and a request to try on them. */
struct stand {
    struct arena *arena;
    struct snap_rule list[MAX_RULES + 1];
    struct snap_condition conditions[MAX_RULES + 1][3];
    struct snap_listener listener;
    struct rules *rules;
    struct http_request head;
    struct http_field fields[4];
    uint32_t source_ip;
};

static struct stand *stand_new(void)
{
    struct arena *arena = arena_new(4096, 1 << 22);
    struct stand *s = ARENA_NEW(arena, struct stand);

    s->arena = arena;
    s->head.method = TEXT("GET");
    s->head.path = TEXT("/");
    s->head.authority = TEXT("example.com");
    s->head.fields.at = s->fields;
    return s;
}

static void stand_free(struct stand *s)
{
    arena_free(s->arena);
}

static struct snap_condition *add_rule(struct stand *s, size_t conditions)
{
    const size_t i = s->listener.rule_count++;

    s->list[i] = (struct snap_rule){
        .priority = (int)i + 1, .conditions = s->conditions[i], .condition_count = conditions};
    return s->conditions[i];
}

static struct text *values(struct stand *s, size_t count, const char *const *from)
{
    struct text *list = ARENA_ARRAY(s->arena, struct text, count);

    for (size_t i = 0; i < count; i++) {
        list[i] = text_of(from[i]);
    }
    return list;
}

#define VALUES(s, ...)                                                                  \
    .values = values((s), sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *), \
                     (const char *[]){__VA_ARGS__}),                                    \
    .value_count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(const char *)

static void build(struct stand *s)
{
    s->list[s->listener.rule_count++] = (struct snap_rule){.priority = 0};
    s->listener.rules = s->list;
    assert_int_equal(rules_build(&s->listener, s->arena, &s->rules), RC_OK);
}

static int match(struct stand *s)
{
    const struct rules_subject subject = {.head = &s->head, .source_ip = s->source_ip};
    unsigned evaluated;
    const struct snap_rule *rule = rules_match(s->rules, &subject, s->arena, &evaluated);

    assert_non_null(rule);
    return rule->priority;
}

static int match_host(struct stand *s, const char *host)
{
    s->head.authority = text_of(host);
    return match(s);
}

static int match_path(struct stand *s, const char *path)
{
    s->head.path = text_of(path);
    return match(s);
}

TEST(rules, without_any_the_default_holds)
{
    struct stand *s = stand_new();

    build(s);
    assert_int_equal(match(s), 0);
    stand_free(s);
}

TEST(rules, host_ignores_case_and_port)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_HOST, VALUES(s, "Api.Example.com")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_HOST, VALUES(s, "*.example.com")};
    build(s);
    assert_int_equal(match_host(s, "api.example.com"), 1);
    assert_int_equal(match_host(s, "API.EXAMPLE.COM:8080"), 1);
    assert_int_equal(match_host(s, "www.example.com"), 2);
    assert_int_equal(match_host(s, "example.com"), 0);
    assert_int_equal(match_host(s, ""), 0);
    assert_int_equal(match_host(s, "api.example.com.evil.org"), 0);
    stand_free(s);
}

TEST(rules, path_minds_case_and_crosses_slashes)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/img/*")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/exact", "*.php")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/v?/x")};
    build(s);
    assert_int_equal(match_path(s, "/img/"), 1);
    assert_int_equal(match_path(s, "/img/a/b/c.php"), 1);
    assert_int_equal(match_path(s, "/IMG/a"), 0);
    assert_int_equal(match_path(s, "/img"), 0);
    assert_int_equal(match_path(s, "/exact"), 2);
    assert_int_equal(match_path(s, "/exactly"), 0);
    assert_int_equal(match_path(s, "/a/index.php"), 2);
    assert_int_equal(match_path(s, "/v1/x"), 3);
    assert_int_equal(match_path(s, "/v/x"), 0);
    stand_free(s);
}

TEST(rules, path_is_matched_after_normalisation)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/admin/*")};
    build(s);
    assert_int_equal(match_path(s, "/%61dmin/x"), 1);
    assert_int_equal(match_path(s, "/public/../admin/x"), 1);
    assert_int_equal(match_path(s, "/admin/../public"), 0);
    stand_free(s);
}

TEST(rules, all_conditions_of_a_rule_must_hold)
{
    struct stand *s = stand_new();
    struct snap_condition *two = add_rule(s, 2);

    two[0] = (struct snap_condition){.type = SNAP_HOST, VALUES(s, "a.com")};
    two[1] = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/x*")};
    build(s);
    s->head.authority = TEXT("a.com");
    assert_int_equal(match_path(s, "/xyz"), 1);
    assert_int_equal(match_path(s, "/y"), 0);
    s->head.authority = TEXT("b.com");
    assert_int_equal(match_path(s, "/xyz"), 0);
    stand_free(s);
}

TEST(rules, lowest_priority_wins_among_those_that_hold)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/a/b/*")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "*")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/a/*")};
    build(s);
    assert_int_equal(match_path(s, "/a/b/c"), 1);
    assert_int_equal(match_path(s, "/a/c"), 2);
    stand_free(s);
}

TEST(rules, method_is_exact)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_METHOD, VALUES(s, "PUT", "POST")};
    build(s);
    s->head.method = TEXT("POST");
    assert_int_equal(match(s), 1);
    s->head.method = TEXT("post");
    assert_int_equal(match(s), 0);
    s->head.method = TEXT("POSTS");
    assert_int_equal(match(s), 0);
    stand_free(s);
}

TEST(rules, fields_of_one_name_are_searched_in_order)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){
        .type = SNAP_FIELD, .field = TEXT("User-Agent"), VALUES(s, "*Chrome*", "*Safari*")};
    build(s);
    assert_int_equal(match(s), 0);
    s->fields[0] = (struct http_field){TEXT("user-agent"), TEXT("curl/8"), 0};
    s->fields[1] = (struct http_field){TEXT("USER-AGENT"), TEXT("x SAFARI y"), 0};
    s->head.fields.count = 1;
    assert_int_equal(match(s), 0);
    s->head.fields.count = 2;
    assert_int_equal(match(s), 1);
    stand_free(s);
}

TEST(rules, query_looks_at_pairs_or_at_any_value)
{
    static const struct snap_pair pairs[] = {{TEXT_INIT("version"), TEXT_INIT("v1")},
                                             {{NULL, 0}, TEXT_INIT("*exa?ple*")}};
    static const struct snap_pair starred[] = {{TEXT_INIT("q"), TEXT_INIT("a\\*b")}};
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_QUERY, .pairs = pairs, .pair_count = 2};
    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_QUERY, .pairs = starred, .pair_count = 1};
    build(s);
    assert_int_equal(match(s), 0);
    s->head.query = TEXT("a=b&Version=V1");
    assert_int_equal(match(s), 1);
    s->head.query = TEXT("version=v2");
    assert_int_equal(match(s), 0);
    s->head.query = TEXT("zzz=this-is-an-example-value");
    assert_int_equal(match(s), 1);
    s->head.query = TEXT("q=a*b");
    assert_int_equal(match(s), 2);
    s->head.query = TEXT("q=axb");
    assert_int_equal(match(s), 0);
    stand_free(s);
}

TEST(rules, source_ip_is_the_peer)
{
    static const struct snap_cidr cidrs[] = {{0x0a000000, 8}, {0xc0a80101, 32}};
    static const struct snap_cidr all[] = {{0, 0}};
    struct stand *s = stand_new();

    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_SOURCE_IP, .cidrs = cidrs, .cidr_count = 2};
    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_SOURCE_IP, .cidrs = all, .cidr_count = 1};
    build(s);
    s->source_ip = 0x0affffff;
    assert_int_equal(match(s), 1);
    s->source_ip = 0xc0a80101;
    assert_int_equal(match(s), 1);
    s->source_ip = 0xc0a80102;
    assert_int_equal(match(s), 2);
    stand_free(s);
}

TEST(rules, regex_searches_host_without_case_and_path_with)
{
    static const struct text hosts[] = {TEXT_INIT("^(api|web)\\.example\\.com$")};
    static const struct text paths[] = {TEXT_INIT("^/v[0-9]+/")};
    struct stand *s = stand_new();

    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_HOST, .regexes = hosts, .regex_count = 1};
    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_PATH, .regexes = paths, .regex_count = 1};
    build(s);
    assert_int_equal(match_host(s, "API.example.com"), 1);
    assert_int_equal(match_host(s, "apis.example.com"), 0);
    assert_int_equal(match_path(s, "/v12/x"), 2);
    assert_int_equal(match_path(s, "/V12/x"), 0);
    stand_free(s);
}

TEST(rules, regex_that_explodes_does_not_hold_and_does_not_hang)
{
    static const struct text paths[] = {TEXT_INIT("^/(a+)+$")};
    struct stand *s = stand_new();
    char path[4096];

    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 2] = '!';
    path[sizeof(path) - 1] = '\0';
    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_PATH, .regexes = paths, .regex_count = 1};
    build(s);
    const char *before = arena_mark(s->arena).at;
    assert_int_equal(match_path(s, path), 0);
    assert_ptr_equal(arena_mark(s->arena).at, before);
    stand_free(s);
}

TEST(rules, broken_regex_is_refused)
{
    static const struct text paths[] = {TEXT_INIT("(")};
    struct stand *s = stand_new();

    *add_rule(s, 1) =
        (struct snap_condition){.type = SNAP_PATH, .regexes = paths, .regex_count = 1};
    s->list[s->listener.rule_count++] = (struct snap_rule){.priority = 0};
    s->listener.rules = s->list;
    assert_int_equal(rules_build(&s->listener, s->arena, &s->rules), RC_BAD);
    stand_free(s);
}

/* The first rule both of whose patterns hold, looked at one by one. */
static int scan(const struct stand *s)
{
    for (size_t i = 0; i + 1 < s->listener.rule_count; i++) {
        const struct snap_condition *c = s->conditions[i];

        if (pattern_match(c[0].values[0], s->head.authority, PATTERN_NOCASE) &&
            pattern_match(c[1].values[0], s->head.path, 0)) {
            return (int)i + 1;
        }
    }
    return 0;
}

static unsigned random_number(void)
{
    static unsigned state = 1;

    state = state * 1103515245 + 12345;
    return state >> 16;
}

TEST(rules, sets_find_what_a_scan_finds)
{
    static const char *const hosts[] = {"h", "H", "*", "a-long-name-of-a-Host-"};
    static const char *const ends[] = {"/*", "", "*", "/*/c", "/?"};
    struct stand *s = stand_new();
    int found = 0;

    for (int i = 0; i < MAX_RULES; i++) {
        struct snap_condition *c = add_rule(s, 2);
        char host[64];
        char path[64];

        (void)snprintf(host, sizeof(host), "%s%u.Com", hosts[random_number() % 4],
                       random_number() % 16);
        (void)snprintf(path, sizeof(path), "/%.*s%s", (int)(1 + random_number() % 11),
                       "abcdefghijklmnop", ends[random_number() % 5]);
        c[0] = (struct snap_condition){.type = SNAP_HOST,
                                       VALUES(s, arena_text(s->arena, text_of(host)).at)};
        c[1] = (struct snap_condition){.type = SNAP_PATH,
                                       VALUES(s, arena_text(s->arena, text_of(path)).at)};
    }
    build(s);
    for (int i = 0; i < 20000; i++) {
        char host[64];
        char path[64];

        (void)snprintf(host, sizeof(host), "%s%u.com", hosts[random_number() % 2 * 3],
                       random_number() % 16);
        (void)snprintf(path, sizeof(path), "/%.*s%s", (int)(1 + random_number() % 16),
                       random_number() % 8 ? "abcdefghijklmnop" : "Abcdefghijklmnop",
                       random_number() % 2 ? "" : "/x");
        s->head.authority = text_of(host);
        s->head.path = text_of(path);
        const int expected = scan(s);
        assert_int_equal(match(s), expected);
        found += expected > 0;
    }
    assert_true(found > 5000 && found < 15000);
    stand_free(s);
}

TEST(rules, every_value_of_a_condition_counts)
{
    struct stand *s = stand_new();

    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/one/*", "/two/*")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/six/*", "/ten")};
    *add_rule(s, 1) = (struct snap_condition){.type = SNAP_HOST, VALUES(s, "a.com", "b.com")};
    struct snap_condition *both = add_rule(s, 2); /* of one kind: the second is asked, too */
    both[0] = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "/p/*")};
    both[1] = (struct snap_condition){.type = SNAP_PATH, VALUES(s, "*/q")};
    build(s);
    assert_int_equal(match_path(s, "/one/x"), 1);
    assert_int_equal(match_path(s, "/two/"), 1);
    assert_int_equal(match_path(s, "/six/x"), 2);
    assert_int_equal(match_path(s, "/ten"), 2);
    assert_int_equal(match_path(s, "/ten/x"), 0);
    assert_int_equal(match_path(s, "/p/x"), 0);
    assert_int_equal(match_path(s, "/p/q"), 4);
    assert_int_equal(match_host(s, "b.com"), 3);
    stand_free(s);
}

TESTS({
    CASE(rules__without_any_the_default_holds),
    CASE(rules__host_ignores_case_and_port),
    CASE(rules__path_minds_case_and_crosses_slashes),
    CASE(rules__path_is_matched_after_normalisation),
    CASE(rules__all_conditions_of_a_rule_must_hold),
    CASE(rules__lowest_priority_wins_among_those_that_hold),
    CASE(rules__method_is_exact),
    CASE(rules__fields_of_one_name_are_searched_in_order),
    CASE(rules__query_looks_at_pairs_or_at_any_value),
    CASE(rules__source_ip_is_the_peer),
    CASE(rules__regex_searches_host_without_case_and_path_with),
    CASE(rules__regex_that_explodes_does_not_hold_and_does_not_hang),
    CASE(rules__broken_regex_is_refused),
    CASE(rules__sets_find_what_a_scan_finds),
    CASE(rules__every_value_of_a_condition_counts),
})
