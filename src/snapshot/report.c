/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/report.h"

#include "base/limits.h"
#include "codec/record.h"

enum {
    ITEMS_MAX = 1000 * 1000,
    STATUS_MAX = 999,
};

static const char *const state_words[] = {"initial",  "healthy",     "unhealthy", "unused",
                                          "draining", "unavailable", NULL};
static const char *const reason_words[] = {
#define X(id, code, description) code,
    TARGET_REASONS(X)
#undef X
        NULL};

static const struct record_member target_members[] = {
    {"group_arn", RECORD_TEXT, AT(struct report_target, group_arn), .is_required = true},
    {"id", RECORD_TEXT, AT(struct report_target, id), .is_required = true},
    {"port", RECORD_NUMBER, AT(struct report_target, port), .min = 1, .max = 65535,
     .is_required = true},
    {"state", RECORD_WORD, AT(struct report_target, state), .words = state_words,
     .is_required = true},
    {"reason", RECORD_WORD, AT(struct report_target, reason), .words = reason_words},
    {"detail", RECORD_NUMBER, AT(struct report_target, detail), .min = 0, .max = STATUS_MAX},
    {"since_unix_ms", RECORD_NUMBER, AT(struct report_target, since_unix_ms), .min = 0,
     .max = INT64_MAX},
};
static const struct record target_record = RECORD(struct report_target, target_members, NULL);
static const struct record_member target_element = {.kind = RECORD_STRUCT,
                                                    .record = &target_record};

static const struct record_member counter_members[] = {
    {"metric", RECORD_STRING, AT(struct report_counter, metric), .is_required = true},
    {"balancer_id", RECORD_TEXT, AT(struct report_counter, balancer_id)},
    {"group_id", RECORD_TEXT, AT(struct report_counter, group_id)},
    {"value", RECORD_NUMBER, AT(struct report_counter, value), .min = 0, .max = INT64_MAX,
     .is_required = true},
};
static const struct record counter_record = RECORD(struct report_counter, counter_members, NULL);
static const struct record_member counter_element = {.kind = RECORD_STRUCT,
                                                     .record = &counter_record};

static const struct record_member listener_members[] = {
    {"arn", RECORD_TEXT, AT(struct report_listener, arn), .is_required = true},
    {"trouble", RECORD_TEXT, AT(struct report_listener, trouble), .is_required = true},
};
static const struct record listener_record = RECORD(struct report_listener, listener_members, NULL);
static const struct record_member listener_element = {.kind = RECORD_STRUCT,
                                                      .record = &listener_record};

static const struct record_member report_members[] = {
    {"zone", RECORD_TEXT, AT(struct report, zone)},
    {"boot_id", RECORD_TEXT, AT(struct report, boot_id)},
    {"revision", RECORD_NUMBER, AT(struct report, revision), .min = 0, .max = INT64_MAX},
    {"rejected", RECORD_TEXT, AT(struct report, rejected)},
    {"targets", RECORD_LIST,
     LIST_AT(struct report, targets, target_count, &target_element, ITEMS_MAX)},
    {"counters", RECORD_LIST,
     LIST_AT(struct report, counters, counter_count, &counter_element, ITEMS_MAX)},
    {"listeners", RECORD_LIST,
     LIST_AT(struct report, listeners, listener_count, &listener_element, ITEMS_MAX)},
};
static const struct record report_record = RECORD(struct report, report_members, NULL);

void report_encode(const struct report *report, struct buf *out)
{
    record_write(&report_record, report, out);
}

enum rc report_decode(struct text json, struct arena *arena, struct report *out)
{
    char why[256]; /* a node that sends nonsense is our own mistake: the code is enough */
    struct report report = {0};
    struct record_reader reader = {.arena = arena, .why = why, .why_size = sizeof(why)};

    if (json.len > LIMIT_REPORT_BYTES) {
        return RC_LIMIT;
    }
    TRY(record_read(&reader, &report_record, json, &report));
    *out = report;
    return RC_OK;
}
