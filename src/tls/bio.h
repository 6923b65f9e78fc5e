/* SPDX-License-Identifier: Apache-2.0 */
/* bio: joins an SSL object to the stream below it.
 *
 * What OpenSSL writes is collected and leaves with one call per flush, so that many records cost
 * one system call; memory for it is held only while bytes wait. A record that is alone leaves at
 * once, without being collected. A short read below is remembered, so that OpenSSL's second look
 * costs nothing. */
#pragma once
#include "net/stream.h"

#include <openssl/ssl.h>

struct tls_bio {
    struct stream *below; /* own: closed by the tls stream */
    char *out;            /* own: collected records; NULL when none wait */
    size_t out_len;
    size_t out_sent;
    size_t out_size;
    bool is_direct; /* set by the user: nothing that is worth waiting for follows the next record */
};

/* OpenSSL's table of our functions; one a context, freed after the context's last stream. */
BIO_METHOD *tls_bio_method_new(void);

void tls_bio_init(struct tls_bio *bio, struct stream *below);
void tls_bio_done(struct tls_bio *bio);
/* Makes `ssl` read and write through it; the address of `bio` must stay. */
void tls_bio_attach(struct tls_bio *bio, const BIO_METHOD *method, SSL *ssl);

/* RC_OK all sent; RC_AGAIN the socket is full; RC_IO. */
MUST_USE enum rc tls_bio_flush(struct tls_bio *bio);

static inline bool tls_bio_is_flushed(const struct tls_bio *bio)
{
    return bio->out_len == bio->out_sent;
}

/* Records with so much content follow before the next flush: room for them in one piece. */
void tls_bio_expect(struct tls_bio *bio, size_t content_bytes);
/* Whether one more record may be collected before a flush. */
bool tls_bio_has_room(const struct tls_bio *bio);
