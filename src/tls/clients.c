/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/clients.h"

#include "base/mem.h"

struct tls_clients_entry {
    struct tls_clients_entry *next; /* own */
    const struct tls_policy *policy;
    bool is_http2_offered;
    struct tls_client *client; /* own */
};

void tls_clients_init(struct tls_clients *clients)
{
    *clients = (struct tls_clients){NULL};
}

void tls_clients_done(struct tls_clients *clients)
{
    while (clients->first) {
        struct tls_clients_entry *entry = clients->first;

        clients->first = entry->next;
        tls_client_free(entry->client);
        mem_give(entry);
    }
}

struct tls_client *tls_clients_get(struct tls_clients *clients, const struct tls_policy *policy,
                                   bool is_http2_offered)
{
    struct tls_clients_entry *entry = clients->first;

    while (entry && (entry->policy != policy || entry->is_http2_offered != is_http2_offered)) {
        entry = entry->next;
    }
    if (!entry) {
        entry = MEM_NEW(struct tls_clients_entry);
        *entry = (struct tls_clients_entry){clients->first, policy, is_http2_offered,
                                            tls_client_new(policy, is_http2_offered)};
        clients->first = entry;
    }
    return entry->client;
}
