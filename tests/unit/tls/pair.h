/* SPDX-License-Identifier: Apache-2.0 */
/* pair: a server stream of ours and OpenSSL itself as the client, over a socket pair. */
#pragma once
#include "tls/memory.h"
#include "tls/provider.h"
#include "tls/stream.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
    struct tls_provider *provider;
    struct loop *loop;
    struct tls_server *context;
    struct stream *below;
    struct stream *server;
    SSL_CTX *client_ctx;
    SSL *client;
    int client_fd;
};

/* As in a node: before OpenSSL is used in any way. */
__attribute__((constructor)) static void own_memory(void)
{
    tls_memory_init();
}

static inline void pair_open(struct pair *pair, struct tls_server *context)
{
    int fds[2];

    *pair = (struct pair){.provider = tls_provider_new(), .context = context}; /* as a node does */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    pair->loop = loop_new();
    assert_int_equal(stream_open_plain(pair->loop, fds[0], (struct net_addr){0}, &pair->below),
                     RC_OK);
    pair->server = tls_stream_server(context, pair->below);
    pair->client_fd = fds[1];
    pair->client_ctx = SSL_CTX_new(TLS_client_method());
    pair->client = SSL_new(pair->client_ctx);
    SSL_set_fd(pair->client, fds[1]);
    SSL_set_connect_state(pair->client);
}

static inline void pair_close(struct pair *pair)
{
    SSL_free(pair->client);
    SSL_CTX_free(pair->client_ctx);
    if (pair->server) {
        stream_close(pair->server);
    }
    loop_free(pair->loop);
    (void)close(pair->client_fd);
    tls_provider_free(pair->provider);
}

/* Turns both sides until the handshake ended one way or the other. */
static inline enum rc shake(struct pair *pair)
{
    enum rc rc = RC_AGAIN;

    for (int i = 0; i < 50; i++) {
        const int client = SSL_do_handshake(pair->client);
        loop_turn(pair->loop, 0);
        rc = tls_stream_handshake(pair->server);
        if ((client == 1 && rc == RC_OK) || (rc != RC_OK && rc != RC_AGAIN)) {
            return rc;
        }
    }
    return rc;
}
