/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/server.h"

#include "base/limits.h"
#include "base/mem.h"
#include "feed/hello.h"
#include "feed/link.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEER_ARENA_BYTES = 16 * 1024 };

struct feed_peer {
    struct link link;
    struct list entry; /* in the server's peers */
    struct feed_server *server;
    struct loop_timer hello_timer;
    struct arena *arena; /* own: hello's texts */
    struct hello hello;
    bool is_joined;
};

/* What peers of one role get. */
struct edition {
    char *role;              /* own; "": every other role */
    struct parcel *snapshot; /* own: the newest */
};

struct feed_server {
    const struct feed_server_user *user;
    struct loop *loop;
    struct loop_watch watch; /* .fd is the listening socket */
    struct list peers;
    size_t peer_count;
    struct edition editions[FEED_EDITIONS_MAX];
    size_t edition_count;
};

/* ---- editions ----------------------------------------------------------------------------- */

/* NULL: none. */
static struct edition *find_edition(struct feed_server *server, struct text role)
{
    for (size_t i = 0; i < server->edition_count; i++) {
        if (text_eq(text_of(server->editions[i].role), role)) {
            return &server->editions[i];
        }
    }
    return NULL;
}

static struct edition *edition_of(struct feed_server *server, const struct feed_peer *peer)
{
    struct edition *own = find_edition(server, peer->hello.role);

    return own ? own : find_edition(server, TEXT(""));
}

static struct edition *add_edition(struct feed_server *server, struct text role)
{
    struct edition *edition = &server->editions[server->edition_count];

    ASSERT(server->edition_count < FEED_EDITIONS_MAX);
    edition->role = mem_string(role);
    server->edition_count++;
    return edition;
}

static void editions_done(struct feed_server *server)
{
    for (size_t i = 0; i < server->edition_count; i++) {
        parcel_unref(server->editions[i].snapshot);
        mem_give(server->editions[i].role);
    }
}

/* ---- peers -------------------------------------------------------------------------------- */

static void peer_free(struct feed_peer *peer)
{
    loop_timer_cancel(peer->server->loop, &peer->hello_timer);
    link_close(&peer->link);
    list_remove(&peer->entry);
    peer->server->peer_count--;
    arena_free(peer->arena);
    mem_give(peer);
}

static enum rc join(struct feed_peer *peer, struct text payload)
{
    struct feed_server *server = peer->server;

    TRY(hello_parse(payload, peer->arena, &peer->hello));
    loop_timer_cancel(server->loop, &peer->hello_timer);
    peer->is_joined = true;
    server->user->joined(server->user->arg, peer);
    const struct edition *edition = edition_of(server, peer);
    if (edition) {
        link_send(&peer->link, edition->snapshot);
    }
    return RC_OK;
}

static enum rc peer_received(struct link *link, enum feed_kind kind, struct text payload)
{
    struct feed_peer *peer = CONTAINER_OF(link, struct feed_peer, link);
    const struct feed_server_user *user = peer->server->user;

    if ((kind == FEED_HELLO) == peer->is_joined) {
        return RC_BAD; /* one hello, and first */
    }
    if (kind == FEED_HELLO) {
        return join(peer, payload);
    }
    if (kind == FEED_LINES) {
        return user->logged ? user->logged(user->arg, peer, payload) : RC_BAD;
    }
    return user->reported(user->arg, peer, payload);
}

static void peer_broken(struct link *link)
{
    struct feed_peer *peer = CONTAINER_OF(link, struct feed_peer, link);
    const struct feed_server_user *user = peer->server->user;

    if (peer->is_joined) {
        user->left(user->arg, peer);
    }
    peer_free(peer);
}

static void hello_is_late(struct loop_timer *timer)
{
    peer_free(CONTAINER_OF(timer, struct feed_peer, hello_timer));
}

static const struct link_user peer_user = {
    .accepts = FEED_SET(HELLO) | FEED_SET(REPORT) | FEED_SET(LINES),
    .received = peer_received,
    .broken = peer_broken,
};

static void welcome(struct feed_server *server, int fd)
{
    struct feed_peer *peer = MEM_NEW(struct feed_peer);

    if (link_open(&peer->link, server->loop, fd, &peer_user) != RC_OK) {
        mem_give(peer);
        return; /* it will come again */
    }
    peer->server = server;
    peer->arena = arena_new(256, PEER_ARENA_BYTES);
    list_push_back(&server->peers, &peer->entry);
    server->peer_count++;
    loop_timer_init(&peer->hello_timer, hello_is_late);
    loop_timer_set(server->loop, &peer->hello_timer,
                   loop_now_ms(server->loop) + LIMIT_FEED_HELLO_MS);
}

static void accept_ready(struct loop_watch *watch, unsigned events)
{
    struct feed_server *server = CONTAINER_OF(watch, struct feed_server, watch);
    const int fd = accept4(watch->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        return; /* level-triggered: whoever still waits is tried again */
    }
    if (server->peer_count >= LIMIT_FEED_PEERS) {
        (void)close(fd); /* it reconnects; a place may be free then */
        return;
    }
    welcome(server, fd);
}

/* ---- the server --------------------------------------------------------------------------- */

enum rc feed_server_new(struct loop *loop, int listen_fd, const struct feed_server_user *user,
                        struct feed_server **out)
{
    struct feed_server *server = MEM_NEW(struct feed_server);

    server->user = user;
    server->loop = loop;
    list_init(&server->peers);
    if (loop_watch_level(loop, &server->watch, listen_fd, accept_ready) != RC_OK) {
        (void)close(listen_fd); /* it is refused already */
        mem_give(server);
        return RC_IO;
    }
    *out = server;
    return RC_OK;
}

void feed_server_free(struct feed_server *server)
{
    if (!server) {
        return;
    }
    const int fd = server->watch.fd;
    loop_watch_stop(server->loop, &server->watch);
    (void)close(fd); /* nothing to do about a failure */
    LIST_EACH (&server->peers, entry) {
        peer_free(LIST_ITEM(entry, struct feed_peer, entry));
    }
    editions_done(server);
    mem_give(server);
}

void feed_server_publish(struct feed_server *server, struct text role, struct text snapshot)
{
    struct edition *edition = find_edition(server, role);

    if (!edition) {
        edition = add_edition(server, role);
    }
    parcel_unref(edition->snapshot);
    edition->snapshot = parcel_new(FEED_SNAPSHOT, snapshot);
    LIST_EACH (&server->peers, entry) {
        struct feed_peer *peer = LIST_ITEM(entry, struct feed_peer, entry);
        if (peer->is_joined && edition_of(server, peer) == edition) {
            link_send(&peer->link, edition->snapshot);
        }
    }
}

void feed_peer_send(struct feed_peer *peer, enum feed_kind kind, struct text payload)
{
    struct parcel *parcel = parcel_new(kind, payload);

    link_send(&peer->link, parcel);
    parcel_unref(parcel);
}

struct text feed_peer_role(const struct feed_peer *peer)
{
    return peer->hello.role;
}

struct text feed_peer_zone(const struct feed_peer *peer)
{
    return peer->hello.zone;
}

size_t feed_server_peers(const struct feed_server *server)
{
    size_t count = 0;

    LIST_EACH (&server->peers, entry) {
        count += LIST_ITEM(entry, struct feed_peer, entry)->is_joined;
    }
    return count;
}
