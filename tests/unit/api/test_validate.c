/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding and validation of elbv2 inputs, in the words of AWS's front ends. */
#include "client.h"

#include "api/elbv2_shapes.h"
#include "api/proto_query.h"
#include "api/validate.h"

static struct validator *validator;
static struct arena *arena;
static struct refusal refusal; /* of the last input */
static const void *input;

static int set_up(void **state)
{
    (void)state;
    validator = validator_new(&elbv2_service);
    arena = arena_new(4096, 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    validator_free(validator);
    arena_free(arena);
    return 0;
}

static enum rc check(const char *operation, const char *form)
{
    struct call call = {.arena = arena, .service = &elbv2_service};
    struct form_pairs pairs;
    void *in;
    enum rc rc;

    call.operation = service_operation(&elbv2_service, text_of(operation));
    assert_non_null(call.operation);
    in = arena_take(arena, call.operation->input->size);
    assert_int_equal(form_parse(text_of(form), arena, &pairs), RC_OK);
    rc = proto_query_decode(&call, &pairs, in);
    if (rc == RC_OK) {
        rc = validator_check(validator, &call, in);
    }
    input = in;
    refusal = call.turn.refusal;
    return rc;
}

static void expect_refusal(const char *operation, const char *form, const char *code,
                           const char *message)
{
    assert_int_equal(check(operation, form), RC_DENIED);
    assert_string_equal(refusal.code, code);
    assert_contains(refusal.message, message);
}

TEST(proto_query, puts_members_where_the_tables_say)
{
    const struct elbv2_create_listener_input *in;

    assert_int_equal(
        check("CreateListener",
              "LoadBalancerArn=arn&Protocol=HTTP&Port=80&DefaultActions.member.2.Type=forward"
              "&DefaultActions.member.10.Type=redirect&DefaultActions.member.1.Type=fixed-response"
              "&DefaultActions.member.2.Order=7"
              "&DefaultActions.member.2.ForwardConfig.TargetGroups.member.1.TargetGroupArn=tg"
              "&DefaultActions.member.2.ForwardConfig.TargetGroups.member.1.Weight=5"
              "&Tags.member.1.Key=k&Tags.member.1.Value=&Unknown=x&Action=y&X-Amz-Date=z"),
        RC_OK);
    in = input;
    assert_text_equal(in->load_balancer_arn, TEXT("arn"));
    assert_true(in->has_port);
    assert_int_equal(in->port, 80);
    assert_int_equal(in->default_actions.count, 3);
    assert_text_equal(in->default_actions.items[0].type, TEXT("fixed-response"));
    assert_text_equal(in->default_actions.items[1].type, TEXT("forward"));
    assert_text_equal(in->default_actions.items[2].type, TEXT("redirect"));
    assert_int_equal(in->default_actions.items[1].order, 7);
    assert_false(in->default_actions.items[0].has_order);
    assert_null(in->default_actions.items[0].forward_config);
    assert_int_equal(in->default_actions.items[1].forward_config->target_groups.items[0].weight, 5);
    assert_non_null(in->tags.items[0].value.at);
    assert_int_equal(in->tags.items[0].value.len, 0);
    assert_null(in->certificates.items);
    assert_null(in->ssl_policy.at);
}

TEST(proto_query, takes_empty_values_as_absent_where_emptiness_is_no_value)
{
    const struct elbv2_create_target_group_input *in;
    const struct elbv2_create_load_balancer_input *lb;

    assert_int_equal(check("CreateTargetGroup",
                           "Name=a&ProtocolVersion=&Protocol=&Port=&HealthCheckEnabled="
                           "&Matcher="),
                     RC_OK);
    in = input;
    assert_null(in->protocol.at);
    assert_false(in->has_port);
    assert_false(in->has_health_check_enabled);
    assert_non_null(in->matcher);
    assert_null(in->matcher->http_code.at);
    assert_int_equal(check("CreateLoadBalancer", "Name=a&Subnets="), RC_OK);
    lb = input;
    assert_non_null(lb->subnets.items);
    assert_int_equal(lb->subnets.count, 0);
    assert_null(lb->security_groups.items);
}

TEST(proto_query, reads_maps)
{
    const struct elbv2_create_rule_input *in;

    assert_int_equal(check("CreateRule",
                           "ListenerArn=l&Priority=1&Conditions.member.1.Field=host-header"
                           "&Actions.member.1.Type=authenticate-oidc"
                           "&Actions.member.1.AuthenticateOidcConfig.Issuer=i"
                           "&Actions.member.1.AuthenticateOidcConfig.AuthorizationEndpoint=a"
                           "&Actions.member.1.AuthenticateOidcConfig.TokenEndpoint=t"
                           "&Actions.member.1.AuthenticateOidcConfig.UserInfoEndpoint=u"
                           "&Actions.member.1.AuthenticateOidcConfig.ClientId=c"
                           "&Actions.member.1.AuthenticateOidcConfig."
                           "AuthenticationRequestExtraParams.entry.1.key=k"
                           "&Actions.member.1.AuthenticateOidcConfig."
                           "AuthenticationRequestExtraParams.entry.1.value=v"),
                     RC_OK);
    in = input;
    assert_int_equal(
        in->actions.items[0].authenticate_oidc_config->authentication_request_extra_params.count,
        1);
    assert_text_equal(in->actions.items[0]
                          .authenticate_oidc_config->authentication_request_extra_params.items[0]
                          .key,
                      TEXT("k"));
    assert_text_equal(in->actions.items[0]
                          .authenticate_oidc_config->authentication_request_extra_params.items[0]
                          .value,
                      TEXT("v"));
}

TEST(proto_query, refuses_parameters_of_the_wrong_form)
{
    expect_refusal("DescribeLoadBalancers", "Names=a", "MalformedInput",
                   "Start of list found where not expected");
    expect_refusal("DescribeLoadBalancers", "Names.member.x=a", "MalformedInput",
                   "index of a list");
    expect_refusal("DescribeLoadBalancers", "Marker.x=a", "MalformedInput", "complex element");
    expect_refusal("DescribeLoadBalancers", "PageSize=1&PageSize=2", "MalformedInput",
                   "complex element");
    expect_refusal("DescribeLoadBalancers", "PageSize=%2B1", "MalformedInput",
                   "not of type integer");
}

TEST(validate, checks_constraints_in_the_words_of_aws)
{
    expect_refusal(
        "CreateLoadBalancer", "", "ValidationError",
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: "
        "Member must not be null");
    expect_refusal("CreateLoadBalancer", "Name=a&Scheme=public", "ValidationError",
                   "1 validation error detected: Value 'public' at 'scheme' failed to satisfy "
                   "constraint: Member must satisfy enum value set: [internet-facing, internal]");
    expect_refusal("CreateTargetGroup", "Name=a&Port=70000&HealthCheckIntervalSeconds=1",
                   "ValidationError",
                   "2 validation errors detected: Value '70000' at 'port' failed to satisfy "
                   "constraint: Member must have value less than or equal to 65535; Value '1' at "
                   "'healthCheckIntervalSeconds' failed to satisfy constraint: Member must have "
                   "value greater than or equal to 5");
    expect_refusal("CreateListener",
                   "LoadBalancerArn=a&DefaultActions.member.1.Type=jump"
                   "&Tags.member.1.Key=k&Tags.member.2.Key=a%7Cb",
                   "ValidationError",
                   "Value 'a|b' at 'tags.2.member.key' failed to satisfy constraint: Member must "
                   "satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$");
    assert_contains(refusal.message, "'jump' at 'defaultActions.1.member.type'");
    assert_contains(refusal.message, "2 validation errors detected");
}

TEST(validate, shows_values_as_aws_does)
{
    char form[21 * 40] = "";

    for (int i = 1; i <= 21; i++) {
        size_t len = strlen(form);

        (void)snprintf(form + len, sizeof(form) - len, "&ResourceArns.member.%d=a", i);
    }
    assert_int_equal(check("DescribeTags", form), RC_OK); /* the facts have no maximum here */
    expect_refusal("CreateTrustStore",
                   "Name=-&CaCertificatesBundleS3Bucket=b&CaCertificatesBundleS3Key=k&Tags=",
                   "ValidationError",
                   "Value '[]' at 'tags' failed to satisfy constraint: Member must have length "
                   "greater than or equal to 1");
    assert_contains(refusal.message,
                    "Value '-' at 'name' failed to satisfy constraint: Member must "
                    "satisfy regular expression pattern");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(proto_query__puts_members_where_the_tables_say),
        CASE(proto_query__takes_empty_values_as_absent_where_emptiness_is_no_value),
        CASE(proto_query__reads_maps),
        CASE(proto_query__refuses_parameters_of_the_wrong_form),
        CASE(validate__checks_constraints_in_the_words_of_aws),
        CASE(validate__shows_values_as_aws_does),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
