/* SPDX-License-Identifier: Apache-2.0 */
#include "elb_world.h"

#include "bucket/bucket.h"
#include "control/balancer_log.h"

#include <ftw.h>
#include <stdlib.h>

#define END_MS INT64_C(1768298700000) /* 2026-01-13T10:05:00Z */

static char folder[64];
static struct buckets *buckets;

static int set_up(void **state_)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/openalb-log-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(buckets_open(folder, &buckets), RC_OK);
    assert_int_equal(bucket_make(buckets, TEXT("logs")), RC_OK);
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    return remove(path);
}

static int tear_down(void **state_)
{
    buckets_free(buckets);
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static enum rc set(struct world *world, struct text arn, const char *key, const char *value)
{
    const struct attribute change = {text_of(key), text_of(value)};
    struct attribute_set all;

    return balancer_set_attributes(&world->turn, arn, &change, 1, &all);
}

static struct balancer open_world(struct world *world)
{
    *world = world_new();
    world->control->config.buckets = buckets;
    world_begin(world);
    const struct balancer balancer = elb_balancer(world, "web");
    elb_keep(world);
    return balancer;
}

static void put(struct world *world, struct text arn, const char *key, const char *value)
{
    assert_int_equal(set(world, arn, key, value), RC_OK);
}

TEST(balancer_log_prove, writes_the_test_object_of_each_log_that_is_turned_on)
{
    static const struct {
        const char *kind, *object;
    } logs[] = {
        {"access_logs", "a/b/AWSLogs/123456789012/ELBAccessLogTestFile"},
        {"connection_logs", "a/b/AWSLogs/123456789012/ELBConnectionLogTestFile"},
        {"health_check_logs", "a/b/AWSLogs/123456789012/ELBHealthCheckLogTestFile"},
    };
    struct world world;
    const struct balancer balancer = open_world(&world);
    char key[64];

    for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
        (void)snprintf(key, sizeof(key), "%s.s3.bucket", logs[i].kind);
        put(&world, balancer.row.arn, key, "logs");
        (void)snprintf(key, sizeof(key), "%s.s3.prefix", logs[i].kind);
        put(&world, balancer.row.arn, key, "a/b");
        assert_false(bucket_has(buckets, TEXT("logs"), text_of(logs[i].object)));
        (void)snprintf(key, sizeof(key), "%s.s3.enabled", logs[i].kind);
        put(&world, balancer.row.arn, key, "true");
        assert_true(bucket_has(buckets, TEXT("logs"), text_of(logs[i].object)));
    }
    world_done(&world);
}

TEST(balancer_log_prove, refuses_buckets_that_are_not_there_and_keys_that_lead_astray)
{
    struct world world;
    const struct balancer balancer = open_world(&world);
    const struct text arn = balancer.row.arn;

    put(&world, arn, "access_logs.s3.bucket", "absent");
    elb_keep(&world);
    assert_refused(&world, set(&world, arn, "access_logs.s3.enabled", "true"),
                   "InvalidConfigurationRequest",
                   "Access Denied for bucket: absent. Please check S3bucket permission");
    put(&world, arn, "access_logs.s3.bucket", "logs");
    put(&world, arn, "access_logs.s3.enabled", "true");
    elb_keep(&world);
    assert_refused(&world, set(&world, arn, "access_logs.s3.prefix", "../up"),
                   "InvalidConfigurationRequest",
                   "Access Denied for bucket: logs. Please check S3bucket permission");
    /* What touches no log needs no bucket. */
    world.control->config.buckets = NULL;
    world_again(&world);
    put(&world, arn, "idle_timeout.timeout_seconds", "61");
    world_done(&world);
}

static struct balancer_log_place find(struct world *world, enum log_kind kind, struct text id)
{
    struct balancer_log_place place;

    assert_int_equal(balancer_log_find(&world->turn, kind, id, TEXT("us-east-1b"), END_MS, &place),
                     RC_OK);
    return place;
}

TEST(balancer_log_find, names_objects_as_aws_does)
{
    struct world world;
    const struct balancer balancer = open_world(&world);
    const struct text id = balancer.row.id;
    const struct text hex = text_slice(id, id.len - 16, 16);
    char expected[512];

    put(&world, balancer.row.arn, "access_logs.s3.bucket", "logs");
    put(&world, balancer.row.arn, "access_logs.s3.enabled", "true");
    const struct balancer_log_place place = find(&world, LOG_KIND_ACCESS, id);
    (void)snprintf(expected, sizeof(expected),
                   "AWSLogs/123456789012/elasticloadbalancing/us-east-1/2026/01/13/"
                   "123456789012_elasticloadbalancing_us-east-1_app.web.%.*s_20260113T1005Z_%.*s_",
                   TEXT_ARG(hex), TEXT_ARG(balancer.zones.at[1].address));
    assert_text_equal(place.bucket, TEXT("logs"));
    assert_text_equal(text_slice(place.key, 0, strlen(expected)), text_of(expected));
    assert_int_equal(place.key.len, strlen(expected) + 8 + 7);
    assert_true(text_ends(place.key, TEXT(".log.gz")));
    assert_false(text_eq(place.key, find(&world, LOG_KIND_ACCESS, id).key));

    put(&world, balancer.row.arn, "connection_logs.s3.bucket", "logs");
    put(&world, balancer.row.arn, "connection_logs.s3.prefix", "p/");
    put(&world, balancer.row.arn, "connection_logs.s3.enabled", "true");
    assert_true(text_starts(find(&world, LOG_KIND_CONNECTION, id).key,
                            TEXT("p/AWSLogs/123456789012/elasticloadbalancing/us-east-1/2026/01/13/"
                                 "conn_log_123456789012_elasticloadbalancing_")));
    world_done(&world);
}

TEST(balancer_log_find, knows_nothing_of_logs_that_are_off_other_zones_and_other_balancers)
{
    struct world world;
    const struct balancer balancer = open_world(&world);
    struct balancer_log_place place;

    put(&world, balancer.row.arn, "access_logs.s3.bucket", "logs");
    put(&world, balancer.row.arn, "access_logs.s3.enabled", "true");
    assert_int_equal(balancer_log_find(&world.turn, LOG_KIND_CONNECTION, balancer.row.id,
                                       TEXT("us-east-1a"), END_MS, &place),
                     RC_ABSENT);
    assert_int_equal(balancer_log_find(&world.turn, LOG_KIND_ACCESS, balancer.row.id,
                                       TEXT("us-east-1c"), END_MS, &place),
                     RC_ABSENT);
    assert_int_equal(balancer_log_find(&world.turn, LOG_KIND_ACCESS, TEXT("app/web/1"),
                                       TEXT("us-east-1a"), END_MS, &place),
                     RC_ABSENT);
    world_done(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(balancer_log_prove__writes_the_test_object_of_each_log_that_is_turned_on),
        CASE(balancer_log_prove__refuses_buckets_that_are_not_there_and_keys_that_lead_astray),
        CASE(balancer_log_find__names_objects_as_aws_does),
        CASE(balancer_log_find__knows_nothing_of_logs_that_are_off_other_zones_and_other_balancers),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
