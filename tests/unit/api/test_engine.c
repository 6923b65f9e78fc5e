/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#define ELB            "elasticloadbalancing"
#define ELB_CALL(rest) "Version=2015-12-01&Action=" rest
#define EC2_CALL(rest) "Version=2016-11-15&Action=" rest

static struct client_world world;

static int set_up(void **state)
{
    (void)state;
    client_open(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    client_close(&world);
    return 0;
}

static void expect_refusal(const char *service, const char *form, int status, const char *code,
                           const char *message)
{
    const char *body = client_post(&world, service, form);

    assert_contains(body, code);
    assert_contains(body, message);
    assert_string_equal(world.answer.error_code, code);
    assert_int_equal(world.answer.status, status);
}

TEST(engine, answers_in_the_query_form)
{
    const char *body = client_post(&world, "sts", "Action=GetCallerIdentity&Version=2011-06-15");

    assert_int_equal(world.answer.status, 200);
    assert_contains(body, "<GetCallerIdentityResponse "
                          "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                          "<GetCallerIdentityResult><UserId>123456789012</UserId>"
                          "<Account>123456789012</Account>"
                          "<Arn>arn:aws:iam::123456789012:root</Arn></GetCallerIdentityResult>"
                          "<ResponseMetadata><RequestId>");
    assert_contains(body, "</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
}

TEST(engine, answers_in_the_ec2_form)
{
    const char *body = client_post(
        &world, "ec2", EC2_CALL("DescribeVpcs&Filter.1.Name=is-default&Filter.1.Value.1=true"));

    assert_int_equal(world.answer.status, 200);
    assert_contains(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeVpcsResponse "
                          "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>");
    assert_contains(body, "</requestId><vpcSet><item>");
    assert_contains(body, "<cidrBlock>172.31.0.0/16</cidrBlock>");
}

TEST(engine, answers_in_the_json_form)
{
    const char *body =
        client_send(&world, "acm", "CertificateManager.ListCertificates", "{\"MaxItems\":5}");

    assert_int_equal(world.answer.status, 200);
    assert_string_equal(world.answer.content_type, "application/x-amz-json-1.1");
    assert_contains(body, "{\"CertificateSummaryList\":[");
    body = client_send(&world, "acm", "CertificateManager.MakeCoffee", "{}");
    assert_int_equal(world.answer.status, 400);
    assert_contains(body, "{\"__type\":\"UnknownOperationException\",\"message\":\"");
    body = client_send(&world, "acm", "CertificateManager.RequestCertificate", "{}");
    assert_contains(body, "openalb does not implement RequestCertificate of acm");
    body = client_send(&world, "acm", NULL, "{}");
    assert_contains(body, "UnknownOperationException");
}

TEST(engine, names_unknown_operations)
{
    expect_refusal(ELB, ELB_CALL("MakeCoffee"), 400, "InvalidAction",
                   "Could not find operation MakeCoffee for version 2015-12-01");
    expect_refusal(ELB, "Version=2012-06-01&Action=DescribeLoadBalancers", 400, "InvalidAction",
                   "Could not find operation DescribeLoadBalancers for version 2012-06-01");
    expect_refusal("ec2", EC2_CALL("MakeCoffee"), 400, "InvalidAction",
                   "The action MakeCoffee is not valid for this web service.");
    expect_refusal(ELB, "Version=2015-12-01", 400, "MissingAction", "the parameter Action");
    expect_refusal("s3", "Action=ListBuckets", 400, "InvalidAction",
                   "openalb does not speak the service 's3'");
    assert_contains(client_send(&world, "dynamodb", "DynamoDB_20120810.ListTables", "{}"),
                    "{\"__type\":\"UnknownOperationException\",\"message\":\"openalb does not "
                    "speak the service 'dynamodb'\"}");
}

TEST(engine, says_which_known_operation_is_not_implemented)
{
    expect_refusal(ELB, ELB_CALL("ModifyIpPools&LoadBalancerArn=x"), 400, "InvalidAction",
                   "openalb does not implement ModifyIpPools of elbv2");
}

TEST(engine, checks_ec2_parameters_in_the_words_of_ec2)
{
    expect_refusal("ec2", EC2_CALL("CreateSecurityGroup&GroupName=a"), 400, "MissingParameter",
                   "The request must contain the parameter GroupDescription");
    expect_refusal("ec2", EC2_CALL("DescribeVpcs&Colour=red"), 400, "UnknownParameter",
                   "The parameter Colour is not recognized");
    expect_refusal(
        "ec2", EC2_CALL("DescribeVpcs&MaxResults=4"), 400, "InvalidParameterValue",
        "Value ( 4 ) for parameter MaxResults is invalid. Expecting a value greater than "
        "or equal to 5.");
    expect_refusal("ec2", EC2_CALL("DescribeVpcs&MaxResults=many"), 400, "InvalidParameterValue",
                   "Invalid value 'many' for MaxResults. It must be of type integer.");
    expect_refusal("ec2", EC2_CALL("DescribeVpcs&Filter.1.Name=colour&Filter.1.Value.1=red"), 400,
                   "InvalidParameterValue", "The filter 'colour' is invalid");
}

TEST(engine, dry_run_keeps_nothing)
{
    const char *const create =
        EC2_CALL("CreateSecurityGroup&GroupName=dry&GroupDescription=d&DryRun=true");

    expect_refusal("ec2", create, 412, "DryRunOperation",
                   "Request would have succeeded, but DryRun flag is set.");
    expect_refusal("ec2", create, 412, "DryRunOperation", "DryRun flag is set.");
    expect_refusal("ec2", EC2_CALL("DescribeSecurityGroups&GroupId.1=sg-00000000&DryRun=true"), 400,
                   "InvalidGroup.NotFound", "sg-00000000");
}

TEST(engine, commits_what_it_reports_and_rolls_back_what_it_refuses)
{
    const char *const create = EC2_CALL("CreateSecurityGroup&GroupName=one&GroupDescription=d");
    const uint64_t before = store_revision(world.store);

    assert_contains(client_post(&world, "ec2", create), "<groupId>sg-");
    assert_int_equal(store_revision(world.store), before + 1);
    assert_false(store_is_open(world.store));
    expect_refusal("ec2", create, 400, "InvalidGroup.Duplicate", "one");
    assert_int_equal(store_revision(world.store), before + 1);
    assert_false(store_is_open(world.store));
}

/* Takes the token out of the answer. */
static void read_token(char *out, size_t size)
{
    const char *from = strstr(world.answer.body.at, "<nextToken>");
    const char *to = strstr(world.answer.body.at, "</nextToken>");

    assert_non_null(from);
    from += strlen("<nextToken>");
    assert_true((size_t)(to - from) < size);
    memcpy(out, from, (size_t)(to - from));
    out[to - from] = '\0';
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part)) {
        count++;
    }
    return count;
}

TEST(engine, gives_pages_and_a_token_for_the_next_one)
{
    char form[512];
    char token[256];

    for (int i = 0; i < 7; i++) {
        (void)snprintf(form, sizeof(form),
                       EC2_CALL("CreateSecurityGroup&GroupName=page-%d&GroupDescription=d"), i);
        (void)client_post(&world, "ec2", form);
    }
    (void)client_post(&world, "ec2",
                      EC2_CALL("DescribeSecurityGroups&MaxResults=5&Filter.1.Name=group-name"
                               "&Filter.1.Value.1=page-*"));
    assert_int_equal(count_of(world.answer.body.at, "<groupName>"), 5);
    read_token(token, sizeof(token));
    (void)snprintf(form, sizeof(form),
                   EC2_CALL("DescribeSecurityGroups&MaxResults=5&Filter.1.Name=group-name"
                            "&Filter.1.Value.1=page-*&NextToken=%s"),
                   token);
    (void)client_post(&world, "ec2", form);
    assert_int_equal(count_of(world.answer.body.at, "<groupName>"), 2);
    assert_null(strstr(world.answer.body.at, "nextToken"));
    /* A token of one operation says nothing to another. */
    (void)snprintf(form, sizeof(form), EC2_CALL("DescribeVpcs&NextToken=%s"), token);
    expect_refusal("ec2", form, 400, "InvalidNextToken", "is invalid");
}

TEST(engine, refuses_the_wrong_service_in_that_services_form)
{
    struct http_request head = {.method = TEXT("POST"), .path = TEXT("/")};

    answer_done(&world.answer);
    answer_init(&world.answer);
    engine_answer(world.engine, &head, TEXT("Action=DescribeVpcs&Version=2016-11-15"), CLIENT_NOW,
                  &world.answer);
    buf_add_byte(&world.answer.body, '\0');
    assert_int_equal(world.answer.status, 403);
    assert_contains(world.answer.body.at,
                    "<Response><Errors><Error><Code>MissingAuthenticationToken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(engine__answers_in_the_query_form),
        CASE(engine__answers_in_the_ec2_form),
        CASE(engine__answers_in_the_json_form),
        CASE(engine__names_unknown_operations),
        CASE(engine__says_which_known_operation_is_not_implemented),
        CASE(engine__checks_ec2_parameters_in_the_words_of_ec2),
        CASE(engine__dry_run_keeps_nothing),
        CASE(engine__commits_what_it_reports_and_rolls_back_what_it_refuses),
        CASE(engine__gives_pages_and_a_token_for_the_next_one),
        CASE(engine__refuses_the_wrong_service_in_that_services_form),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
