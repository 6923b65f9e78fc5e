/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/shelf.h"
#include "http/h1_write.h"
#include "http/h2.h"

#define OUTPUT_BYTES (32 * 1024)

enum { REQUESTS = 3 };

struct asked {
    struct h2_stream *stream; /* NULL: over */
    bool has_head;
};

static struct h2_stream *ask(struct h2 *h2, struct arena *arena, struct asked *asked)
{
    const struct http_request request = {
        .method = TEXT("POST"),
        .method_id = HTTP_POST,
        .target = TEXT("/"),
        .authority = TEXT("a.test"),
        .framing = HTTP_UNTIL_END,
        .version = HTTP_2,
    };
    struct h2_stream *stream = NULL;

    ASSERT(h2_request(h2, &request, arena, asked, &stream) == RC_OK);
    return stream;
}

/* What HTTP/2 let through must be writable as HTTP/1.1. */
static void check_head(const struct http_response *head)
{
    static char wire[2 * LIMIT_RESPONSE_HEAD_BYTES];
    size_t len;

    ASSERT(head->status >= 100 && head->status <= 999);
    ASSERT(h1_write_response(head, h1_plan_response(head, HTTP_1_1, HTTP_POST, false), HTTP_1_1,
                             wire, sizeof(wire), &len) == RC_OK);
}

/* Reads until nothing more is there; true: the answer is over. */
static bool take(struct asked *asked)
{
    const struct http_response *head;
    struct text data;
    enum rc rc = RC_OK;

    while (!asked->has_head && (rc = h2_stream_read_head(asked->stream, &head)) == RC_OK) {
        check_head(head);
        asked->has_head = head->status >= 200;
    }
    while (asked->has_head && (rc = h2_stream_read(asked->stream, &data)) == RC_OK) {
        h2_stream_consume(asked->stream, data.len);
    }
    return rc != RC_AGAIN;
}

static void take_all(struct h2 *h2)
{
    struct h2_event event;

    while (h2_next(h2, &event)) {
        struct asked *asked = event.arg;

        if (asked->stream && take(asked)) {
            h2_stream_finish(asked->stream, 8);
            asked->stream = NULL;
        }
    }
}

/* A target's bytes against a client with three requests under way: nothing crashes, nothing is
 * kept, however many bytes come at once. The first byte says how many. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shelf shelf = {0}; /* that keeps nothing: what is used after its end is seen */
    const struct h2_config config = {.is_tls = true, .shelf = &shelf};
    struct h2 *h2 = h2_new(&config);
    struct arena *arena = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    struct h2_output output = {mem_take(OUTPUT_BYTES), 0, OUTPUT_BYTES};
    const size_t piece = size > 0 ? 1 + data[0] * 16u : 1;
    struct asked asked[REQUESTS] = {0};
    struct fault fault;
    enum rc rc = RC_OK;

    h2_output(h2, &output);
    for (size_t i = 0; i < REQUESTS; i++) {
        asked[i].stream = ask(h2, arena, &asked[i]);
    }
    (void)!h2_flush(h2);
    output.len = 0;
    for (size_t at = 1; rc == RC_OK && at < size; at += piece) {
        rc = h2_receive(h2, text_slice((struct text){(const char *)data, size}, at, piece),
                        (int64_t)at, &fault);
        take_all(h2);
        (void)!h2_flush(h2);
        output.len = 0;
    }
    for (size_t i = 0; i < REQUESTS; i++) {
        if (asked[i].stream) {
            h2_stream_finish(asked[i].stream, 8);
        }
    }
    h2_free(h2);
    arena_free(arena);
    mem_give(output.at);
    return 0;
}
