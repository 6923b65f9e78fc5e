/* SPDX-License-Identifier: Apache-2.0 */
/* dns: the authoritative name server for load balancer names, over UDP and TCP.
 *
 *   dns_new -> dns_serve (sockets) -> dns_apply (each snapshot) -> dns_free
 *
 * Before the first snapshot nothing is answered, and clients ask again.
 *
 * Thread   the loop's.
 * Sources  RFC 1035, RFC 7766 (TCP). */
#pragma once
#include "base/log.h"
#include "loop/loop.h"
#include "snapshot/snapshot.h"

struct dns;

struct dns_config {
    struct text domain; /* "elb.internal": all we answer for; borrowed for the life of the dns */
    uint32_t own_ip;    /* host order: what ns1.{domain} answers; 0: no such name */
};

struct dns *dns_new(struct loop *loop, const struct log *log, const struct dns_config *config);
void dns_free(struct dns *dns); /* closes everything; NULL is fine */
AUTO_DEFINE(dns)

/* Answers on a bound datagram socket and a listening one (net/udp.h, net/listen.h); once. Takes
 * both, also when it fails (RC_IO). */
MUST_USE enum rc dns_serve(struct dns *dns, int udp_fd, int tcp_fd);

/* From now on answers come from this snapshot, which is borrowed for the call. */
void dns_apply(struct dns *dns, const struct snapshot *snapshot);

/* Queries answered since the start, for the report. */
uint64_t dns_answered(const struct dns *dns);
