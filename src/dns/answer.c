/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/answer.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <stdio.h>

enum {
    HEADER_BYTES = 12,
    PLAIN_UDP_BYTES = 512, /* RFC 1035 §4.2.1: without EDNS */
    ADDRESSES_MAX = 64,
    NAME_BYTES_MAX = 256,
    RCODE_BADVERS_HIGH = 1, /* RFC 6891 §6.1.3: rcode 16, its upper bits */
};

/* One question being answered. */
struct answering {
    const struct answer_context *context;
    const ldns_pkt *query;
    ldns_pkt *reply; /* own */
};

/* ldns answers NULL when memory is gone; as everywhere here, nothing pretends to handle that. */
static void *sure(void *made)
{
    ASSERT(made != NULL);
    return made;
}

/* ---- records ------------------------------------------------------------------------------ */

static void add_address(struct answering *it, ldns_pkt_section section, const ldns_rdf *owner,
                        uint32_t ip)
{
    const uint32_t wire = htonl(ip);
    ldns_rr *rr = sure(ldns_rr_new_frm_type(LDNS_RR_TYPE_A));

    ldns_rr_set_owner(rr, sure(ldns_rdf_clone(owner)));
    ldns_rr_set_ttl(rr, ZONE_TTL_S);
    (void)ldns_rr_set_rdf(rr, sure(ldns_rdf_new_frm_data(LDNS_RDF_TYPE_A, sizeof(wire), &wire)), 0);
    ASSERT(ldns_pkt_push_rr(it->reply, section, rr));
}

/* A record of the domain itself, written as in a zone file. */
static void add_written(struct answering *it, ldns_pkt_section section, const char *line)
{
    ldns_rr *rr = NULL;

    ASSERT(ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) == LDNS_STATUS_OK);
    ASSERT(ldns_pkt_push_rr(it->reply, section, rr));
}

/* RFC 2308 §5: the SOA's last number is how long "no" may be remembered. */
static void add_soa(struct answering *it, ldns_pkt_section section)
{
    const struct text domain = zone_domain(it->context->zone);
    char line[1024];

    (void)snprintf(line, sizeof(line),
                   "%.*s. %d IN SOA ns1.%.*s. hostmaster.%.*s. %u 7200 900 1209600 %d",
                   TEXT_ARG(domain), ZONE_TTL_S, TEXT_ARG(domain), TEXT_ARG(domain),
                   (unsigned)it->context->serial, ZONE_TTL_S);
    add_written(it, section, line);
}

static void add_ns(struct answering *it)
{
    const struct text domain = zone_domain(it->context->zone);
    char line[1024];

    (void)snprintf(line, sizeof(line), "%.*s. %d IN NS ns1.%.*s.", TEXT_ARG(domain), ZONE_TTL_S,
                   TEXT_ARG(domain));
    add_written(it, LDNS_SECTION_ANSWER, line);
}

/* ---- the question ------------------------------------------------------------------------- */

/* The name in lower case, dots between the labels. A dot inside a label becomes NUL, so that the
 * name equals none of ours. */
static struct text name_of(const ldns_rdf *owner, char into[NAME_BYTES_MAX])
{
    const uint8_t *wire = ldns_rdf_data(owner);
    const size_t size = ldns_rdf_size(owner);
    size_t len = 0;

    ASSERT(size <= NAME_BYTES_MAX);
    for (size_t at = 0; at < size && wire[at]; at += wire[at] + 1u) {
        if (len) {
            into[len++] = '.';
        }
        for (size_t i = at + 1; i <= at + wire[at]; i++) {
            into[len++] = wire[i] == '.' ? '\0' : ascii_lower((char)wire[i]);
        }
    }
    return (struct text){into, len};
}

static void answer_addresses(struct answering *it, const ldns_rdf *owner,
                             const struct zone_name *name)
{
    const size_t count = name->ip_count < ADDRESSES_MAX ? name->ip_count : ADDRESSES_MAX;

    for (size_t i = 0; i < count; i++) {
        add_address(it, LDNS_SECTION_ANSWER, owner,
                    name->ips[(i + it->context->rotation) % name->ip_count]);
    }
}

static void answer_present(struct answering *it, const ldns_rr *question,
                           const struct zone_name *name)
{
    const ldns_rr_type type = ldns_rr_get_type(question);
    const bool wants_any =
        type == LDNS_RR_TYPE_ANY; /* RFC 8482 §4.1: one set of records is enough */

    if (name->is_apex && (wants_any || type == LDNS_RR_TYPE_SOA)) {
        add_soa(it, LDNS_SECTION_ANSWER);
    } else if (name->is_apex && type == LDNS_RR_TYPE_NS) {
        add_ns(it);
    } else if (name->ip_count && (wants_any || type == LDNS_RR_TYPE_A)) {
        answer_addresses(it, ldns_rr_owner(question), name);
    } else {
        add_soa(it, LDNS_SECTION_AUTHORITY); /* NODATA */
    }
}

static void answer_question(struct answering *it, const ldns_rr *question)
{
    char into[NAME_BYTES_MAX];
    const struct zone_name *name = NULL;
    const struct text asked = name_of(ldns_rr_owner(question), into);

    switch (zone_find(it->context->zone, asked, &name)) {
    case ZONE_FOREIGN:
        ldns_pkt_set_rcode(it->reply, LDNS_RCODE_REFUSED);
        return;
    case ZONE_ABSENT:
        ldns_pkt_set_aa(it->reply, true);
        ldns_pkt_set_rcode(it->reply, LDNS_RCODE_NXDOMAIN);
        add_soa(it, LDNS_SECTION_AUTHORITY);
        return;
    case ZONE_PRESENT:
        ldns_pkt_set_aa(it->reply, true);
        answer_present(it, question, name);
        return;
    }
}

/* What can be said without looking at a name; true when that was all. */
static bool answer_early(struct answering *it)
{
    const ldns_rr_list *questions = ldns_pkt_question(it->query);

    if (ldns_pkt_get_opcode(it->query) != LDNS_PACKET_QUERY) {
        ldns_pkt_set_rcode(it->reply, LDNS_RCODE_NOTIMPL);
        return true;
    }
    if (ldns_rr_list_rr_count(questions) != 1) {
        ldns_pkt_set_rcode(it->reply, LDNS_RCODE_FORMERR); /* RFC 9619: exactly one */
        return true;
    }
    if (ldns_pkt_edns(it->query) && ldns_pkt_edns_version(it->query) != 0) {
        ldns_pkt_set_edns_extended_rcode(it->reply, RCODE_BADVERS_HIGH);
        return true;
    }
    const ldns_rr *question = ldns_rr_list_rr(questions, 0);
    const ldns_rr_type type = ldns_rr_get_type(question);
    if (ldns_rr_get_class(question) != LDNS_RR_CLASS_IN || type == LDNS_RR_TYPE_AXFR ||
        type == LDNS_RR_TYPE_IXFR) {
        ldns_pkt_set_rcode(it->reply, LDNS_RCODE_REFUSED);
        return true;
    }
    return false;
}

/* ---- the message -------------------------------------------------------------------------- */

static ldns_pkt *reply_to(const ldns_pkt *query)
{
    ldns_pkt *reply = sure(ldns_pkt_new());
    const ldns_rr_list *questions = ldns_pkt_question(query);

    ldns_pkt_set_id(reply, ldns_pkt_id(query));
    ldns_pkt_set_qr(reply, true);
    ldns_pkt_set_opcode(reply, ldns_pkt_get_opcode(query));
    ldns_pkt_set_rd(reply, ldns_pkt_rd(query));
    if (ldns_rr_list_rr_count(questions) == 1) {
        ldns_rr *question = sure(ldns_rr_clone(ldns_rr_list_rr(questions, 0)));
        ASSERT(ldns_pkt_push_rr(reply, LDNS_SECTION_QUESTION, question));
    }
    if (ldns_pkt_edns(query)) {
        ldns_pkt_set_edns_udp_size(reply, ANSWER_UDP_BYTES_MAX);
        ldns_pkt_set_edns_do(reply, ldns_pkt_edns_do(query));
    }
    return reply;
}

static size_t room(const struct answering *it)
{
    const uint16_t asked = ldns_pkt_edns(it->query) ? ldns_pkt_edns_udp_size(it->query) : 0;

    if (it->context->is_tcp) {
        return ANSWER_BYTES_MAX;
    }
    if (asked <= PLAIN_UDP_BYTES) {
        return PLAIN_UDP_BYTES;
    }
    return asked < ANSWER_UDP_BYTES_MAX ? asked : ANSWER_UDP_BYTES_MAX;
}

/* False: it does not fit. */
static bool write_reply(const struct answering *it, char *out, size_t *len)
{
    uint8_t *wire = NULL;
    size_t size = 0;

    ASSERT(ldns_pkt2wire(&wire, it->reply, &size) == LDNS_STATUS_OK);
    const bool fits = size <= room(it);
    if (fits) {
        memcpy(out, wire, size);
        *len = size;
    }
    LDNS_FREE(wire);
    return fits;
}

/* RFC 2181 §9: a client that sees TC asks again over TCP, so nothing else is worth sending. */
static void write_truncated(struct answering *it, char *out, size_t *len)
{
    ldns_pkt_free(it->reply);
    it->reply = reply_to(it->query);
    ldns_pkt_set_tc(it->reply, true);
    ASSERT(write_reply(it, out, len));
}

/* RFC 1035 §4.1.1: FORMERR for what has a header and is broken behind it. */
static void write_format_error(struct text query, char *out, size_t *len)
{
    const char header[HEADER_BYTES] = {query.at[0], query.at[1],
                                       (char)(0x80 | (query.at[2] & 0x79)), LDNS_RCODE_FORMERR};

    memcpy(out, header, sizeof(header));
    *len = sizeof(header);
}

enum rc answer_query(const struct answer_context *context, struct text query,
                     char out[ANSWER_BYTES_MAX], size_t *len)
{
    ldns_pkt *parsed = NULL;

    if (query.len < HEADER_BYTES || ((unsigned char)query.at[2] & 0x80)) {
        return RC_BAD; /* too short, or itself an answer */
    }
    if (ldns_wire2pkt(&parsed, (const uint8_t *)query.at, query.len) != LDNS_STATUS_OK) {
        write_format_error(query, out, len);
        return RC_OK;
    }
    struct answering it = {.context = context, .query = parsed, .reply = reply_to(parsed)};
    if (!answer_early(&it)) {
        answer_question(&it, ldns_rr_list_rr(ldns_pkt_question(parsed), 0));
    }
    if ((context->is_short && !context->is_tcp) || !write_reply(&it, out, len)) {
        write_truncated(&it, out, len);
    }
    ldns_pkt_free(it.reply);
    ldns_pkt_free(parsed);
    return RC_OK;
}
