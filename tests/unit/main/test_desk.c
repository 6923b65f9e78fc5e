/* SPDX-License-Identifier: Apache-2.0 */
#include "main/desk.h"

#include "test.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
    int child;
    int supervisor;
};

static struct pair open_pair(void)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    return (struct pair){fds[0], fds[1]};
}

/* Answers one question: TCP with the end of a pipe, all else with RC_DENIED. */
static void *answer_one(void *arg)
{
    const struct pair *pair = arg;
    struct desk_question question;
    int ends[2];

    while (desk_take(pair->supervisor, &question) == RC_AGAIN) {
        (void)usleep(1000);
    }
    if (question.verb != DESK_TCP) {
        desk_answer(pair->supervisor, RC_DENIED, -1);
    } else if (pipe(ends) == 0) {
        const ssize_t put = write(ends[1], "x", 1);
        (void)put;
        desk_answer(pair->supervisor, RC_OK, ends[0]);
        (void)close(ends[0]);
        (void)close(ends[1]);
    }
    return NULL;
}

static enum rc ask(struct pair *pair, enum desk_verb verb, int *fd)
{
    const struct desk_question question = {.verb = verb, .ip = 1, .port = 2, .worker = 3};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, answer_one, pair), 0);
    const enum rc rc = desk_ask(pair->child, &question, fd);
    (void)pthread_join(thread, NULL);
    return rc;
}

TEST(desk, gives_a_descriptor_or_a_reason)
{
    struct pair pair = open_pair();
    char byte = 0;
    int fd = -1;

    assert_int_equal(ask(&pair, DESK_TCP, &fd), RC_OK);
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    (void)close(fd);
    assert_int_equal(ask(&pair, DESK_UDP, &fd), RC_DENIED);
    (void)close(pair.child);
    (void)close(pair.supervisor);
}

TEST(desk, tells_when_the_other_side_is_gone)
{
    const struct desk_question question = {.verb = DESK_READY};
    struct desk_question taken;
    struct pair pair = open_pair();

    (void)close(pair.supervisor);
    assert_int_equal(desk_ask(pair.child, &question, NULL), RC_IO);
    (void)close(pair.child);

    pair = open_pair();
    assert_int_equal(desk_take(pair.supervisor, &taken), RC_AGAIN);
    (void)close(pair.child);
    assert_int_equal(desk_take(pair.supervisor, &taken), RC_END);
    desk_answer(pair.supervisor, RC_OK, -1); /* nobody is there; no signal ends us */
    (void)close(pair.supervisor);
}

TEST(desk, refuses_what_is_no_question)
{
    struct pair pair = open_pair();
    struct desk_question question = {.verb = DESK_VERBS};

    assert_int_equal(send(pair.child, "hi", 2, 0), 2);
    assert_int_equal(desk_take(pair.supervisor, &question), RC_BAD);
    question.verb = DESK_VERBS;
    assert_int_equal(send(pair.child, &question, sizeof(question), 0), sizeof(question));
    assert_int_equal(desk_take(pair.supervisor, &question), RC_BAD);
    (void)close(pair.child);
    (void)close(pair.supervisor);
}

TEST(desk, carries_as_many_sources_as_are_counted)
{
    static struct desk_question asked;
    static struct desk_question taken;
    struct pair pair = open_pair();

    asked = (struct desk_question){.verb = DESK_ALLOW, .ip = 1, .source_count = 2};
    asked.sources[1] = (struct net_source){0x0a000000, 8};
    desk_answer(pair.supervisor, RC_OK, -1); /* waits for the question */
    assert_int_equal(desk_ask(pair.child, &asked, NULL), RC_OK);
    assert_int_equal(desk_take(pair.supervisor, &taken), RC_OK);
    assert_int_equal(taken.source_count, 2);
    assert_int_equal(taken.sources[1].network, 0x0a000000);
    assert_int_equal(taken.sources[1].prefix_len, 8);

    asked.source_count = LIMIT_INGRESS_SOURCES + 1; /* a lie about its length */
    assert_int_equal(send(pair.child, &asked, sizeof(asked), 0), sizeof(asked));
    assert_int_equal(desk_take(pair.supervisor, &taken), RC_BAD);
    (void)close(pair.child);
    (void)close(pair.supervisor);
}

TESTS({
    CASE(desk__carries_as_many_sources_as_are_counted),
    CASE(desk__gives_a_descriptor_or_a_reason),
    CASE(desk__tells_when_the_other_side_is_gone),
    CASE(desk__refuses_what_is_no_question),
})
