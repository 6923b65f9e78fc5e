/* SPDX-License-Identifier: Apache-2.0 */
/* stream: a net/stream that encrypts, over another one.
 *
 * The handshake happens inside the first reads and writes; until it is done they answer RC_AGAIN.
 * Records of one write leave in one system call; buffers are only held while bytes wait. A stream
 * from a client that nobody uses can be packed, and unpacks itself when it is used.
 *
 * Owner    the maker gives a stream; stream_close() frees it and closes the one below.
 * Thread   the loop's. */
#pragma once
#include "net/stream.h"
#include "tls/context.h"

/* What failed, for the log, the metric and a clean answer. */
enum tls_trouble {
    TLS_FINE,
    TLS_SPOKE_HTTP,  /* the first bytes are an HTTP request in clear text */
    TLS_HANDSHAKE,   /* no common version or suite, an alert, garbage */
    TLS_CLIENT_CERT, /* mutual TLS refused it; tls_peer_refusal() tells why */
    TLS_CUT,         /* closed without close_notify */
};

/* Takes `below`, which must be connected; the context is referenced for the stream's life. */
struct stream *tls_stream_server(struct tls_server *server, struct stream *below);
struct stream *tls_stream_client(struct tls_client *client, struct stream *below);

/* Pushes the handshake: RC_OK done, RC_AGAIN wake comes, RC_BAD (trouble tells), RC_IO, RC_END. */
MUST_USE enum rc tls_stream_handshake(struct stream *stream);

/* Takes up a quarter of the memory until the next event or call, which costs a few microseconds
 * more. Any stream: those that cannot stay as they are. */
void tls_stream_rest(struct stream *stream);
/* Whether that would do something. */
bool tls_stream_can_rest(const struct stream *stream);

/* Of a stream made here; for others NULL, false, FINE. */
bool tls_stream_is(const struct stream *stream);
bool tls_stream_is_http2(const struct stream *stream); /* ALPN chose h2 */
enum tls_trouble tls_stream_trouble(const struct stream *stream);
struct text tls_stream_version(const struct stream *stream);      /* "TLSv1.3" */
struct text tls_stream_cipher(const struct stream *stream);       /* OpenSSL's name */
struct text tls_stream_sni(const struct stream *stream);          /* empty: none, or no match */
struct text tls_stream_cert_arn(const struct stream *stream);     /* "session-reused", an ARN */
struct text tls_stream_key_exchange(const struct stream *stream); /* "x25519"; empty: none */
/* A version and a suite were agreed on, also when what followed failed. */
bool tls_stream_is_agreed(const struct stream *stream);
bool tls_stream_is_resumed(const struct stream *stream);

/* Clear-text answer to TLS_SPOKE_HTTP: writes it below, as far as the socket takes it at once. */
void tls_stream_answer_plain(struct stream *stream, struct text answer);
