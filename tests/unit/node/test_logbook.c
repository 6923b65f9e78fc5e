/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/limits.h"
#include "base/mem.h"
#include "node/logbook.h"

struct stage {
    struct loop *loop; /* the worker's and the main one */
    struct log_queue *queue;
    struct logbook book;
    struct buf taken;
    size_t takes;
    enum rc answer; /* of who takes */
};

static enum rc take(void *arg, struct text pages)
{
    struct stage *stage = arg;

    if (stage->answer == RC_OK) {
        stage->takes++;
        buf_add(&stage->taken, pages);
    }
    return stage->answer;
}

static struct stage *stage_new(void)
{
    struct stage *stage = MEM_NEW(struct stage);

    stage->loop = loop_new();
    stage->queue = log_queue_new(stage->loop, 1, take, stage);
    logbook_init(&stage->book, stage->loop, stage->queue, 0, NULL);
    buf_init(&stage->taken, 64 << 20);
    return stage;
}

static void stage_free(struct stage *stage)
{
    logbook_done(&stage->book);
    loop_turn(stage->loop, 0);
    log_queue_free(stage->queue);
    loop_free(stage->loop);
    buf_done(&stage->taken);
    mem_give(stage);
}

static bool write_line(struct stage *stage, enum log_kind kind, const char *id, struct text line)
{
    struct buf *out = logbook_begin(&stage->book, kind, text_of(id));

    if (out) {
        buf_add(out, line);
        logbook_end(&stage->book);
    }
    return out != NULL;
}

static void wait_until_taken(struct stage *stage)
{
    const int64_t end_ms = loop_now_ms(stage->loop) + 10 * LIMIT_LOG_DELAY_MS;

    while (stage->takes == 0 && loop_now_ms(stage->loop) < end_ms) {
        loop_turn(stage->loop, LIMIT_LOG_DELAY_MS);
    }
}

TEST(logbook, puts_lines_of_the_same_log_on_one_page_and_sends_them_after_a_moment)
{
    struct stage *stage = stage_new();

    assert_true(write_line(stage, LOG_KIND_ACCESS, "app/a/1", TEXT("one\n")));
    assert_true(write_line(stage, LOG_KIND_ACCESS, "app/a/1", TEXT("two\n")));
    assert_true(write_line(stage, LOG_KIND_CONNECTION, "app/a/1", TEXT("three\n")));
    assert_true(write_line(stage, LOG_KIND_CONNECTION, "app/b/1", TEXT("four\n")));
    assert_int_equal(log_queue_held(stage->queue), stage->book.pages.len);
    assert_int_equal(stage->takes, 0);
    wait_until_taken(stage);
    assert_int_equal(stage->takes, 1);
    assert_text_equal(buf_text(&stage->taken),
                      TEXT("#access app/a/1\none\ntwo\n#connection app/a/1\nthree\n"
                           "#connection app/b/1\nfour\n"));
    assert_int_equal(log_queue_held(stage->queue), 0);
    stage_free(stage);
}

TEST(logbook, sends_many_lines_at_once)
{
    struct stage *stage = stage_new();
    char line[1024];

    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    for (size_t i = 0; i < LIMIT_LOG_MAIL_BYTES / sizeof(line); i++) {
        assert_true(
            write_line(stage, LOG_KIND_ACCESS, "app/a/1", (struct text){line, sizeof(line)}));
    }
    loop_turn(stage->loop, 0);
    assert_int_equal(stage->takes, 1);
    stage_free(stage);
}

TEST(logbook, drops_what_is_beyond_its_limit_until_somebody_takes_lines_again)
{
    struct stage *stage = stage_new();
    char line[1024];
    size_t written = 0;

    memset(line, 'x', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    stage->answer = RC_AGAIN;
    while (write_line(stage, LOG_KIND_ACCESS, "app/a/1", (struct text){line, sizeof(line)})) {
        written++;
        loop_turn(stage->loop, 0);
        assert_true(written < 10 * LIMIT_LOG_HELD_BYTES / sizeof(line));
    }
    assert_true(written * sizeof(line) < LIMIT_LOG_HELD_BYTES + sizeof(line));
    assert_false(write_line(stage, LOG_KIND_ACCESS, "app/a/1", TEXT("short\n")));
    stage->answer = RC_OK;
    log_queue_offer(stage->queue);
    assert_true(stage->takes > 0);
    assert_true(write_line(stage, LOG_KIND_ACCESS, "app/a/1", TEXT("short\n")));
    stage_free(stage);
}

TEST(logbook, drops_a_line_that_is_too_long_and_nothing_else)
{
    struct stage *stage = stage_new();
    char *line = mem_take(LIMIT_LOG_MAIL_BYTES + LIMIT_LOG_LINE_BYTES);

    memset(line, 'x', LIMIT_LOG_MAIL_BYTES + LIMIT_LOG_LINE_BYTES);
    assert_true(write_line(stage, LOG_KIND_ACCESS, "app/a/1", TEXT("one\n")));
    assert_true(write_line(stage, LOG_KIND_ACCESS, "app/a/1",
                           (struct text){line, LIMIT_LOG_MAIL_BYTES + LIMIT_LOG_LINE_BYTES}));
    assert_true(write_line(stage, LOG_KIND_ACCESS, "app/a/1", TEXT("two\n")));
    wait_until_taken(stage);
    assert_text_equal(buf_text(&stage->taken),
                      TEXT("#access app/a/1\none\n#access app/a/1\ntwo\n"));
    assert_int_equal(log_queue_held(stage->queue), 0);
    mem_give(line);
    stage_free(stage);
}

TESTS({
    CASE(logbook__puts_lines_of_the_same_log_on_one_page_and_sends_them_after_a_moment),
    CASE(logbook__sends_many_lines_at_once),
    CASE(logbook__drops_what_is_beyond_its_limit_until_somebody_takes_lines_again),
    CASE(logbook__drops_a_line_that_is_too_long_and_nothing_else),
})
