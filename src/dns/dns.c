/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/dns.h"

#include "base/mem.h"
#include "dns/answer.h"
#include "dns/conversation.h"
#include "dns/rate.h"
#include "net/listen.h"
#include "net/udp.h"

struct dns {
    struct loop *loop;
    const struct log *log;
    struct dns_config config;
    struct zone *zone; /* own; NULL before the first snapshot */
    uint64_t serial;
    uint64_t answered;
    struct udp udp;
    struct listen listen;
    struct list conversations; /* own */
    size_t conversation_count;
    struct rate rate;
};

struct dns *dns_new(struct loop *loop, const struct log *log, const struct dns_config *config)
{
    struct dns *dns = MEM_NEW(struct dns);

    dns->loop = loop;
    dns->log = log;
    dns->config = *config;
    list_init(&dns->conversations);
    return dns;
}

void dns_free(struct dns *dns)
{
    if (!dns) {
        return;
    }
    udp_stop(&dns->udp);
    listen_stop(&dns->listen);
    LIST_EACH (&dns->conversations, link) {
        conversation_close(LIST_ITEM(link, struct conversation, link));
    }
    ASSERT(dns->conversation_count == 0);
    zone_free(dns->zone);
    mem_give(dns);
}

static enum rc answer(struct dns *dns, struct text query, bool is_tcp, bool is_short, char *out,
                      size_t *len)
{
    const struct answer_context context = {
        .zone = dns->zone,
        .serial = dns->serial,
        .is_tcp = is_tcp,
        .is_short = is_short,
        .rotation = (unsigned)dns->answered,
    };

    if (!dns->zone) {
        return RC_ABSENT;
    }
    TRY(answer_query(&context, query, out, len));
    dns->answered++;
    return RC_OK;
}

static void on_datagram(void *arg, struct net_addr peer, struct text data)
{
    struct dns *dns = arg;
    char out[ANSWER_BYTES_MAX];
    size_t len;
    const bool is_short = !rate_take(&dns->rate, peer.ip4, loop_now_ms(dns->loop));

    if (answer(dns, data, false, is_short, out, &len) == RC_OK) {
        /* What the kernel cannot take is lost, as any datagram may be. */
        (void)!udp_send(&dns->udp, peer, (struct text){out, len});
    }
}

static enum rc on_query(void *arg, struct text query, char *out, size_t *len)
{
    return answer(arg, query, true, false, out, len);
}

static void on_gone(void *arg)
{
    struct dns *dns = arg;

    dns->conversation_count--;
}

static void on_accept(void *arg, int fd, struct net_addr peer)
{
    struct dns *dns = arg;
    struct stream *stream;

    if (stream_open_plain(dns->loop, fd, peer, &stream) != RC_OK) {
        return;
    }
    if (dns->conversation_count == LIMIT_DNS_CONNECTIONS) {
        stream_close(stream);
        return;
    }
    dns->conversation_count++;
    conversation_start(stream, &dns->conversations, on_query, on_gone, dns);
}

enum rc dns_serve(struct dns *dns, int udp_fd, int tcp_fd)
{
    const enum rc udp_rc = udp_start(&dns->udp, dns->loop, udp_fd, on_datagram, dns);
    const enum rc tcp_rc = listen_start(&dns->listen, dns->loop, tcp_fd, on_accept, dns);

    return udp_rc != RC_OK ? udp_rc : tcp_rc;
}

void dns_apply(struct dns *dns, const struct snapshot *snapshot)
{
    size_t count;
    const struct snap_balancer *balancers = snapshot_balancers(snapshot, &count);

    zone_free(dns->zone);
    dns->zone = zone_new(dns->config.domain, dns->config.own_ip, balancers, count);
    dns->serial = snapshot_revision(snapshot);
    log_event(dns->log, LOG_DEBUG, "zone in use", {"domain", dns->config.domain});
}

uint64_t dns_answered(const struct dns *dns)
{
    return dns->answered;
}
