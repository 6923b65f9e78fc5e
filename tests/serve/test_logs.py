# SPDX-License-Identifier: Apache-2.0
"""Logs of load balancers, from the API's attribute to an object in a bucket."""
import gzip
import http.client
import json
import os
import re
import signal
import subprocess
import time

import pytest
from botocore.exceptions import ClientError
from processes import children_of, status_of, until
from server import OPENALB, Server

ACCOUNT, REGION = "123456789012", "us-east-1"
IS_SANITIZED = "asan" in OPENALB or "tsan" in OPENALB


@pytest.fixture
def server(tmp_path):
    started = Server(tmp_path, "--log-level", "debug", "--log-interval-seconds", "1")
    yield started
    started.end()


def buckets(server):
    return server.folder / "state" / "s3"


def objects(server, bucket="logs", prefix=""):
    """Of the day's tree, oldest first."""
    found = (buckets(server) / bucket).glob(f"{prefix}AWSLogs/{ACCOUNT}/elasticloadbalancing/{REGION}/*/*/*/*.log.gz")
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def lines(paths):
    return [line for path in paths for line in gzip.open(path, "rt").read().splitlines()]


def turn_on(world, kind="access_logs", bucket="logs", prefix=None):
    attributes = [{"Key": f"{kind}.s3.enabled", "Value": "true"}, {"Key": f"{kind}.s3.bucket", "Value": bucket}]
    if prefix is not None:
        attributes.append({"Key": f"{kind}.s3.prefix", "Value": prefix})
    return world.elbv2.modify_load_balancer_attributes(LoadBalancerArn=world.balancer, Attributes=attributes)


def ask(world, path="/", zone="us-east-1a"):
    address = world.addresses()[zone]
    subprocess.run(["curl", "-s", "-o", "/dev/null", f"http://{address}:{world.port}{path}"], check=True)


def until_logged(world, server, path, **where):
    """Asks until a line tells of it: nodes take a change up a moment after the call."""
    def is_logged():
        ask(world, path)
        time.sleep(0.1)
        return any(path in line for line in lines(objects(server, **where)))
    until(is_logged, 20, f"a line of {path}")


def test_the_aws_cli_turns_the_access_log_on_and_an_object_tells_of_requests(world, server):
    (buckets(server) / "logs").mkdir()
    said = json.loads(server.aws("elbv2", "modify-load-balancer-attributes", "--load-balancer-arn", world.balancer,
                                 "--attributes", "Key=access_logs.s3.enabled,Value=true",
                                 "Key=access_logs.s3.bucket,Value=logs", "Key=access_logs.s3.prefix,Value=my/app",
                                 "--output", "json").stdout)
    assert {"Key": "access_logs.s3.enabled", "Value": "true"} in said["Attributes"]
    assert (buckets(server) / "logs" / "my" / "app" / "AWSLogs" / ACCOUNT / "ELBAccessLogTestFile").is_file()
    until_logged(world, server, "/hello", prefix="my/app/")
    path = objects(server, prefix="my/app/")[-1]
    balancer = world.balancer.split("loadbalancer/")[1]
    assert re.fullmatch(rf"{ACCOUNT}_elasticloadbalancing_{REGION}_{balancer.replace('/', '.')}_\d{{8}}T\d{{4}}Z_"
                        rf"{world.addresses()['us-east-1a']}_[0-9a-z]{{8}}\.log\.gz", path.name)
    day = re.search(r"_(\d{4})(\d\d)(\d\d)T", path.name).groups()
    assert path.parent.parts[-3:] == day
    line = lines([path])[-1]
    assert f" {balancer} 127.0.0.1:" in line and "GET http://" in line and " 200 200 " in line


def test_a_bucket_that_is_not_there_is_refused(world, server):
    for bucket in ("absent", "../logs", "UPPER"):
        with pytest.raises(ClientError) as refused:
            turn_on(world, bucket=bucket)
        assert refused.value.response["Error"]["Code"] == "InvalidConfigurationRequest"
        assert refused.value.response["Error"]["Message"] == \
            f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
    (buckets(server) / "logs").mkdir()
    with pytest.raises(ClientError):
        turn_on(world, prefix="../../up")
    answer = world.elbv2.describe_load_balancer_attributes(LoadBalancerArn=world.balancer)
    assert {a["Key"]: a["Value"] for a in answer["Attributes"]}["access_logs.s3.enabled"] == "false"
    assert list(buckets(server).iterdir()) == [buckets(server) / "logs"]
    assert list((buckets(server) / "logs").iterdir()) == []


def test_each_zone_and_each_log_has_objects_of_its_own_and_off_is_off(world, server):
    for name in ("logs", "connections"):
        (buckets(server) / name).mkdir()
    turn_on(world)
    turn_on(world, "connection_logs", "connections")
    assert (buckets(server) / "connections" / "AWSLogs" / ACCOUNT / "ELBConnectionLogTestFile").is_file()
    until_logged(world, server, "/a")
    ask(world, "/b", "us-east-1b")
    until(lambda: any("/b " in line for line in lines(objects(server))), 10, "a line of the other zone")
    one, two = (world.addresses()[zone] for zone in ("us-east-1a", "us-east-1b"))
    for path in objects(server):
        assert all(line.endswith(f" {one if one in path.name else two} - -") for line in lines([path]))
    until(lambda: objects(server, "connections"), 10, "an object of connections")
    path = objects(server, "connections")[0]
    assert path.name.startswith(f"conn_log_{ACCOUNT}_elasticloadbalancing_{REGION}_app.world.")
    traces = {line.split()[11] for line in lines(objects(server, "connections"))}
    assert traces & {re.search(r"TID_[0-9a-f]+", line)[0] for line in lines(objects(server))}
    world.elbv2.modify_load_balancer_attributes(LoadBalancerArn=world.balancer, Attributes=[
        {"Key": "access_logs.s3.enabled", "Value": "false"}])
    time.sleep(1.5)
    before = len(lines(objects(server)))
    for _ in range(3):
        ask(world, "/off")
    time.sleep(2)
    assert len(lines(objects(server))) == before


def test_the_end_loses_no_line(world, server):
    """SIGTERM: the nodes' last lines, and what control holds, are written."""
    server_options, server.options = server.options, ("--log-interval-seconds", "3600")
    server.stop()
    server.start()
    (buckets(server) / "logs").mkdir()
    turn_on(world)
    time.sleep(1)
    until(world.is_healthy, 20, "health")
    for number in range(20):
        ask(world, f"/{number}", "us-east-1b")
    assert objects(server) == []
    server.stop()
    asked = [re.search(r"GET http://[^ ]*/(\d+) ", line)[1] for line in lines(objects(server))]
    assert sorted(asked, key=int) == [str(number) for number in range(20)]
    server.options = server_options
    server.start()


def test_requests_go_on_and_lines_wait_a_moment_while_control_is_away(world, server):
    (buckets(server) / "logs").mkdir()
    turn_on(world)
    until_logged(world, server, "/before")
    os.kill(children_of(server.process.pid)["control"], signal.SIGKILL)
    for number in range(10):
        ask(world, f"/while-{number}")
    server.wait_ready()
    until(lambda: sum("/while-" in line for line in lines(objects(server))) == 10, 10, "all lines")


def test_a_bucket_that_vanishes_is_said_and_costs_nothing_but_lines(world, server):
    (buckets(server) / "logs").mkdir()
    turn_on(world)
    until_logged(world, server, "/before")
    (buckets(server) / "logs").rename(buckets(server).parent / "gone")
    ask(world, "/lost")
    until(lambda: any("log lines are dropped" in line for line in server.log), 10, "a complaint")
    (buckets(server).parent / "gone").rename(buckets(server) / "logs")
    until_logged(world, server, "/after")
    assert not any("/lost" in line for line in lines(objects(server)))


def test_health_checks_have_a_log_too(world, server):
    (buckets(server) / "logs").mkdir()
    turn_on(world, "health_check_logs")
    assert (buckets(server) / "logs" / "AWSLogs" / ACCOUNT / "ELBHealthCheckLogTestFile").is_file()
    until(lambda: len(objects(server)) >= 2, 20, "an object of each zone")
    for path in objects(server):
        assert path.name.startswith(f"health_check_log_{ACCOUNT}_elasticloadbalancing_{REGION}_app.world.")
    told = {(f"{target.address}:{target.port}", "world", "PASS", "200", "-") for target in world.targets}
    until(lambda: {tuple(line.split()[3:8]) for line in lines(objects(server))} == told, 20, "a line of each target")


def test_a_flood_of_lines_that_nobody_takes_is_bounded_counted_and_said(world, server):
    """Control stands still: a node serves on, and holds no more than its limit."""
    def dropped():
        return [line for line in server.get("/metrics").text.splitlines()
                if line.startswith("openalb_log_lines_dropped_count_total{") and not line.endswith(" 0")]
    (buckets(server) / "logs").mkdir()
    turn_on(world)
    until_logged(world, server, "/before")
    children = children_of(server.process.pid)
    before = int(status_of(children["node us-east-1a"])["VmRSS"].split()[0])
    os.kill(children["control"], signal.SIGSTOP)
    try:
        connection = http.client.HTTPConnection(world.addresses()["us-east-1a"], world.port, timeout=10)
        for _ in range(300):  # of 32 KB each
            connection.request("GET", "/flood", headers={"User-Agent": '"' * 8000})
            assert connection.getresponse().read() == b"ok"
        grown_kib = int(status_of(children["node us-east-1a"])["VmRSS"].split()[0]) - before
    finally:
        os.kill(children["control"], signal.SIGCONT)
    assert grown_kib < 6000 or IS_SANITIZED
    until(dropped, 10, "a count of dropped lines")
    assert any("log lines are dropped: nobody takes them fast enough" in line for line in server.log)
    until_logged(world, server, "/after")
    told = sum("/flood" in line for line in lines(objects(server)))
    assert 20 < told < 100
