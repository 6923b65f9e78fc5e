/* SPDX-License-Identifier: Apache-2.0 */
/* conversation: DNS over one TCP connection: queries in, answers out, in order, each behind its
 * length in two bytes. Who does not complete a query within LIMIT_DNS_QUERY_MS is let go.
 *
 * Owner    it frees itself when the connection ends, after telling `gone`.
 * Thread   the loop's.
 * Sources  RFC 1035 §4.2.2, RFC 7766 §6. */
#pragma once
#include "base/limits.h"
#include "dns/answer.h"
#include "net/stream.h"

/* Answers one query: RC_OK and *len, or anything else: end the conversation. */
typedef enum rc conversation_answer_fn(void *arg, struct text query, char out[ANSWER_BYTES_MAX],
                                       size_t *len);
typedef void conversation_gone_fn(void *arg);

enum { CONVERSATION_PREFIX_BYTES = 2 };

struct conversation {
    struct list link; /* in its owner's list */
    struct stream *stream;
    struct loop_timer timer;
    struct loop_task more; /* goes on in the next turn */
    conversation_answer_fn *answer;
    conversation_gone_fn *gone;
    void *arg;
    size_t in_len;
    size_t out_len;
    size_t out_sent;
    char in[CONVERSATION_PREFIX_BYTES + LIMIT_DATAGRAM_BYTES];
    char out[CONVERSATION_PREFIX_BYTES + ANSWER_BYTES_MAX];
};

/* Takes stream; joins `list`; may end before it returns. */
void conversation_start(struct stream *stream, struct list *list, conversation_answer_fn *answer,
                        conversation_gone_fn *gone, void *arg);
/* Takes it. */
void conversation_close(struct conversation *it);
