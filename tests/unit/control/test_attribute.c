/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "control/attribute.h"

static struct arena *arena;

static struct attribute_set set_of(struct attribute_scope scope)
{
    struct attribute_set set;

    arena = arena_new(4096, 1 << 20);
    assert_int_equal(attribute_set_make(&scope, NULL, 0, arena, &set), RC_OK);
    return set;
}

/* Changes one key; gives the refusal's code, or "" when it was taken. */
static const char *change(struct attribute_set *set, const char *key, const char *value,
                          char *message)
{
    struct attribute one = {text_of(key), text_of(value)};
    struct refusal refusal = {0};
    enum rc rc = attribute_set_change(set, &one, 1, &refusal);

    assert_int_equal(rc == RC_OK, refusal.code == NULL);
    if (message) {
        (void)snprintf(message, sizeof(refusal.message), "%s", refusal.message);
    }
    return refusal.code ? refusal.code : "";
}

static struct attribute_set balancer(void)
{
    return set_of((struct attribute_scope){.of = ATTRIBUTE_OF_BALANCER});
}

static struct attribute_set group(void)
{
    return set_of((struct attribute_scope){.of = ATTRIBUTE_OF_GROUP});
}

TEST(attribute, has_the_defaults_of_the_scope)
{
    struct attribute_set set =
        set_of((struct attribute_scope){.of = ATTRIBUTE_OF_BALANCER, .is_internal = true});

    assert_text_equal(attribute_value(&set, "idle_timeout.timeout_seconds"), TEXT("60"));
    assert_true(attribute_is_true(&set, "ipv6.deny_all_igw_traffic"));
    assert_int_equal(set.count, 23);
    for (size_t i = 0; i < set.count; i++) {
        assert_true(attribute_is_default(&set, i));
    }
    arena_free(arena);

    set = balancer();
    assert_false(attribute_is_true(&set, "ipv6.deny_all_igw_traffic"));
    arena_free(arena);

    set = set_of((struct attribute_scope){.of = ATTRIBUTE_OF_LISTENER});
    assert_int_equal(set.count, 10);
    arena_free(arena);
    set = set_of((struct attribute_scope){.of = ATTRIBUTE_OF_LISTENER, .is_https = true});
    assert_int_equal(set.count, 19);
    arena_free(arena);
}

TEST(attribute, overlays_rows_and_skips_strangers)
{
    const struct attribute rows[] = {
        {TEXT_INIT("idle_timeout.timeout_seconds"), TEXT_INIT("7")},
        {TEXT_INIT("of.a.newer.version"), TEXT_INIT("x")},
    };
    struct attribute_scope scope = {.of = ATTRIBUTE_OF_BALANCER};
    struct attribute_set set;

    arena = arena_new(4096, 1 << 20);
    assert_int_equal(attribute_set_make(&scope, rows, 2, arena, &set), RC_OK);
    assert_int_equal(attribute_number(&set, "idle_timeout.timeout_seconds", 0), 7);
    arena_free(arena);
}

TEST(attribute, tells_unknown_keys_from_those_of_other_kinds)
{
    struct attribute_set set = balancer();
    char message[1024];

    assert_string_equal(change(&set, "no.such", "1", message), "ValidationError");
    assert_string_equal(message, "Load balancer attribute key 'no.such' is not recognized");
    assert_string_equal(change(&set, "dns_record.client_routing_policy", "x", message),
                        "InvalidConfigurationRequest");
    assert_string_equal(message,
                        "Load balancer attribute key 'dns_record.client_routing_policy' is not "
                        "supported on load balancers with type 'application'");
    arena_free(arena);

    set = group();
    assert_string_equal(change(&set, "no.such", "1", message), "ValidationError");
    assert_string_equal(message, "Target group attribute key 'no.such' is not recognized");
    arena_free(arena);

    set = set_of((struct attribute_scope){.of = ATTRIBUTE_OF_GROUP, .is_lambda = true});
    assert_string_equal(change(&set, "deregistration_delay.timeout_seconds", "1", message),
                        "InvalidConfigurationRequest");
    assert_string_equal(message, "A target group with target type 'lambda' does not support the "
                                 "attribute deregistration_delay.timeout_seconds");
    arena_free(arena);
}

TEST(attribute, takes_the_edges_of_ranges_and_refuses_beyond)
{
    static const struct {
        enum attribute_of of;
        const char *key, *good[3], *bad[4];
    } cases[] = {
        {ATTRIBUTE_OF_BALANCER,
         "idle_timeout.timeout_seconds",
         {"1", "4000"},
         {"0", "4001", "1.5", ""}},
        {ATTRIBUTE_OF_BALANCER, "client_keep_alive.seconds", {"60", "604800"}, {"59", "604801"}},
        {ATTRIBUTE_OF_BALANCER, "routing.http2.enabled", {"true", "false"}, {"True", "1", ""}},
        {ATTRIBUTE_OF_BALANCER, "load_balancing.cross_zone.enabled", {"true"}, {"false"}},
        {ATTRIBUTE_OF_BALANCER,
         "routing.http.desync_mitigation_mode",
         {"monitor", "strictest"},
         {"defensive|monitor", "off"}},
        {ATTRIBUTE_OF_GROUP, "deregistration_delay.timeout_seconds", {"0", "3600"}, {"3601", "-1"}},
        {ATTRIBUTE_OF_GROUP, "slow_start.duration_seconds", {"30", "900", "0"}, {"29", "901", "1"}},
        {ATTRIBUTE_OF_GROUP,
         "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
         {"off"},
         {"0", "101", "on"}},
        {ATTRIBUTE_OF_GROUP, "openalb.initial_healthy_checks", {"1", "threshold"}, {"2"}},
        {ATTRIBUTE_OF_LISTENER, "routing.http.response.server.enabled", {"false"}, {"no"}},
        {ATTRIBUTE_OF_LISTENER,
         "routing.http.response.access_control_max_age.header_value",
         {"0", "86400", ""},
         {"86401", "x"}},
        {ATTRIBUTE_OF_LISTENER,
         "routing.http.response.x_frame_options.header_value",
         {"DENY"},
         {"a\r\nb"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct attribute_set set = set_of((struct attribute_scope){.of = cases[i].of});

        for (size_t j = 0; j < ARRAY_LEN(cases[i].bad) && cases[i].bad[j]; j++) {
            assert_string_not_equal(change(&set, cases[i].key, cases[i].bad[j], NULL), "");
        }
        for (size_t j = 0; j < ARRAY_LEN(cases[i].good) && cases[i].good[j]; j++) {
            assert_string_equal(change(&set, cases[i].key, cases[i].good[j], NULL), "");
            assert_text_equal(attribute_value(&set, cases[i].key), text_of(cases[i].good[j]));
        }
        arena_free(arena);
    }
}

TEST(attribute, changes_all_or_nothing)
{
    struct attribute_set set = balancer();
    const struct attribute changes[] = {
        {TEXT_INIT("idle_timeout.timeout_seconds"), TEXT_INIT("7")},
        {TEXT_INIT("routing.http2.enabled"), TEXT_INIT("maybe")},
    };
    struct refusal refusal = {0};

    assert_int_equal(attribute_set_change(&set, changes, 2, &refusal), RC_BAD);
    assert_text_equal(attribute_value(&set, "idle_timeout.timeout_seconds"), TEXT("60"));
    arena_free(arena);
}

TEST(attribute, holds_what_excludes_what_in_target_groups)
{
    struct attribute_set set = group();
    char message[1024];

    assert_string_equal(change(&set, "stickiness.type", "source_ip", message),
                        "InvalidConfigurationRequest");
    assert_string_equal(message, "Stickiness type 'source_ip' is not supported for target groups "
                                 "with the HTTP protocol");
    assert_string_equal(change(&set, "stickiness.type", "app_cookie", NULL), "");
    assert_string_equal(change(&set, "stickiness.enabled", "true", message),
                        "InvalidConfigurationRequest");
    assert_string_equal(message, "You must set an application cookie name to enable stickiness of "
                                 "type 'app_cookie'");
    assert_string_equal(change(&set, "stickiness.app_cookie.cookie_name", "AWSALBAPP-0", NULL),
                        "InvalidConfigurationRequest");
    assert_string_equal(change(&set, "stickiness.app_cookie.cookie_name", "SID", NULL), "");
    assert_string_equal(change(&set, "stickiness.enabled", "true", NULL), "");
    assert_string_equal(change(&set, "load_balancing.algorithm.type", "weighted_random", NULL),
                        "InvalidConfigurationRequest");
    assert_string_equal(change(&set, "load_balancing.cross_zone.enabled", "false", NULL),
                        "InvalidConfigurationRequest");
    assert_string_equal(change(&set, "slow_start.duration_seconds", "30", NULL), "");
    assert_string_equal(
        change(&set, "load_balancing.algorithm.type", "least_outstanding_requests", NULL),
        "InvalidConfigurationRequest");
    assert_string_equal(change(&set, "load_balancing.algorithm.anomaly_mitigation", "on", NULL),
                        "InvalidConfigurationRequest");
    assert_string_equal(
        change(&set, "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
               "2", NULL),
        "InvalidConfigurationRequest");
    assert_string_equal(
        change(&set, "target_group_health.dns_failover.minimum_healthy_targets.count", "off", NULL),
        "");
    assert_string_equal(
        change(&set, "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
               "2", NULL),
        "");
    arena_free(arena);
}

TEST(attribute, wants_a_bucket_before_logs)
{
    struct attribute_set set = balancer();
    const struct attribute both[] = {
        {TEXT_INIT("access_logs.s3.enabled"), TEXT_INIT("true")},
        {TEXT_INIT("access_logs.s3.bucket"), TEXT_INIT("logs")},
    };
    struct refusal refusal = {0};

    assert_string_equal(change(&set, "access_logs.s3.enabled", "true", NULL), "ValidationError");
    assert_int_equal(attribute_set_change(&set, both, 2, &refusal), RC_OK);
    assert_string_equal(change(&set, "access_logs.s3.prefix", "my/AWSLogs", NULL),
                        "ValidationError");
    arena_free(arena);
}

TEST(attribute, gives_a_header_its_own_name_back_when_emptied)
{
    static const char key[] = "routing.http.request.x_amzn_tls_version.header_name";
    struct attribute_set set =
        set_of((struct attribute_scope){.of = ATTRIBUTE_OF_LISTENER, .is_https = true});

    assert_string_equal(change(&set, key, "X-Version", NULL), "");
    assert_text_equal(attribute_value(&set, key), TEXT("X-Version"));
    assert_string_equal(change(&set, key, "", NULL), "");
    assert_text_equal(attribute_value(&set, key), TEXT("X-Amzn-Tls-Version"));
    assert_string_equal(change(&set, key, "X Version", NULL), "ValidationError");
    arena_free(arena);
}

TESTS({
    CASE(attribute__has_the_defaults_of_the_scope),
    CASE(attribute__overlays_rows_and_skips_strangers),
    CASE(attribute__tells_unknown_keys_from_those_of_other_kinds),
    CASE(attribute__takes_the_edges_of_ranges_and_refuses_beyond),
    CASE(attribute__changes_all_or_nothing),
    CASE(attribute__holds_what_excludes_what_in_target_groups),
    CASE(attribute__wants_a_bucket_before_logs),
    CASE(attribute__gives_a_header_its_own_name_back_when_emptied),
})
