/* SPDX-License-Identifier: Apache-2.0 */
/* load_tls: asks over many TLS connections and says how it went, as one line of JSON.
 *
 *   load_tls --to 127.0.0.1:443 --connections 64 --seconds 3 --path /1024
 *
 *   --new       a new connection for each request, with a full handshake
 *   --resume    the same, but each resumes the session of the one before; an error if it cannot
 *   --hold      one request on each connection, a few at a time, then keep them until stdin ends
 *   --h2        with --hold: HTTP/2
 *   --sources   connections come from so many addresses: 127.0.98.1 and on
 *   --deadline  with --hold: seconds until all must be there, else it fails (60)
 *
 * TLS 1.3 with AES-128-GCM and X25519, whoever answers. One thread, so that it can be pinned. A
 * held connection keeps its socket only: what it costs is the other side's business. */
#include "tool.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    HEAD_MAX = 4096,
    EVENTS = 256,
    AT_ONCE = 64, /* of connections to hold: more would measure the peak, not the rest */
    READ_MAX = 64 << 10,
    FRAME_HEAD = 9,
    H2_DATA = 0,
    H2_HEADERS = 1,
    H2_SETTINGS = 4,
    H2_END_STREAM = 1,
    H2_ACK = 1,
};

struct connection {
    int fd;
    SSL *ssl;             /* own; NULL: held */
    SSL_SESSION *session; /* own; of the newest ticket */
    bool is_ready;        /* the handshake is over */
    bool has_offered;     /* a session */
    bool is_last_frame;   /* HTTP/2: its payload ends the answer */
    size_t head_len;      /* read so far, of an HTTP/1.1 head or a frame's */
    long long body_left;  /* behind the head; -1: the head is not complete */
    char head[HEAD_MAX];
};

struct load {
    struct sockaddr_in to;
    SSL_CTX *ctx;
    char request[2048];
    size_t request_len;
    int connections, started;
    int sources;
    struct connection *all;
    double seconds, deadline;
    bool is_new, resumes, holds, is_h2;
    int epoll;
    long long done, errors, handshakes, resumed;
};

static void start(struct load *load, struct connection *it);

/* ---- one connection ----------------------------------------------------------------------- */

static void hang_up(struct connection *it)
{
    SSL_set_shutdown(it->ssl,
                     SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* or the session is void */
    SSL_free(it->ssl);
    it->ssl = NULL;
}

static void redial(struct load *load, struct connection *it)
{
    hang_up(it);
    (void)close(it->fd);
    start(load, it);
}

static void fail(struct load *load, struct connection *it, const char *why)
{
    if (load->errors++ == 0 || load->holds) {
        (void)fprintf(stderr, "load_tls: %s: ", why);
        ERR_print_errors_fp(stderr);
        (void)fprintf(stderr, "%s\n", strerror(errno));
    }
    if (load->holds) {
        exit(1);
    }
    redial(load, it);
}

static void ask(struct load *load, struct connection *it)
{
    it->head_len = 0;
    it->body_left = -1;
    if (SSL_write(it->ssl, load->request, (int)load->request_len) != (int)load->request_len) {
        fail(load, it, "a request could not be sent");
    }
}

static void complete(struct load *load, struct connection *it)
{
    load->done++;
    if (load->holds) {
        hang_up(it);
        if (load->started < load->connections) {
            start(load, &load->all[load->started]);
        }
    } else if (load->is_new) {
        redial(load, it);
    } else {
        ask(load, it);
    }
}

/* True: the handshake is over. */
static bool shake_hands(struct load *load, struct connection *it)
{
    const int done = SSL_do_handshake(it->ssl);

    if (done != 1) {
        const int error = SSL_get_error(it->ssl, done);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            fail(load, it, "a handshake failed");
        }
        return false;
    }
    it->is_ready = true;
    load->handshakes++;
    load->resumed += SSL_session_reused(it->ssl);
    if (it->has_offered && !SSL_session_reused(it->ssl)) {
        fail(load, it, "a session was not resumed");
        return false;
    }
    ask(load, it);
    return it->is_ready;
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct connection *it = SSL_get_app_data(ssl);

    SSL_SESSION_free(it->session);
    it->session = session;
    return 1;
}

static void start(struct load *load, struct connection *it)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = it};

    it->fd = dial(&load->to, load->sources);
    it->ssl = SSL_new(load->ctx);
    if (!it->ssl || SSL_set_fd(it->ssl, it->fd) != 1 ||
        epoll_ctl(load->epoll, EPOLL_CTL_ADD, it->fd, &event) < 0) {
        die("a connection could not be made");
    }
    SSL_set_connect_state(it->ssl);
    SSL_set_app_data(it->ssl, it);
    (void)SSL_set_tlsext_host_name(it->ssl, "bench.example");
    it->is_ready = false;
    it->has_offered = load->resumes && it->session && SSL_set_session(it->ssl, it->session) == 1;
    load->started++;
}

/* ---- answers ------------------------------------------------------------------------------ */

/* Takes bytes of an answer; -1: it is not what was asked for, 1: complete, 0: more. */
static int take_h1(struct connection *it, const char *bytes, size_t count)
{
    if (it->body_left < 0) {
        const size_t room = sizeof(it->head) - 1 - it->head_len;
        const size_t taken = count < room ? count : room;
        memcpy(it->head + it->head_len, bytes, taken);
        it->head[it->head_len + taken] = '\0';
        const char *end = strstr(it->head, "\r\n\r\n");
        const char *length = strcasestr(it->head, "\r\ncontent-length:");
        const size_t before = it->head_len;
        it->head_len += taken;
        if (!end) {
            return room == 0 ? -1 : 0;
        }
        if (strncmp(it->head, "HTTP/1.1 200", 12) != 0 || !length || length > end) {
            return -1;
        }
        it->body_left = strtoll(length + 17, NULL, 10);
        count -= (size_t)(end + 4 - it->head) - before;
    }
    it->body_left -= (long long)count;
    return it->body_left < 0 ? -1 : it->body_left == 0;
}

static bool begin_frame(struct connection *it)
{
    static const unsigned char ack[FRAME_HEAD] = {0, 0, 0, H2_SETTINGS, H2_ACK};
    const unsigned char *head = (const unsigned char *)it->head;
    const bool is_answer = head[3] == H2_DATA || head[3] == H2_HEADERS;

    it->body_left = head[0] << 16 | head[1] << 8 | head[2];
    it->is_last_frame = is_answer && (head[4] & H2_END_STREAM);
    if (head[3] == H2_SETTINGS && !(head[4] & H2_ACK)) {
        return SSL_write(it->ssl, ack, FRAME_HEAD) == FRAME_HEAD;
    }
    return is_answer || head[3] == H2_SETTINGS || head[3] == 8; /* WINDOW_UPDATE */
}

static int take_h2(struct connection *it, const char *bytes, size_t count)
{
    while (count) {
        if (it->body_left <= 0) {
            it->head[it->head_len++] = *bytes++;
            count--;
            if (it->head_len < FRAME_HEAD) {
                continue;
            }
            it->head_len = 0;
            if (!begin_frame(it)) {
                return -1;
            }
        }
        const size_t taken = (long long)count < it->body_left ? count : (size_t)it->body_left;
        it->body_left -= (long long)taken;
        bytes += taken;
        count -= taken;
        if (it->body_left == 0 && it->is_last_frame) {
            return 1;
        }
    }
    return 0;
}

static void serve(struct load *load, struct connection *it)
{
    static char bytes[READ_MAX];

    if (!it->ssl || (!it->is_ready && !shake_hands(load, it))) {
        return;
    }
    for (;;) {
        const int n = SSL_read(it->ssl, bytes, sizeof(bytes));
        if (n <= 0) {
            if (SSL_get_error(it->ssl, n) != SSL_ERROR_WANT_READ) {
                fail(load, it, "a connection was lost");
            }
            return;
        }
        const int took =
            load->is_h2 ? take_h2(it, bytes, (size_t)n) : take_h1(it, bytes, (size_t)n);
        if (took < 0) {
            errno = 0;
            fail(load, it, load->is_h2 ? "not the answer that was asked for" : it->head);
            return;
        }
        if (took > 0) {
            complete(load, it);
            return; /* the next answer makes the next event */
        }
    }
}

/* ---- the run ------------------------------------------------------------------------------ */

static SSL_CTX *new_ctx(const struct load *load)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") != 1 ||
        SSL_CTX_set1_groups_list(ctx, "X25519") != 1 ||
        SSL_CTX_set_alpn_protos(ctx,
                                (const unsigned char *)(load->is_h2 ? "\x02h2" : "\x08http/1.1"),
                                load->is_h2 ? 3 : 9) != 0) {
        die("TLS");
    }
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    if (load->resumes) {
        SSL_CTX_sess_set_new_cb(ctx, keep_session);
    }
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, READ_MAX);
    return ctx;
}

static void run(struct load *load)
{
    const int64_t from_ns = now_ns();
    const double seconds = load->holds ? load->deadline : load->seconds;
    const int64_t until_ns = from_ns + (int64_t)(seconds * 1e9);
    const int at_once = load->holds && load->connections > AT_ONCE ? AT_ONCE : load->connections;
    struct epoll_event events[EVENTS];

    load->all = calloc((size_t)load->connections, sizeof(*load->all));
    if (!load->all) {
        die("calloc");
    }
    load->epoll = epoll_create1(0);
    for (int i = 0; i < at_once; i++) {
        start(load, &load->all[i]);
    }
    while (now_ns() < until_ns && !(load->holds && load->done == load->connections)) {
        const int count = epoll_wait(load->epoll, events, EVENTS, 10);
        for (int i = 0; i < count; i++) {
            serve(load, events[i].data.ptr);
        }
    }
    load->seconds = (double)(now_ns() - from_ns) / 1e9;
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

static void append(struct load *load, const char *bytes, size_t count)
{
    if (count > sizeof(load->request) - load->request_len) {
        errno = 0;
        die("the request is too long");
    }
    memcpy(load->request + load->request_len, bytes, count);
    load->request_len += count;
}

static void build_request(struct load *load, const char *path)
{
    static const char host[] = "bench.example";

    if (!load->is_h2) {
        load->request_len = (size_t)snprintf(
            load->request, sizeof(load->request),
            "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load_tls\r\nAccept: */*\r\n%s\r\n", path,
            host, load->is_new ? "Connection: close\r\n" : "");
        return;
    }
    /* Preface, empty SETTINGS, HEADERS of stream 1: GET, https, then path and authority as
     * literals. */
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0";
    const char head[] = {0,
                         0,
                         (char)(2 + 2 + strlen(path) + 2 + sizeof(host) - 1),
                         H2_HEADERS,
                         5,
                         0,
                         0,
                         0,
                         1,
                         '\x82',
                         '\x87',
                         '\x04',
                         (char)strlen(path)};
    const char authority[] = {'\x01', sizeof(host) - 1};
    append(load, preface, sizeof(preface)); /* its last NUL belongs to the frame */
    append(load, head, sizeof(head));
    append(load, path, strlen(path));
    append(load, authority, sizeof(authority));
    append(load, host, sizeof(host) - 1);
}

int main(int argc, char **argv)
{
    static struct load load = {.connections = 1, .seconds = 1, .deadline = 60};
    const char *path = "/";

    read_options(argc, argv,
                 (const struct tool_option[]){{"to", TOOL_ADDRESS, &load.to},
                                              {"connections", TOOL_COUNT, &load.connections},
                                              {"seconds", TOOL_NUMBER, &load.seconds},
                                              {"path", TOOL_TEXT, &path},
                                              {"deadline", TOOL_NUMBER, &load.deadline},
                                              {"new", TOOL_SWITCH, &load.is_new},
                                              {"resume", TOOL_SWITCH, &load.resumes},
                                              {"hold", TOOL_SWITCH, &load.holds},
                                              {"h2", TOOL_SWITCH, &load.is_h2},
                                              {"sources", TOOL_COUNT, &load.sources},
                                              {0}});
    load.is_new |= load.resumes;
    (void)signal(SIGPIPE, SIG_IGN);
    build_request(&load, path);
    load.ctx = new_ctx(&load);
    run(&load);
    if (load.holds && load.done < load.connections) {
        errno = 0;
        die("load_tls: only %lld of %d connections after %.0f s", load.done, load.connections,
            load.deadline);
    }
    printf("{\"requests\": %lld, \"errors\": %lld, \"seconds\": %.3f, \"handshakes\": %lld, "
           "\"resumed\": %lld}\n",
           load.done, load.errors, load.seconds, load.handshakes, load.resumed);
    (void)fflush(stdout);
    if (load.holds) {
        hold(&load);
    }
    return load.done ? 0 : 1;
}
