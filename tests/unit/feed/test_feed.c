/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends over a real Unix socket, in one loop. */
#include "feed/follow.h"
#include "feed/server.h"

#include "base/limits.h"
#include "base/mem.h"

#include "test.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TURNS_MAX = 2000, LARGE = 4 * 1024 * 1024, LINES = LIMIT_FEED_LINES_BYTES };

struct stage {
    struct loop *loop;
    struct feed_server *server;
    struct follow *follow;
    struct sockaddr_un address;
    struct feed_server_user server_user;
    struct follow_user follow_user;
    struct buf seen;     /* what happened, in words */
    struct text to_seed; /* sent at joining */
    enum rc report_rc;
    char next_line; /* the first byte of the next page of lines; 0: none are sent */
    char *page;     /* own */
};

static int unix_socket(void)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    return fd;
}

/* Abstract: nothing is left behind in the file system. */
static void name_stage(struct stage *stage)
{
    stage->address.sun_family = AF_UNIX;
    (void)snprintf(stage->address.sun_path + 1, sizeof(stage->address.sun_path) - 1,
                   "openalb-test-feed-%d-%p", getpid(), (void *)stage);
}

static void joined(void *arg, struct feed_peer *peer)
{
    struct stage *stage = arg;

    buf_printf(&stage->seen, "joined %.*s %.*s;", TEXT_ARG(feed_peer_role(peer)),
               TEXT_ARG(feed_peer_zone(peer)));
    if (stage->to_seed.at) {
        feed_peer_send(peer, FEED_SEED, stage->to_seed);
    }
}

static enum rc reported(void *arg, struct feed_peer *peer, struct text report)
{
    struct stage *stage = arg;

    buf_printf(&stage->seen, "report %.*s;", TEXT_ARG(report));
    return stage->report_rc;
}

static enum rc logged(void *arg, struct feed_peer *peer, struct text pages)
{
    struct stage *stage = arg;

    buf_printf(&stage->seen, "lines %zu %c;", pages.len, pages.at[0]);
    return RC_OK;
}

static void left(void *arg, struct feed_peer *peer)
{
    buf_printf(&((struct stage *)arg)->seen, "left;");
}

static enum rc dial(void *arg, int *out)
{
    const struct stage *stage = arg;
    const int fd = unix_socket();

    if (connect(fd, (const struct sockaddr *)&stage->address, sizeof(stage->address)) != 0) {
        (void)close(fd);
        return RC_IO;
    }
    *out = fd;
    return RC_OK;
}

static void follow_joined(void *arg)
{
    buf_printf(&((struct stage *)arg)->seen, "up;");
}

static void received(void *arg, enum feed_kind kind, struct text payload)
{
    buf_printf(&((struct stage *)arg)->seen, "%s %zu %c;", kind == FEED_SEED ? "seed" : "snapshot",
               payload.len, payload.at[0]);
}

/* Goes on with the lines that did not find room before. */
static void flushed(void *arg)
{
    struct stage *stage = arg;

    if (stage->next_line && stage->next_line <= 'h') {
        const struct text page = {stage->page, LINES};

        stage->page[0] = stage->next_line;
        if (follow_lines(stage->follow, page) == RC_OK) {
            stage->next_line++;
        }
    }
}

static void lost(void *arg)
{
    buf_printf(&((struct stage *)arg)->seen, "lost;");
}

static void open_server(struct stage *stage)
{
    const int fd = unix_socket();

    assert_int_equal(bind(fd, (const struct sockaddr *)&stage->address, sizeof(stage->address)), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(feed_server_new(stage->loop, fd, &stage->server_user, &stage->server), RC_OK);
}

static void open_stage(struct stage *stage)
{
    *stage = (struct stage){
        .loop = loop_new(),
        .server_user =
            {.joined = joined, .reported = reported, .logged = logged, .left = left, .arg = stage},
        .follow_user = {.dial = dial,
                        .joined = follow_joined,
                        .received = received,
                        .flushed = flushed,
                        .lost = lost,
                        .arg = stage},
    };
    buf_init(&stage->seen, 1 << 20);
    name_stage(stage);
}

static void open_follow(struct stage *stage)
{
    const struct hello hello = {.role = TEXT("node"), .zone = TEXT("a")};

    stage->follow = follow_new(stage->loop, &hello, &stage->follow_user);
}

static void close_stage(struct stage *stage)
{
    follow_free(stage->follow);
    feed_server_free(stage->server);
    mem_give(stage->page);
    loop_free(stage->loop);
    buf_done(&stage->seen);
}

/* Turns until the word was seen. */
static void expect(struct stage *stage, const char *word)
{
    for (int turn = 0; turn < TURNS_MAX; turn++) {
        if (stage->seen.len && memmem(stage->seen.at, stage->seen.len, word, strlen(word))) {
            return;
        }
        loop_turn(stage->loop, 5);
    }
    print_error("never saw \"%s\" in \"%.*s\"\n", word, TEXT_ARG(buf_text(&stage->seen)));
    fail();
}

static void settle(struct stage *stage)
{
    for (int turn = 0; turn < 20; turn++) {
        loop_turn(stage->loop, 1);
    }
}

TEST(feed_server, seeds_a_peer_and_then_sends_the_newest_snapshot)
{
    struct stage stage;

    open_stage(&stage);
    open_server(&stage);
    stage.to_seed = TEXT("S");
    feed_server_publish(stage.server, TEXT(""), TEXT("1"));
    feed_server_publish(stage.server, TEXT(""), TEXT("2"));
    open_follow(&stage);
    expect(&stage, "snapshot");
    assert_text_equal(buf_text(&stage.seen), TEXT("up;joined node a;seed 1 S;snapshot 1 2;"));
    assert_int_equal(feed_server_peers(stage.server), 1);
    feed_server_publish(stage.server, TEXT(""), TEXT("3"));
    expect(&stage, "snapshot 1 3;");
    close_stage(&stage);
}

TEST(feed_server, a_role_may_have_a_snapshot_of_its_own)
{
    struct stage stage;

    open_stage(&stage);
    open_server(&stage);
    feed_server_publish(stage.server, TEXT("node"), TEXT("N"));
    feed_server_publish(stage.server, TEXT(""), TEXT("A"));
    open_follow(&stage);
    expect(&stage, "snapshot");
    feed_server_publish(stage.server, TEXT("dns"), TEXT("D"));
    feed_server_publish(stage.server, TEXT(""), TEXT("B"));
    settle(&stage);
    assert_text_equal(buf_text(&stage.seen), TEXT("up;joined node a;snapshot 1 N;"));
    feed_server_publish(stage.server, TEXT("node"), TEXT("O"));
    expect(&stage, "snapshot 1 O;");
    close_stage(&stage);
}

TEST(feed_server, a_slow_peer_skips_what_was_replaced)
{
    char *large = mem_take(LARGE);
    struct stage stage;

    open_stage(&stage);
    open_server(&stage);
    open_follow(&stage);
    expect(&stage, "joined");
    for (char name = '1'; name <= '9'; name++) {
        large[0] = name;
        feed_server_publish(stage.server, TEXT(""), (struct text){large, LARGE});
        if (name == '1') {
            loop_turn(stage.loop, 0); /* its first bytes leave; the socket is full */
        }
    }
    expect(&stage, "9;");
    assert_text_equal(buf_text(&stage.seen),
                      TEXT("up;joined node a;snapshot 4194304 1;snapshot 4194304 9;"));
    mem_give(large);
    close_stage(&stage);
}

TEST(follow, comes_back_when_control_does)
{
    struct stage stage;

    open_stage(&stage);
    open_follow(&stage);
    settle(&stage);
    assert_false(follow_is_joined(stage.follow));
    open_server(&stage);
    expect(&stage, "joined");
    follow_report(stage.follow, TEXT("R"));
    expect(&stage, "report R;");

    feed_server_free(MOVE(stage.server));
    expect(&stage, "lost;");
    follow_report(stage.follow, TEXT("nobody hears this"));
    buf_clear(&stage.seen);
    open_server(&stage);
    feed_server_publish(stage.server, TEXT(""), TEXT("1"));
    expect(&stage, "snapshot 1 1;");
    assert_text_equal(buf_text(&stage.seen), TEXT("up;joined node a;snapshot 1 1;"));
    close_stage(&stage);
}

TEST(follow, sends_only_the_newest_report)
{
    struct stage stage;

    open_stage(&stage);
    open_server(&stage);
    open_follow(&stage);
    expect(&stage, "joined");
    follow_report(stage.follow, TEXT("1"));
    follow_report(stage.follow, TEXT("2"));
    expect(&stage, "report");
    settle(&stage);
    assert_text_equal(buf_text(&stage.seen), TEXT("up;joined node a;report 2;"));
    close_stage(&stage);
}

TEST(feed_server, drops_a_peer_whose_report_makes_no_sense)
{
    struct stage stage;

    open_stage(&stage);
    open_server(&stage);
    stage.report_rc = RC_BAD;
    open_follow(&stage);
    expect(&stage, "joined");
    follow_report(stage.follow, TEXT("x"));
    expect(&stage, "left;");
    expect(&stage, "lost;");
    assert_int_equal(feed_server_peers(stage.server), 0);
    close_stage(&stage);
}

/* What a stranger sends, and that the server then closes. */
static void assert_dropped(struct text bytes)
{
    struct stage stage;
    char byte;
    int fd = -1;

    open_stage(&stage);
    open_server(&stage);
    assert_int_equal(dial(&stage, &fd), RC_OK);
    assert_int_equal(send(fd, bytes.at, bytes.len, 0), bytes.len);
    settle(&stage);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    assert_int_equal(feed_server_peers(stage.server), 0);
    (void)close(fd);
    close_stage(&stage);
}

TEST(feed_server, drops_peers_that_break_the_rules)
{
    assert_dropped(TEXT("\0\0\0\1\3x"));  /* a report before hello */
    assert_dropped(TEXT("\0\0\0\1\2x"));  /* a snapshot, upwards */
    assert_dropped(TEXT("\0\0\0\2\0{}")); /* a hello without a role */
    assert_dropped(TEXT("\x7f\0\0\0\0")); /* a hello without end */
    assert_dropped(TEXT("\0\0\0\x0c\0{\"role\":\"x\"}\0\0\0\x0c\0{\"role\":\"x\"}")); /* twice */
}

TEST(feed_server, has_a_place_for_so_many_only)
{
    struct stage stage;
    int fds[LIMIT_FEED_PEERS + 1];
    char byte;

    open_stage(&stage);
    open_server(&stage);
    for (int i = 0; i <= LIMIT_FEED_PEERS; i++) {
        assert_int_equal(dial(&stage, &fds[i]), RC_OK);
        loop_turn(stage.loop, 5);
    }
    settle(&stage);
    assert_int_equal(recv(fds[LIMIT_FEED_PEERS], &byte, 1, 0), 0);
    assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), -1);
    for (int i = 0; i <= LIMIT_FEED_PEERS; i++) {
        (void)close(fds[i]);
    }
    close_stage(&stage);
}

TEST(follow, sends_lines_in_order_and_replaces_none)
{
    struct stage stage;

    open_stage(&stage);
    stage.page = mem_take(LINES);
    open_follow(&stage);
    assert_int_equal(follow_lines(stage.follow, TEXT("x")), RC_ABSENT);
    open_server(&stage);
    expect(&stage, "joined");
    stage.next_line = 'a';
    flushed(&stage);
    assert_false(follow_is_flushed(stage.follow));
    assert_int_equal(follow_lines(stage.follow, TEXT("x")), RC_AGAIN);
    follow_report(stage.follow, TEXT("r")); /* others go by */
    expect(&stage, "lines 1048576 h;");
    settle(&stage);
    assert_true(follow_is_flushed(stage.follow));
    assert_non_null(memmem(stage.seen.at, stage.seen.len, "report r;", 9));
    for (char c = 'a'; c < 'h'; c++) {
        char words[] = "lines 1048576 a;";

        words[14] = c;
        assert_non_null(memmem(stage.seen.at, stage.seen.len, words, sizeof(words) - 1));
    }
    close_stage(&stage);
}

TESTS({
    CASE(feed_server__seeds_a_peer_and_then_sends_the_newest_snapshot),
    CASE(feed_server__a_role_may_have_a_snapshot_of_its_own),
    CASE(feed_server__a_slow_peer_skips_what_was_replaced),
    CASE(follow__comes_back_when_control_does),
    CASE(follow__sends_only_the_newest_report),
    CASE(feed_server__drops_a_peer_whose_report_makes_no_sense),
    CASE(feed_server__drops_peers_that_break_the_rules),
    CASE(feed_server__has_a_place_for_so_many_only),
    CASE(follow__sends_lines_in_order_and_replaces_none),
})
