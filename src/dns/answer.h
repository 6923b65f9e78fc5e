/* SPDX-License-Identifier: Apache-2.0 */
/* answer: what a DNS query gets: bytes in, bytes out, from a zone. Pure.
 *
 * Authoritative only: names outside the zone are refused, never looked up elsewhere. The question
 * comes back in the letter case it was asked in, since resolvers check it (0x20).
 *
 * Sources  RFC 1035 §4 (messages), RFC 2308 §2 (negative answers), RFC 6891 (EDNS),
 *          RFC 8482 §4.1 (ANY). */
#pragma once
#include "dns/zone.h"

enum {
    ANSWER_BYTES_MAX = 4096,     /* of any answer, over TCP */
    ANSWER_UDP_BYTES_MAX = 1232, /* what passes every path without fragments (DNS flag day 2020) */
};

struct answer_context {
    const struct zone *zone;
    uint64_t serial;   /* of the SOA record */
    bool is_tcp;       /* no truncation */
    bool is_short;     /* over UDP: say only "truncated", so that a real client comes by TCP */
    unsigned rotation; /* which address comes first */
};

/* RC_OK: `out` holds the answer, good or bad. RC_BAD: this gets none (not a query, or too short to
 * say whose answer it would be). */
MUST_USE enum rc answer_query(const struct answer_context *context, struct text query,
                              char out[ANSWER_BYTES_MAX], size_t *len);
