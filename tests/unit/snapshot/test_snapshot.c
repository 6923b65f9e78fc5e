/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/snapshot.h"

#include "snapshot/write.h"

#include "test.h"

#define GROUP_WEB "{\"name\":\"web\",\"targets\":[{\"id\":\"127.0.0.9\",\"port\":8000}]}"
#define TO_WEB    "{\"type\":\"forward\",\"forward\":{\"groups\":[{\"group\":\"web\"}]}}"
#define DEFAULT   "{\"actions\":[" TO_WEB "]}"
#define AT_A      "\"addresses\":[{\"zone\":\"a\",\"ip\":\"127.0.80.10\"}]"
/* A document with one load balancer whose listener has these members besides its port. */
#define WITH_LISTENER(members)                                          \
    "{\"groups\":[" GROUP_WEB "],\"balancers\":[{\"name\":\"lb\"," AT_A \
    ",\"listeners\":[{\"port\":80," members "}]}]}"

static void assert_refused(const char *json, const char *expected)
{
    struct snapshot *snapshot = NULL;
    char why[256] = "";

    assert_int_equal(snapshot_decode(text_of(json), &snapshot, why, sizeof(why)), RC_BAD);
    assert_string_equal(why, expected);
    assert_null(snapshot);
}

static struct snapshot *decode(const char *json)
{
    struct snapshot *snapshot = NULL;
    char why[256] = "";
    const enum rc rc = snapshot_decode(text_of(json), &snapshot, why, sizeof(why));

    if (rc != RC_OK) {
        print_error("%s\n", why);
    }
    assert_int_equal(rc, RC_OK);
    return snapshot;
}

TEST(snapshot_decode, fills_what_is_left_out_with_the_defaults_of_aws)
{
    struct snapshot *snapshot = decode(WITH_LISTENER("\"rules\":[" DEFAULT "]"));
    size_t count;
    const struct snap_balancer *balancer = snapshot_balancers(snapshot, &count);
    const struct snap_group *group = snapshot_groups(snapshot, &count);
    const struct snap_rule *rule = &balancer->listeners[0].rules[0];

    assert_int_equal(count, 1);
    assert_true(snapshot_revision(snapshot) == 1);
    assert_text_equal(snapshot_region(snapshot), TEXT("us-east-1"));
    assert_text_equal(balancer->id, TEXT("app/lb/0000000000000000"));
    assert_int_equal(balancer->idle_timeout_ms, 60000);
    assert_int_equal(balancer->keep_alive_ms, 3600000);
    assert_int_equal(balancer->desync_mode, SNAP_DEFENSIVE);
    assert_true(balancer->is_http2);
    assert_int_equal(balancer->ingress_count, 1);
    assert_int_equal(balancer->ingress[0].to_port, 65535);
    assert_int_equal(balancer->addresses[0].ip, 0x7f00500a);
    assert_text_equal(balancer->listeners[0].arn, TEXT("balancers[0].listeners[0]"));
    assert_true(balancer->listeners[0].is_server_header_enabled);
    assert_int_equal(rule->priority, 0);
    assert_ptr_equal(rule->actions[0].forward.groups[0].group, group);
    assert_int_equal(rule->actions[0].forward.groups[0].weight, 1);
    assert_text_equal(group->arn, TEXT("web"));
    assert_int_equal(group->health.interval_ms, 30000);
    assert_int_equal(group->health.healthy_threshold, 5);
    assert_int_equal(group->health.initial_healthy_checks, 5);
    assert_text_equal(group->health.matcher, TEXT("200"));
    assert_text_equal(group->health.path, TEXT("/"));
    assert_int_equal(group->drain_ms, 300000);
    assert_true(group->is_cross_zone);
    assert_int_equal(group->targets[0].ip, 0x7f000009);
    assert_text_equal(group->targets[0].zone, TEXT("all"));
    snapshot_unref(snapshot);
}

TEST(snapshot_decode, an_empty_ingress_list_lets_nobody_in)
{
    struct snapshot *snapshot = decode("{\"balancers\":[{\"name\":\"lb\",\"ingress\":[]}]}");
    size_t count;

    assert_int_equal(snapshot_balancers(snapshot, &count)->ingress_count, 0);
    snapshot_unref(snapshot);
}

TEST(snapshot_decode, names_the_member_and_the_rule)
{
    assert_refused("{\"balancers\":[{\"name\":\"a\"},{\"name\":\"b\",\"listeners\":"
                   "[{\"port\":70000}]}]}",
                   "balancers[1].listeners[0].port: 70000 is not 1 to 65535");
    assert_refused("{\"balancers\":[{}]}", "balancers[0].name: is missing");
    assert_refused("{\"balancers\":[{\"name\":\"\"}]}", "balancers[0].name: must not be empty");
    assert_refused("{\"balancers\":[{\"name\":3}]}", "balancers[0].name: must be a string");
    assert_refused("{\"balancers\":{}}", "balancers: must be a list");
    assert_refused("{\"balancers\":[7]}", "balancers[0]: must be an object");
    assert_refused("[]", "must be an object");
    assert_refused("{\"revison\":1}", "has no member \"revison\"");
    assert_refused("{\"revision\":1.5}", "revision: must be a whole number");
    assert_refused("{\"balancers\":[{\"name\":\"a\",\"scheme\":\"public\"}]}",
                   "balancers[0].scheme: is not one of: internet-facing, internal");
    assert_refused("{\"balancers\":[{\"name\":\"a\",\"http2\":1}]}",
                   "balancers[0].http2: must be true or false");
    assert_refused("{\"balancers\":[{\"name\":\"a\",\"addresses\":[{\"zone\":\"a\",\"ip\":\"::1\"}]"
                   "}]}",
                   "balancers[0].addresses[0].ip: must be an IPv4 address");
}

TEST(snapshot_decode, refuses_what_does_not_go_together)
{
    assert_refused(WITH_LISTENER("\"rules\":[]"),
                   "balancers[0].listeners[0].rules: must end with the default rule (priority 0)");
    assert_refused(WITH_LISTENER("\"rules\":[" DEFAULT "," DEFAULT "]"),
                   "balancers[0].listeners[0].rules: must hold one default rule, the last");
    assert_refused(WITH_LISTENER("\"rules\":[{\"actions\":[]}]"),
                   "balancers[0].listeners[0].rules[0].actions: must hold one forward, redirect or "
                   "fixed-response");
    assert_refused(WITH_LISTENER("\"protocol\":\"HTTPS\",\"rules\":[" DEFAULT "]"),
                   "balancers[0].listeners[0].certificates: must not be empty with HTTPS");
    assert_refused(WITH_LISTENER("\"client_auth\":\"verify\",\"rules\":[" DEFAULT "]"),
                   "balancers[0].listeners[0].trust_store: must be named with client_auth verify");
    assert_refused(
        WITH_LISTENER("\"response_fields\":[{\"name\":\"a b\",\"value\":\"x\"}],\"rules\":[" DEFAULT
                      "]"),
        "balancers[0].listeners[0].response_fields[0].name: may hold letters, digits, - "
        "and _ only");
    assert_refused(
        WITH_LISTENER(
            "\"response_fields\":[{\"name\":\"a\",\"value\":\"x\\r\\n\"}],\"rules\":[" DEFAULT "]"),
        "balancers[0].listeners[0].response_fields[0].value: may hold printable ASCII "
        "only");
    assert_refused(WITH_LISTENER("\"certificates\":[\"x\"],\"rules\":[" DEFAULT "]"),
                   "balancers[0].listeners[0].certificates[0]: names nothing in this document: "
                   "\"x\"");
    assert_refused("{\"groups\":[{\"name\":\"g\",\"health\":{\"interval_ms\":5000}}]}",
                   "groups[0].health.timeout_ms: must be less than interval_ms");
    assert_refused("{\"groups\":[{\"name\":\"g\",\"health\":{\"matcher\":\"200,299-200\"}}]}",
                   "groups[0].health.matcher: \"299-200\" is not a code or range of codes");
    assert_refused("{\"groups\":[{\"name\":\"g\",\"targets\":[{\"id\":\"i-1\",\"port\":1}]}]}",
                   "groups[0].targets[0].ip: is missing, and the id is not an IPv4 address");
    assert_refused("{\"groups\":[" GROUP_WEB "," GROUP_WEB "]}",
                   "groups[1].arn: stands in the document twice");
}

TEST(snapshot_decode, refuses_rules_out_of_order)
{
#define RULE(priority)                                                                           \
    "{\"priority\":" priority ",\"conditions\":[{\"type\":\"path-pattern\",\"values\":[\"/a\"]}" \
    "],\"actions\":[" TO_WEB "]}"
    assert_refused(WITH_LISTENER("\"rules\":[" RULE("2") "," RULE("2") "," DEFAULT "]"),
                   "balancers[0].listeners[0].rules: must stand in ascending priority");
    snapshot_unref(decode(WITH_LISTENER("\"rules\":[" RULE("2") "," RULE("3") "," DEFAULT "]")));
}

TEST(snapshot_decode, refuses_two_listeners_on_one_address_and_port)
{
#define LB(name) \
    "{\"name\":\"" name "\"," AT_A ",\"listeners\":[{\"port\":80,\"rules\":[" DEFAULT "]}]}"
    assert_refused("{\"groups\":[" GROUP_WEB "],\"balancers\":[" LB("a") "," LB("b") "]}",
                   "balancers[1].listeners: another listener has 127.0.80.10:80 already");
}

TEST(snapshot_decode, refuses_the_same_target_twice)
{
    assert_refused("{\"groups\":[{\"name\":\"g\",\"targets\":[{\"id\":\"10.0.0.1\",\"port\":1},"
                   "{\"id\":\"10.0.0.1\",\"port\":2},{\"id\":\"10.0.0.1\",\"port\":1}]}]}",
                   "groups[0].targets: 10.0.0.1:1 is listed twice");
}

/* Everything a document can hold, none of it a default. */
static const char whole[] =
    "{\"revision\":7,\"region\":\"eu-west-1\","
    "\"certificates\":[{\"arn\":\"c1\",\"chain_pem\":\"C\",\"key_pem\":\"K\",\"names\":[\"*.x\"]}],"
    "\"groups\":[{\"name\":\"web\",\"arn\":\"g1\",\"id\":\"targetgroup/web/1\","
    "\"protocol\":\"HTTPS\",\"version\":\"GRPC\",\"algorithm\":\"least_outstanding_requests\","
    "\"health\":{\"protocol\":\"HTTPS\",\"port\":81,\"path\":\"/h\",\"matcher\":\"0-99\","
    "\"interval_ms\":10000,\"timeout_ms\":2000,\"healthy_threshold\":2,\"unhealthy_threshold\":3,"
    "\"initial_healthy_checks\":1},\"slow_start_ms\":30000,\"drain_ms\":1000,\"cross_zone\":false,"
    "\"reset_forwarding\":true,\"unhealthy_routing_count\":2,\"unhealthy_routing_percent\":50,"
    "\"targets\":["
    "{\"id\":\"i-1\",\"ip\":\"10.0.0.1\",\"port\":80,\"zone\":\"a\",\"draining\":true,"
    "\"drain_until_unix_ms\":5}]}],"
    "\"balancers\":[{\"name\":\"lb\",\"arn\":\"b1\",\"id\":\"app/lb/1\",\"dns_name\":\"lb.x\","
    "\"scheme\":\"internal\",\"addresses\":[{\"zone\":\"a\",\"ip\":\"127.0.80.10\"}],"
    "\"ingress\":[{\"source\":\"10.0.0.0/8\",\"from_port\":80,\"to_port\":81}],"
    "\"idle_timeout_ms\":1000,\"keep_alive_ms\":2000,\"desync_mode\":\"strictest\","
    "\"xff_mode\":\"remove\",\"xff_client_port\":true,\"preserve_host\":true,"
    "\"drop_invalid_fields\":true,\"http2\":false,\"tls_fields\":true,\"listeners\":["
    "{\"arn\":\"l1\",\"port\":443,\"protocol\":\"HTTPS\",\"rules\":["
    "{\"arn\":\"r1\",\"priority\":5,\"conditions\":["
    "{\"type\":\"http-header\",\"field\":\"X-A\",\"values\":[\"v*\"],\"regexes\":[\"^v\"]},"
    "{\"type\":\"query-string\",\"pairs\":[{\"key\":\"k\",\"value\":\"v\"}]},"
    "{\"type\":\"source-ip\",\"cidrs\":[\"10.0.0.0/8\"]}],"
    "\"actions\":[{\"type\":\"redirect\",\"redirect\":{\"protocol\":\"HTTPS\",\"host\":\"h\","
    "\"port\":\"443\",\"path\":\"/p\",\"query\":\"q\",\"status\":301}}]},"
    "{\"arn\":\"r2\",\"priority\":6,\"conditions\":[{\"type\":\"host-header\",\"values\":[\"*.x\"]}"
    "],\"actions\":[{\"type\":\"fixed-response\",\"fixed\":{\"status\":404,\"content_type\":"
    "\"text/html\",\"body\":\"no\"}}]},"
    "{\"arn\":\"r3\",\"actions\":[{\"type\":\"forward\",\"forward\":{\"groups\":["
    "{\"group\":\"g1\",\"weight\":3}],\"sticky\":true,\"sticky_seconds\":60}}]}],"
    "\"ssl_policy\":\"P\",\"certificates\":[\"c1\"],\"server_header\":false}]}]}";

TEST(snapshot_encode, writes_what_decode_read)
{
    struct snapshot *snapshot = decode(whole);
    struct buf out;

    buf_init(&out, 1 << 20);
    snapshot_encode(snapshot_document(snapshot), &out);
    assert_text_equal(buf_text(&out), TEXT(whole));
    buf_done(&out);
    snapshot_unref(snapshot);
}

TEST(snapshot_encode_names, tells_no_keys_and_no_targets)
{
    struct snapshot *snapshot = decode(whole);
    struct buf out;

    buf_init(&out, 1 << 20);
    snapshot_encode_names(snapshot_document(snapshot), &out);
    assert_text_equal(buf_text(&out),
                      TEXT("{\"revision\":7,\"region\":\"eu-west-1\",\"balancers\":[{\"name\":"
                           "\"lb\",\"arn\":\"b1\",\"id\":\"app/lb/1\",\"dns_name\":\"lb.x\","
                           "\"scheme\":\"internal\",\"addresses\":[{\"zone\":\"a\",\"ip\":"
                           "\"127.0.80.10\"}],\"ingress\":[]}]}"));
    buf_done(&out);
    snapshot_unref(snapshot);
}

TEST(snapshot_encode, from_plain_structs_with_defaults)
{
    struct snap_group group;
    struct snap_balancer balancer;
    struct snap_listener listener;
    struct snap_action action;
    const struct snap_weighted weighted = {.group = &group, .weight = 1};
    const struct snap_rule rule = {.arn = TEXT("r"), .actions = &action, .action_count = 1};
    const struct snap_document document = {.revision = 3,
                                           .region = TEXT("us-east-1"),
                                           .groups = &group,
                                           .group_count = 1,
                                           .balancers = &balancer,
                                           .balancer_count = 1};
    struct buf out;

    snapshot_group_defaults(&group);
    group.name = group.arn = TEXT("web");
    snapshot_action_defaults(&action);
    action.forward.groups = &weighted;
    action.forward.count = 1;
    snapshot_listener_defaults(&listener);
    listener.port = 80;
    listener.rules = &rule;
    listener.rule_count = 1;
    snapshot_balancer_defaults(&balancer);
    balancer.name = TEXT("lb");
    balancer.listeners = &listener;
    balancer.listener_count = 1;

    buf_init(&out, 1 << 20);
    snapshot_encode(&document, &out);
    assert_text_equal(buf_text(&out),
                      TEXT("{\"revision\":3,\"groups\":[{\"name\":\"web\",\"arn\":\"web\"}],"
                           "\"balancers\":[{\"name\":\"lb\",\"ingress\":[],\"listeners\":"
                           "[{\"port\":80,\"rules\":[{\"arn\":\"r\",\"actions\":[{\"type\":"
                           "\"forward\",\"forward\":{\"groups\":[{\"group\":\"web\"}]}}]}]}]}]}"));
    buf_add_byte(&out, '\0');
    snapshot_unref(decode(out.at));
    buf_done(&out);
}

TEST(snapshot_encode, carries_ticket_keys_and_mutual_tls)
{
    struct snap_ticket_key key = {{1, 2, 3}};
    const struct snap_certificate certificate = {
        .arn = TEXT("c"), .chain_pem = TEXT("chain"), .key_pem = TEXT("key")};
    const struct snap_certificate *certificates[] = {&certificate};
    const struct snap_trust_store trust_store = {
        .arn = TEXT("t"), .bundle_pem = TEXT("bundle"), .crl_pem = TEXT("lists")};
    struct snap_action action;
    const struct snap_rule rule = {.arn = TEXT("r"), .actions = &action, .action_count = 1};
    struct snap_listener listener;
    struct snap_balancer balancer;
    const struct snap_document document = {.revision = 1,
                                           .trust_stores = &trust_store,
                                           .trust_store_count = 1,
                                           .ticket_keys = &key,
                                           .ticket_key_count = 1,
                                           .certificates = &certificate,
                                           .certificate_count = 1,
                                           .balancers = &balancer,
                                           .balancer_count = 1};
    struct buf out;
    size_t count;

    snapshot_action_defaults(&action);
    action.type = SNAP_FIXED_RESPONSE;
    action.fixed.status = 200;
    snapshot_listener_defaults(&listener);
    listener.port = 443;
    listener.protocol = SNAP_HTTPS;
    listener.rules = &rule;
    listener.rule_count = 1;
    listener.certificates = certificates;
    listener.certificate_count = 1;
    listener.client_auth = SNAP_AUTH_VERIFY;
    listener.trust_store = &trust_store;
    listener.ignores_client_expiry = true;
    snapshot_balancer_defaults(&balancer);
    balancer.name = TEXT("lb");
    balancer.listeners = &listener;
    balancer.listener_count = 1;

    buf_init(&out, 1 << 20);
    snapshot_encode(&document, &out);
    buf_add_byte(&out, '\0');
    struct snapshot *snapshot = decode(out.at);
    assert_memory_equal(snapshot_ticket_keys(snapshot, &count)->bytes, key.bytes, sizeof(key));
    assert_int_equal(count, 1);
    const struct snap_listener *read = snapshot_balancers(snapshot, &count)->listeners;
    assert_int_equal(read->client_auth, SNAP_AUTH_VERIFY);
    assert_text_equal(read->trust_store->bundle_pem, TEXT("bundle"));
    assert_text_equal(read->trust_store->crl_pem, TEXT("lists"));
    assert_true(read->ignores_client_expiry);
    assert_false(read->advertises_ca_names);
    snapshot_unref(snapshot);
    buf_done(&out);
}

TESTS({
    CASE(snapshot_encode__carries_ticket_keys_and_mutual_tls),
    CASE(snapshot_decode__fills_what_is_left_out_with_the_defaults_of_aws),
    CASE(snapshot_decode__an_empty_ingress_list_lets_nobody_in),
    CASE(snapshot_decode__names_the_member_and_the_rule),
    CASE(snapshot_decode__refuses_what_does_not_go_together),
    CASE(snapshot_decode__refuses_rules_out_of_order),
    CASE(snapshot_decode__refuses_two_listeners_on_one_address_and_port),
    CASE(snapshot_decode__refuses_the_same_target_twice),
    CASE(snapshot_encode__writes_what_decode_read),
    CASE(snapshot_encode_names__tells_no_keys_and_no_targets),
    CASE(snapshot_encode__from_plain_structs_with_defaults),
})
