# SPDX-License-Identifier: Apache-2.0
"""world: a load balancer with healthy targets, made through the API, and load on it."""
import http.client
import threading
import time

from processes import until
from stage import Target


class World:
    def __init__(self, server, targets=2):
        self.server = server
        self.elbv2 = server.client("elbv2")
        ec2 = server.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        group = ec2.create_security_group(GroupName="open", Description="open", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=80,
                                             CidrIp="0.0.0.0/0")
        balancer = self.elbv2.create_load_balancer(Name="world", Subnets=subnets,
                                                   SecurityGroups=[group])["LoadBalancers"][0]
        self.balancer, self.name = balancer["LoadBalancerArn"], balancer["DNSName"]
        self.group = self.elbv2.create_target_group(
            Name="world", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2,
            UnhealthyThresholdCount=2)["TargetGroups"][0]["TargetGroupArn"]
        self.elbv2.modify_target_group_attributes(
            TargetGroupArn=self.group, Attributes=[{"Key": "openalb.initial_healthy_checks", "Value": "1"}])
        self.elbv2.create_listener(LoadBalancerArn=self.balancer, Protocol="HTTP", Port=80,
                                   DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group}])
        self.targets = [Target() for _ in range(targets)]
        self.elbv2.register_targets(TargetGroupArn=self.group, Targets=[
            {"Id": target.address, "Port": target.port} for target in self.targets])
        until(self.is_healthy, 20, "that all targets are healthy")
        self.port = 80 + server.port_offset

    def states(self):
        answer = self.elbv2.describe_target_health(TargetGroupArn=self.group)
        return [target["TargetHealth"]["State"] for target in answer["TargetHealthDescriptions"]]

    def is_healthy(self):
        states = self.states()
        return len(states) == len(self.targets) and set(states) == {"healthy"}

    def addresses(self):
        """By zone, as the server tells its nodes."""
        prefix = self.server.public.rsplit(".", 1)[0]
        return {"us-east-1a": f"{prefix}.10", "us-east-1b": f"{prefix}.11"}

    def load(self, zone, clients=4):
        return Load(self.addresses()[zone], self.port, clients)

    def end(self):
        for target in self.targets:
            target.stop()


class Load:
    """Clients that ask one after the other, on kept connections, and write down what failed."""

    def __init__(self, address, port, clients):
        self.address, self.port = address, port
        self.done, self.failures, self.is_over = 0, [], False
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        connection = http.client.HTTPConnection(self.address, self.port, timeout=10)
        while not self.is_over:
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.done += 1
                else:
                    self.failures.append((time.monotonic(), answer.status))
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append((time.monotonic(), failure))
                connection.close()
        connection.close()

    def wait_done(self, more, seconds=10):
        wanted = self.done + more
        until(lambda: self.done >= wanted, seconds, f"{more} more requests")

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        return self
