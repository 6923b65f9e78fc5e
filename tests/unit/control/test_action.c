/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "control/action.h"

#define GROUP "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0123456789abcdef"
#define OTHER "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/0123456789abcdef"

static const struct action_place http = {.port = 80};
static const struct action_place https = {.port = 443, .is_https = true};

static struct action redirect_to(const char *protocol, const char *port, const char *path)
{
    struct action action = {.type = ACTION_REDIRECT,
                            .redirect = {.is_given = true, .status = TEXT_INIT("HTTP_301")}};

    action.redirect.protocol = text_of(protocol);
    action.redirect.port = text_of(port);
    action.redirect.path = text_of(path);
    return action;
}

static enum rc check(struct world *world, struct action *action, const struct action_place *place)
{
    struct actions actions = {action, 1};

    return actions_check(&world->turn, &actions, place);
}

TEST(forward, is_completed_from_the_short_form)
{
    struct world world = world_new();
    struct action action = {.type = ACTION_FORWARD,
                            .forward = {.target_group_arn = TEXT_INIT(GROUP)}};

    world_begin(&world);
    assert_int_equal(check(&world, &action, &http), RC_OK);
    assert_int_equal(action.forward.group_count, 1);
    assert_int_equal(action.forward.groups[0].weight, 1);
    world_done(&world);
}

TEST(forward, refuses_forms_that_disagree_doubles_and_too_many)
{
    struct action_group two[] = {{TEXT_INIT(GROUP), -1}, {TEXT_INIT(OTHER), 2}};
    struct action_group same[] = {{TEXT_INIT(GROUP), 1}, {TEXT_INIT(GROUP), 2}};
    struct action_group heavy[] = {{TEXT_INIT(GROUP), 1000}};
    struct action_group six[6];
    struct world world = world_new();
    struct action action = {
        .type = ACTION_FORWARD,
        .forward = {.target_group_arn = TEXT_INIT(GROUP), .groups = two, .group_count = 2}};

    world_begin(&world);
    assert_refused(&world, check(&world, &action, &http), "InvalidLoadBalancerAction",
                   "If you specify both ForwardConfig and TargetGroupArn, you can specify only one "
                   "target group using ForwardConfig and it must be the same target group "
                   "specified in TargetGroupArn.");
    action.forward.target_group_arn = (struct text){NULL, 0};
    assert_int_equal(check(&world, &action, &http), RC_OK);
    assert_int_equal(two[0].weight, 1);
    action.forward.groups = same;
    assert_refused(&world, check(&world, &action, &http), "InvalidLoadBalancerAction",
                   "The target group '" GROUP "' was specified more than once");
    action.forward.groups = heavy;
    action.forward.group_count = 1;
    assert_refused(&world, check(&world, &action, &http), "InvalidLoadBalancerAction",
                   "The weight of a target group must be between 0 and 999");
    action.forward.groups = six;
    action.forward.group_count = 6;
    assert_refused(&world, check(&world, &action, &http), "TooManyTargetGroups",
                   "You have reached the maximum number of target groups per action: [5]");
    action.forward.group_count = 0;
    assert_refused(&world, check(&world, &action, &http), "InvalidLoadBalancerAction",
                   "For actions of type 'forward', you must specify the following fields: "
                   "'TargetGroupArn'");
    world_done(&world);
}

TEST(redirect, refuses_loops_and_stepping_down)
{
    static const char loop[] = "The redirect configuration is not valid because it creates a loop.";
    struct world world = world_new();
    struct action action;

    world_begin(&world);
    action = redirect_to(NULL, NULL, NULL);
    assert_refused(&world, check(&world, &action, &http), "InvalidLoadBalancerAction", loop);
    action = redirect_to("HTTP", "80", "/#{path}");
    assert_refused(&world, check(&world, &action, &http), "InvalidLoadBalancerAction", loop);
    action = redirect_to("HTTP", "81", NULL);
    assert_int_equal(check(&world, &action, &http), RC_OK);
    action = redirect_to("HTTPS", "443", NULL);
    assert_int_equal(check(&world, &action, &http), RC_OK);
    assert_refused(&world, check(&world, &action, &https), "InvalidLoadBalancerAction", loop);
    action = redirect_to("HTTP", "80", NULL);
    assert_refused(&world, check(&world, &action, &https), "InvalidLoadBalancerAction",
                   "You cannot redirect HTTPS to HTTP");
    world_done(&world);
}

TEST(redirect, takes_each_placeholder_once)
{
    static const char *const bad[] = {"a", "/#{path}#{path}", "/#{query}", "/#{other}", "/a b", ""};
    static const char *const good[] = {"/", "/new/#{path}", "/#{host}/#{port}/#{path}"};
    struct world world = world_new();

    world_begin(&world);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct action action = redirect_to(NULL, "81", bad[i]);
        assert_int_equal(check(&world, &action, &http), RC_BAD);
        world_again(&world);
    }
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct action action = redirect_to(NULL, "81", good[i]);
        assert_int_equal(check(&world, &action, &http), RC_OK);
    }
    world_done(&world);
}

TEST(actions, read_back_what_they_wrote)
{
    struct world world = world_new();
    struct action_group groups[] = {{TEXT_INIT(GROUP), 0}, {TEXT_INIT(OTHER), 999}};
    struct action forward = {
        .type = ACTION_FORWARD,
        .order = 50000,
        .forward = {.groups = groups, .group_count = 2, .is_sticky = true, .sticky_seconds = 1}};
    const struct actions before = {&forward, 1};
    struct text document;
    struct text again;
    struct actions after;

    world_begin(&world);
    assert_int_equal(actions_encode(&before, world.arena, &document), RC_OK);
    assert_int_equal(actions_decode(document, world.arena, &after), RC_OK);
    assert_int_equal(actions_encode(&after, world.arena, &again), RC_OK);
    assert_text_equal(again, document);
    assert_int_equal(after.at[0].order, 50000);
    assert_int_equal(after.at[0].forward.groups[1].weight, 999);
    assert_int_equal(
        actions_decode(TEXT("[{\"type\":\"authenticate-oidc\"}]"), world.arena, &after), RC_BAD);
    assert_int_equal(actions_decode(TEXT("{}"), world.arena, &after), RC_BAD);
    world_done(&world);
}

TESTS({
    CASE(forward__is_completed_from_the_short_form),
    CASE(forward__refuses_forms_that_disagree_doubles_and_too_many),
    CASE(redirect__refuses_loops_and_stepping_down),
    CASE(redirect__takes_each_placeholder_once),
    CASE(actions__read_back_what_they_wrote),
})
