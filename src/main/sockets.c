/* SPDX-License-Identifier: Apache-2.0 */
#include "main/sockets.h"

#include "base/limits.h"
#include "base/mem.h"
#include "net/ingress.h"
#include "net/udp.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct held {
    struct list entry;
    struct socket_key key;
    int owner;
    int fd; /* own */
    bool is_asked_for;
};

void sockets_init(struct sockets *sockets)
{
    list_init(&sockets->all);
}

static void held_free(struct held *held)
{
    list_remove(&held->entry);
    (void)close(held->fd); /* nothing to do about a failure */
    mem_give(held);
}

void sockets_done(struct sockets *sockets)
{
    LIST_EACH (&sockets->all, entry) {
        held_free(LIST_ITEM(entry, struct held, entry));
    }
}

static bool is_addr(const struct held *held, struct net_addr addr)
{
    return held->key.addr.ip4 == addr.ip4 && held->key.addr.port == addr.port;
}

/* The kernel lets any of our sockets share an address (SO_REUSEPORT), so the owner is compared
 * here. */
static enum rc find(struct sockets *sockets, const struct socket_key *key, int owner,
                    struct held **out)
{
    LIST_EACH (&sockets->all, entry) {
        struct held *held = LIST_ITEM(entry, struct held, entry);
        if (held->key.kind != key->kind || !is_addr(held, key->addr)) {
            continue;
        }
        if (held->owner != owner) {
            return RC_CONFLICT;
        }
        if (held->key.worker == key->worker) {
            *out = held;
            return RC_OK;
        }
    }
    return RC_ABSENT;
}

bool sockets_is_taken(struct net_addr addr)
{
    struct sockaddr_storage storage;
    const socklen_t len = net_addr_to_sockaddr(&addr, &storage);
    const int on = 1;
    const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_taken = false;

    if (fd >= 0) {
        /* Connections that are ending don't count. */
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        is_taken = bind(fd, (struct sockaddr *)&storage, len) != 0 && errno == EADDRINUSE;
        (void)close(fd);
    }
    return is_taken;
}

static bool is_held(const struct sockets *sockets, const struct socket_key *key)
{
    LIST_EACH (&sockets->all, entry) {
        const struct held *held = LIST_ITEM(entry, struct held, entry);
        if (held->key.kind == key->kind && is_addr(held, key->addr)) {
            return true;
        }
    }
    return false;
}

static size_t count_held(const struct sockets *sockets, int owner)
{
    size_t count = 0;

    LIST_EACH (&sockets->all, entry) {
        count += LIST_ITEM(entry, struct held, entry)->owner == owner;
    }
    return count;
}

static enum rc open_socket(const struct sockets *sockets, const struct socket_key *key, int owner,
                           int *fd)
{
    if (count_held(sockets, owner) >= LIMIT_CHILD_SOCKETS) {
        return RC_LIMIT;
    }
    if (key->kind == SOCKET_TCP && !is_held(sockets, key) && sockets_is_taken(key->addr)) {
        return RC_CONFLICT;
    }
    return key->kind == SOCKET_TCP ? listen_open(key->addr, fd) : udp_open(key->addr, fd);
}

enum rc sockets_take(struct sockets *sockets, const struct socket_key *key, int owner, int *fd)
{
    struct held *held = NULL;
    const enum rc rc = find(sockets, key, owner, &held);

    if (rc == RC_ABSENT) {
        int fresh;
        TRY(open_socket(sockets, key, owner, &fresh));
        held = MEM_NEW(struct held);
        held->key = *key;
        held->owner = owner;
        held->fd = fresh;
        list_push_back(&sockets->all, &held->entry);
    } else if (rc != RC_OK) {
        return rc;
    }
    held->is_asked_for = true;
    *fd = held->fd;
    return RC_OK;
}

enum rc sockets_allow(struct sockets *sockets, struct net_addr addr, int owner,
                      const struct net_source *sources, size_t count)
{
    LIST_EACH (&sockets->all, entry) {
        const struct held *held = LIST_ITEM(entry, struct held, entry);
        bool is_filtered;

        if (held->owner == owner && is_addr(held, addr)) {
            TRY(ingress_attach(held->fd, sources, count, &is_filtered));
        }
    }
    return RC_OK;
}

void sockets_drop(struct sockets *sockets, struct net_addr addr, int owner)
{
    LIST_EACH (&sockets->all, entry) {
        struct held *held = LIST_ITEM(entry, struct held, entry);
        if (held->owner == owner && is_addr(held, addr)) {
            held_free(held);
        }
    }
}

void sockets_forget(struct sockets *sockets, int owner)
{
    LIST_EACH (&sockets->all, entry) {
        struct held *held = LIST_ITEM(entry, struct held, entry);
        held->is_asked_for &= held->owner != owner;
    }
}

void sockets_sweep(struct sockets *sockets, int owner)
{
    LIST_EACH (&sockets->all, entry) {
        struct held *held = LIST_ITEM(entry, struct held, entry);
        if (held->owner == owner && !held->is_asked_for) {
            held_free(held);
        }
    }
}
