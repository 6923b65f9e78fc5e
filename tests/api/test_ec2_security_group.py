# SPDX-License-Identifier: Apache-2.0
"""Security groups and their rules, as the aws CLI and boto3 make and read them."""
import json

import pytest
from botocore.exceptions import ClientError

ANYWHERE = [{"CidrIp": "0.0.0.0/0"}]


def refused(code, message, call, **arguments):
    """The call fails with exactly this code and message."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == (
        412 if code == "DryRunOperation" else 400)


def tcp(port, ranges=None, **more):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges or ANYWHERE, **more}


@pytest.fixture
def vpc_id(ec2):
    return ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]


@pytest.fixture
def group_id(ec2, request):
    made = ec2.create_security_group(GroupName=request.function.__name__, Description="for a test")
    yield made["GroupId"]
    try:
        ec2.delete_security_group(GroupId=made["GroupId"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidGroup.NotFound"


def everything(ec2):
    """What a refused call must not change."""
    return [
        ec2.describe_security_groups()["SecurityGroups"],
        ec2.describe_security_group_rules()["SecurityGroupRules"],
        ec2.describe_tags()["Tags"],
    ]


def test_the_tutorial_opens_80_and_443(aws):
    vpc = aws("ec2", "describe-vpcs", "--filters", "Name=isDefault,Values=true", "--query", "Vpcs[0].VpcId",
              "--output", "text").stdout.strip()
    group = aws("ec2", "create-security-group", "--group-name", "news-api-alb-sg", "--description",
                "Security group for News API ALB", "--vpc-id", vpc, "--query", "GroupId", "--output",
                "text").stdout.strip()
    for port in ("80", "443"):
        answer = json.loads(aws("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol",
                                "tcp", "--port", port, "--cidr", "0.0.0.0/0").stdout)
        assert answer["Return"] is True
        rule = answer["SecurityGroupRules"][0]
        assert rule["SecurityGroupRuleId"].startswith("sgr-0")
        assert (rule["FromPort"], rule["CidrIpv4"], rule["IsEgress"]) == (int(port), "0.0.0.0/0", False)
    again = aws("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port",
                "80", "--cidr", "0.0.0.0/0", check=False)
    assert again.returncode in (254, 255)
    assert ('An error occurred (InvalidPermission.Duplicate) when calling the AuthorizeSecurityGroupIngress '
            'operation: the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already '
            'exists') in again.stderr
    aws("ec2", "delete-security-group", "--group-id", group)


def test_a_new_group_reads_back_as_aws_has_it(ec2, vpc_id, group_id):
    group = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    assert group["VpcId"] == vpc_id
    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == [{
        "IpProtocol": "-1", "IpRanges": ANYWHERE, "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}]
    assert "Tags" not in group


def test_create_refuses(ec2, vpc_id, group_id, request):
    name = request.function.__name__
    before = everything(ec2)
    create = ec2.create_security_group
    refused("InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{vpc_id}'",
            create, GroupName=name, Description="d", VpcId=vpc_id)
    refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-0123456789abcdef0' does not exist",
            create, GroupName="other", Description="d", VpcId="vpc-0123456789abcdef0")
    refused("InvalidVpcID.Malformed", 'Invalid id: "vpc" (expecting "vpc-...")',
            create, GroupName="other", Description="d", VpcId="vpc")
    refused("InvalidParameterValue", "Group names may not be in the format sg-*.",
            create, GroupName="sg-other", Description="d")
    refused("InvalidParameterValue", "Cannot use reserved security group name: default",
            create, GroupName="default", Description="d")
    refused("InvalidParameterValue",
            "Invalid security group description. Valid descriptions are strings less than 256 characters from "
            "the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*", create, GroupName="other", Description="it's")
    refused("InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation.",
            create, GroupName="other", Description="d",
            TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}])
    refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.",
            create, GroupName="other", Description="d", DryRun=True)
    assert everything(ec2) == before


def test_a_name_is_free_again_after_delete(ec2, group_id, request):
    assert ec2.delete_security_group(GroupId=group_id)["ResponseMetadata"]["HTTPStatusCode"] == 200
    refused("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist",
            ec2.describe_security_groups, GroupIds=[group_id])
    refused("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist",
            ec2.delete_security_group, GroupId=group_id)
    again = ec2.create_security_group(GroupName=request.function.__name__, Description="d")["GroupId"]
    assert again != group_id
    ec2.delete_security_group(GroupName=request.function.__name__)


def test_delete_refuses_the_default_group_and_dependencies(ec2, group_id):
    default = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
    refused("CannotDelete", f'the specified group: "{default}" name: "default" cannot be deleted by a user',
            ec2.delete_security_group, GroupId=default)
    ec2.authorize_security_group_ingress(
        GroupId=default,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group_id}]}])
    before = everything(ec2)
    refused("DependencyViolation", f"resource {group_id} has a dependent object",
            ec2.delete_security_group, GroupId=group_id)
    assert everything(ec2) == before
    ec2.revoke_security_group_ingress(
        GroupId=default,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group_id}]}])


def test_find_refuses_malformed_unknown_both_and_none(ec2, group_id):
    refused("InvalidGroupId.Malformed", 'Invalid id: "web" (expecting "sg-...")',
            ec2.describe_security_groups, GroupIds=[group_id, "web"])
    refused("InvalidGroup.NotFound", "The security group 'sg-0123456789abcdef0' does not exist",
            ec2.describe_security_groups, GroupIds=["sg-0123456789abcdef0"])
    refused("MissingParameter", "The request must contain the parameter groupName or groupId",
            ec2.delete_security_group)
    refused("InvalidParameterCombination",
            "The parameter 'groupName' may not be used in combination with 'groupId'",
            ec2.delete_security_group, GroupId=group_id, GroupName="x")


def test_permissions_of_one_port_read_back_together(ec2, group_id):
    made = ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[
        tcp(80, [{"CidrIp": "10.0.0.28/29", "Description": "office"}, {"CidrIp": "192.0.2.0/24"}],
            Ipv6Ranges=[{"CidrIpv6": "2001:DB8::/32"}], UserIdGroupPairs=[{"GroupId": group_id}]),
        {"IpProtocol": "6", "FromPort": 443, "ToPort": 443, "IpRanges": ANYWHERE},
    ])["SecurityGroupRules"]
    assert len(made) == 5
    group = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    account = group["OwnerId"]
    assert group["IpPermissions"] == [
        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "PrefixListIds": [],
         "IpRanges": [{"CidrIp": "10.0.0.24/29", "Description": "office"}, {"CidrIp": "192.0.2.0/24"}],
         "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}],
         "UserIdGroupPairs": [{"GroupId": group_id, "UserId": account}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ANYWHERE, "Ipv6Ranges": [],
         "PrefixListIds": [], "UserIdGroupPairs": []},
    ]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])
    ingress = [rule for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]]
    assert [rule["SecurityGroupRuleId"] for rule in ingress] == [rule["SecurityGroupRuleId"] for rule in made]
    assert ingress[3]["ReferencedGroupInfo"]["GroupId"] == group_id


def test_the_flat_form_and_source_groups_by_name(ec2, group_id, request):
    ec2.authorize_security_group_ingress(
        GroupName=request.function.__name__, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="192.0.2.1/32")
    ec2.authorize_security_group_ingress(GroupId=group_id, SourceSecurityGroupName="default")
    group = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    assert [(p["IpProtocol"], p["FromPort"], p["ToPort"]) for p in group["IpPermissions"]] == [
        ("tcp", 22, 22), ("tcp", 0, 65535), ("udp", 0, 65535), ("icmp", -1, -1)]
    refused("InvalidParameterCombination",
            "The parameter 'ipPermissions' may not be used in combination with 'ipProtocol'",
            ec2.authorize_security_group_ingress, GroupId=group_id, IpProtocol="tcp", FromPort=1, ToPort=1,
            CidrIp="0.0.0.0/0", IpPermissions=[tcp(1)])


@pytest.mark.parametrize("permission, code, message", [
    (tcp(80, [{"CidrIp": "10.0.0.0"}]), "InvalidParameterValue", "CIDR block 10.0.0.0 is malformed"),
    (tcp(80, [{"CidrIp": "10.0.0.0/33"}]), "InvalidParameterValue", "CIDR block 10.0.0.0/33 is malformed"),
    (tcp(80, [{"CidrIp": "::/0"}]), "InvalidParameterValue", "CIDR block ::/0 is malformed"),
    (tcp(-1), "InvalidParameterValue", "TCP/UDP (from) port (-1) out of range"),
    (tcp(65536), "InvalidParameterValue", "TCP/UDP (from) port (65536) out of range"),
    ({**tcp(443), "ToPort": 80}, "InvalidParameterValue", "Invalid TCP/UDP port range (443:80)"),
    ({"IpProtocol": "tcp", "FromPort": 80, "IpRanges": ANYWHERE}, "InvalidParameterValue",
     "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."),
    ({**tcp(80), "IpProtocol": "esp"}, "InvalidParameterValue",
     "Invalid value 'esp' for IP protocol. Unknown protocol."),
    ({"IpProtocol": "icmp", "FromPort": 3, "ToPort": 256, "IpRanges": ANYWHERE}, "InvalidParameterValue",
     "ICMP code (256) out of range"),
    (tcp(80, [{"CidrIp": "0.0.0.0/0", "Description": "it's"}]), "InvalidParameterValue",
     "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  "
     "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"),
    ({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-0123456789abcdef0"}]}, "InvalidGroup.NotFound",
     "The security group 'sg-0123456789abcdef0' does not exist"),
    ({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "web"}]}, "InvalidGroupId.Malformed",
     'Invalid id: "web" (expecting "sg-...")'),
    ({"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-12345678"}]}, "InvalidPrefixListID.NotFound",
     "The prefix list ID 'pl-12345678' does not exist"),
])
def test_authorize_refuses_all_or_nothing(ec2, group_id, permission, code, message):
    before = everything(ec2)
    refused(code, message, ec2.authorize_security_group_ingress, GroupId=group_id,
            IpPermissions=[tcp(8080), permission])
    refused(code, message, ec2.authorize_security_group_egress, GroupId=group_id,
            IpPermissions=[tcp(8080), permission])
    assert everything(ec2) == before


def test_authorize_refuses_the_same_rule_twice(ec2, group_id):
    refused("InvalidParameterValue", "The same permission must not appear multiple times",
            ec2.authorize_security_group_ingress, GroupId=group_id, IpPermissions=[tcp(80), tcp(80)])
    refused("InvalidPermission.Duplicate", 'the specified rule "peer: 0.0.0.0/0, ALL, ALLOW" already exists',
            ec2.authorize_security_group_egress, GroupId=group_id,
            IpPermissions=[{"IpProtocol": "-1", "IpRanges": ANYWHERE}])


def test_rules_have_a_quota(ec2, group_id):
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[tcp(port) for port in range(1, 61)])
    before = everything(ec2)
    refused("RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
            ec2.authorize_security_group_ingress, GroupId=group_id, IpPermissions=[tcp(61)])
    assert everything(ec2) == before


def test_terraform_takes_the_default_rule_away(ec2, group_id):
    everything_out = {"IpProtocol": "-1", "FromPort": 0, "ToPort": 0}
    gone = ec2.revoke_security_group_egress(
        GroupId=group_id, IpPermissions=[{**everything_out, "IpRanges": ANYWHERE}])
    assert gone["Return"] is True
    refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group.",
            ec2.revoke_security_group_egress, GroupId=group_id,
            IpPermissions=[{**everything_out, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}])
    assert ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]["IpPermissionsEgress"] == []


def test_revoke_by_permission_and_by_id(ec2, group_id):
    made = ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[tcp(80), tcp(81), tcp(82)])["SecurityGroupRules"]
    before = everything(ec2)
    refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group.",
            ec2.revoke_security_group_ingress, GroupId=group_id, IpPermissions=[tcp(80), tcp(99)])
    refused("InvalidSecurityGroupRuleId.NotFound",
            "The security group rule ID 'sgr-0123456789abcdef0' does not exist",
            ec2.revoke_security_group_ingress, GroupId=group_id,
            SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"], "sgr-0123456789abcdef0"])
    refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.",
            ec2.revoke_security_group_ingress, GroupId=group_id, IpPermissions=[tcp(80)], DryRun=True)
    assert everything(ec2) == before
    ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=[tcp(80, [{"CidrIp": "1.2.3.4/0"}])])
    ec2.revoke_security_group_ingress(GroupId=group_id, SecurityGroupRuleIds=[made[1]["SecurityGroupRuleId"]])
    left = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]["IpPermissions"]
    assert [permission["FromPort"] for permission in left] == [82]


def test_tags_given_at_creation_go_with_what_has_them(ec2, request):
    group_id = ec2.create_security_group(
        GroupName=request.function.__name__, Description="d",
        TagSpecifications=[{"ResourceType": "security-group", "Tags": [{"Key": "Name", "Value": "web"}]}])["GroupId"]
    rule = ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[tcp(80)],
        TagSpecifications=[{"ResourceType": "security-group-rule", "Tags": [{"Key": "Name", "Value": "in"}]}],
    )["SecurityGroupRules"][0]
    assert rule["Tags"] == [{"Key": "Name", "Value": "in"}]
    ids = [group_id, rule["SecurityGroupRuleId"]]
    mine = [{"Name": "resource-id", "Values": ids}]
    assert len(ec2.describe_tags(Filters=mine)["Tags"]) == 2
    ec2.delete_security_group(GroupId=group_id)
    assert ec2.describe_tags(Filters=mine)["Tags"] == []


@pytest.mark.parametrize("name, value", [
    ("description", "for a *"), ("group-name", "test_filters?*"), ("ip-permission.cidr", "192.0.2.0/24"),
    ("ip-permission.from-port", "8443"), ("ip-permission.to-port", "844?"), ("ip-permission.protocol", "udp"),
    ("egress.ip-permission.cidr", "198.51.100.0/24"), ("tag:Stage", "pro*"), ("tag-key", "Stage"),
])
def test_filters(ec2, group_id, name, value):
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[
        {"IpProtocol": "udp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}])
    ec2.authorize_security_group_egress(GroupId=group_id, IpPermissions=[tcp(1, [{"CidrIp": "198.51.100.0/24"}])])
    ec2.create_tags(Resources=[group_id], Tags=[{"Key": "Stage", "Value": "prod"}])
    found = ec2.describe_security_groups(Filters=[{"Name": name, "Values": ["nothing", value]}])["SecurityGroups"]
    assert [group["GroupId"] for group in found] == [group_id]
    both = [{"Name": name, "Values": [value]}, {"Name": "group-name", "Values": ["default"]}]
    assert ec2.describe_security_groups(Filters=both)["SecurityGroups"] == []


def test_unknown_filters_are_refused(ec2):
    for call in (ec2.describe_security_groups, ec2.describe_security_group_rules, ec2.describe_vpcs,
                 ec2.describe_subnets, ec2.describe_internet_gateways, ec2.describe_network_interfaces,
                 ec2.describe_tags, ec2.describe_regions, ec2.describe_availability_zones):
        refused("InvalidParameterValue", "The filter 'colour' is invalid",
                call, Filters=[{"Name": "colour", "Values": ["blue"]}])


def test_pages(ec2, request):
    made = {ec2.create_security_group(GroupName=f"{request.function.__name__} {i}", Description="d")["GroupId"]
            for i in range(12)}
    mine = [{"Name": "group-name", "Values": [request.function.__name__ + " *"]}]
    pages = list(ec2.get_paginator("describe_security_groups").paginate(
        Filters=mine, PaginationConfig={"PageSize": 5}))
    assert [len(page["SecurityGroups"]) for page in pages] == [5, 5, 2]
    assert {group["GroupId"] for page in pages for group in page["SecurityGroups"]} == made
    assert "NextToken" not in ec2.describe_security_groups(Filters=mine)
    with pytest.raises(ClientError) as caught:
        ec2.describe_security_groups(NextToken="made up", MaxResults=5)
    assert caught.value.response["Error"]["Code"] == "InvalidNextToken"
    for group_id in made:
        ec2.delete_security_group(GroupId=group_id)


def test_rules_are_changed_in_place(ec2, group_id):
    made = ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[tcp(80), tcp(81)])["SecurityGroupRules"]
    rule_id = made[0]["SecurityGroupRuleId"]

    def change(rule):
        return ec2.modify_security_group_rules(
            GroupId=group_id, SecurityGroupRules=[{"SecurityGroupRuleId": rule_id, "SecurityGroupRule": rule}])

    change({"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIpv6": "2001:db8::/32", "Description": "dns"})
    rule = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"][0]
    assert (rule["IpProtocol"], rule["FromPort"], rule["CidrIpv6"], rule["Description"], rule["IsEgress"]) == (
        "udp", 53, "2001:db8::/32", "dns", False)
    assert "CidrIpv4" not in rule
    with pytest.raises(ClientError) as caught:
        change({"IpProtocol": "tcp", "FromPort": 81, "ToPort": 81, "CidrIpv4": "0.0.0.0/0"})
    assert caught.value.response["Error"]["Code"] == "InvalidPermission.Duplicate"
    assert ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"] == [rule]


def test_descriptions_of_rules(ec2, group_id):
    rule_id = ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[tcp(80)])["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def read():
        return ec2.describe_security_group_rules(
            SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"][0].get("Description")

    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group_id, IpPermissions=[tcp(80, [{"CidrIp": "0.0.0.0/0", "Description": "web"}])])
    assert read() == "web"
    refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group.",
            ec2.update_security_group_rule_descriptions_ingress, GroupId=group_id, IpPermissions=[tcp(81)])
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group_id, SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule_id, "Description": "all"}])
    assert read() == "all"
    refused("InvalidSecurityGroupRuleId.NotFound", f"The security group rule ID '{rule_id}' does not exist",
            ec2.update_security_group_rule_descriptions_egress, GroupId=group_id,
            SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule_id, "Description": "all"}])
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group_id, SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule_id}])
    assert read() is None


def test_load_balancers_keep_their_groups_and_show_as_interfaces(ec2, elbv2, group_id, request):
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets(
        Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]]
    balancer = elbv2.create_load_balancer(
        Name="keeps-its-group", Subnets=subnets, SecurityGroups=[group_id])["LoadBalancers"][0]
    arn = balancer["LoadBalancerArn"]
    mine = [{"Name": "attachment.instance-owner-id", "Values": ["amazon-elb"]},
            {"Name": "description", "Values": ["ELB " + arn.split("loadbalancer/")[1]]}]
    try:
        interfaces = ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"]
        assert sorted(i["SubnetId"] for i in interfaces) == sorted(subnets)
        for interface in interfaces:
            assert interface["Groups"] == [{"GroupId": group_id, "GroupName": request.function.__name__}]
            assert (interface["RequesterId"], interface["Status"]) == ("amazon-elb", "in-use")
        refused("DependencyViolation", f"resource {group_id} has a dependent object",
                ec2.delete_security_group, GroupId=group_id)
        refused("DependencyViolation", f"The subnet '{subnets[0]}' has dependencies and cannot be deleted.",
                ec2.delete_subnet, SubnetId=subnets[0])
    finally:
        elbv2.delete_load_balancer(LoadBalancerArn=arn)
    assert ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"] == []
