/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/conversation.h"

#include "base/mem.h"

void conversation_close(struct conversation *it)
{
    loop_timer_cancel(it->stream->loop, &it->timer);
    loop_task_cancel(it->stream->loop, &it->more);
    list_remove(&it->link);
    stream_close(it->stream);
    it->gone(it->arg);
    mem_give(it);
}

static void expect_query(struct conversation *it)
{
    struct loop *loop = it->stream->loop;

    loop_timer_set(loop, &it->timer, loop_now_ms(loop) + LIMIT_DNS_QUERY_MS);
}

static enum rc flush(struct conversation *it)
{
    while (it->out_sent < it->out_len) {
        const struct iovec rest = {it->out + it->out_sent, it->out_len - it->out_sent};
        size_t len;

        TRY(stream_write(it->stream, &rest, 1, &len));
        it->out_sent += len;
    }
    return RC_OK;
}

/* Answers the first query in the buffer. RC_ABSENT: it is not complete yet. */
static enum rc answer_next(struct conversation *it)
{
    const size_t query_len = (size_t)(unsigned char)it->in[0] << 8 | (unsigned char)it->in[1];
    const size_t used = CONVERSATION_PREFIX_BYTES + query_len;
    size_t len;

    if (it->in_len < CONVERSATION_PREFIX_BYTES) {
        return RC_ABSENT;
    }
    if (query_len > LIMIT_DATAGRAM_BYTES) {
        return RC_LIMIT;
    }
    if (it->in_len < used) {
        return RC_ABSENT;
    }
    const struct text query = {it->in + CONVERSATION_PREFIX_BYTES, query_len};
    TRY(it->answer(it->arg, query, it->out + CONVERSATION_PREFIX_BYTES, &len));
    it->out[0] = (char)(len >> 8);
    it->out[1] = (char)(len & 0xff);
    it->out_len = CONVERSATION_PREFIX_BYTES + len;
    it->out_sent = 0;
    it->in_len -= used;
    memmove(it->in, it->in + used, it->in_len);
    expect_query(it);
    return RC_OK;
}

static enum rc read_more(struct conversation *it)
{
    size_t len;

    TRY(stream_read(it->stream, it->in + it->in_len, sizeof(it->in) - it->in_len, &len));
    it->in_len += len;
    return RC_OK;
}

/* As far as it goes: write what is due, answer what is complete, read more; but no further in one
 * turn than a batch, so that nobody keeps the others waiting. */
static enum rc advance(struct conversation *it)
{
    for (int steps = 0; steps < LIMIT_DATAGRAM_BATCH; steps++) {
        TRY(flush(it));
        enum rc rc = answer_next(it);
        if (rc == RC_ABSENT) {
            rc = read_more(it);
        }
        TRY(rc);
    }
    loop_later(it->stream->loop, &it->more);
    return RC_AGAIN;
}

static void on_wake(void *arg)
{
    if (advance(arg) != RC_AGAIN) {
        conversation_close(arg);
    }
}

static void on_more(struct loop_task *task)
{
    on_wake(CONTAINER_OF(task, struct conversation, more));
}

static void on_late(struct loop_timer *timer)
{
    conversation_close(CONTAINER_OF(timer, struct conversation, timer));
}

void conversation_start(struct stream *stream, struct list *list, conversation_answer_fn *answer,
                        conversation_gone_fn *gone, void *arg)
{
    struct conversation *it = MEM_NEW(struct conversation);

    it->stream = stream;
    it->answer = answer;
    it->gone = gone;
    it->arg = arg;
    list_push_back(list, &it->link);
    loop_timer_init(&it->timer, on_late);
    loop_task_init(&it->more, on_more);
    expect_query(it);
    stream_on_wake(stream, on_wake, it);
    on_wake(it);
}
