/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/stream.h"

#include "base/mem.h"
#include "tls/internal.h"

#include <openssl/err.h>

struct tls_stream {
    struct stream face; /* first: what the user holds */
    struct tls_bio wire;
    SSL *ssl;                  /* own; at rest nobody may look at it: see awake() */
    struct crate *crate;       /* own: holds it; NULL: it never rests */
    struct tls_server *server; /* a reference; NULL toward targets */
    struct tls_choice choice;
    enum tls_trouble trouble;
    bool is_holding; /* what waits in `wire` leaves with the bytes that are written next */
    bool is_over;    /* failed: nothing more can be read or written */
    bool is_resting; /* packed */
    bool is_shaken;  /* the first handshake is done */
};

static struct tls_stream *mine(const struct stream *stream)
{
    return CONTAINER_OF(stream, struct tls_stream, face);
}

/* The same, with its SSL object in place: all that is called from outside begins like this. */
static struct tls_stream *awake(const struct stream *stream)
{
    struct tls_stream *tls = mine(stream);

    if (tls->is_resting) {
        tls->is_resting = false;
        crate_unpack(tls->crate);
    }
    return tls;
}

/* SSL_get_error() takes an old error for one of its own call. There is none, nearly always: to look
 * costs a quarter of clearing OpenSSL's sixteen places for them. */
static void forget_errors(void)
{
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}

/* What the failure of an OpenSSL call means; the trouble is noted once, the first one counts. */
static enum rc failed(struct tls_stream *tls, int result)
{
    const int error = SSL_get_error(tls->ssl, result);
    const unsigned long code = ERR_peek_error();

    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        return RC_AGAIN;
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
        return RC_END;
    }
    tls->is_over = true;
    if (ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST) {
        tls->trouble = TLS_SPOKE_HTTP;
    } else if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED ||
               ERR_GET_REASON(code) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        tls->trouble = TLS_CLIENT_CERT;
    } else if (!tls->is_shaken) { /* OpenSSL forgets that it was, when it fails */
        tls->trouble = TLS_HANDSHAKE;
    } else {
        tls->trouble = TLS_CUT;
    }
    forget_errors();
    if (error == SSL_ERROR_SSL && tls->trouble != TLS_CUT) {
        return RC_BAD;
    }
    return RC_IO;
}

/* Shows the user which directions are worth a try. Bytes that OpenSSL holds already count as
 * readable: no edge will tell of them. */
static void show_readiness(struct tls_stream *tls)
{
    const struct stream *below = tls->wire.below;

    tls->face.is_readable = below->is_readable || SSL_has_pending(tls->ssl);
    tls->face.is_writable =
        below->is_writable && (tls->is_holding || tls_bio_is_flushed(&tls->wire));
    tls->face.is_ending = below->is_ending;
    tls->face.is_closed = below->is_closed;
}

/* Sends what the last OpenSSL call produced. RC_AGAIN: some of it waits for room. */
static enum rc flush(struct tls_stream *tls)
{
    const enum rc rc = tls_bio_flush(&tls->wire);

    tls->is_holding = false;
    show_readiness(tls);
    return rc;
}

static void hold(struct tls_stream *tls)
{
    tls->is_holding = true;
    show_readiness(tls);
}

/* Tickets are all that a server says after the client's Finished (RFC 8446 §4.6.1). With the
 * request at hand, they leave with its answer: a packet less for every connection. */
static bool has_only_tickets(const struct tls_stream *tls)
{
    return tls->server && SSL_version(tls->ssl) == TLS1_3_VERSION && SSL_has_pending(tls->ssl);
}

enum rc tls_stream_handshake(struct stream *stream)
{
    struct tls_stream *tls = awake(stream);

    if (SSL_is_init_finished(tls->ssl)) {
        return RC_OK;
    }
    if (tls->is_over) {
        return RC_IO;
    }
    forget_errors();
    const bool was_flushed = tls_bio_is_flushed(&tls->wire);
    const int result = SSL_do_handshake(tls->ssl);
    tls->is_shaken |= result == 1;
    if (result == 1 && was_flushed && has_only_tickets(tls)) {
        hold(tls);
        return RC_OK;
    }
    const enum rc rc = result == 1 ? RC_OK : failed(tls, result);
    const enum rc flushed = flush(tls); /* an alert leaves, too */
    return flushed == RC_IO && rc == RC_OK ? RC_IO : rc;
}

static enum rc read_face(struct stream *stream, char *into, size_t size, size_t *len)
{
    struct tls_stream *tls = awake(stream);
    size_t filled = 0;

    TRY(tls_stream_handshake(stream));
    if (tls->is_over) {
        return RC_IO;
    }
    forget_errors();
    /* One call gives one record at most: go on while the bytes at hand hold more. */
    while (filled < size) {
        const size_t room = size - filled;
        const int got = SSL_read(tls->ssl, into + filled, room > INT32_MAX ? INT32_MAX : (int)room);
        if (got <= 0) {
            if (filled > 0) {
                break; /* what it means shows at the next call */
            }
            const enum rc rc = failed(tls, got);
            (void)flush(tls); /* key updates and alerts */
            return rc;
        }
        filled += (size_t)got;
        if (!SSL_has_pending(tls->ssl)) {
            break;
        }
    }
    if (tls->is_holding) {
        show_readiness(tls);
    } else {
        (void)flush(tls);
    }
    *len = filled;
    return RC_OK;
}

/* One record from parts that fit: a head and the body's first bytes leave as one. */
static int write_record(struct tls_stream *tls, const struct iovec *parts, int count)
{
    char record[SSL3_RT_MAX_PLAIN_LENGTH];
    size_t filled = 0;

    for (int i = 0; i < count && filled < sizeof(record); i++) {
        const size_t room = sizeof(record) - filled;
        const size_t take = parts[i].iov_len < room ? parts[i].iov_len : room;
        if (take) {
            memcpy(record + filled, parts[i].iov_base, take);
        }
        filled += take;
    }
    return SSL_write(tls->ssl, record, (int)filled);
}

/* Skips `done` bytes of the parts: gives the first unfinished part and where it goes on. */
static int skip_parts(const struct iovec *parts, int count, size_t done, size_t *offset)
{
    int i = 0;

    while (i < count && done >= parts[i].iov_len) {
        done -= parts[i++].iov_len;
    }
    *offset = done;
    return i;
}

/* The next record's worth, straight from a large part or collected from small ones. */
static int write_next(struct tls_stream *tls, const struct iovec *parts, int count, size_t done)
{
    struct iovec rest[8];
    size_t offset;
    const int first = skip_parts(parts, count, done, &offset);
    int n = 0;

    for (int i = first; i < count && n < (int)ARRAY_LEN(rest); i++, n++) {
        rest[n] = parts[i];
    }
    ASSERT(n > 0);
    rest[0].iov_base = (char *)rest[0].iov_base + offset;
    rest[0].iov_len -= offset;
    if (n == 1 || rest[0].iov_len >= SSL3_RT_MAX_PLAIN_LENGTH) {
        const size_t len = rest[0].iov_len;
        return SSL_write(tls->ssl, rest[0].iov_base,
                         len < SSL3_RT_MAX_PLAIN_LENGTH ? (int)len : SSL3_RT_MAX_PLAIN_LENGTH);
    }
    return write_record(tls, rest, n);
}

/* As far as there is room; the last call's result. */
static int write_records(struct tls_stream *tls, const struct iovec *parts, int count, size_t total,
                         size_t *done)
{
    int wrote = 1;

    if (total > SSL3_RT_MAX_PLAIN_LENGTH) {
        tls_bio_expect(&tls->wire, total);
    }
    forget_errors();
    tls->wire.is_direct = total <= SSL3_RT_MAX_PLAIN_LENGTH && !tls->face.is_closing;
    while (*done < total && tls_bio_has_room(&tls->wire)) {
        wrote = write_next(tls, parts, count, *done);
        if (wrote <= 0) {
            break;
        }
        *done += (size_t)wrote;
    }
    tls->wire.is_direct = false;
    return wrote;
}

static enum rc write_face(struct stream *stream, const struct iovec *parts, int count, size_t *len)
{
    struct tls_stream *tls = awake(stream);
    size_t total = 0;
    size_t done = 0;

    TRY(tls_stream_handshake(stream));
    if (tls->is_over) {
        return RC_IO;
    }
    if (!tls->is_holding) {
        TRY(flush(tls)); /* backpressure: nothing new before the old records left */
    }
    for (int i = 0; i < count; i++) {
        total += parts[i].iov_len;
    }
    const int wrote = write_records(tls, parts, count, total, &done);
    if (wrote <= 0 && done == 0) {
        const enum rc rc = failed(tls, wrote);
        (void)flush(tls);
        return rc;
    }
    if (tls->face.is_closing && done == total) {
        hold(tls);
    } else if (flush(tls) == RC_IO) {
        return RC_IO;
    }
    *len = done;
    return done > 0 ? RC_OK : RC_AGAIN;
}

static enum rc shutdown_face(struct stream *stream)
{
    struct tls_stream *tls = awake(stream);

    tls->wire.below->is_closing = true;
    if (!tls->is_over && SSL_is_init_finished(tls->ssl)) {
        forget_errors();
        (void)SSL_shutdown(tls->ssl); /* sends close_notify; theirs is read as the end */
        forget_errors();
        TRY(flush(tls));
    }
    return stream_shutdown(tls->wire.below);
}

static void free_ssl(struct tls_stream *tls)
{
    if (tls->server) {
        tls_server_ssl_free(tls->server, tls->ssl, tls->crate);
    } else {
        SSL_free(tls->ssl);
    }
}

static void close_face(struct stream *stream)
{
    struct tls_stream *tls = awake(stream);

    tls->wire.below->is_closing = true;
    if (!tls->is_over && SSL_is_init_finished(tls->ssl) &&
        !(SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN)) {
        (void)SSL_shutdown(tls->ssl);
        (void)flush(tls); /* close_notify leaves as far as the socket takes it at once */
    }
    forget_errors();
    free_ssl(tls);
    X509_free(tls->choice.refused);
    stream_close(tls->wire.below);
    tls_bio_done(&tls->wire);
    tls_server_free(tls->server);
    mem_give(tls);
}

static const struct stream_ops tls_ops = {read_face, write_face, shutdown_face, close_face};

static void on_wire(void *arg)
{
    struct tls_stream *tls = awake(arg);

    (void)flush(tls); /* a failure shows at the user's next call */
    if (tls->face.wake) {
        tls->face.wake(tls->face.wake_arg);
    }
}

static struct tls_stream *make(struct stream *below)
{
    struct tls_stream *tls = MEM_NEW(struct tls_stream);

    tls->face.ops = &tls_ops;
    tls->face.loop = below->loop;
    tls->face.watch.fd = below->watch.fd; /* to look at: addresses */
    tls->face.peer = below->peer;
    tls->face.is_readable = true;
    tls->face.is_writable = true;
    tls_bio_init(&tls->wire, below);
    stream_on_wake(below, on_wire, &tls->face);
    return tls;
}

struct stream *tls_stream_server(struct tls_server *server, struct stream *below)
{
    struct tls_stream *tls = make(below);

    tls->server = tls_server_ref(server);
    tls->choice.server = server;
    tls->ssl = tls_server_ssl(server, &tls->choice, &tls->wire, &tls->crate);
    return &tls->face;
}

struct stream *tls_stream_client(struct tls_client *client, struct stream *below)
{
    struct tls_stream *tls = make(below);

    tls->ssl = tls_client_ssl(client, &tls->wire);
    return &tls->face;
}

/* ---- rest ------------------------------------------------------------------------------------ */

bool tls_stream_can_rest(const struct stream *stream)
{
    return tls_stream_is(stream) && mine(stream)->crate && !mine(stream)->is_resting;
}

void tls_stream_rest(struct stream *stream)
{
    if (tls_stream_can_rest(stream)) {
        struct tls_stream *tls = mine(stream);

        /* Bytes that wait for room will need it soon. */
        tls->is_resting = tls_bio_is_flushed(&tls->wire) && SSL_is_init_finished(tls->ssl) &&
                          crate_pack(tls->crate);
    }
}

/* ---- what it turned out to be --------------------------------------------------------------- */

bool tls_stream_is(const struct stream *stream)
{
    return stream->ops == &tls_ops;
}

SSL *tls_stream_ssl(const struct stream *stream)
{
    return tls_stream_is(stream) ? awake(stream)->ssl : NULL;
}

bool tls_stream_is_http2(const struct stream *stream)
{
    const unsigned char *alpn;
    unsigned len;

    if (!tls_stream_is(stream)) {
        return false;
    }
    SSL_get0_alpn_selected(tls_stream_ssl(stream), &alpn, &len);
    return len == 2 && memcmp(alpn, "h2", 2) == 0;
}

enum tls_trouble tls_stream_trouble(const struct stream *stream)
{
    return tls_stream_is(stream) ? mine(stream)->trouble : TLS_FINE;
}

struct text tls_stream_version(const struct stream *stream)
{
    return tls_stream_is(stream) ? text_of(SSL_get_version(tls_stream_ssl(stream))) : TEXT("");
}

struct text tls_stream_cipher(const struct stream *stream)
{
    return tls_stream_is(stream) ? text_of(SSL_get_cipher_name(tls_stream_ssl(stream))) : TEXT("");
}

struct text tls_stream_key_exchange(const struct stream *stream)
{
    SSL *ssl = tls_stream_ssl(stream);
    const char *name = ssl ? SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl)) : NULL;

    return text_of(name);
}

bool tls_stream_is_agreed(const struct stream *stream)
{
    const SSL *ssl = tls_stream_ssl(stream);

    return ssl && SSL_get_current_cipher(ssl) != NULL;
}

bool tls_stream_is_resumed(const struct stream *stream)
{
    return tls_stream_is(stream) && SSL_session_reused(tls_stream_ssl(stream));
}

struct text tls_stream_sni(const struct stream *stream)
{
    if (!tls_stream_is(stream) || !mine(stream)->choice.is_by_name) {
        return TEXT("");
    }
    return text_of(SSL_get_servername(tls_stream_ssl(stream), TLSEXT_NAMETYPE_host_name));
}

struct text tls_stream_cert_arn(const struct stream *stream)
{
    if (!tls_stream_is(stream)) {
        return TEXT("");
    }
    return tls_stream_is_resumed(stream) ? TEXT("session-reused") : mine(stream)->choice.arn;
}

void tls_stream_answer_plain(struct stream *stream, struct text answer)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)answer.at, .iov_len = answer.len};
    size_t len;

    ASSERT(tls_stream_trouble(stream) == TLS_SPOKE_HTTP);
    /* As far as it goes: whoever sent clear text to a TLS port is owed no more. */
    const enum rc rc = stream_write(mine(stream)->wire.below, &part, 1, &len);
    (void)rc;
}
