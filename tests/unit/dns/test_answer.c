/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/answer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "test.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_AXFR = 252, TYPE_ANY = 255 };
enum { NO_EDNS = 0 };

static const struct snap_address addresses[] = {
    {TEXT_INIT("us-east-1a"), 0x7f00500a},
    {TEXT_INIT("us-east-1b"), 0x7f00500b},
};
static const struct snap_balancer balancer = {
    .dns_name = TEXT_INIT("alb-1.us-east-1.elb.internal"),
    .addresses = addresses,
    .address_count = 2,
};

#define NAME "alb-1.us-east-1.elb.internal"

static void add_u16(struct buf *out, unsigned value)
{
    buf_add_byte(out, (char)(value >> 8));
    buf_add_byte(out, (char)(value & 0xff));
}

static void add_question(struct buf *out, const char *name, unsigned type)
{
    struct text rest = text_of(name);
    struct text label;

    while (rest.len && text_next(&rest, '.', &label)) {
        buf_add_byte(out, (char)label.len);
        buf_add(out, label);
    }
    buf_add_byte(out, '\0');
    add_u16(out, type);
    add_u16(out, 1);
}

static void make_query(struct buf *out, const char *name, unsigned type, unsigned edns_bytes)
{
    buf_init(out, 10000);
    buf_add(out, TEXT("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00"));
    buf_add_byte(out, edns_bytes ? 1 : 0);
    add_question(out, name, type);
    if (edns_bytes) {
        buf_add(out, TEXT("\x00\x00\x29"));
        add_u16(out, edns_bytes);
        buf_add(out, TEXT("\x00\x00\x00\x00\x00\x00"));
    }
}

/* The parsed answer to raw bytes, from the balancer above or another one. */
static ldns_pkt *ask_raw(struct text query, const struct snap_balancer *from, unsigned rotation,
                         bool is_tcp, bool is_short)
{
    AUTO(zone) struct zone *zone = zone_new(TEXT("elb.internal"), 0x7f005002, from, 1);
    const struct answer_context context = {zone, 7, is_tcp, is_short, rotation};
    char out[ANSWER_BYTES_MAX];
    ldns_pkt *answer = NULL;
    size_t len = 0;

    assert_int_equal(answer_query(&context, query, out, &len), RC_OK);
    assert_int_equal(ldns_wire2pkt(&answer, (const uint8_t *)out, len), LDNS_STATUS_OK);
    assert_true(ldns_pkt_qr(answer));
    assert_int_equal(ldns_pkt_id(answer), 0x1234);
    return answer;
}

static ldns_pkt *ask(const char *name, unsigned type)
{
    struct buf query;

    make_query(&query, name, type, NO_EDNS);
    ldns_pkt *answer = ask_raw(buf_text(&query), &balancer, 0, false, false);
    buf_done(&query);
    return answer;
}

static size_t count(ldns_rr_list *list)
{
    return ldns_rr_list_rr_count(list);
}

static uint32_t address_at(const ldns_pkt *answer, size_t i)
{
    const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(answer), i);
    uint32_t wire;

    assert_int_equal(ldns_rr_get_type(rr), LDNS_RR_TYPE_A);
    assert_int_equal(ldns_rr_ttl(rr), 60);
    memcpy(&wire, ldns_rdf_data(ldns_rr_rdf(rr, 0)), sizeof(wire));
    return ntohl(wire);
}

TEST(answer_query, gives_both_zones_in_turn)
{
    struct buf query;
    make_query(&query, NAME, TYPE_A, NO_EDNS);

    for (unsigned rotation = 0; rotation < 4; rotation++) {
        ldns_pkt *answer = ask_raw(buf_text(&query), &balancer, rotation, false, false);
        assert_int_equal(ldns_pkt_get_rcode(answer), LDNS_RCODE_NOERROR);
        assert_true(ldns_pkt_aa(answer));
        assert_true(ldns_pkt_rd(answer));
        assert_false(ldns_pkt_ra(answer));
        assert_int_equal(count(ldns_pkt_answer(answer)), 2);
        assert_int_equal(address_at(answer, 0), rotation % 2 ? 0x7f00500b : 0x7f00500a);
        assert_int_equal(address_at(answer, 1), rotation % 2 ? 0x7f00500a : 0x7f00500b);
        ldns_pkt_free(answer);
    }
    buf_done(&query);
}

TEST(answer_query, keeps_the_letter_case_of_the_question)
{
    ldns_pkt *answer = ask("aLb-1.US-east-1.eLb.InTeRnal", TYPE_A);
    const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(answer), 0);
    const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(answer), 0);
    char *asked = ldns_rdf2str(ldns_rr_owner(question));
    char *owner = ldns_rdf2str(ldns_rr_owner(rr));

    assert_string_equal(asked, "aLb-1.US-east-1.eLb.InTeRnal.");
    assert_string_equal(owner, "aLb-1.US-east-1.eLb.InTeRnal.");
    LDNS_FREE(asked);
    LDNS_FREE(owner);
    ldns_pkt_free(answer);
}

static void assert_negative(const char *name, unsigned type, ldns_pkt_rcode rcode)
{
    ldns_pkt *answer = ask(name, type);

    assert_int_equal(ldns_pkt_get_rcode(answer), rcode);
    assert_true(ldns_pkt_aa(answer));
    assert_int_equal(count(ldns_pkt_answer(answer)), 0);
    assert_int_equal(count(ldns_pkt_authority(answer)), 1);
    assert_int_equal(ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_authority(answer), 0)),
                     LDNS_RR_TYPE_SOA);
    ldns_pkt_free(answer);
}

TEST(answer_query, says_no_with_the_soa)
{
    assert_negative(NAME, TYPE_AAAA, LDNS_RCODE_NOERROR);
    assert_negative(NAME, TYPE_SOA, LDNS_RCODE_NOERROR);
    assert_negative("us-east-1.elb.internal", TYPE_A, LDNS_RCODE_NOERROR);
    assert_negative("gone.us-east-1.elb.internal", TYPE_A, LDNS_RCODE_NXDOMAIN);
}

TEST(answer_query, knows_its_own_domain)
{
    ldns_pkt *soa = ask("elb.internal", TYPE_SOA);
    ldns_pkt *ns = ask("elb.internal", TYPE_NS);

    assert_int_equal(count(ldns_pkt_answer(soa)), 1);
    assert_int_equal(
        ldns_rdf2native_int32(ldns_rr_rdf(ldns_rr_list_rr(ldns_pkt_answer(soa), 0), 2)), 7);
    assert_int_equal(ldns_rr_get_type(ldns_rr_list_rr(ldns_pkt_answer(ns), 0)), LDNS_RR_TYPE_NS);
    ldns_pkt_free(soa);
    ldns_pkt_free(ns);
}

static void assert_rcode(const char *name, unsigned type, ldns_pkt_rcode rcode)
{
    ldns_pkt *answer = ask(name, type);

    assert_int_equal(ldns_pkt_get_rcode(answer), rcode);
    assert_int_equal(count(ldns_pkt_answer(answer)), 0);
    ldns_pkt_free(answer);
}

TEST(answer_query, refuses_what_is_not_ours)
{
    assert_rcode("example.com", TYPE_A, LDNS_RCODE_REFUSED);
    assert_rcode("", TYPE_NS, LDNS_RCODE_REFUSED);
    assert_rcode("elb.internal", TYPE_AXFR, LDNS_RCODE_REFUSED);
}

TEST(answer_query, answers_any_with_the_addresses)
{
    ldns_pkt *answer = ask(NAME, TYPE_ANY);

    assert_int_equal(count(ldns_pkt_answer(answer)), 2);
    ldns_pkt_free(answer);
}

TEST(answer_query, does_not_take_a_dot_inside_a_label_for_a_separator)
{
    struct buf query;

    buf_init(&query, 1000);
    buf_add(&query, TEXT("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"));
    buf_add(&query, TEXT("\x0f"
                         "alb-1.us-east-1"
                         "\x03"
                         "elb"
                         "\x08"
                         "internal"
                         "\x00"));
    buf_add(&query, TEXT("\x00\x01\x00\x01"));
    ldns_pkt *answer = ask_raw(buf_text(&query), &balancer, 0, false, false);
    assert_int_equal(ldns_pkt_get_rcode(answer), LDNS_RCODE_NXDOMAIN);
    ldns_pkt_free(answer);
    buf_done(&query);
}

TEST(answer_query, says_what_it_cannot_do)
{
    struct buf query;
    make_query(&query, NAME, TYPE_A, 4096);

    query.at[2] = 0x29; /* opcode UPDATE */
    ldns_pkt *update = ask_raw(buf_text(&query), &balancer, 0, false, false);
    assert_int_equal(ldns_pkt_get_rcode(update), LDNS_RCODE_NOTIMPL);
    ldns_pkt_free(update);

    query.at[2] = 0x01;
    query.at[query.len - 5] = 1; /* EDNS version 1 */
    ldns_pkt *newer = ask_raw(buf_text(&query), &balancer, 0, false, false);
    assert_int_equal(ldns_pkt_edns_extended_rcode(newer), 1);
    assert_int_equal(ldns_pkt_get_rcode(newer), 0);
    assert_int_equal(count(ldns_pkt_answer(newer)), 0);
    ldns_pkt_free(newer);

    ldns_pkt *broken = ask_raw(text_slice(buf_text(&query), 0, 20), &balancer, 0, false, false);
    assert_int_equal(ldns_pkt_get_rcode(broken), LDNS_RCODE_FORMERR);
    ldns_pkt_free(broken);
    buf_done(&query);
}

TEST(answer_query, says_nothing_to_answers_and_scraps)
{
    AUTO(zone) struct zone *zone = zone_new(TEXT("elb.internal"), 0, &balancer, 1);
    const struct answer_context context = {.zone = zone};
    char out[ANSWER_BYTES_MAX];
    struct buf query;
    size_t len = 99;

    make_query(&query, NAME, TYPE_A, NO_EDNS);
    assert_int_equal(answer_query(&context, text_slice(buf_text(&query), 0, 11), out, &len),
                     RC_BAD);
    query.at[2] = (char)0x81;
    assert_int_equal(answer_query(&context, buf_text(&query), out, &len), RC_BAD);
    assert_int_equal(len, 99);
    buf_done(&query);
}

/* 60 addresses make an answer of some 1,000 bytes. */
static ldns_pkt *ask_large(unsigned edns_bytes, bool is_tcp, bool is_short)
{
    struct snap_address many[60];
    const struct snap_balancer large = {
        .dns_name = TEXT(NAME), .addresses = many, .address_count = ARRAY_LEN(many)};
    struct buf query;

    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        many[i] = (struct snap_address){TEXT("us-east-1a"), (uint32_t)(0x0a000000 + i)};
    }
    make_query(&query, NAME, TYPE_A, edns_bytes);
    ldns_pkt *answer = ask_raw(buf_text(&query), &large, 0, is_tcp, is_short);
    buf_done(&query);
    return answer;
}

static void assert_large(unsigned edns_bytes, bool is_tcp, bool is_short, size_t expected)
{
    ldns_pkt *answer = ask_large(edns_bytes, is_tcp, is_short);

    assert_int_equal(count(ldns_pkt_answer(answer)), expected);
    assert_int_equal(ldns_pkt_tc(answer), expected == 0);
    assert_int_equal(ldns_pkt_edns(answer), edns_bytes != NO_EDNS);
    ldns_pkt_free(answer);
}

TEST(answer_query, is_truncated_when_it_does_not_fit)
{
    assert_large(NO_EDNS, false, false, 0);
    assert_large(513, false, false, 0);
    assert_large(1232, false, false, 60);
    assert_large(65535, false, false, 60);
    assert_large(NO_EDNS, true, false, 60);
}

TEST(answer_query, is_short_over_udp_when_told_so)
{
    assert_large(1232, false, true, 0);
    assert_large(1232, true, true, 60);
}

TESTS({
    CASE(answer_query__gives_both_zones_in_turn),
    CASE(answer_query__keeps_the_letter_case_of_the_question),
    CASE(answer_query__says_no_with_the_soa),
    CASE(answer_query__knows_its_own_domain),
    CASE(answer_query__refuses_what_is_not_ours),
    CASE(answer_query__answers_any_with_the_addresses),
    CASE(answer_query__does_not_take_a_dot_inside_a_label_for_a_separator),
    CASE(answer_query__says_what_it_cannot_do),
    CASE(answer_query__says_nothing_to_answers_and_scraps),
    CASE(answer_query__is_truncated_when_it_does_not_fit),
    CASE(answer_query__is_short_over_udp_when_told_so),
})
