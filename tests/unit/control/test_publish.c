/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs wrote is what nodes read: through the document and back. */
#include "elb_world.h"

#include "certs.h"
#include "control/certificate.h"
#include "control/publish.h"
#include "control/rule.h"
#include "snapshot/snapshot.h"

static struct snapshot *published(struct world *world)
{
    struct snapshot *snapshot = NULL;
    char why[256] = "";
    struct buf buf;

    elb_keep(world);
    buf_init(&buf, 1 << 26);
    assert_int_equal(publish_build(&world->turn, &buf, NULL), RC_OK);
    if (snapshot_decode(buf_text(&buf), &snapshot, why, sizeof(why)) != RC_OK) {
        fail_msg("%s", why);
    }
    buf_done(&buf);
    return snapshot;
}

TEST(publish, gives_an_empty_world_of_the_store_s_revision)
{
    struct world world = world_new();
    size_t count = 7;

    world_begin(&world);
    struct snapshot *snapshot = published(&world);
    assert_true(snapshot_revision(snapshot) == store_revision(world.store));
    assert_text_equal(snapshot_region(snapshot), TEXT("us-east-1"));
    (void)snapshot_balancers(snapshot, &count);
    assert_int_equal(count, 0);
    snapshot_unref(snapshot);
    world_done(&world);
}

TEST(publish, leaves_out_groups_that_nothing_forwards_to)
{
    struct world world = world_new();
    size_t count;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct target_group used = elb_group(&world, "used");
    (void)elb_group(&world, "idle");
    (void)elb_listener(&world, lb.row.arn, 80, used.row.arn);
    assert_int_equal(elb_register(&world, used.row.arn, "127.0.0.1", 0, ""), RC_OK);

    struct snapshot *snapshot = published(&world);
    const struct snap_group *groups = snapshot_groups(snapshot, &count);
    assert_int_equal(count, 1);
    assert_text_equal(groups[0].arn, used.row.arn);
    assert_int_equal(groups[0].target_count, 1);
    assert_int_equal(groups[0].targets[0].ip, 0x7f000001);
    assert_int_equal(groups[0].targets[0].port, 8000);
    assert_text_equal(groups[0].targets[0].zone, TEXT("all"));
    assert_int_equal(groups[0].health.port, 0);
    assert_int_equal(groups[0].health.interval_ms, 30000);
    assert_int_equal(groups[0].health.initial_healthy_checks, 5);
    assert_true(groups[0].is_cross_zone);

    const struct snap_balancer *balancers = snapshot_balancers(snapshot, &count);
    assert_int_equal(count, 1);
    assert_int_equal(balancers[0].address_count, 2);
    assert_int_equal(balancers[0].addresses[0].ip, 0x7f00500a);
    assert_int_equal(balancers[0].listener_count, 1);
    assert_int_equal(balancers[0].listeners[0].port, 80);
    assert_int_equal(balancers[0].listeners[0].rule_count, 1);
    assert_ptr_equal(balancers[0].listeners[0].rules[0].actions[0].forward.groups[0].group, groups);
    snapshot_unref(snapshot);
    world_done(&world);
}

TEST(publish, carries_attributes)
{
    static const struct attribute of_balancer[] = {
        {TEXT_INIT("idle_timeout.timeout_seconds"), TEXT_INIT("7")},
        {TEXT_INIT("client_keep_alive.seconds"), TEXT_INIT("61")},
        {TEXT_INIT("routing.http.desync_mitigation_mode"), TEXT_INIT("strictest")},
        {TEXT_INIT("routing.http.xff_header_processing.mode"), TEXT_INIT("remove")},
        {TEXT_INIT("routing.http2.enabled"), TEXT_INIT("false")},
        {TEXT_INIT("routing.http.preserve_host_header.enabled"), TEXT_INIT("true")},
    };
    static const struct attribute of_group[] = {
        {TEXT_INIT("deregistration_delay.timeout_seconds"), TEXT_INIT("9")},
        {TEXT_INIT("load_balancing.algorithm.type"), TEXT_INIT("least_outstanding_requests")},
        {TEXT_INIT("load_balancing.cross_zone.enabled"), TEXT_INIT("false")},
        {TEXT_INIT("openalb.initial_healthy_checks"), TEXT_INIT("1")},
    };
    const struct attribute of_listener = {TEXT("routing.http.response.server.enabled"),
                                          TEXT("false")};
    struct world world = world_new();
    struct attribute_set set;
    size_t count;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct target_group group = elb_group(&world, "tg");
    const struct listener listener = elb_listener(&world, lb.row.arn, 80, group.row.arn);
    assert_int_equal(
        balancer_set_attributes(&world.turn, lb.row.arn, of_balancer, ARRAY_LEN(of_balancer), &set),
        RC_OK);
    assert_int_equal(target_group_set_attributes(&world.turn, group.row.arn, of_group,
                                                 ARRAY_LEN(of_group), &set),
                     RC_OK);
    assert_int_equal(listener_set_attributes(&world.turn, listener.row.arn, &of_listener, 1, &set),
                     RC_OK);

    struct snapshot *snapshot = published(&world);
    const struct snap_balancer *balancer = snapshot_balancers(snapshot, &count);
    assert_int_equal(balancer->idle_timeout_ms, 7000);
    assert_int_equal(balancer->keep_alive_ms, 61000);
    assert_int_equal(balancer->desync_mode, SNAP_STRICTEST);
    assert_int_equal(balancer->xff_mode, SNAP_XFF_REMOVE);
    assert_false(balancer->is_http2);
    assert_true(balancer->preserves_host);
    assert_false(balancer->listeners[0].is_server_header_enabled);
    const struct snap_group *snap = snapshot_groups(snapshot, &count);
    assert_int_equal(snap->drain_ms, 9000);
    assert_int_equal(snap->algorithm, SNAP_LEAST_OUTSTANDING);
    assert_false(snap->is_cross_zone);
    assert_int_equal(snap->health.initial_healthy_checks, 1);
    snapshot_unref(snapshot);
    world_done(&world);
}

static void secure_listener(struct world *world, struct text balancer, struct text group)
{
    struct made_cert cert = made_cert_new("a.test", true);
    const struct certificate_material material = {.body = cert.chain_pem, .key = cert.key_pem};
    struct certificate_row row;
    struct listener listener;

    assert_int_equal(certificate_import(&world->turn, TEXT(""), &material, &row), RC_OK);
    const struct listener_new wanted = {.balancer = balancer,
                                        .protocol = TEXT("HTTPS"),
                                        .port = 443,
                                        .certificates = &row.arn,
                                        .certificate_count = 1,
                                        .actions = elb_forward(world, group)};
    assert_int_equal(listener_create(&world->turn, &wanted, &listener), RC_OK);
    made_cert_done(&cert);
}

TEST(publish, carries_attributes_of_http2_groups)
{
    const struct attribute forwarding = {TEXT("routing.http2.rst_stream_error_forwarding.enabled"),
                                         TEXT("true")};
    struct world world = world_new();
    struct attribute_set set;
    size_t count;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    struct target_group_new wanted = elb_group_new(&world, "streams");
    struct target_group group;
    wanted.protocol_version = TEXT("HTTP2");
    assert_int_equal(target_group_create(&world.turn, &wanted, &group), RC_OK);
    secure_listener(&world, lb.row.arn, group.row.arn);
    assert_int_equal(target_group_set_attributes(&world.turn, group.row.arn, &forwarding, 1, &set),
                     RC_OK);

    struct snapshot *snapshot = published(&world);
    const struct snap_group *snap = snapshot_groups(snapshot, &count);
    assert_int_equal(snap->version, SNAP_HTTP2);
    assert_true(snap->forwards_resets);
    snapshot_unref(snapshot);
    world_done(&world);
}

TEST(publish, tells_when_a_draining_target_is_gone)
{
    const struct target_name name = {TEXT_INIT("127.0.0.1"), 0, {NULL, 0}};
    struct world world = world_new();
    size_t count;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct target_group group = elb_group(&world, "tg");
    (void)elb_listener(&world, lb.row.arn, 80, group.row.arn);
    assert_int_equal(target_register(&world.turn, group.row.arn, &name, 1), RC_OK);
    assert_int_equal(target_deregister(&world.turn, group.row.arn, &name, 1), RC_OK);

    struct snapshot *snapshot = published(&world);
    const struct snap_group *snap = snapshot_groups(snapshot, &count);
    assert_true(snap->targets[0].is_draining);
    assert_true(snap->targets[0].drain_until_unix_ms == 1700000000000 + 300000);
    snapshot_unref(snapshot);
    world_done(&world);
}

/* The conditions of one rule, all kinds. */
static struct conditions every_condition(struct world *world)
{
    static struct text host[] = {TEXT_INIT("*.example.com")};
    static struct text path[] = {TEXT_INIT("^/a+$")};
    static struct text field[] = {TEXT_INIT("b")};
    static struct text sources[] = {TEXT_INIT("10.1.2.3/8"), TEXT_INIT("::/0")};
    static struct condition_pair pairs[] = {{{NULL, 0}, TEXT_INIT("x")}};
    struct condition *at = ARENA_ARRAY(world->arena, struct condition, 5);

    at[0] = (struct condition){.type = CONDITION_HOST, .values = {host, 1}};
    at[1] = (struct condition){.type = CONDITION_PATH, .regexes = {path, 1}};
    at[2] = (struct condition){
        .type = CONDITION_FIELD, .field_name = TEXT("X-A"), .values = {field, 1}};
    at[3] = (struct condition){.type = CONDITION_SOURCE_IP, .values = {sources, 1}};
    at[4] = (struct condition){.type = CONDITION_QUERY, .pairs = pairs, .pair_count = 1};
    return (struct conditions){at, 5};
}

TEST(publish, carries_rules_of_every_kind)
{
    struct world world = world_new();
    struct action redirect = {.type = ACTION_REDIRECT,
                              .redirect = {.is_given = true,
                                           .protocol = TEXT("HTTPS"),
                                           .port = TEXT("443"),
                                           .status = TEXT("HTTP_302")}};
    struct action fixed = {.type = ACTION_FIXED_RESPONSE,
                           .fixed = {.is_given = true, .status = TEXT("404")}};
    static struct text v6[] = {TEXT_INIT("2001:db8::/32")};
    struct condition only_v6 = {.type = CONDITION_SOURCE_IP, .values = {v6, 1}};
    struct rule rule;
    size_t count;

    world_begin(&world);
    const struct balancer lb = elb_balancer(&world, "news");
    const struct target_group group = elb_group(&world, "tg");
    const struct listener listener = elb_listener(&world, lb.row.arn, 80, group.row.arn);
    struct rule_new wanted = {.listener = listener.row.arn,
                              .priority = 9,
                              .conditions = every_condition(&world),
                              .actions = {&redirect, 1}};
    assert_int_equal(rule_create(&world.turn, &wanted, &rule), RC_OK);
    wanted.priority = 3;
    wanted.conditions = (struct conditions){&only_v6, 1};
    wanted.actions = (struct actions){&fixed, 1};
    assert_int_equal(rule_create(&world.turn, &wanted, &rule), RC_OK);

    struct snapshot *snapshot = published(&world);
    const struct snap_listener *snap = snapshot_balancers(snapshot, &count)->listeners;
    assert_int_equal(snap->rule_count, 3);
    assert_int_equal(snap->rules[0].priority, 3);
    assert_int_equal(snap->rules[0].actions[0].type, SNAP_FIXED_RESPONSE);
    assert_int_equal(snap->rules[0].actions[0].fixed.status, 404);
    assert_int_equal(snap->rules[0].conditions[0].cidrs[0].network, UINT32_MAX);
    const struct snap_rule *nine = &snap->rules[1];
    assert_int_equal(nine->priority, 9);
    assert_int_equal(nine->condition_count, 5);
    assert_text_equal(nine->conditions[0].values[0], TEXT("*.example.com"));
    assert_text_equal(nine->conditions[1].regexes[0], TEXT("^/a+$"));
    assert_text_equal(nine->conditions[2].field, TEXT("X-A"));
    assert_int_equal(nine->conditions[3].cidrs[0].network, 0x0a000000);
    assert_text_equal(nine->conditions[4].pairs[0].value, TEXT("x"));
    assert_int_equal(nine->actions[0].redirect.status, 302);
    assert_text_equal(nine->actions[0].redirect.path, TEXT("/#{path}"));
    assert_int_equal(snap->rules[2].priority, 0);
    snapshot_unref(snapshot);
    world_done(&world);
}

TESTS({
    CASE(publish__gives_an_empty_world_of_the_store_s_revision),
    CASE(publish__leaves_out_groups_that_nothing_forwards_to),
    CASE(publish__carries_attributes),
    CASE(publish__carries_attributes_of_http2_groups),
    CASE(publish__tells_when_a_draining_target_is_gone),
    CASE(publish__carries_rules_of_every_kind),
})
