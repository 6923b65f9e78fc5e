/* SPDX-License-Identifier: Apache-2.0 */
/* bench_h1: what reading, forwarding and writing one ordinary request costs: nanoseconds each, the
 * best of several rounds. Build: ninja build/bench/bench_h1; run alone on a core. */
#include "base/limits.h"
#include "http/forward.h"
#include "http/h1.h"
#include "http/h1_write.h"

#include <stdio.h>
#include <time.h>

enum { ROUNDS = 20, TIMES = 50000 };

static const char request_bytes[] = "GET /api/v1/items?page=2&size=50 HTTP/1.1\r\n"
                                    "Host: shop.example.com\r\n"
                                    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0\r\n"
                                    "Accept: application/json, text/plain, */*\r\n"
                                    "Accept-Language: en-US,en;q=0.5\r\n"
                                    "Accept-Encoding: gzip, deflate, br\r\n"
                                    "Connection: keep-alive\r\n"
                                    "Cookie: session=0123456789abcdef0123456789abcdef\r\n"
                                    "\r\n";

static const struct forward how = {
    .client_address = TEXT_INIT("203.0.113.7"),
    .listener_port = 80,
    .default_host = TEXT_INIT("lb.elb.internal"),
    .now_unix_s = 1700000000,
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void read_one(struct arena *arena, struct http_request *head)
{
    struct h1_reader reader = {0};
    struct h1_refusal refusal;
    size_t consumed;

    arena_reset(arena);
    ASSERT(h1_request_read(&reader, text_of(request_bytes), arena, head, &consumed, &refusal) ==
           RC_OK);
}

static void just_read(struct arena *arena)
{
    struct http_request head;

    read_one(arena, &head);
}

static void read_and_forward(struct arena *arena)
{
    struct http_request head;
    struct http_request out;
    struct forward_counts counts;

    read_one(arena, &head);
    ASSERT(forward_request(&head, &how, arena, &out, &counts) == RC_OK);
}

static void read_forward_and_write(struct arena *arena)
{
    struct http_request head;
    struct http_request out;
    struct forward_counts counts;
    char wire[2048];
    size_t len;

    read_one(arena, &head);
    ASSERT(forward_request(&head, &how, arena, &out, &counts) == RC_OK);
    ASSERT(h1_write_request(&out, h1_plan_request(&out, false), wire, sizeof(wire), &len) == RC_OK);
}

static void measure(const char *what, void (*run)(struct arena *arena))
{
    AUTO(arena) struct arena *arena = arena_new(16384, LIMIT_REQUEST_ARENA_BYTES);
    int64_t best = INT64_MAX;

    for (int round = 0; round < ROUNDS; round++) {
        const int64_t start = now_ns();
        int64_t took;

        for (int i = 0; i < TIMES; i++) {
            run(arena);
        }
        took = (now_ns() - start) / TIMES;
        best = took < best ? took : best;
    }
    printf("%-28s %5ld ns\n", what, (long)best);
}

int main(void)
{
    printf("a request of %zu bytes\n", sizeof(request_bytes) - 1);
    measure("read", just_read);
    measure("read, forward", read_and_forward);
    measure("read, forward, write", read_forward_and_write);
    return 0;
}
