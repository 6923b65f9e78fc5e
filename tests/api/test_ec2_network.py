# SPDX-License-Identifier: Apache-2.0
"""What a new account has, and how it reads."""
import pytest
from botocore.exceptions import ClientError


def refused(code, message, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)


def test_the_default_vpc(ec2):
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"]
    assert len(vpcs) == 1
    vpc = vpcs[0]
    assert (vpc["CidrBlock"], vpc["State"], vpc["InstanceTenancy"]) == ("172.31.0.0/16", "available", "default")
    assert [a["CidrBlock"] for a in vpc["CidrBlockAssociationSet"]] == ["172.31.0.0/16"]
    assert ec2.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"] == vpcs
    assert ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]},
                                      {"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Vpcs"] == []
    refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-0123456789abcdef0' does not exist",
            ec2.describe_vpcs, VpcIds=[vpc["VpcId"], "vpc-0123456789abcdef0"])
    refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.",
            ec2.describe_vpcs, DryRun=True)


def test_its_subnets_one_a_zone(ec2):
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]},
                                            {"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    assert [(s["AvailabilityZone"], s["AvailabilityZoneId"], s["CidrBlock"]) for s in subnets] == [
        ("us-east-1a", "use1-az1", "172.31.0.0/20"), ("us-east-1b", "use1-az2", "172.31.16.0/20")]
    for subnet in subnets:
        assert subnet["MapPublicIpOnLaunch"] is True
        assert subnet["Ipv6CidrBlockAssociationSet"] == []
        assert 8 <= subnet["AvailableIpAddressCount"] <= 4091
        assert subnet["SubnetArn"].endswith(":subnet/" + subnet["SubnetId"])
    refused("InvalidSubnetID.NotFound", "The subnet ID 'subnet-0123456789abcdef0' does not exist",
            ec2.describe_subnets, SubnetIds=["subnet-0123456789abcdef0"])
    refused("InvalidSubnetID.Malformed", 'Invalid id: "a" (expecting "subnet-...")',
            ec2.describe_subnets, SubnetIds=["a"])


def test_its_gateway_and_security_group(ec2):
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    gateways = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])["InternetGateways"]
    assert [g["Attachments"] for g in gateways] == [[{"State": "available", "VpcId": vpc}]]
    refused("InvalidInternetGatewayID.NotFound", "The internetGateway ID 'igw-0123456789abcdef0' does not exist",
            ec2.describe_internet_gateways, InternetGatewayIds=["igw-0123456789abcdef0"])
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]},
                                                  {"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"][0]
    assert group["Description"] == "default VPC security group"
    assert group["IpPermissions"][0]["UserIdGroupPairs"] == [
        {"GroupId": group["GroupId"], "UserId": group["OwnerId"]}]


def test_regions_zones_and_account(ec2):
    assert [r["RegionName"] for r in ec2.describe_regions()["Regions"]] == ["us-east-1"]
    refused("InvalidParameterValue", "Invalid region names: [mars-1]", ec2.describe_regions, RegionNames=["mars-1"])
    zones = ec2.describe_availability_zones(Filters=[{"Name": "state", "Values": ["available"]}])["AvailabilityZones"]
    assert [(z["ZoneName"], z["ZoneId"], z["ZoneType"], z["Messages"]) for z in zones] == [
        ("us-east-1a", "use1-az1", "availability-zone", []), ("us-east-1b", "use1-az2", "availability-zone", [])]
    assert ec2.describe_availability_zones(ZoneIds=["use1-az2"])["AvailabilityZones"] == zones[1:]
    refused("InvalidParameterValue", "Invalid availability zone: [us-east-1z]",
            ec2.describe_availability_zones, ZoneNames=["us-east-1z"])
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    attributes = {a["AttributeName"]: [v["AttributeValue"] for v in a["AttributeValues"]]
                  for a in ec2.describe_account_attributes()["AccountAttributes"]}
    assert attributes["default-vpc"] == [vpc]
    assert attributes["supported-platforms"] == ["VPC"]
    only = ec2.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert [a["AttributeName"] for a in only] == ["default-vpc"]


def test_tags(ec2, aws):
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    mine = [{"Name": "resource-id", "Values": [vpc, subnet]}]
    aws("ec2", "create-tags", "--resources", vpc, subnet, "--tags", "Key=Name,Value=main", "Key=empty,Value=")
    tags = ec2.describe_tags(Filters=mine)["Tags"]
    assert sorted((t["ResourceType"], t["Key"], t["Value"]) for t in tags) == [
        ("subnet", "Name", "main"), ("subnet", "empty", ""), ("vpc", "Name", "main"), ("vpc", "empty", "")]
    assert ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["m*n"]}])["Vpcs"][0]["VpcId"] == vpc
    assert [t["ResourceId"] for t in ec2.describe_tags(Filters=[
        {"Name": "tag:Name", "Values": ["main"]}, {"Name": "resource-type", "Values": ["subnet"]}])["Tags"]] == [subnet]
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "other"}, {"Key": "empty"}])
    assert [t["Key"] for t in ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [vpc]}])["Tags"]] == ["Name"]
    ec2.delete_tags(Resources=[vpc, subnet])
    assert ec2.describe_tags(Filters=mine)["Tags"] == []


@pytest.mark.parametrize("resource, tag, code, message", [
    ("vpc", {"Key": "aws:x", "Value": ""}, "InvalidParameterValue",
     "Tag keys starting with 'aws:' are reserved for internal use"),
    ("vpc", {"Key": "k" * 129, "Value": ""}, "InvalidParameterValue",
     "Tag key exceeds the maximum length of 128 characters"),
    ("vpc", {"Key": "k", "Value": "v" * 257}, "InvalidParameterValue",
     "Tag value exceeds the maximum length of 256 characters"),
    ("thing", {"Key": "k", "Value": "v"}, "InvalidID", "The ID 'thing' is not valid"),
    ("sg-0123456789abcdef0", {"Key": "k", "Value": "v"}, "InvalidGroup.NotFound",
     "The security group 'sg-0123456789abcdef0' does not exist"),
])
def test_tags_are_refused(ec2, resource, tag, code, message):
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    before = ec2.describe_tags()["Tags"]
    refused(code, message, ec2.create_tags, Resources=[vpc, vpc if resource == "vpc" else resource],
            Tags=[{"Key": "good", "Value": "one"}, tag])
    assert ec2.describe_tags()["Tags"] == before


def test_no_more_than_50_tags(ec2):
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": f"k{i}", "Value": ""} for i in range(50)])
    refused("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.",
            ec2.create_tags, Resources=[vpc], Tags=[{"Key": "one more", "Value": ""}])
    ec2.delete_tags(Resources=[vpc])
