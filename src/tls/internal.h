/* SPDX-License-Identifier: Apache-2.0 */
/* internal: what the files of this room share and nobody else sees. */
#pragma once
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

/* A fresh SSL object that speaks through `bio`. */
SSL *tls_server_ssl(struct tls_server *server, struct tls_choice *choice, struct tls_bio *bio);
SSL *tls_client_ssl(struct tls_client *client, struct tls_bio *bio);

/* Of a stream made by this room, else NULL. */
SSL *tls_stream_ssl(const struct stream *stream);
