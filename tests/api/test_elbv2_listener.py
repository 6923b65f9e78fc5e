# SPDX-License-Identifier: Apache-2.0
"""Listeners, rules, actions and conditions."""
import re
import urllib.parse

import pytest

from elb import ARN, Place, answer, forward, refused


@pytest.fixture
def place(ec2, elbv2):
    made = Place(ec2, elbv2)
    with made.undo:
        yield made


@pytest.fixture
def balancer(place):
    return place.balancer()


def redirect(**config):
    return [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", **config}}]


def test_a_forward_comes_back_in_both_forms(place, elbv2, balancer):
    group = place.group()
    arn = group["TargetGroupArn"]
    listener = place.listener(balancer, [{**forward(group)[0], "Order": 1}])
    assert re.fullmatch(balancer["LoadBalancerArn"].replace(":loadbalancer/", ":listener/") + "/[0-9a-f]{16}",
                        listener["ListenerArn"])
    assert listener["DefaultActions"] == [{
        "Type": "forward", "Order": 1, "TargetGroupArn": arn,
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}],
                          "TargetGroupStickinessConfig": {"Enabled": False}}}]
    assert set(listener) == {"ListenerArn", "LoadBalancerArn", "Port", "Protocol", "DefaultActions"}
    assert elbv2.describe_listeners(ListenerArns=[listener["ListenerArn"]])["Listeners"] == [listener]
    assert elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"] == [listener]
    rules = elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    assert [(r["Priority"], r["IsDefault"], r["Conditions"], r["Actions"]) for r in rules] == [
        ("default", True, [], listener["DefaultActions"])]


def test_several_groups_come_back_in_the_long_form(place, balancer):
    one, two = place.group()["TargetGroupArn"], place.group()["TargetGroupArn"]
    config = {"TargetGroups": [{"TargetGroupArn": one, "Weight": 0}, {"TargetGroupArn": two, "Weight": 999}],
              "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}
    listener = place.listener(balancer, [{"Type": "forward", "ForwardConfig": config}])
    assert listener["DefaultActions"] == [{"Type": "forward", "ForwardConfig": config}]


def test_redirects_and_fixed_responses_come_back_complete(place, balancer):
    listener = place.listener(balancer, redirect(Protocol="HTTPS", Port="443"), port=80)
    assert listener["DefaultActions"][0]["RedirectConfig"] == {
        "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
        "StatusCode": "HTTP_301"}
    listener = place.listener(balancer, answer("404", ContentType="text/plain", MessageBody="no"), port=81)
    assert listener["DefaultActions"][0]["FixedResponseConfig"] == {
        "StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}


def test_creating_it_again(place, elbv2, balancer):
    listener = place.listener(balancer, answer())
    assert place.listener(balancer, answer()) == listener
    refused("DuplicateListener", "A listener already exists on this port for this load balancer "
            f"'{balancer['LoadBalancerArn']}'", place.listener, balancer=balancer, actions=answer("201"))


@pytest.mark.parametrize("actions, code, message", [
    ([], "ValidationError", "An action must be specified"),
    (answer() + answer(), "TooManyActions", None),
    ([{"Type": "redirect"}], "InvalidLoadBalancerAction",
     "For actions of type 'redirect', you must specify the following fields: 'RedirectConfig'"),
    ([{"Type": "fixed-response"}], "InvalidLoadBalancerAction",
     "For actions of type 'fixed-response', you must specify the following fields: 'FixedResponseConfig'"),
    (redirect(), "InvalidLoadBalancerAction",
     "The redirect configuration is not valid because it creates a loop."),
    (redirect(Protocol="HTTP", Port="80", Host="#{host}", Path="/#{path}", Query="x=1"), "InvalidLoadBalancerAction",
     "The redirect configuration is not valid because it creates a loop."),
    (redirect(Port="443", Path="x"), "InvalidLoadBalancerAction",
     "The Path parameter must be a valid path, should start with a '/' and may contain up to one of each of these "
     "placeholders: '#{path}', '#{host}', '#{port}'."),
    (answer(ContentType="image/png"), "InvalidLoadBalancerAction",
     "The ContentType must be one of:'text/html', 'application/json', 'application/javascript', 'text/css', "
     "'text/plain'"),
    ([{"Type": "forward", "TargetGroupArn": ARN + "targetgroup/a/0123456789abcdef"}], "TargetGroupNotFound",
     "One or more target groups not found"),
    ([{"Type": "forward", "TargetGroupArn": "arn:x"}], "ValidationError", "'arn:x' is not a valid target group ARN"),
    ([{"Type": "jwt-validation"}], "InvalidLoadBalancerAction",
     "Actions of type 'jwt-validation' are supported only on HTTPS listeners."),
])
def test_actions_that_are_refused(place, elbv2, balancer, actions, code, message):
    if message is None:
        with pytest.raises(elbv2.exceptions.ClientError) as caught:
            place.listener(balancer, actions)
        assert caught.value.response["Error"]["Code"] == code
    else:
        refused(code, message, place.listener, balancer=balancer, actions=actions)
    assert elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"] == []


def test_listeners_that_are_refused(place, elbv2, balancer):
    arn = balancer["LoadBalancerArn"]

    def create(**settings):
        return elbv2.create_listener(LoadBalancerArn=arn, DefaultActions=answer(), **settings)
    refused("ValidationError", "A listener port must be specified", create, Protocol="HTTP")
    refused("ValidationError", "A listener protocol must be specified", create, Port=80)
    refused("ValidationError", "Listener protocol 'TCP' must be one of 'HTTP, HTTPS'", create, Protocol="TCP", Port=80)
    refused("ValidationError", "A certificate must be specified for HTTPS listeners", create, Protocol="HTTPS",
            Port=443)
    missing = "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
    refused("CertificateNotFound", f"Certificate '{missing}' not found", create, Protocol="HTTPS", Port=443,
            Certificates=[{"CertificateArn": missing}])
    refused("SSLPolicyNotFound", "SSL policy 'x' not found", create, Protocol="HTTPS", Port=443, SslPolicy="x",
            Certificates=[{"CertificateArn": missing}])
    grpc = place.group(ProtocolVersion="GRPC")
    refused("InvalidLoadBalancerAction", "Listener protocol 'HTTP' is not supported with a target group with the "
            "protocol-version 'GRPC'", elbv2.create_listener, LoadBalancerArn=arn, Protocol="HTTP", Port=80,
            DefaultActions=forward(grpc))
    refused("ValidationError", "You must specify either listener ARNs or a load balancer ARN",
            elbv2.describe_listeners)
    refused("ListenerNotFound", "One or more listeners not found", elbv2.delete_listener,
            ListenerArn=ARN + "listener/app/a/0123456789abcdef/0123456789abcdef")
    assert elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"] == []


def test_modifying(place, elbv2, balancer):
    first = place.listener(balancer, answer(), port=80)["ListenerArn"]
    place.listener(balancer, answer(), port=81)
    refused("ValidationError", "Listener port '81' is already in use", elbv2.modify_listener, ListenerArn=first,
            Port=81)
    changed = elbv2.modify_listener(ListenerArn=first, Port=82, Protocol="HTTP",
                                    DefaultActions=answer("503"))["Listeners"][0]
    assert (changed["ListenerArn"], changed["Port"]) == (first, 82)
    assert changed["DefaultActions"] == answer("503")
    elbv2.delete_listener(ListenerArn=first)
    left = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert [listener["Port"] for listener in left] == [81]


def test_attributes(place, server, balancer):
    """By hand: Debian's boto3 is older than listeners' attributes."""
    arn = urllib.parse.quote(place.listener(balancer, answer())["ListenerArn"], safe="")

    def values(text):
        return dict(re.findall(r"<Key>(.*?)</Key>\s*<Value>(.*?)</Value>", text.replace("<Value/>", "<Value></Value>")))

    def modify(*changes):
        sent = "".join(f"&Attributes.member.{i}.Key={key}&Attributes.member.{i}.Value={value}"
                       for i, (key, value) in enumerate(changes, 1))
        return server.query("elasticloadbalancing", f"ModifyListenerAttributes&ListenerArn={arn}{sent}")
    before = values(server.query("elasticloadbalancing", f"DescribeListenerAttributes&ListenerArn={arn}").text)
    assert before["routing.http.response.server.enabled"] == "true"
    after = modify(("routing.http.response.server.enabled", "false"),
                   ("routing.http.response.x_frame_options.header_value", "DENY"))
    assert values(after.text) == {**before, "routing.http.response.server.enabled": "false",
                                  "routing.http.response.x_frame_options.header_value": "DENY"}
    refusal = modify(("routing.http.response.server.enabled", "true"), ("no.such", "1"))
    assert (refusal.status, refusal.code, refusal.message) == (
        400, "ValidationError", "Listener attribute key &apos;no.such&apos; is not recognized".replace("&apos;", "'"))
    assert values(server.query("elasticloadbalancing", f"DescribeListenerAttributes&ListenerArn={arn}").text) == \
        values(after.text)


PATH = [{"Field": "path-pattern", "Values": ["/a/*"]}]


@pytest.fixture
def listener(place, balancer):
    return place.listener(balancer, answer())["ListenerArn"]


def test_rules_come_by_priority_with_their_configs(elbv2, listener):
    def create(priority, conditions):
        return elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=conditions,
                                 Actions=answer())["Rules"][0]
    later = create(20, [{"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
                        {"Field": "http-header",
                         "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["b*"]}},
                        {"Field": "query-string",
                         "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}, {"Value": "x"}]}}])
    first = create(10, PATH)
    assert first["Conditions"] == [{"Field": "path-pattern", "Values": ["/a/*"],
                                    "PathPatternConfig": {"Values": ["/a/*"]}}]
    assert later["Conditions"] == [
        {"Field": "host-header", "Values": ["*.example.com"], "HostHeaderConfig": {"Values": ["*.example.com"]}},
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["b*"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1"}, {"Value": "x"}]}}]
    rules = elbv2.describe_rules(ListenerArn=listener)["Rules"]
    assert [rule["Priority"] for rule in rules] == ["10", "20", "default"]
    assert rules[:2] == [first, later]
    assert elbv2.describe_rules(RuleArns=[later["RuleArn"]])["Rules"] == [later]
    assert re.fullmatch(listener.replace(":listener/", ":listener-rule/") + "/[0-9a-f]{16}", first["RuleArn"])


@pytest.mark.parametrize("conditions, message", [
    ([{"Field": "path-pattern", "Values": ["/a", "/b"]}],
     "The 'path-pattern' field contains too many values; the limit is '1'"),
    ([{"Field": "path-pattern", "Values": ["/" + "a" * 128]}], "The 'path-pattern' value is too long; the limit is '128'"),
    ([{"Field": "path-pattern", "Values": []}], "A condition value must be specified"),
    ([{"Field": "source-ip", "Values": ["10.0.0.0/8"]}], "The 'Values' field is not compatible with 'source-ip'"),
    ([{"Field": "color", "Values": ["red"]}], "Condition field 'color' must be one of '[path-pattern,host-header,"
     "http-header,http-request-method,query-string,source-ip]'"),
    ([{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/1", "/2", "/3", "/4", "/5", "/6"]}}],
     "A rule can only have '5' condition values and regex values"),
    ([{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*?*", "/*?*?"]}}],
     "A rule can only have '6' condition wildcards"),
    ([{"Field": "source-ip", "SourceIpConfig": {"Values": ["255.255.255.255/32"]}}],
     "The 'source-ip' condition value '255.255.255.255/32' is not valid"),
    ([{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["get"]}}],
     "The 'http-request-method' condition value 'get' is not valid"),
    ([{"Field": "host-header", "HostHeaderConfig": {"Values": ["localhost"]}}],
     "The 'host-header' condition value 'localhost' is not valid"),
    (PATH + PATH, "A rule can only have one 'path-pattern' condition"),
])
def test_conditions_that_are_refused(elbv2, listener, conditions, message):
    refused("ValidationError", message, elbv2.create_rule, ListenerArn=listener, Priority=1, Conditions=conditions,
            Actions=answer())
    assert len(elbv2.describe_rules(ListenerArn=listener)["Rules"]) == 1


def test_priorities_swap_at_once(elbv2, listener):
    arns = [elbv2.create_rule(ListenerArn=listener, Priority=p, Conditions=PATH, Actions=answer())["Rules"][0]["RuleArn"]
            for p in (1, 2, 3)]
    refused("PriorityInUse", "Priority '1' is currently in use", elbv2.create_rule, ListenerArn=listener, Priority=1,
            Conditions=PATH, Actions=answer())

    def move(*pairs):
        return elbv2.set_rule_priorities(RulePriorities=[{"RuleArn": a, "Priority": p} for a, p in pairs])["Rules"]

    def order():
        return [rule["RuleArn"] for rule in elbv2.describe_rules(ListenerArn=listener)["Rules"]][:-1]
    assert [rule["Priority"] for rule in move((arns[0], 2), (arns[1], 1))] == ["2", "1"]
    assert order() == [arns[1], arns[0], arns[2]]
    refused("PriorityInUse", "Priority '3' is currently in use", lambda: move((arns[0], 9), (arns[1], 3)))
    refused("ValidationError", "Priority '7' was provided multiple times", lambda: move((arns[0], 7), (arns[1], 7)))
    default = elbv2.describe_rules(ListenerArn=listener)["Rules"][-1]["RuleArn"]
    refused("OperationNotPermitted", "Default rule cannot be given a priority", lambda: move((default, 7)))
    assert order() == [arns[1], arns[0], arns[2]]


def test_modifying_and_deleting_rules(elbv2, listener):
    rule = elbv2.create_rule(ListenerArn=listener, Priority=5, Conditions=PATH, Actions=answer(),
                             Tags=[{"Key": "a", "Value": "b"}])["Rules"][0]
    arn = rule["RuleArn"]
    assert elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == [{"Key": "a", "Value": "b"}]
    refused("ValidationError", "Either conditions or actions must be specified", elbv2.modify_rule, RuleArn=arn)
    changed = elbv2.modify_rule(RuleArn=arn, Actions=answer("404"))["Rules"][0]
    assert changed == {**rule, "Actions": answer("404")}
    default = elbv2.describe_rules(ListenerArn=listener)["Rules"][-1]["RuleArn"]
    refused("OperationNotPermitted", "Default rule cannot be modified", elbv2.modify_rule, RuleArn=default,
            Actions=answer())
    refused("OperationNotPermitted", "Default rule cannot be deleted", elbv2.delete_rule, RuleArn=default)
    elbv2.delete_rule(RuleArn=arn)
    refused("RuleNotFound", "One or more rules not found", elbv2.delete_rule, RuleArn=arn)
    refused("ValidationError", "You must specify either listener rule ARNs or a listener ARN", elbv2.describe_rules)


def test_a_hundred_rules_and_no_more(elbv2, listener):
    for priority in range(1, 101):
        elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=PATH, Actions=answer())
    refused("TooManyRules", "You have reached the maximum number of rules per load balancer: [100]", elbv2.create_rule,
            ListenerArn=listener, Priority=101, Conditions=PATH, Actions=answer())
    pages = list(elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener,
                                                                PaginationConfig={"PageSize": 40}))
    assert [len(page["Rules"]) for page in pages] == [40, 40, 21]
