# SPDX-License-Identifier: Apache-2.0
"""What the API takes, nodes take: one refused member would hold up every later change."""
import time

from server import Server


def fixed(status, **more):
    return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status, **more}}


def redirect(**more):
    return {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", **more}}


PATH = {"Field": "path-pattern", "Values": ["/*"]}
RULES = [
    (PATH, fixed("599", MessageBody="\u00e4" * 1024, ContentType="application/json")),
    (PATH, fixed("204", MessageBody="")),
    (PATH, redirect(Host="a.#{host}", Port="1", Path="/#{port}/#{host}/#{path}", Query="")),
    (PATH, redirect(Host="x.example.com", Query="a=#{query}&b=#{protocol}")),
    ({"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "", "Value": "\\*"}, {"Value": " a b "}]}},
     fixed("200")),
    ({"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Forwarded-For", "Values": ["*~*"]}},
     fixed("200")),
    ({"Field": "source-ip", "SourceIpConfig": {"Values": ["1.2.3.4/8", "::/0"]}}, fixed("200")),
    ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["A_B-C1"]}}, fixed("200")),
    ({"Field": "host-header", "HostHeaderConfig": {"Values": ["*.A.b?"]}}, fixed("200")),
]
HEALTH = "target_group_health."
GROUP = {
    HEALTH + "dns_failover.minimum_healthy_targets.count": "off",
    HEALTH + "unhealthy_state_routing.minimum_healthy_targets.count": "1000",
    HEALTH + "dns_failover.minimum_healthy_targets.percentage": "100",
    HEALTH + "unhealthy_state_routing.minimum_healthy_targets.percentage": "100",
    "slow_start.duration_seconds": "900",
}
BALANCER = {"idle_timeout.timeout_seconds": "4000", "client_keep_alive.seconds": "604800"}


def attributes(values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


def test_the_edges_reach_the_nodes(tmp_path):
    server = Server(tmp_path)
    try:
        elbv2, ec2 = server.client("elbv2"), server.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        balancer = elbv2.create_load_balancer(Name="Edges", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        group = elbv2.create_target_group(
            Name="g", Protocol="HTTPS", Port=65535, VpcId=vpc, TargetType="ip", HealthCheckProtocol="HTTPS",
            HealthCheckPort="1", HealthCheckPath="/?a=b&c=%41~", Matcher={"HttpCode": "200-299,301,499"},
            HealthCheckIntervalSeconds=300, HealthCheckTimeoutSeconds=120, HealthyThresholdCount=10,
            UnhealthyThresholdCount=10)["TargetGroups"][0]["TargetGroupArn"]
        listener = elbv2.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTP", Port=40000,
            DefaultActions=[{"Type": "forward", "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": group, "Weight": 0}],
                "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 604800}}}],
        )["Listeners"][0]["ListenerArn"]
        for priority, (condition, action) in enumerate(RULES, 49990):
            elbv2.create_rule(ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[action])
        elbv2.modify_target_group_attributes(TargetGroupArn=group, Attributes=attributes(GROUP))
        elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=attributes(BALANCER))
        elbv2.register_targets(TargetGroupArn=group, Targets=[
            {"Id": "192.168.1.1", "Port": 1, "AvailabilityZone": "all"}, {"Id": "172.31.0.5"}])
        last = ec2.create_security_group(GroupName="edges", Description="d", VpcId=vpc)["GroupId"]
        elbv2.set_security_groups(LoadBalancerArn=balancer, SecurityGroups=[last])

        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not accepted(server):
            time.sleep(0.1)
        assert accepted(server)
        assert not [line for line in server.log if "snapshot refused" in line]
    finally:
        server.end()


def accepted(server):
    """Both nodes have the newest of all snapshots."""
    newest = {}
    for line in list(server.log):
        if "snapshot accepted" in line and " node " in line:
            newest[line.split(" node ")[1].split(":")[0]] = int(line.split('revision="')[1].split('"')[0])
    # The seed of the store, a change an operation above.
    return len(newest) == 2 and min(newest.values()) >= len(RULES) + 8 and len(set(newest.values())) == 1
