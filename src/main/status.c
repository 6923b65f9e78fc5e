/* SPDX-License-Identifier: Apache-2.0 */
/* A table for people: what a running server has, as it tells on /status. */
#include "codec/json.h"
#include "main/fetch.h"
#include "main/role.h"
#include "main/state.h"

#include <stdio.h>

enum { STATUS_BYTES_MAX = 64 * 1024 * 1024, LINE_BYTES_MAX = 4096 };

static struct text word_of(const struct json *json, const char *name)
{
    struct text word = TEXT("");
    const enum rc rc = json_get_text(json, name, &word);

    (void)rc; /* absent: empty */
    return word;
}

static int64_t number_of(const struct json *json, const char *name)
{
    int64_t number = 0;
    const enum rc rc = json_get_integer(json, name, &number);

    (void)rc; /* absent: 0 */
    return number;
}

static bool truth_of(const struct json *json, const char *name)
{
    bool truth = false;
    const enum rc rc = json_get_bool(json, name, &truth);

    (void)rc; /* absent: false */
    return truth;
}

typedef void print_fn(const struct json *item);

/* Gives how many there were. */
static size_t print_each(const struct json *json, const char *name, print_fn *print)
{
    const struct json *list;

    if (json_get_list(json, name, &list) != RC_OK) {
        return 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        print(&list->items[i]);
    }
    return list->count;
}

static void print_node(const struct json *node)
{
    const struct text rejected = word_of(node, "rejected");

    (void)printf("  node     %-16.*s %-9s revision %lld%s%.*s\n", TEXT_ARG(word_of(node, "zone")),
                 truth_of(node, "connected") ? "running" : "away",
                 (long long)number_of(node, "revision"),
                 text_is_empty(rejected) ? "" : "; refused the newest: ", TEXT_ARG(rejected));
}

static void print_listener(const struct json *listener)
{
    const struct text trouble = word_of(listener, "trouble");

    (void)printf("    %-6.*s %-6lld%s%.*s\n", TEXT_ARG(word_of(listener, "protocol")),
                 (long long)number_of(listener, "port"),
                 text_is_empty(trouble) ? "" : " cannot listen: ", TEXT_ARG(trouble));
}

static void print_balancer(const struct json *balancer)
{
    const struct json *addresses;

    (void)printf("  %.*s  http://%.*s", TEXT_ARG(word_of(balancer, "name")),
                 TEXT_ARG(word_of(balancer, "dns_name")));
    if (json_get_list(balancer, "addresses", &addresses) == RC_OK) {
        for (size_t i = 0; i < addresses->count; i++) {
            (void)printf("%s%.*s", i ? ", " : "  ", TEXT_ARG(addresses->items[i].text));
        }
    }
    (void)printf("\n");
    (void)print_each(balancer, "listeners", print_listener);
}

static void print_target(const struct json *target)
{
    (void)printf("    %.*s:%lld  %.*s\n", TEXT_ARG(word_of(target, "id")),
                 (long long)number_of(target, "port"), TEXT_ARG(word_of(target, "state")));
}

static void print_group(const struct json *group)
{
    (void)printf("  %.*s\n", TEXT_ARG(word_of(group, "name")));
    if (print_each(group, "targets", print_target) == 0) {
        (void)printf("    no targets\n");
    }
}

static void print_section(const struct json *status, const char *title, const char *name,
                          print_fn *print)
{
    (void)printf("\n%s\n", title);
    if (print_each(status, name, print) == 0) {
        (void)printf("  none\n");
    }
}

static void print_status(const struct json *status, struct text url)
{
    (void)printf("openalb %.*s at %.*s\n\nroles\n  control  %-16s running   revision %lld\n",
                 TEXT_ARG(word_of(status, "version")), TEXT_ARG(url), "",
                 (long long)number_of(status, "revision"));
    (void)print_each(status, "nodes", print_node);
    print_section(status, "load balancers", "balancers", print_balancer);
    print_section(status, "target groups in use", "groups", print_group);
}

static int show(struct text url)
{
    AUTO(arena) struct arena *arena = arena_new(LINE_BYTES_MAX, STATUS_BYTES_MAX);
    const struct json *status;
    struct buf body;
    char why[256];
    int code = EXIT_DONE;

    buf_init(&body, STATUS_BYTES_MAX);
    if (fetch(url, "/status", &body, why, sizeof(why)) != RC_OK) {
        code = role_fail("status", EXIT_FAILED, "%.*s: %s; is `openalb serve` running?",
                         TEXT_ARG(url), why);
    } else if (json_parse(buf_text(&body), arena, &status, why, sizeof(why)) != RC_OK) {
        code =
            role_fail("status", EXIT_FAILED, "%.*s: no status of openalb: %s", TEXT_ARG(url), why);
    } else {
        print_status(status, url);
    }
    buf_done(&body);
    return code;
}

int status_run(const struct options *options)
{
    struct state state;
    struct buf url, region;
    char why[OPTIONS_WHY_BYTES];
    int code;

    if (state_find(options, &state, why) != RC_OK) {
        return role_fail("status", EXIT_WRONG_USE, "%s", why);
    }
    buf_init(&url, LINE_BYTES_MAX);
    buf_init(&region, LINE_BYTES_MAX);
    if (state_endpoint_read(&state, &url, &region) != RC_OK) {
        code = role_fail("status", EXIT_FAILED,
                         "no server has begun a state in %s yet: start `openalb serve`, or give "
                         "its --state",
                         state.folder);
    } else {
        code = show(buf_text(&url));
    }
    buf_done(&url);
    buf_done(&region);
    return code;
}
