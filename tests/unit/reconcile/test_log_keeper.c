/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of the lines that nodes send, on a store in memory and buckets in a folder. */
#include "elb_world.h"

#include "base/limits.h"
#include "base/mem.h"
#include "bucket/bucket.h"
#include "reconcile/log_keeper.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

enum { INTERVAL_MS = 3600 * 1000, OUT_BYTES = 32 << 20 };

struct stage {
    struct world world;
    struct loop *loop;
    struct buckets *buckets;
    struct log_keeper *keeper;
    struct balancer balancer;
    char folder[64];
};

/* nftw hands nothing on: what was found last. */
static char found_paths[8][512];
static size_t found_count;

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    return remove(path);
}

static int find_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    const size_t len = strlen(path);

    if (kind == FTW_F && len > 7 && strcmp(path + len - 7, ".log.gz") == 0) {
        assert_true(found_count < ARRAY_LEN(found_paths));
        (void)snprintf(found_paths[found_count++], sizeof(found_paths[0]), "%s", path);
    }
    return 0;
}

static size_t find_objects(const struct stage *stage)
{
    found_count = 0;
    assert_int_equal(nftw(stage->folder, find_one, 16, FTW_PHYS), 0);
    return found_count;
}

static void set(struct stage *stage, const char *key, const char *value)
{
    const struct attribute change = {text_of(key), text_of(value)};
    struct attribute_set all;

    assert_int_equal(
        balancer_set_attributes(&stage->world.turn, stage->balancer.row.arn, &change, 1, &all),
        RC_OK);
}

static void begin(struct stage *stage)
{
    struct world *world = &stage->world;

    assert_int_equal(turn_begin(&world->turn, world->control, world->arena,
                                loop_unix_ms(stage->loop), STORE_WRITE),
                     RC_OK);
}

static void stage_open(struct stage *stage)
{
    *stage = (struct stage){.world = world_new(), .loop = loop_new()};
    (void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/openalb-logs-XXXXXX");
    assert_non_null(mkdtemp(stage->folder));
    assert_int_equal(buckets_open(stage->folder, &stage->buckets), RC_OK);
    assert_int_equal(bucket_make(stage->buckets, TEXT("logs")), RC_OK);
    stage->world.control->config.buckets = stage->buckets;
    begin(stage);
    stage->balancer = elb_balancer(&stage->world, "web");
    set(stage, "access_logs.s3.bucket", "logs");
    set(stage, "access_logs.s3.enabled", "true");
    assert_int_equal(turn_end(&stage->world.turn, RC_OK), RC_OK);
    stage->keeper = log_keeper_new(stage->loop, stage->world.control, INTERVAL_MS, NULL);
}

static void stage_close(struct stage *stage)
{
    log_keeper_free(stage->keeper);
    buckets_free(stage->buckets);
    loop_free(stage->loop);
    control_free(stage->world.control);
    store_free(stage->world.store);
    assert_int_equal(nftw(stage->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    arena_free(stage->world.arena);
}

static enum rc take(struct stage *stage, const char *zone, const char *word, struct text id,
                    struct text lines)
{
    struct buf pages;

    buf_init(&pages, OUT_BYTES);
    buf_printf(&pages, "#%s %.*s\n", word, TEXT_ARG(id));
    buf_add(&pages, lines);
    const enum rc rc = log_keeper_take(stage->keeper, text_of(zone), buf_text(&pages));
    buf_done(&pages);
    return rc;
}

/* The lines of an object; to be given back. */
static struct text content_of(const char *path)
{
    char *out = mem_take(OUT_BYTES);
    const gzFile file = gzopen(path, "rb");

    assert_non_null(file);
    const int len = gzread(file, out, OUT_BYTES);
    assert_true(len >= 0);
    assert_int_equal(gzclose(file), Z_OK);
    return (struct text){out, (size_t)len};
}

static void expect_content(const char *path, struct text expected)
{
    const struct text content = content_of(path);

    assert_text_equal(content, expected);
    mem_give((void *)(uintptr_t)content.at);
}

TEST(log_keeper, writes_one_object_a_zone_with_all_its_lines)
{
    struct stage stage;

    stage_open(&stage);
    const struct text id = stage.balancer.row.id;
    assert_int_equal(take(&stage, "us-east-1a", "access", id, TEXT("one\n")), RC_OK);
    assert_int_equal(take(&stage, "us-east-1b", "access", id, TEXT("other\n")), RC_OK);
    assert_int_equal(take(&stage, "us-east-1a", "access", id, TEXT("two\n")), RC_OK);
    assert_int_equal(find_objects(&stage), 0);
    log_keeper_flush(stage.keeper);
    assert_int_equal(find_objects(&stage), 2);
    const size_t a = strstr(found_paths[0], stage.balancer.zones.at[0].address.at) ? 0 : 1;
    expect_content(found_paths[a], TEXT("one\ntwo\n"));
    expect_content(found_paths[1 - a], TEXT("other\n"));
    log_keeper_flush(stage.keeper);
    assert_int_equal(find_objects(&stage), 2);
    stage_close(&stage);
}

TEST(log_keeper, believes_no_node_what_the_model_does_not_say)
{
    static const struct {
        const char *zone, *word, *id;
    } lies[] = {
        {"us-east-1c", "access", NULL},       /* it is not there */
        {"us-east-1a", "connection", NULL},   /* that log is off */
        {"us-east-1a", "access", "app/no/1"}, /* nobody has this name */
        {"us-east-1a", "access", "../../up"},
    };
    struct stage stage;

    stage_open(&stage);
    for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
        const struct text id = lies[i].id ? text_of(lies[i].id) : stage.balancer.row.id;
        assert_int_equal(take(&stage, lies[i].zone, lies[i].word, id, TEXT("line\n")), RC_OK);
    }
    log_keeper_flush(stage.keeper);
    assert_int_equal(find_objects(&stage), 0);
    assert_int_equal(take(&stage, "us-east-1a", "other", TEXT("app/a/1"), TEXT("line\n")), RC_BAD);
    assert_int_equal(log_keeper_take(stage.keeper, TEXT("us-east-1a"), TEXT("line\n")), RC_BAD);
    stage_close(&stage);
}

TEST(log_keeper, looks_up_so_many_strangers_of_a_frame_only)
{
    struct stage stage;
    struct buf pages;

    stage_open(&stage);
    buf_init(&pages, OUT_BYTES);
    for (int i = 0; i < 20000; i++) {
        buf_printf(&pages, "#access app/stranger/%d\nline\n", i);
    }
    buf_printf(&pages, "#access %.*s\nlate\n", TEXT_ARG(stage.balancer.row.id));
    assert_int_equal(log_keeper_take(stage.keeper, TEXT("us-east-1a"), buf_text(&pages)), RC_OK);
    log_keeper_flush(stage.keeper);
    assert_int_equal(find_objects(&stage), 0);
    buf_done(&pages);
    assert_int_equal(take(&stage, "us-east-1a", "access", stage.balancer.row.id, TEXT("one\n")),
                     RC_OK);
    log_keeper_flush(stage.keeper);
    assert_int_equal(find_objects(&stage), 1);
    stage_close(&stage);
}

TEST(log_keeper, writes_early_when_much_comes_and_at_its_end)
{
    enum { LINES_BYTES = 1 << 20 };
    char *lines = mem_take(LINES_BYTES);
    struct stage stage;
    uint32_t state = 1;
    size_t taken = 0;

    stage_open(&stage);
    while (find_objects(&stage) == 0) {
        for (size_t i = 0; i < LINES_BYTES; i++) { /* no two lines alike, so that they stay long */
            state = state * 1664525 + 1013904223;
            lines[i] = i % 100 == 99 ? '\n' : (char)('!' + state / 7919 % 90);
        }
        lines[0] = 'x';
        lines[LINES_BYTES - 1] = '\n';
        for (size_t i = 1; i < LINES_BYTES; i++) {
            lines[i] = lines[i - 1] == '\n' ? 'x' : lines[i];
        }
        assert_int_equal(take(&stage, "us-east-1a", "access", stage.balancer.row.id,
                              (struct text){lines, LINES_BYTES}),
                         RC_OK);
        taken += LINES_BYTES;
        assert_true(taken < OUT_BYTES);
    }
    const struct text content = content_of(found_paths[0]);
    assert_int_equal(content.len, taken);
    mem_give((void *)(uintptr_t)content.at);
    assert_int_equal(
        take(&stage, "us-east-1a", "access", stage.balancer.row.id, TEXT("the last\n")), RC_OK);
    log_keeper_free(MOVE(stage.keeper));
    assert_int_equal(find_objects(&stage), 2);
    mem_give(lines);
    stage_close(&stage);
}

TESTS({
    CASE(log_keeper__looks_up_so_many_strangers_of_a_frame_only),
    CASE(log_keeper__writes_one_object_a_zone_with_all_its_lines),
    CASE(log_keeper__believes_no_node_what_the_model_does_not_say),
    CASE(log_keeper__writes_early_when_much_comes_and_at_its_end),
})
