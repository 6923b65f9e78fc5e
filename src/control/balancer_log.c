/* SPDX-License-Identifier: Apache-2.0 */
#include "control/balancer_log.h"

#include "bucket/bucket.h"
#include "codec/timestamp.h"
#include "control/id.h"

#include <inttypes.h>

static const struct {
    const char *enabled, *bucket, *prefix; /* attributes */
    struct text keys;                      /* how all of them begin */
    const char *name;                      /* of the test object */
    const char *object_prefix;             /* of the names of its files */
} logs[] = {
    [LOG_KIND_ACCESS] = {"access_logs.s3.enabled", "access_logs.s3.bucket", "access_logs.s3.prefix",
                         TEXT_INIT("access_logs.s3."), "AccessLog", ""},
    [LOG_KIND_CONNECTION] = {"connection_logs.s3.enabled", "connection_logs.s3.bucket",
                             "connection_logs.s3.prefix", TEXT_INIT("connection_logs.s3."),
                             "ConnectionLog", "conn_log_"},
    [LOG_KIND_HEALTH_CHECK] = {"health_check_logs.s3.enabled", "health_check_logs.s3.bucket",
                               "health_check_logs.s3.prefix", TEXT_INIT("health_check_logs.s3."),
                               "HealthCheckLog", "health_check_log_"},
};

bool balancer_log_is_on(const struct attribute_set *set, enum log_kind kind)
{
    return attribute_is_true(set, logs[kind].enabled);
}

/* {prefix/}AWSLogs/{account}/; .at is NULL when the arena is full. */
static struct text folder_of(struct turn *turn, const struct attribute_set *set, enum log_kind kind)
{
    const struct text prefix = attribute_value(set, logs[kind].prefix);
    const bool is_ended = text_is_empty(prefix) || text_ends(prefix, TEXT("/"));

    return arena_printf(turn->arena, "%.*s%sAWSLogs/%.*s/", TEXT_ARG(prefix), is_ended ? "" : "/",
                        TEXT_ARG(turn->config->account));
}

/* ---- turning it on ------------------------------------------------------------------------ */

static bool touches(const struct attribute *changes, size_t count, enum log_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        if (text_starts(changes[i].key, logs[kind].keys)) {
            return true;
        }
    }
    return false;
}

static enum rc prove(struct turn *turn, const struct attribute_set *set, enum log_kind kind)
{
    const struct text bucket = attribute_value(set, logs[kind].bucket);
    const struct text folder = folder_of(turn, set, kind);
    const struct text key =
        arena_printf(turn->arena, "%.*sELB%sTestFile", TEXT_ARG(folder), logs[kind].name);
    char now[TIMESTAMP_BYTES];

    if (!folder.at || !key.at) {
        return RC_LIMIT;
    }
    timestamp_write(turn->now_unix_ms, now);
    const struct text words =
        arena_printf(turn->arena, "Enable %s for ELB at %s\n", logs[kind].name, now);
    if (!turn->config->buckets ||
        bucket_write(turn->config->buckets, bucket, key, words) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Access Denied for bucket: %.*s. Please check S3bucket permission",
                      TEXT_ARG(bucket));
    }
    return RC_OK;
}

enum rc balancer_log_prove(struct turn *turn, const struct attribute_set *set,
                           const struct attribute *changes, size_t count)
{
    for (int kind = 0; kind < LOG_KIND_COUNT; kind++) {
        if (touches(changes, count, (enum log_kind)kind) &&
            balancer_log_is_on(set, (enum log_kind)kind)) {
            TRY(prove(turn, set, (enum log_kind)kind));
        }
    }
    return RC_OK;
}

/* ---- objects ------------------------------------------------------------------------------ */

/* "app/name/hex" is the end of the ARN. */
static enum rc find_row(struct turn *turn, struct text balancer_id, struct balancer_row *out)
{
    return balancer_row_get(
        turn->store, turn->arena,
        arn_of(turn, "elasticloadbalancing", "loadbalancer/%.*s", TEXT_ARG(balancer_id)), out);
}

static enum rc find_address(struct turn *turn, const struct balancer_row *row, struct text zone,
                            struct text *out)
{
    struct balancer_zone_rows zones;

    TRY(balancer_zone_row_list(turn->store, turn->arena, row->arn, &zones));
    for (size_t i = 0; i < zones.count; i++) {
        if (text_eq(zones.at[i].zone, zone)) {
            *out = zones.at[i].address;
            return RC_OK;
        }
    }
    return RC_ABSENT;
}

/* "app/name/hex": "app.name.hex". */
static struct text dotted(struct turn *turn, struct text id)
{
    const struct text copy = arena_text(turn->arena, id);

    for (size_t i = 0; copy.at && i < copy.len; i++) {
        if (copy.at[i] == '/') {
            ((char *)(uintptr_t)copy.at)[i] = '.';
        }
    }
    return copy;
}

/* Eight letters and digits. */
static void print_random(char out[9])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t number = id_number() * 36 + id_number();

    for (int i = 0; i < 8; i++) {
        out[i] = digits[number % 36];
        number /= 36;
    }
    out[8] = '\0';
}

/* AWS ALB, "Access log files": bucket[/prefix]/AWSLogs/account/elasticloadbalancing/region/
 * yyyy/mm/dd/account_elasticloadbalancing_region_app.name.id_end-time_ip-address_random.log.gz */
static struct text object_key(struct turn *turn, const struct attribute_set *set,
                              enum log_kind kind, struct text id, struct text address,
                              int64_t end_unix_ms)
{
    const struct control_config *config = turn->config;
    char end[TIMESTAMP_BYTES];
    char random[9];

    timestamp_write_basic(end_unix_ms, end);
    print_random(random);
    return arena_printf(
        turn->arena,
        "%.*selasticloadbalancing/%.*s/%.4s/%.2s/%.2s/%s%.*s_elasticloadbalancing_%.*s_%.*s_"
        "%.13sZ_%.*s_%s.log.gz",
        TEXT_ARG(folder_of(turn, set, kind)), TEXT_ARG(config->region), end, end + 4, end + 6,
        logs[kind].object_prefix, TEXT_ARG(config->account), TEXT_ARG(config->region),
        TEXT_ARG(dotted(turn, id)), end, TEXT_ARG(address), random);
}

enum rc balancer_log_find(struct turn *turn, enum log_kind kind, struct text balancer_id,
                          struct text zone, int64_t end_unix_ms, struct balancer_log_place *out)
{
    struct balancer_log_place place;
    struct attribute_set set;
    struct balancer_row row;
    struct text address;

    TRY(find_row(turn, balancer_id, &row));
    TRY(find_address(turn, &row, zone, &address));
    TRY(balancer_attributes(turn, row.arn, &set));
    if (!balancer_log_is_on(&set, kind)) {
        return RC_ABSENT;
    }
    place.bucket = attribute_value(&set, logs[kind].bucket);
    place.key = object_key(turn, &set, kind, row.id, address, end_unix_ms);
    if (!place.key.at) {
        return RC_LIMIT;
    }
    *out = place;
    return RC_OK;
}
