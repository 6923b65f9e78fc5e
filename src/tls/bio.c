/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/bio.h"

#include "base/limits.h"
#include "base/mem.h"

void tls_bio_init(struct tls_bio *bio, struct stream *below)
{
    *bio = (struct tls_bio){.below = below};
}

void tls_bio_done(struct tls_bio *bio)
{
    mem_give(bio->out);
    bio->out = NULL;
}

bool tls_bio_has_room(const struct tls_bio *bio)
{
    return bio->out_len + SSL3_RT_MAX_ENCRYPTED_LENGTH <= LIMIT_TLS_OUT_BYTES;
}

enum rc tls_bio_flush(struct tls_bio *bio)
{
    while (!tls_bio_is_flushed(bio)) {
        struct iovec part = {bio->out + bio->out_sent, bio->out_len - bio->out_sent};
        size_t len;

        TRY(stream_write(bio->below, &part, 1, &len));
        bio->out_sent += len;
        if (!tls_bio_is_flushed(bio) && !bio->below->is_writable) {
            return RC_AGAIN;
        }
    }
    mem_give(bio->out);
    bio->out = NULL;
    bio->out_len = bio->out_sent = bio->out_size = 0;
    return RC_OK;
}

static void make_room(struct tls_bio *bio, size_t bytes)
{
    size_t size = bio->out_size ? bio->out_size : 1024;

    if (bio->out_size - bio->out_len >= bytes) {
        return;
    }
    while (size - bio->out_len < bytes) {
        size *= 2;
    }
    bio->out = mem_grow(bio->out, size);
    bio->out_size = size;
}

void tls_bio_expect(struct tls_bio *bio, size_t content_bytes)
{
    const size_t records = content_bytes / SSL3_RT_MAX_PLAIN_LENGTH + 1;
    const size_t bytes = content_bytes + records * SSL3_RT_MAX_ENCRYPTED_OVERHEAD;

    make_room(bio, bytes < LIMIT_TLS_OUT_BYTES ? bytes : LIMIT_TLS_OUT_BYTES);
}

static void collect(struct tls_bio *bio, const char *bytes, size_t len)
{
    make_room(bio, len);
    memcpy(bio->out + bio->out_len, bytes, len);
    bio->out_len += len;
}

/* How much of it has left. A failure shows again at the flush. */
static size_t send_at_once(struct tls_bio *bio, const char *bytes, size_t len)
{
    struct iovec part = {(void *)(uintptr_t)bytes, len};
    size_t sent;

    return bio->is_direct && tls_bio_is_flushed(bio) &&
                   stream_write(bio->below, &part, 1, &sent) == RC_OK
               ? sent
               : 0;
}

static int on_write(BIO *handle, const char *bytes, size_t len, size_t *written)
{
    struct tls_bio *bio = BIO_get_data(handle);
    const size_t sent = send_at_once(bio, bytes, len);

    if (sent < len) {
        collect(bio, bytes + sent, len - sent);
    }
    *written = len;
    return 1;
}

static int on_read(BIO *handle, char *into, size_t size, size_t *len)
{
    struct tls_bio *bio = BIO_get_data(handle);
    enum rc rc = RC_AGAIN;

    BIO_clear_retry_flags(handle);
    if (bio->below->is_readable) {
        rc = stream_read(bio->below, into, size, len);
    }
    if (rc == RC_AGAIN) {
        BIO_set_retry_read(handle);
    } else if (rc == RC_END) {
        BIO_set_flags(handle, BIO_FLAGS_IN_EOF);
    }
    return rc == RC_OK;
}

static long on_ctrl(BIO *handle, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1; /* the stream flushes once, after OpenSSL's call */
    case BIO_CTRL_EOF:
        return BIO_test_flags(handle, BIO_FLAGS_IN_EOF) != 0;
    default:
        return 0;
    }
}

BIO_METHOD *tls_bio_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");

    ASSERT(method != NULL);
    (void)BIO_meth_set_write_ex(method, on_write);
    (void)BIO_meth_set_read_ex(method, on_read);
    (void)BIO_meth_set_ctrl(method, on_ctrl);
    return method;
}

void tls_bio_attach(struct tls_bio *bio, const BIO_METHOD *method, SSL *ssl)
{
    BIO *handle = BIO_new(method);

    ASSERT(handle != NULL);
    BIO_set_data(handle, bio);
    BIO_set_init(handle, 1);
    SSL_set_bio(ssl, handle, handle);
}
