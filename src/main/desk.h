/* SPDX-License-Identifier: Apache-2.0 */
/* desk: how a child asks the supervisor for descriptors: one question and one answer at a time over
 * an inherited socket pair (SOCK_SEQPACKET), the descriptor beside the answer (SCM_RIGHTS).
 *
 * A child that reads the end of it knows that the supervisor is gone, and ends.
 *
 * Sources  unix(7), cmsg(3). */
#pragma once
#include "base/limits.h"
#include "net/listen.h"

enum desk_verb {
    DESK_TCP,      /* a listening socket of ip, port, worker; the same one as before a restart */
    DESK_UDP,      /* a bound datagram socket of ip, port */
    DESK_UNLISTEN, /* ip and port are not wanted any more, of all workers */
    DESK_API,      /* control: the listening socket of the APIs */
    DESK_FEED,     /* control: the listening socket of the feed */
    DESK_FOLLOW,   /* a connection to the feed */
    DESK_ALLOW,    /* only these sources may connect to ip and port; with desk_question.sources */
    DESK_READY,    /* I serve; what I did not ask for since my start, nobody wants */
    DESK_VERBS
};

struct desk_question {
    enum desk_verb verb;
    uint32_t ip; /* host order */
    uint16_t port;
    uint16_t worker;
    uint32_t source_count;
    struct net_source sources[LIMIT_INGRESS_SOURCES]; /* only those that count are sent */
};

/* Child: blocks until the answer, at most LIMIT_DESK_MS. The supervisor's result; RC_IO when it is
 * gone. *fd is given for verbs that have one; else NULL. */
MUST_USE enum rc desk_ask(int desk_fd, const struct desk_question *question, int *fd);

/* Supervisor: a question that waits. RC_AGAIN: none. RC_END: the child is gone. RC_BAD. */
MUST_USE enum rc desk_take(int desk_fd, struct desk_question *out);
/* `fd` is borrowed; -1: none. A child that does not listen is not waited for. */
void desk_answer(int desk_fd, enum rc rc, int fd);
