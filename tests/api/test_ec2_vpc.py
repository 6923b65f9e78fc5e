# SPDX-License-Identifier: Apache-2.0
"""VPCs, subnets, gateways and route tables, in the order Terraform asks for them."""
import pytest
from botocore.exceptions import ClientError


def refused(code, message, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)


def by(**filters):
    return [{"Name": name.replace("__", ".").replace("_", "-"), "Values": [value]} for name, value in filters.items()]


@pytest.fixture
def vpc_id(ec2):
    vpc_id = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    yield vpc_id
    for subnet in ec2.describe_subnets(Filters=by(vpc_id=vpc_id))["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for table in ec2.describe_route_tables(Filters=by(vpc_id=vpc_id))["RouteTables"]:
        if not any(association["Main"] for association in table["Associations"]):
            ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    for gateway in ec2.describe_internet_gateways(Filters=by(attachment__vpc_id=vpc_id))["InternetGateways"]:
        ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc_id)
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    if ec2.describe_vpcs(Filters=by(vpc_id=vpc_id))["Vpcs"]:
        ec2.delete_vpc(VpcId=vpc_id)


def test_a_vpc_has_its_three_default_objects(ec2):
    made = ec2.create_vpc(CidrBlock="10.7.1.2/16", TagSpecifications=[
        {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "main"}]}])["Vpc"]
    vpc_id = made["VpcId"]
    assert (made["CidrBlock"], made["IsDefault"], made["Tags"]) == (
        "10.7.0.0/16", False, [{"Key": "Name", "Value": "main"}])
    acls = ec2.describe_network_acls(Filters=by(default="true", vpc_id=vpc_id))["NetworkAcls"]
    assert [(e["RuleNumber"], e["RuleAction"], e["Egress"]) for e in acls[0]["Entries"]] == [
        (100, "allow", True), (32767, "deny", True), (100, "allow", False), (32767, "deny", False)]
    tables = ec2.describe_route_tables(Filters=by(association__main="true", vpc_id=vpc_id))["RouteTables"]
    assert [(r["DestinationCidrBlock"], r["GatewayId"], r["State"]) for r in tables[0]["Routes"]] == [
        ("10.7.0.0/16", "local", "active")]
    groups = ec2.describe_security_groups(Filters=by(group_name="default", vpc_id=vpc_id))["SecurityGroups"]
    assert len(acls) == len(tables) == len(groups) == 1
    ec2.delete_vpc(VpcId=vpc_id)
    refused("InvalidVpcID.NotFound", f"The vpc ID '{vpc_id}' does not exist", ec2.describe_vpcs, VpcIds=[vpc_id])
    assert ec2.describe_security_groups(Filters=by(vpc_id=vpc_id))["SecurityGroups"] == []
    assert ec2.describe_route_tables(Filters=by(vpc_id=vpc_id))["RouteTables"] == []
    assert ec2.describe_network_acls(Filters=by(vpc_id=vpc_id))["NetworkAcls"] == []


def test_attributes_of_a_vpc(ec2, vpc_id):
    def read():
        return [ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=name)[member]["Value"] for name, member in (
            ("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames"),
            ("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics"))]

    assert read() == [True, False, False]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsSupport={"Value": False})
    assert read() == [False, True, False]


@pytest.mark.parametrize("cidr, code, message", [
    ("10.0.0.0/15", "InvalidVpc.Range", "The CIDR '10.0.0.0/15' is invalid."),
    ("10.0.0.0/29", "InvalidVpc.Range", "The CIDR '10.0.0.0/29' is invalid."),
    ("10.0.0.0", "InvalidParameterValue",
     "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block."),
])
def test_vpcs_are_refused(ec2, cidr, code, message):
    before = ec2.describe_vpcs()["Vpcs"]
    refused(code, message, ec2.create_vpc, CidrBlock=cidr)
    assert ec2.describe_vpcs()["Vpcs"] == before


def test_subnets(ec2, vpc_id):
    made = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.7.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    assert (made["AvailabilityZone"], made["AvailableIpAddressCount"], made["MapPublicIpOnLaunch"],
            made["DefaultForAz"], "Tags" in made) == ("us-east-1b", 251, False, False, False)
    ec2.modify_subnet_attribute(SubnetId=made["SubnetId"], MapPublicIpOnLaunch={"Value": True})
    assert ec2.describe_subnets(SubnetIds=[made["SubnetId"]])["Subnets"][0]["MapPublicIpOnLaunch"] is True
    by_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.7.2.0/24", AvailabilityZoneId="use1-az1")["Subnet"]
    assert by_id["AvailabilityZone"] == "us-east-1a"
    refused("InvalidSubnet.Conflict", "The CIDR '10.7.1.128/25' conflicts with another subnet",
            ec2.create_subnet, VpcId=vpc_id, CidrBlock="10.7.1.128/25")
    refused("InvalidSubnet.Range", "The CIDR '10.8.0.0/24' is invalid.",
            ec2.create_subnet, VpcId=vpc_id, CidrBlock="10.8.0.0/24")
    refused("InvalidParameterValue",
            "Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in "
            "the following availability zones: us-east-1a, us-east-1b.",
            ec2.create_subnet, VpcId=vpc_id, CidrBlock="10.7.3.0/24", AvailabilityZone="us-east-1z")
    refused("DependencyViolation", f"The vpc '{vpc_id}' has dependencies and cannot be deleted.",
            ec2.delete_vpc, VpcId=vpc_id)
    ec2.delete_subnet(SubnetId=made["SubnetId"])
    refused("InvalidSubnetID.NotFound", f"The subnet ID '{made['SubnetId']}' does not exist",
            ec2.delete_subnet, SubnetId=made["SubnetId"])


def test_a_public_subnet(ec2, vpc_id):
    subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    gateway_id = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    table_id = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    everywhere = {"RouteTableId": table_id, "DestinationCidrBlock": "0.0.0.0/0"}
    refused("InvalidParameterValue",
            f"route table {table_id} and network gateway {gateway_id} belong to different networks",
            ec2.create_route, **everywhere, GatewayId=gateway_id)
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    refused("Resource.AlreadyAssociated", f"resource {gateway_id} is already attached to network {vpc_id}",
            ec2.attach_internet_gateway, InternetGatewayId=gateway_id, VpcId=vpc_id)
    refused("DependencyViolation", f"The internetGateway '{gateway_id}' has dependencies and cannot be deleted.",
            ec2.delete_internet_gateway, InternetGatewayId=gateway_id)
    assert ec2.create_route(**everywhere, GatewayId=gateway_id)["Return"] is True
    refused("RouteAlreadyExists", "The route identified by 0.0.0.0/0 already exists.",
            ec2.create_route, **everywhere, GatewayId=gateway_id)
    association = ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet_id)["AssociationId"]
    refused("Resource.AlreadyAssociated",
            f"the specified association for route table {table_id} conflicts with an existing association",
            ec2.associate_route_table, RouteTableId=table_id, SubnetId=subnet_id)
    table = ec2.describe_route_tables(Filters=by(association__subnet_id=subnet_id))["RouteTables"][0]
    assert table["Routes"][1] == {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway_id,
                                  "Origin": "CreateRoute", "State": "active"}
    assert table["Associations"] == [{
        "Main": False, "RouteTableAssociationId": association, "RouteTableId": table_id, "SubnetId": subnet_id,
        "AssociationState": {"State": "associated"}}]
    refused("DependencyViolation", f"The routeTable '{table_id}' has dependencies and cannot be deleted.",
            ec2.delete_route_table, RouteTableId=table_id)
    ec2.disassociate_route_table(AssociationId=association)
    refused("InvalidAssociationID.NotFound", f"The association ID '{association}' does not exist",
            ec2.disassociate_route_table, AssociationId=association)
    ec2.delete_route(**everywhere)
    refused("InvalidRoute.NotFound", f"no route with destination-cidr-block 0.0.0.0/0 in route table {table_id}",
            ec2.delete_route, **everywhere)
    ec2.delete_route_table(RouteTableId=table_id)
    refused("InvalidRouteTableID.NotFound", f"The routeTable ID '{table_id}' does not exist",
            ec2.describe_route_tables, RouteTableIds=[table_id])
    ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    refused("Gateway.NotAttached", f"resource {gateway_id} is not attached to network {vpc_id}",
            ec2.detach_internet_gateway, InternetGatewayId=gateway_id, VpcId=vpc_id)
    ec2.delete_internet_gateway(InternetGatewayId=gateway_id)
    refused("InvalidInternetGatewayID.NotFound", f"The internetGateway ID '{gateway_id}' does not exist",
            ec2.describe_internet_gateways, InternetGatewayIds=[gateway_id])


def test_the_default_vpc_is_public_by_its_main_table(ec2):
    vpc = ec2.describe_vpcs(Filters=by(is_default="true"))["Vpcs"][0]
    table = ec2.describe_route_tables(Filters=by(association__main="true", vpc_id=vpc["VpcId"]))["RouteTables"][0]
    assert [r["DestinationCidrBlock"] for r in table["Routes"]] == [vpc["CidrBlock"], "0.0.0.0/0"]
    assert table["Routes"][1]["GatewayId"].startswith("igw-")


def test_groups_of_two_networks_do_not_mix(ec2, vpc_id):
    here = ec2.create_security_group(GroupName="here", Description="d")["GroupId"]
    there = ec2.create_security_group(GroupName="here", Description="d", VpcId=vpc_id)["GroupId"]
    refused("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.",
            ec2.authorize_security_group_ingress, GroupId=here,
            IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": there}]}])
    ec2.delete_security_group(GroupId=here)
    ec2.delete_security_group(GroupId=there)


def test_security_groups_of_a_vpc(server, vpc_id):
    """By hand: Debian's boto3 does not know the operation."""
    everything = server.query("ec2", f"GetSecurityGroupsForVpc&VpcId={vpc_id}")
    assert everything.status == 200
    assert everything.text.count("<groupName>default</groupName>") == 1
    assert f"<primaryVpcId>{vpc_id}</primaryVpcId>" in everything.text
    other = server.query(
        "ec2", f"GetSecurityGroupsForVpc&VpcId={vpc_id}&Filter.1.Name=group-name&Filter.1.Value.1=other")
    assert other.status == 200
    assert "<groupName>" not in other.text


def test_the_default_vpc_can_be_made_again(own_server):
    ec2 = own_server.client("ec2")
    refused("DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region.",
            ec2.create_default_vpc)
    first = ec2.describe_subnets()["Subnets"][0]
    refused("DefaultSubnetAlreadyExistsInAvailabilityZone",
            f"'{first['SubnetId']}' is already the default subnet in us-east-1a.",
            ec2.create_default_subnet, AvailabilityZone="us-east-1a")
    ec2.delete_subnet(SubnetId=first["SubnetId"])
    again = ec2.create_default_subnet(AvailabilityZone="us-east-1a")["Subnet"]
    assert (again["CidrBlock"], again["DefaultForAz"], again["MapPublicIpOnLaunch"]) == ("172.31.0.0/20", True, True)
    vpc_id = first["VpcId"]
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    gateway_id = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    table = ec2.describe_route_tables()["RouteTables"][0]
    assert [route["State"] for route in table["Routes"]] == ["active", "blackhole"]
    ec2.delete_vpc(VpcId=vpc_id)
    refused("VPCIdNotSpecified", "No default VPC for this user",
            ec2.create_security_group, GroupName="a", Description="d")
    refused("DefaultVpcDoesNotExist", "No default VPC exists for this account in this region.",
            ec2.create_default_subnet, AvailabilityZone="us-east-1a")
    made = ec2.create_default_vpc()["Vpc"]
    assert (made["IsDefault"], made["CidrBlock"]) == (True, "172.31.0.0/16")
    assert [s["CidrBlock"] for s in ec2.describe_subnets()["Subnets"]] == ["172.31.0.0/20", "172.31.16.0/20"]
    ec2.create_security_group(GroupName="a", Description="d")
