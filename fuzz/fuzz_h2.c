/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/shelf.h"
#include "http/h1_write.h"
#include "http/h2.h"

#define OUTPUT_BYTES (32 * 1024)

static struct arena *lend(void *arg, void **stream_arg)
{
    (*(int *)arg)++;
    *stream_arg = arena_new(4096, LIMIT_REQUEST_ARENA_BYTES);
    return *stream_arg;
}

static void take_back(void *arg, void *stream_arg)
{
    (*(int *)arg)--;
    arena_free(stream_arg);
}

/* What HTTP/2 let through must be writable as HTTP/1.1. */
static void check_request(struct h2_stream *stream)
{
    const struct http_request *request = h2_stream_request(stream);
    static char wire[2 * LIMIT_REQUEST_HEAD_BYTES];
    int status;
    size_t len;

    if (!h2_stream_fault(stream, &status)) {
        ASSERT(h1_write_request(request, h1_plan_request(request, false), wire, sizeof(wire),
                                &len) == RC_OK);
    }
}

static void echo(struct h2_stream *stream)
{
    struct http_response answer = {.status = 200, .framing = HTTP_UNTIL_END};
    struct text data;
    size_t taken;

    if (h2_stream_respond(stream, &answer) != RC_OK) {
        return;
    }
    while (h2_stream_read(stream, &data) == RC_OK &&
           h2_stream_write(stream, data, &taken) == RC_OK) {
        h2_stream_consume(stream, taken);
    }
    (void)!h2_stream_end(stream, h2_stream_trailers(stream));
}

/* A client's bytes against a server that echoes: nothing crashes, nothing is kept, however many
 * bytes come at once. The first byte says how many. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int arenas = 0;
    struct shelf shelf = {0}; /* that keeps nothing: what is used after its end is seen */
    const struct h2_config config = {
        .is_server = true, .arena = lend, .arena_back = take_back, .shelf = &shelf, .arg = &arenas};
    struct h2 *h2 = h2_new(&config);
    struct h2_output output = {mem_take(OUTPUT_BYTES), 0, OUTPUT_BYTES};
    const size_t piece = size > 0 ? 1 + data[0] * 16u : 1;
    struct fault fault;
    struct h2_event event;
    enum rc rc = RC_OK;

    h2_output(h2, &output);
    for (size_t at = 1; rc == RC_OK && at < size; at += piece) {
        rc = h2_receive(h2, text_slice((struct text){(const char *)data, size}, at, piece),
                        (int64_t)at, &fault);
        while (h2_next(h2, &event)) {
            if (event.news & H2_REQUEST) {
                check_request(event.stream);
                echo(event.stream);
                h2_stream_finish(event.stream, 2);
                take_back(&arenas, event.arg);
            }
        }
        (void)!h2_flush(h2);
        output.len = 0;
    }
    h2_free(h2);
    mem_give(output.at);
    ASSERT(arenas == 0);
    return 0;
}
