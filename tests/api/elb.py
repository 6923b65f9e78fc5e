# SPDX-License-Identifier: Apache-2.0
"""What the tests of elbv2 share: a world made and taken away, and words for refusals."""
import contextlib
import itertools

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
numbers = itertools.count()


def refused(code, message, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)


def name(stem):
    """One that no other test has."""
    return f"{stem}-{next(numbers)}"


class Place:
    """The default VPC, and what was made in it: undone at the end, in an order that works."""

    def __init__(self, ec2, elbv2):
        self.ec2, self.elbv2 = ec2, elbv2
        self.vpc = ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        self.subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]]
        self.undo = contextlib.ExitStack()

    def balancer(self, stem="lb", **more):
        made = self.elbv2.create_load_balancer(Name=name(stem), Subnets=self.subnets, **more)["LoadBalancers"][0]
        self.undo.callback(self.elbv2.delete_load_balancer, LoadBalancerArn=made["LoadBalancerArn"])
        return made

    def group(self, stem="tg", **more):
        settings = {"Name": name(stem), "Protocol": "HTTP", "Port": 8000, "VpcId": self.vpc, "TargetType": "ip", **more}
        made = self.elbv2.create_target_group(**settings)["TargetGroups"][0]
        # Groups go after the load balancers that use them, which were perhaps made before.
        self.undo.callback(self.drop_group, made["TargetGroupArn"])
        return made

    def drop_group(self, arn):
        for balancer in self.elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]["LoadBalancerArns"]:
            self.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
        self.elbv2.delete_target_group(TargetGroupArn=arn)

    def listener(self, balancer, actions, port=80, **more):
        return self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port,
            DefaultActions=actions, **more)["Listeners"][0]


def forward(group):
    return [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]


def answer(status="200", **more):
    return [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": status, **more}}]
