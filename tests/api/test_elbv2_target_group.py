# SPDX-License-Identifier: Apache-2.0
"""Target groups and their targets."""
import http.server
import threading

import pytest

from elb import ARN, Place, answer, forward, refused


@pytest.fixture
def place(ec2, elbv2):
    made = Place(ec2, elbv2)
    with made.undo:
        yield made


def test_reads_back_defaults(place):
    group = place.group("plain", ProtocolVersion="")
    assert {key: group[key] for key in group if key not in ("TargetGroupArn", "TargetGroupName")} == {
        "Protocol": "HTTP", "Port": 8000, "VpcId": place.vpc, "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port", "HealthCheckEnabled": True, "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2,
        "HealthCheckPath": "/", "Matcher": {"HttpCode": "200"}, "LoadBalancerArns": [], "TargetType": "ip",
        "ProtocolVersion": "HTTP1", "IpAddressType": "ipv4"}
    grpc = place.group("grpc", ProtocolVersion="GRPC")
    assert (grpc["HealthCheckPath"], grpc["Matcher"]) == ("/AWS.ALB/healthcheck", {"GrpcCode": "12"})


def test_creating_it_again(place, elbv2):
    group = place.group("again")
    same = {"Name": group["TargetGroupName"], "Protocol": "HTTP", "Port": 8000, "VpcId": place.vpc, "TargetType": "ip"}
    assert elbv2.create_target_group(**same)["TargetGroups"] == [group]
    refused("DuplicateTargetGroupName",
            f"A target group with the same name '{same['Name']}' exists, but with different settings",
            elbv2.create_target_group, **{**same, "Port": 8001})


@pytest.mark.parametrize("change, code, message", [
    ({"Name": "x" * 33}, "ValidationError",
     f"Target group name '{'x' * 33}' cannot be longer than '32' characters"),
    ({"Name": "-a"}, "ValidationError", "Target group name '-a' cannot begin or end with '-'"),
    ({"Protocol": None}, "ValidationError", "A protocol must be specified"),
    ({"Port": None}, "ValidationError", "A port must be specified"),
    ({"VpcId": None}, "ValidationError", "A VPC ID must be specified"),
    ({"VpcId": "vpc-0123456789abcdef0"}, "ValidationError", "The VPC ID 'vpc-0123456789abcdef0' is not found"),
    ({"Protocol": "TCP"}, "ValidationError", "Target group protocol 'TCP' must be one of 'HTTP, HTTPS'"),
    ({"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 5}, "ValidationError",
     "Health check interval must be greater than the timeout."),
    ({"HealthCheckPath": "docs"}, "ValidationError",
     "Health check path 'docs' must begin with a '/' character, and can only contain printable ASCII characters, "
     "without spaces"),
    ({"HealthCheckEnabled": False}, "InvalidConfigurationRequest",
     "Health check enabled must be true for target groups with target type 'ip'"),
    ({"Matcher": {"HttpCode": "199"}}, "ValidationError",
     "Health check matcher HTTP code '199' must be within '200-499' inclusive, as a value, a list of values "
     "(200,202) or a range of values (200-299)"),
    ({"HealthCheckPort": "0"}, "ValidationError",
     "Health check port '0' must be 'traffic-port' or in the range 1-65535 inclusive"),
])
def test_refusals(place, elbv2, change, code, message):
    wanted = {"Name": "refused", "Protocol": "HTTP", "Port": 80, "VpcId": place.vpc, "TargetType": "ip", **change}
    refused(code, message, elbv2.create_target_group, **{k: v for k, v in wanted.items() if v is not None})
    refused("TargetGroupNotFound", "One or more target groups not found",
            elbv2.describe_target_groups, Names=["refused"])


def test_modifying_the_health_check(place, elbv2):
    arn = place.group()["TargetGroupArn"]
    changed = elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/docs?x=1", HealthyThresholdCount=2,
                                        Matcher={"HttpCode": "200,202-204"})["TargetGroups"][0]
    assert (changed["HealthCheckPath"], changed["HealthyThresholdCount"], changed["Matcher"]) == (
        "/docs?x=1", 2, {"HttpCode": "200,202-204"})
    refused("ValidationError", "Health check interval must be greater than the timeout.",
            elbv2.modify_target_group, TargetGroupArn=arn, HealthCheckTimeoutSeconds=60)
    assert elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"] == [changed]


def test_filters_are_alternatives(place, elbv2):
    group = place.group()
    balancer = place.balancer()
    place.listener(balancer, forward(group))
    of_balancer = elbv2.describe_target_groups(LoadBalancerArn=balancer["LoadBalancerArn"])["TargetGroups"]
    assert [g["TargetGroupArn"] for g in of_balancer] == [group["TargetGroupArn"]]
    assert of_balancer[0]["LoadBalancerArns"] == [balancer["LoadBalancerArn"]]
    refused("ValidationError", "Target group names, target group ARNs, and a load balancer ARN cannot be specified at "
            "the same time", elbv2.describe_target_groups, LoadBalancerArn=balancer["LoadBalancerArn"], Names=["a"])


def test_attributes(place, elbv2):
    arn = place.group()["TargetGroupArn"]
    before = elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    values = {a["Key"]: a["Value"] for a in before}
    assert values["deregistration_delay.timeout_seconds"] == "300"
    assert values["openalb.initial_healthy_checks"] == "threshold"
    assert "lambda.multi_value_headers.enabled" not in values

    def modify(*changes):
        return elbv2.modify_target_group_attributes(
            TargetGroupArn=arn, Attributes=[{"Key": k, "Value": v} for k, v in changes])["Attributes"]
    refused("InvalidConfigurationRequest", "Stickiness type 'source_ip' is not supported for target groups with the "
            "HTTP protocol", lambda: modify(("slow_start.duration_seconds", "30"), ("stickiness.type", "source_ip")))
    refused("InvalidConfigurationRequest",
            "You must set an application cookie name to enable stickiness of type 'app_cookie'",
            lambda: modify(("stickiness.enabled", "true"), ("stickiness.type", "app_cookie")))
    assert elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"] == before
    after = modify(("deregistration_delay.timeout_seconds", "0"), ("stickiness.enabled", "true"))
    assert {a["Key"]: a["Value"] for a in after} == {
        **values, "deregistration_delay.timeout_seconds": "0", "stickiness.enabled": "true"}


def test_a_group_in_use_stays(place, elbv2):
    group = place.group()
    balancer = place.balancer()
    listener = place.listener(balancer, forward(group))
    arn = group["TargetGroupArn"]
    refused("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule",
            elbv2.delete_target_group, TargetGroupArn=arn)
    other = place.balancer()
    refused("TargetGroupAssociationLimit",
            f"The following target groups cannot be associated with more than one load balancer: {arn}",
            elbv2.create_listener, LoadBalancerArn=other["LoadBalancerArn"], Protocol="HTTP", Port=80,
            DefaultActions=forward(group))
    elbv2.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=answer())
    place.listener(other, forward(group))


def health(elbv2, arn, *targets, **more):
    wanted = {"Targets": list(targets)} if targets else {}
    found = elbv2.describe_target_health(TargetGroupArn=arn, **wanted, **more)["TargetHealthDescriptions"]
    return [(d["Target"]["Id"], d["Target"]["Port"], d["TargetHealth"]["State"], d["TargetHealth"].get("Reason"),
             d["TargetHealth"].get("Description")) for d in found]


def test_unused_and_not_registered(place, elbv2):
    arn = place.group()["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1"}, {"Id": "127.0.0.1", "Port": 1}])
    unused = ("unused", "Target.NotInUse",
              "Target group is not configured to receive traffic from the load balancer")
    assert health(elbv2, arn) == [("127.0.0.1", 1, *unused), ("127.0.0.1", 8000, *unused)]
    absent = ("unused", "Target.NotRegistered", "Target is not registered to the target group")
    assert health(elbv2, arn, {"Id": "127.0.0.2"}, {"Id": "127.0.0.1"}) == [
        ("127.0.0.2", 8000, *absent), ("127.0.0.1", 8000, *unused)]
    elbv2.get_waiter("target_deregistered").wait(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.2", "Port": 9}])
    description = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]
    assert (description["HealthCheckPort"], description["Target"]["AvailabilityZone"]) == ("1", "all")


def test_draining(place, elbv2):
    arn = place.group()["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1"}])
    elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1"}, {"Id": "127.0.0.9"}])
    assert health(elbv2, arn) == [("127.0.0.1", 8000, "draining", "Target.DeregistrationInProgress",
                                   "Target deregistration is in progress")]
    refused("InvalidTarget", "The following targets are deregistering and cannot be registered until their "
            "deregistration delay has ended: '127.0.0.1:8000'",
            elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": "127.0.0.2"}, {"Id": "127.0.0.1"}])
    assert len(health(elbv2, arn)) == 1


@pytest.mark.parametrize("target, code, message", [
    ({"Id": "8.8.8.8"}, "InvalidTarget", "The IP address '8.8.8.8' is not from the VPC of the target group, nor from "
     "10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12 or 192.168.0.0/16"),
    ({"Id": "10.1.2.3"}, "ValidationError",
     "The Availability Zone is required for IP address '10.1.2.3' because it is not in the VPC"),
    ({"Id": "172.31.0.9", "AvailabilityZone": "all"}, "ValidationError", "The IP address '172.31.0.9' is within the "
     "VPC, and cannot have its Availability Zone overridden to 'all' from 'us-east-1a'"),
    ({"Id": "localhost"}, "ValidationError", "The IP address 'localhost' is not a valid IPv4 address"),
])
def test_what_cannot_be_registered(place, elbv2, target, code, message):
    arn = place.group()["TargetGroupArn"]
    refused(code, message, elbv2.register_targets, TargetGroupArn=arn, Targets=[{"Id": "127.0.0.1"}, target])
    assert health(elbv2, arn) == []


def test_instances_are_those_that_serve_was_told(place, elbv2):
    arn = place.group(TargetType="instance")["TargetGroupArn"]
    refused("InvalidTarget", "The following targets are not in a running state and cannot be registered: "
            "'i-0123456789abcdef0'", elbv2.register_targets, TargetGroupArn=arn,
            Targets=[{"Id": "i-0123456789abcdef0"}])
    refused("ValidationError", "Instance ID '127.0.0.1' is not valid", elbv2.register_targets, TargetGroupArn=arn,
            Targets=[{"Id": "127.0.0.1"}])


def test_absent_groups(elbv2):
    absent = ARN + "targetgroup/a/0123456789abcdef"
    for call in (elbv2.describe_target_health, elbv2.describe_target_group_attributes):
        refused("TargetGroupNotFound", "One or more target groups not found", call, TargetGroupArn=absent)
        refused("ValidationError", "'arn:x' is not a valid target group ARN", call, TargetGroupArn="arn:x")
    elbv2.delete_target_group(TargetGroupArn=absent)


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ok" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def test_a_target_comes_into_service_and_falls_out(place, elbv2):
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    target = {"Id": "127.0.0.1", "Port": service.server_address[1]}
    group = place.group(HealthCheckPath="/ok", HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2,
                        HealthyThresholdCount=2)
    arn = group["TargetGroupArn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[target])
    place.listener(place.balancer(), forward(group))
    assert health(elbv2, arn)[0][2] == "initial"
    elbv2.get_waiter("target_in_service").wait(TargetGroupArn=arn, Targets=[target],
                                               WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert health(elbv2, arn) == [("127.0.0.1", target["Port"], "healthy", None, None)]
    elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/no")
    for _ in range(30):
        if health(elbv2, arn)[0][2] != "healthy":
            break
        threading.Event().wait(1)
    assert health(elbv2, arn)[0][2:] == ("unhealthy", "Target.ResponseCodeMismatch",
                                         "Health checks failed with these codes: [404]")
    service.shutdown()
