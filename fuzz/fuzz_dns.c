/* SPDX-License-Identifier: Apache-2.0 */
/* Any datagram as a query: what comes back is a message that can be read, and repeats the id. */
#include "dns/answer.h"
#include "fuzz.h"

#include <ldns/ldns.h>

static const struct snap_address addresses[] = {
    {TEXT_INIT("us-east-1a"), 0x7f00500a},
    {TEXT_INIT("us-east-1b"), 0x7f00500b},
};
static const struct snap_balancer balancer = {
    .dns_name = TEXT_INIT("alb-1.us-east-1.elb.internal"),
    .addresses = addresses,
    .address_count = 2,
};

static void check(const struct answer_context *context, struct text query)
{
    char out[ANSWER_BYTES_MAX];
    ldns_pkt *parsed = NULL;
    size_t len = 0;

    if (answer_query(context, query, out, &len) != RC_OK) {
        return;
    }
    ASSERT(len >= 12 && (context->is_tcp || len <= ANSWER_UDP_BYTES_MAX));
    ASSERT(memcmp(out, query.at, 2) == 0 && (out[2] & 0x80));
    ASSERT(ldns_wire2pkt(&parsed, (const uint8_t *)out, len) == LDNS_STATUS_OK);
    ldns_pkt_free(parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zone *zone = zone_new(TEXT("elb.internal"), 0x7f005002, &balancer, 1);
    const struct text query = {(const char *)data, size};

    check(&(struct answer_context){.zone = zone, .serial = 1}, query);
    check(&(struct answer_context){.zone = zone, .is_tcp = true, .rotation = 1}, query);
    check(&(struct answer_context){.zone = zone, .is_short = true}, query);
    zone_free(zone);
    return 0;
}
