# SPDX-License-Identifier: Apache-2.0
"""Load balancers: made, read back, changed, refused."""
import re

import pytest

from elb import ARN, Place, forward, name, refused


@pytest.fixture
def place(ec2, elbv2):
    made = Place(ec2, elbv2)
    with made.undo:
        yield made


def test_reads_back_what_clients_read(place, elbv2):
    made = place.balancer("news", Tags=[{"Key": "team", "Value": "web"}])
    arn = made["LoadBalancerArn"]
    assert re.fullmatch(re.escape(ARN) + f"loadbalancer/app/{made['LoadBalancerName']}/[0-9a-f]{{16}}", arn)
    assert re.fullmatch(f"{made['LoadBalancerName']}-[0-9]+.us-east-1.elb.internal", made["DNSName"])
    assert (made["Scheme"], made["Type"], made["IpAddressType"], made["VpcId"], made["State"]) == (
        "internet-facing", "application", "ipv4", place.vpc, {"Code": "active"})
    assert made["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"
    assert [(z["ZoneName"], z["LoadBalancerAddresses"]) for z in made["AvailabilityZones"]] == [
        ("us-east-1a", []), ("us-east-1b", [])]
    assert sorted(z["SubnetId"] for z in made["AvailabilityZones"]) == sorted(place.subnets)
    assert elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"] == [made]
    assert elbv2.describe_load_balancers(Names=[made["LoadBalancerName"]])["LoadBalancers"] == [made]
    assert elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"] == [
        {"ResourceArn": arn, "Tags": [{"Key": "team", "Value": "web"}]}]
    elbv2.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn])
    elbv2.get_waiter("load_balancer_exists").wait(LoadBalancerArns=[arn])


def test_creating_it_again_gives_the_same_or_refuses(place, elbv2):
    made = place.balancer()
    again = {"Name": made["LoadBalancerName"], "Subnets": list(reversed(place.subnets))}
    assert elbv2.create_load_balancer(**again)["LoadBalancers"] == [made]
    refused("DuplicateLoadBalancerName",
            f"A load balancer with the same name '{again['Name']}' exists, but with different settings",
            elbv2.create_load_balancer, **again, Scheme="internal")
    assert elbv2.describe_load_balancers(Names=[again["Name"]])["LoadBalancers"] == [made]


def test_internal_ones(place, elbv2):
    made = place.balancer("inside", Scheme="internal")
    assert made["DNSName"].startswith(f"internal-{made['LoadBalancerName']}-")
    attributes = elbv2.describe_load_balancer_attributes(LoadBalancerArn=made["LoadBalancerArn"])["Attributes"]
    assert {"Key": "ipv6.deny_all_igw_traffic", "Value": "true"} in attributes


def test_refusals_change_nothing(place, elbv2):
    before = elbv2.describe_load_balancers()["LoadBalancers"]
    create = elbv2.create_load_balancer
    refused("ValidationError", "At least two subnets in two different Availability Zones must be specified",
            create, Name="a", Subnets=place.subnets[:1])
    refused("InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            create, Name="a", Subnets=[place.subnets[0]] * 2)
    refused("SubnetNotFound", "The subnet ID 'subnet-0123456789abcdef0' does not exist",
            create, Name="a", Subnets=[place.subnets[0], "subnet-0123456789abcdef0"])
    refused("InvalidSecurityGroup", "The security group 'sg-0123456789abcdef0' does not exist",
            create, Name="a", Subnets=place.subnets, SecurityGroups=["sg-0123456789abcdef0"])
    refused("ValidationError", "Load balancer name 'a_b' can only contain characters that are alphanumeric "
            "characters or hyphens(-)", create, Name="a_b", Subnets=place.subnets)
    refused("ValidationError", "Load balancer name 'internal-a' cannot begin with 'internal-'",
            create, Name="internal-a", Subnets=place.subnets)
    refused("DuplicateTagKeys", "Tag key was specified more than once: a", create, Name="a",
            Subnets=place.subnets, Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    refused("ValidationError", "1 validation error detected: Value 'public' at 'scheme' failed to satisfy "
            "constraint: Member must satisfy enum value set: [internet-facing, internal]",
            create, Name="a", Subnets=place.subnets, Scheme="public")
    assert elbv2.describe_load_balancers()["LoadBalancers"] == before


def test_finding_none(elbv2):
    describe = elbv2.describe_load_balancers
    refused("LoadBalancerNotFound", "Load balancers '[nobody]' not found", describe, Names=["nobody"])
    refused("LoadBalancerNotFound", "One or more load balancers not found", describe,
            LoadBalancerArns=[ARN + "loadbalancer/app/a/0123456789abcdef"])
    foreign = ARN.replace("123456789012", "123456789013") + "loadbalancer/app/a/0123456789abcdef"
    refused("ValidationError", f"'{foreign}' is not a valid load balancer ARN", describe, LoadBalancerArns=[foreign])


def test_pages(place, elbv2):
    made = sorted(place.balancer("page")["LoadBalancerName"] for _ in range(5))
    pages = list(elbv2.get_paginator("describe_load_balancers").paginate(PaginationConfig={"PageSize": 2}))
    assert all(len(page["LoadBalancers"]) == 2 for page in pages[:-1]) and len(pages) >= 3
    names = [lb["LoadBalancerName"] for page in pages for lb in page["LoadBalancers"]]
    assert names == sorted(names) and set(made) <= set(names)


def test_attributes(place, elbv2):
    arn = place.balancer()["LoadBalancerArn"]
    before = elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    values = {a["Key"]: a["Value"] for a in before}
    assert values["idle_timeout.timeout_seconds"] == "60"
    assert values["routing.http.desync_mitigation_mode"] == "defensive"
    assert values["access_logs.s3.bucket"] == ""

    def modify(key, value):
        return elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": "routing.http2.enabled", "Value": "false"},
                                             {"Key": key, "Value": value}])["Attributes"]
    refused("ValidationError", "Load balancer attribute key 'no.such' is not recognized",
            lambda: modify("no.such", "1"))
    refused("InvalidConfigurationRequest", "Load balancer attribute key 'dns_record.client_routing_policy' is not "
            "supported on load balancers with type 'application'",
            lambda: modify("dns_record.client_routing_policy", "1"))
    assert elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"] == before
    after = modify("idle_timeout.timeout_seconds", "4000")
    assert {a["Key"]: a["Value"] for a in after} == {
        **values, "routing.http2.enabled": "false", "idle_timeout.timeout_seconds": "4000"}
    assert elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"] == after


def test_deletion(place, elbv2, ec2):
    made = place.balancer()
    arn = made["LoadBalancerArn"]
    group = place.group()
    place.listener(made, forward(group))
    description = "ELB " + arn.split(":loadbalancer/")[1]
    interfaces = ec2.describe_network_interfaces(
        Filters=[{"Name": "description", "Values": [description]},
                 {"Name": "attachment.instance-owner-id", "Values": ["amazon-elb"]}])["NetworkInterfaces"]
    assert len(interfaces) == 2

    def protect(value):
        elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": value}])
    protect("true")
    refused("OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            elbv2.delete_load_balancer, LoadBalancerArn=arn)
    protect("false")
    elbv2.delete_load_balancer(LoadBalancerArn=arn)
    elbv2.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn])
    elbv2.delete_load_balancer(LoadBalancerArn=arn)
    assert ec2.describe_network_interfaces(
        Filters=[{"Name": "description", "Values": [description]}])["NetworkInterfaces"] == []
    assert elbv2.describe_target_groups(
        TargetGroupArns=[group["TargetGroupArn"]])["TargetGroups"][0]["LoadBalancerArns"] == []


def test_sets(place, elbv2, ec2):
    arn = place.balancer()["LoadBalancerArn"]
    group = ec2.create_security_group(GroupName=name("lb-group"), Description="d", VpcId=place.vpc)["GroupId"]
    try:
        answer = elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[group])
        assert answer["SecurityGroupIds"] == [group]
        assert elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]["SecurityGroups"] == [group]
        refused("InvalidSecurityGroup", "The security group 'sg-0123456789abcdef0' does not exist",
                elbv2.set_security_groups, LoadBalancerArn=arn, SecurityGroups=["sg-0123456789abcdef0"])
        zones = elbv2.set_subnets(LoadBalancerArn=arn, Subnets=place.subnets)["AvailabilityZones"]
        assert sorted(z["SubnetId"] for z in zones) == sorted(place.subnets)
        refused("ValidationError", "At least two subnets in two different Availability Zones must be specified",
                elbv2.set_subnets, LoadBalancerArn=arn, Subnets=place.subnets[:1])
        assert elbv2.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="ipv4")["IpAddressType"] == "ipv4"
        refused("InvalidConfigurationRequest", "You must specify subnets with an associated IPv6 CIDR block for load "
                "balancers with IP address type 'dualstack'",
                elbv2.set_ip_address_type, LoadBalancerArn=arn, IpAddressType="dualstack")
    finally:
        elbv2.delete_load_balancer(LoadBalancerArn=arn)
        ec2.delete_security_group(GroupId=group)


def test_tags(place, elbv2):
    arn = place.balancer()["LoadBalancerArn"]
    group = place.group()["TargetGroupArn"]
    elbv2.add_tags(ResourceArns=[arn, group], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    elbv2.add_tags(ResourceArns=[arn], Tags=[{"Key": "a", "Value": "2"}])
    elbv2.remove_tags(ResourceArns=[group], TagKeys=["a", "never-there"])
    tags = {d["ResourceArn"]: d["Tags"] for d in elbv2.describe_tags(ResourceArns=[arn, group])["TagDescriptions"]}
    assert tags == {arn: [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}], group: [{"Key": "b", "Value": ""}]}
    refused("DuplicateTagKeys", "Tag key was specified more than once: a", elbv2.add_tags, ResourceArns=[arn],
            Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    refused("TooManyTags", "You've reached the limit on the number of tags per resource: '50'", elbv2.add_tags,
            ResourceArns=[arn], Tags=[{"Key": f"k{i}", "Value": ""} for i in range(49)])
    refused("LoadBalancerNotFound", "One or more load balancers not found", elbv2.describe_tags,
            ResourceArns=[arn, ARN + "loadbalancer/app/a/0123456789abcdef"])
    refused("ValidationError", "'arn:aws:s3:::b' is not a valid resource ARN", elbv2.add_tags,
            ResourceArns=["arn:aws:s3:::b"], Tags=[{"Key": "a", "Value": ""}])


def test_account_limits_and_policies(elbv2):
    limits = {limit["Name"]: limit["Max"] for limit in elbv2.describe_account_limits()["Limits"]}
    assert limits["application-load-balancers"] == "50" and limits["targets-per-target-group"] == "1000"
    old = elbv2.describe_ssl_policies(Names=["ELBSecurityPolicy-2016-08"])["SslPolicies"][0]
    assert sorted(old["SslProtocols"]) == ["TLSv1", "TLSv1.1", "TLSv1.2"]
    assert old["Ciphers"][0] == {"Name": "ECDHE-ECDSA-AES128-GCM-SHA256", "Priority": 1}
    assert len(old["Ciphers"]) == 18
    refused("SSLPolicyNotFound", "SSL policy 'no-such' not found", elbv2.describe_ssl_policies, Names=["no-such"])
    pages = elbv2.get_paginator("describe_ssl_policies").paginate(PaginationConfig={"PageSize": 10})
    names = [policy["Name"] for page in pages for policy in page["SslPolicies"]]
    assert len(names) == len(set(names)) > 30
