/* SPDX-License-Identifier: Apache-2.0 */
/* internal: what the files of this room share and nobody else sees. */
#pragma once
#include "base/crate.h"
#include "tls/bio.h"
#include "tls/context.h"

#include <openssl/ssl.h>

/* Where a handshake notes what it chose; hangs at the SSL object as its app data. */
struct tls_choice {
    const struct tls_server *server;
    struct text arn; /* of the certificate, borrowed from the server context */
    bool is_by_name; /* SNI matched; else the default was used */
    bool is_http2;
    X509 *refused; /* own: the client's certificate that was not accepted; NULL: none */
};

/* A fresh SSL object that speaks through `bio`. Given back with the crate it came with, if any. */
SSL *tls_server_ssl(struct tls_server *server, struct tls_choice *choice, struct tls_bio *bio,
                    struct crate **crate);
void tls_server_ssl_free(struct tls_server *server, SSL *ssl, struct crate *crate);
SSL *tls_client_ssl(struct tls_client *client, struct tls_bio *bio);

/* Of a stream made by this room, else NULL. */
SSL *tls_stream_ssl(const struct stream *stream);

/* Crates for SSL objects, of one thread. A few are kept for the next connections: mapping memory
 * costs more than wiping it. */
enum { TLS_CRATES_KEPT = 32 };
struct tls_crates {
    struct crate *kept[TLS_CRATES_KEPT]; /* own */
    size_t count;
};
void tls_crates_done(struct tls_crates *crates);

/* SSL_new(); *crate holds the object. NULL: it lives elsewhere, and cannot be packed. */
SSL *tls_memory_take(struct tls_crates *crates, SSL_CTX *ctx, struct crate **crate);
/* SSL_free(); takes the crate, which is not packed. */
void tls_memory_give(struct tls_crates *crates, SSL *ssl, struct crate *crate);
