/* SPDX-License-Identifier: Apache-2.0 */
/* load: asks over many connections and says how it went, as one line of JSON.
 *
 *   load --to 127.0.0.1:80 --connections 64 --seconds 3 --path /1024
 *
 *   --upload BYTES   POST that much instead of GET
 *   --new            a new connection for each request
 *   --host NAME      the Host field
 *   --rate N         open loop: N requests a second whatever the answers do; latency counts from
 *                    when a request was due, so waiting is not forgotten
 *   --hold           one request on each connection, a few at a time, then keep them until stdin
 * ends
 *   --deadline N     with --hold: seconds until all must be there, else it fails (60)
 *   --good-ms N      how soon an answer must come to be good; 503 is no error but "refused", and
 *                    with --rate, what finds no free connection is "unsent"
 *   --sources N      connections come from so many addresses: 127.0.98.1 and on
 *
 * One thread, so that it can be pinned. Bodies are dropped in the kernel (MSG_TRUNC). */
#include "tool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEAD_MAX = 8192,
    BUCKETS = 64 * 32,
    EVENTS = 256,
    AT_ONCE = 64, /* of connections to hold: more would measure the peak, not the rest */
};

struct connection {
    int fd;
    bool is_busy;
    bool is_refused;     /* the answer is 503 */
    size_t sent;         /* of the request */
    size_t head_len;     /* read so far; SIZE_MAX: the head is complete */
    long long body_left; /* behind the head */
    int64_t due_ns;
    struct connection *next_idle;
    char head[HEAD_MAX];
};

struct load {
    struct sockaddr_in to;
    char *request;
    size_t request_len;
    int connections, started;
    double seconds, deadline;
    double rate;
    int good_ms; /* 0: any answer but 200 is an error */
    int sources;
    bool is_new, holds;
    int epoll;
    int64_t until_ns, next_due_ns;
    struct connection *all, *idle;
    long long done, errors, good, refused, unsent;
    long long waiting;           /* at the end; their time until then counts */
    uint64_t latencies[BUCKETS]; /* of microseconds, 32 buckets an octave */
    uint64_t refusals[BUCKETS];  /* the same, of 503 */
};

/* ---- latencies ---------------------------------------------------------------------------- */

static size_t bucket_of(uint64_t us)
{
    const int top = 63 - __builtin_clzll(us | 32);

    return (size_t)((top - 5) * 32) + (size_t)(us >> (top - 5));
}

static void count(uint64_t *latencies, int64_t us)
{
    const size_t bucket = bucket_of(us > 0 ? (uint64_t)us : 0);

    latencies[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

static double quantile(const uint64_t *latencies, long long count, double share)
{
    const double wanted = share * (double)count;
    double seen = 0;

    for (size_t us = 0;; us += us < 64 ? 1 : us / 64) {
        const size_t bucket = bucket_of(us);
        if (bucket >= BUCKETS) {
            return 0;
        }
        static size_t last; /* each bucket once */
        if (us == 0 || bucket != last) {
            seen += (double)latencies[bucket];
            last = bucket;
        }
        if (seen >= wanted) {
            return (double)us;
        }
    }
}

/* ---- one connection ----------------------------------------------------------------------- */

static void start_request(struct load *load, struct connection *it, int64_t due_ns);
static void begin(struct load *load);

static void start(struct load *load, struct connection *it)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = it};

    it->fd = dial(&load->to, load->sources);
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, it->fd, &event) < 0) {
        die("epoll_ctl");
    }
}

static void redial(struct load *load, struct connection *it)
{
    (void)close(it->fd);
    start(load, it);
}

static void send_request(struct load *load, struct connection *it)
{
    while (it->is_busy && it->sent < load->request_len) {
        const ssize_t n =
            send(it->fd, load->request + it->sent, load->request_len - it->sent, MSG_NOSIGNAL);
        if (n < 0) {
            return; /* not connected yet, full, or broken: reading will tell */
        }
        it->sent += (size_t)n;
    }
}

static void next_request(struct load *load, struct connection *it)
{
    it->is_busy = false;
    if (load->holds) {
        if (load->started < load->connections) {
            begin(load);
        }
        return;
    }
    if (load->rate > 0) {
        it->next_idle = load->idle;
        load->idle = it;
        return;
    }
    start_request(load, it, now_ns());
}

static void fail(struct load *load, struct connection *it)
{
    if (load->errors++ == 0) {
        const int line_len = it->head_len ? (int)strcspn(it->head, "\r") : 0;
        (void)fprintf(stderr, "load: %.*s: %s\n", line_len, it->head, strerror(errno));
    }
    if (load->holds) {
        die("load: a connection to hold was lost");
    }
    redial(load, it);
    next_request(load, it);
}

static void complete(struct load *load, struct connection *it)
{
    const int64_t us = (now_ns() - it->due_ns) / 1000;

    count(it->is_refused ? load->refusals : load->latencies, us);
    load->done += !it->is_refused;
    load->refused += it->is_refused;
    load->good += !it->is_refused && us <= load->good_ms * 1000;
    if (load->is_new) {
        redial(load, it);
    }
    next_request(load, it);
}

/* False: the answer is not what was asked for. */
static bool parse_head(const struct load *load, struct connection *it, const char *end)
{
    const char *field = strcasestr(it->head, "\r\ncontent-length:");

    it->is_refused = load->good_ms > 0 && strncmp(it->head, "HTTP/1.1 503", 12) == 0;
    if ((strncmp(it->head, "HTTP/1.1 200", 12) != 0 && !it->is_refused) || !field || field > end) {
        return false;
    }
    const long long length = strtoll(field + 17, NULL, 10);
    it->body_left = length - (long long)(it->head_len - (size_t)(end + 4 - it->head));
    it->head_len = SIZE_MAX;
    return it->body_left >= 0;
}

/* One read's worth. 0: done or waiting, no more to read now. 1: go on. -1: broken. */
static int read_some(struct load *load, struct connection *it)
{
    if (it->head_len == SIZE_MAX) {
        const ssize_t n = recv(it->fd, NULL, (size_t)it->body_left, MSG_TRUNC);
        if (n <= 0) {
            return n < 0 && errno == EAGAIN ? 0 : -1;
        }
        it->body_left -= n;
    } else {
        const ssize_t n =
            recv(it->fd, it->head + it->head_len, sizeof(it->head) - it->head_len - 1, 0);
        if (n <= 0) {
            return n < 0 && errno == EAGAIN ? 0 : -1;
        }
        it->head_len += (size_t)n;
        it->head[it->head_len] = '\0';
        const char *end = strstr(it->head, "\r\n\r\n");
        if (end && !parse_head(load, it, end)) {
            return -1;
        }
        if (!end) {
            return 1;
        }
    }
    if (it->body_left == 0) {
        complete(load, it);
        return 0;
    }
    return 1;
}

static void start_request(struct load *load, struct connection *it, int64_t due_ns)
{
    it->is_busy = true;
    it->due_ns = due_ns;
    it->sent = 0;
    it->head_len = 0;
    send_request(load, it);
}

static void serve(struct load *load, struct connection *it)
{
    int more = 1;

    send_request(load, it);
    if (!it->is_busy) {
        char byte;
        if (recv(it->fd, &byte, 1, MSG_PEEK) == 0 && !load->holds) {
            redial(load, it); /* an idle connection was closed: its right */
        }
        return;
    }
    if (it->head_len == SIZE_MAX && it->body_left == 0) {
        return;
    }
    while (it->is_busy && more > 0) {
        more = read_some(load, it);
    }
    if (more < 0) {
        if (errno == ENOTCONN || errno == EINPROGRESS) {
            return;
        }
        fail(load, it);
    }
}

/* ---- the run ------------------------------------------------------------------------------ */

static void start_due(struct load *load)
{
    const int64_t gap_ns = (int64_t)(1e9 / load->rate);

    while (load->next_due_ns <= now_ns() && load->idle) {
        struct connection *it = load->idle;
        load->idle = it->next_idle;
        start_request(load, it, load->next_due_ns);
        load->next_due_ns += gap_ns;
    }
    while (load->good_ms && load->next_due_ns <= now_ns() && !load->idle) {
        load->unsent++;
        load->next_due_ns += gap_ns;
    }
}

/* Sleeping to the nanosecond: spinning would take the core that the target is on. */
static struct timespec wait_time(const struct load *load)
{
    const int64_t left_ns = load->next_due_ns - now_ns();

    if (load->rate <= 0 || !load->idle || left_ns > 10000000) {
        return (struct timespec){.tv_nsec = 10000000};
    }
    return (struct timespec){.tv_nsec = left_ns > 0 ? left_ns : 0};
}

/* One more connection. */
static void begin(struct load *load)
{
    struct connection *it = &load->all[load->started++];

    start(load, it);
    if (load->rate > 0) {
        next_request(load, it);
    } else {
        start_request(load, it, now_ns());
    }
}

static void count_waiting(struct load *load, int64_t due_ns)
{
    count(load->latencies, (now_ns() - due_ns) / 1000);
    load->waiting++;
}

/* Open loop: who still waits counts with its time until now, or the slowest would be left out. */
static void settle(struct load *load)
{
    for (int i = 0; i < load->connections; i++) {
        if (load->all[i].is_busy) {
            count_waiting(load, load->all[i].due_ns);
        }
    }
    for (; load->next_due_ns < now_ns(); load->next_due_ns += (int64_t)(1e9 / load->rate)) {
        count_waiting(load, load->next_due_ns);
    }
}

static void run(struct load *load)
{
    const double seconds = load->holds ? load->deadline : load->seconds;
    struct epoll_event events[EVENTS];

    load->all = calloc((size_t)load->connections, sizeof(*load->all));
    if (!load->all) {
        die("calloc");
    }
    load->epoll = epoll_create1(0);
    load->next_due_ns = now_ns();
    load->until_ns = now_ns() + (int64_t)(seconds * 1e9);
    while (load->started < load->connections && !(load->holds && load->started == AT_ONCE)) {
        begin(load);
    }
    if (load->rate > 0) {
        (void)usleep(200000 + (useconds_t)load->connections * 100); /* all are accepted */
        load->until_ns += now_ns() - load->next_due_ns;
        load->next_due_ns = now_ns();
    }
    while (now_ns() < load->until_ns && !(load->holds && load->done == load->connections)) {
        if (load->rate > 0) {
            start_due(load);
        }
        const struct timespec wait = wait_time(load);
        const int count = epoll_pwait2(load->epoll, events, EVENTS, &wait, NULL);
        for (int i = 0; i < count; i++) {
            serve(load, events[i].data.ptr);
        }
    }
    if (load->rate > 0) {
        settle(load);
    }
}

/* Until stdin ends. */
static void hold(const struct load *load)
{
    while (getchar() != EOF) {
    }
    for (int i = 0; i < load->connections; i++) {
        die_if_closed(load->all[i].fd);
    }
}

static void build_request(struct load *load, const char *host, const char *path, int upload)
{
    const size_t room = 4096 + (size_t)upload;

    load->request = calloc(1, room);
    if (!load->request) {
        die("calloc");
    }
    int len = snprintf(load->request, room,
                       "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\nAccept: */*\r\n",
                       upload ? "POST" : "GET", path, host);
    if (upload) {
        len += snprintf(load->request + len, room - (size_t)len, "Content-Length: %d\r\n", upload);
    }
    if (load->is_new) {
        len += snprintf(load->request + len, room - (size_t)len, "Connection: close\r\n");
    }
    len += snprintf(load->request + len, room - (size_t)len, "\r\n");
    memset(load->request + len, 'x', (size_t)upload);
    load->request_len = (size_t)len + (size_t)upload;
}

int main(int argc, char **argv)
{
    static struct load load = {.connections = 1, .seconds = 1, .deadline = 60};
    const char *path = "/", *host = "bench.example";
    int upload = 0;

    read_options(argc, argv,
                 (const struct tool_option[]){{"to", TOOL_ADDRESS, &load.to},
                                              {"connections", TOOL_COUNT, &load.connections},
                                              {"seconds", TOOL_NUMBER, &load.seconds},
                                              {"path", TOOL_TEXT, &path},
                                              {"host", TOOL_TEXT, &host},
                                              {"upload", TOOL_COUNT, &upload},
                                              {"new", TOOL_SWITCH, &load.is_new},
                                              {"rate", TOOL_NUMBER, &load.rate},
                                              {"hold", TOOL_SWITCH, &load.holds},
                                              {"deadline", TOOL_NUMBER, &load.deadline},
                                              {"good-ms", TOOL_COUNT, &load.good_ms},
                                              {"sources", TOOL_COUNT, &load.sources},
                                              {0}});
    build_request(&load, host, path, upload);
    int64_t start = now_ns();
    run(&load);
    if (load.holds && load.done < load.connections) {
        errno = 0;
        die("load: only %lld of %d connections after %.0f s", load.done, load.connections,
            load.deadline);
    }
    const long long answers = load.done + load.waiting;
    if (load.rate > 0) {
        start = load.until_ns - (int64_t)(load.seconds * 1e9);
    }
    printf("{\"requests\": %lld, \"errors\": %lld, \"seconds\": %.3f, \"p50_us\": %.0f, "
           "\"p99_us\": %.0f, \"p999_us\": %.0f",
           load.done, load.errors, (double)(now_ns() - start) / 1e9,
           quantile(load.latencies, answers, 0.5), quantile(load.latencies, answers, 0.99),
           quantile(load.latencies, answers, 0.999));
    if (load.good_ms) {
        printf(", \"good\": %lld, \"refused\": %lld, \"refused_p50_us\": %.0f, "
               "\"refused_p99_us\": %.0f, \"unsent\": %lld",
               load.good, load.refused, quantile(load.refusals, load.refused, 0.5),
               quantile(load.refusals, load.refused, 0.99), load.unsent);
    }
    printf("}\n");
    (void)fflush(stdout);
    if (load.holds) {
        hold(&load);
    }
    return load.done ? 0 : 1;
}
