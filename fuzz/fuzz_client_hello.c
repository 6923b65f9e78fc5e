/* SPDX-License-Identifier: Apache-2.0 */
/* A stranger's bytes against a server stream: SNI, ALPN, signature algorithms, records. */
#include "fuzz.h"

#include "certs.h"
#include "tls/stream.h"

struct memory_stream {
    struct stream face;
    const uint8_t *at;
    size_t left;
};

static enum rc memory_read(struct stream *stream, char *into, size_t size, size_t *len)
{
    struct memory_stream *memory = CONTAINER_OF(stream, struct memory_stream, face);

    if (memory->left == 0) {
        return RC_END;
    }
    *len = size < memory->left ? size : memory->left;
    memcpy(into, memory->at, *len);
    memory->at += *len;
    memory->left -= *len;
    return RC_OK;
}

static enum rc memory_write(struct stream *stream, const struct iovec *parts, int count,
                            size_t *len)
{
    *len = 0;
    for (int i = 0; i < count; i++) {
        *len += parts[i].iov_len;
    }
    return RC_OK;
}

static enum rc memory_shutdown(struct stream *stream)
{
    return RC_OK;
}

static void memory_close(struct stream *stream)
{
}

static const struct stream_ops memory_ops = {memory_read, memory_write, memory_shutdown,
                                             memory_close};

static struct tls_server *new_context(void)
{
    struct made_cert rsa = made_cert_new("*.a.test,b.test", false);
    struct made_cert ecdsa = made_cert_new("www.a.test", true);
    const struct tls_certificate certs[] = {
        {TEXT_INIT("arn:rsa"), rsa.chain_pem, rsa.key_pem},
        {TEXT_INIT("arn:ecdsa"), ecdsa.chain_pem, ecdsa.key_pem},
    };
    static const unsigned char keys[1][TLS_TICKET_KEY_BYTES] = {"one key"};
    const struct tls_server_config config = {
        .policy = tls_policy_find(TLS_POLICY_DEFAULT),
        .certificates = certs,
        .certificate_count = 2,
        .ticket_keys = keys,
        .ticket_key_count = 1,
        .is_http2_offered = true,
    };
    struct tls_server *context = NULL;
    char why[256];

    ASSERT(tls_server_new(&config, &context, why, sizeof(why)) == RC_OK);
    made_cert_done(&rsa);
    made_cert_done(&ecdsa);
    return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tls_server *context;
    struct memory_stream below = {
        .face = {.ops = &memory_ops, .is_readable = true, .is_writable = true, .watch = {.fd = -1}},
        .at = data,
        .left = size,
    };
    char bytes[4096];
    size_t len;

    if (!context) {
        context = new_context();
    }
    struct stream *stream = tls_stream_server(context, &below.face);
    while (stream_read(stream, bytes, sizeof(bytes), &len) == RC_OK) {
    }
    ASSERT(tls_stream_sni(stream).len <= 255);
    (void)tls_stream_is_http2(stream);
    stream_close(stream);
    return 0;
}
