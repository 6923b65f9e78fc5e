# SPDX-License-Identifier: Apache-2.0
"""The tutorial's commands as they stand, typed into a shell, by every aws CLI of this machine."""
import http.server
import json
import subprocess
import threading

import pytest

from server import Server, aws_programs

COMMANDS = r"""
set -eu
VPC_ID=$(aws ec2 describe-vpcs --filters "Name=isDefault,Values=true" --query 'Vpcs[0].VpcId' --output text)
SUBNET_IDS=$(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$VPC_ID" --query 'Subnets[0:2].SubnetId' --output text | tr '\t' ' ')
ALB_SG=$(aws ec2 create-security-group --group-name news-api-alb-sg --description "Security group for News API ALB" --vpc-id $VPC_ID --query 'GroupId' --output text)
aws ec2 authorize-security-group-ingress --group-id $ALB_SG --protocol tcp --port 80 --cidr 0.0.0.0/0 > /dev/null
aws ec2 authorize-security-group-ingress --group-id $ALB_SG --protocol tcp --port 443 --cidr 0.0.0.0/0 > /dev/null
ALB_ARN=$(aws elbv2 create-load-balancer --name news-api-alb --subnets $SUBNET_IDS --security-groups $ALB_SG --scheme internet-facing --type application --ip-address-type ipv4 --query 'LoadBalancers[0].LoadBalancerArn' --output text)
ALB_DNS=$(aws elbv2 describe-load-balancers --load-balancer-arns $ALB_ARN --query 'LoadBalancers[0].DNSName' --output text)
TARGET_GROUP_ARN=$(aws elbv2 create-target-group --name news-api-tg --protocol HTTP --port 8000 --vpc-id $VPC_ID --target-type ip --health-check-enabled --health-check-protocol HTTP --health-check-path /docs --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 --unhealthy-threshold-count 3 --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 create-listener --load-balancer-arn $ALB_ARN --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=$TARGET_GROUP_ARN > /dev/null
aws elbv2 register-targets --target-group-arn $TARGET_GROUP_ARN --targets $TARGETS
aws elbv2 wait load-balancer-available --load-balancer-arns $ALB_ARN
until [ "$(aws elbv2 describe-target-health --target-group-arn $TARGET_GROUP_ARN --query 'TargetHealthDescriptions[*].TargetHealth.State' --output text)" = "healthy	healthy" ]; do sleep 0.5; done
aws elbv2 describe-target-health --target-group-arn $TARGET_GROUP_ARN --query 'TargetHealthDescriptions[*].{Target:Target.Id,Health:TargetHealth.State}' --output table
echo "DNS=$ALB_DNS"
echo "GROUP=$TARGET_GROUP_ARN"
echo "BALANCER=$ALB_ARN"
"""


class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"port {self.server.server_address[1]}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def apps():
    made = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), App) for _ in range(2)]
    for app in made:
        threading.Thread(target=app.serve_forever, daemon=True).start()
    yield [app.server_address[1] for app in made]
    for app in made:
        app.shutdown()


@pytest.mark.parametrize("program", aws_programs())
def test_the_tutorial(tmp_path, apps, program):
    server = Server(tmp_path)
    try:
        targets = " ".join(f"Id=127.0.0.1,Port={port}" for port in apps)
        shell = f"aws() {{ command {program} --endpoint-url {server.url} \"$@\"; }}\nTARGETS='{targets}'\n{COMMANDS}"
        done = subprocess.run(["bash", "-c", shell], env=server.environment(), text=True, capture_output=True,
                              timeout=180)
        assert done.returncode == 0, done.stderr + done.stdout
        assert done.stdout.count("|  healthy |") == 2
        said = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line and " " not in line)
        assert said["DNS"].startswith("news-api-alb-") and said["DNS"].endswith(".us-east-1.elb.internal")
        answers = set()
        address = server.public.rsplit(".", 1)[0] + ".10"
        for _ in range(10):
            url = f"http://{address}:{80 + server.port_offset}/articles"
            answers.add(subprocess.run(["curl", "-sS", "-m", "5", url], text=True, capture_output=True,
                                       check=True).stdout)
        assert answers == {f"port {port}" for port in apps}

        refusal = server.aws("elbv2", "delete-target-group", "--target-group-arn", said["GROUP"], check=False,
                             program=program)
        assert refusal.returncode in (254, 255)  # CLI 2, CLI 1
        assert refusal.stderr.strip() == (
            "An error occurred (ResourceInUse) when calling the DeleteTargetGroup operation: "
            f"Target group '{said['GROUP']}' is currently in use by a listener or a rule")
        wrong = server.aws("elbv2", "create-target-group", check=False, program=program)
        assert wrong.returncode in (2, 252)  # the client itself: CLI 1, CLI 2
        found = json.loads(server.aws("elbv2", "describe-load-balancers", "--output", "json", program=program).stdout)
        assert [lb["LoadBalancerArn"] for lb in found["LoadBalancers"]] == [said["BALANCER"]]
    finally:
        server.end()
