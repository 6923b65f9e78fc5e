# SPDX-License-Identifier: Apache-2.0
"""What `openalb env`, `status`, /health, /ready and /metrics tell."""
import json
import os
import re
import subprocess

import pytest
from processes import children_of, until
from server import OPENALB, aws_programs


def openalb(*arguments):
    return subprocess.run([OPENALB, *arguments], capture_output=True, text=True, timeout=20)


def test_env_names_the_state_that_is_missing(tmp_path):
    done = openalb("env", "--state", str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"no server has begun a state in {tmp_path}/none yet" in done.stderr


def test_env_exports_what_clients_need(server):
    lines = openalb("env", "--state", str(server.folder / "state")).stdout.splitlines()
    exports = dict(line[len("export "):].split("=", 1) for line in lines if line.startswith("export "))
    assert exports["AWS_ENDPOINT_URL"] == server.url
    assert re.fullmatch("AKIA[A-Z2-7]{16}", exports["AWS_ACCESS_KEY_ID"])
    assert re.fullmatch("[A-Za-z0-9+/]{40}", exports["AWS_SECRET_ACCESS_KEY"])
    assert exports["AWS_DEFAULT_REGION"] == exports["AWS_REGION"] == "us-east-1"
    assert exports["AWS_PAGER"] == '""'


@pytest.mark.parametrize("program", aws_programs())
def test_env_is_all_that_a_shell_needs(server, program, tmp_path):
    """With every aws CLI of this machine, also one that knows no AWS_ENDPOINT_URL."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "aws").symlink_to(program)
    script = 'eval "$("$OPENALB" env --state "$STATE")" && aws sts get-caller-identity --query Account'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, env={
        **server.environment(), "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "OPENALB": OPENALB,
        "STATE": str(server.folder / "state"), "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
        "AWS_PROFILE": "none-such"})
    assert done.stdout.strip() == '"123456789012"', done.stderr


def test_status_shows_roles_balancers_and_targets(server, world):
    done = openalb("status", "--state", str(server.folder / "state"))
    assert done.returncode == 0, done.stderr
    words = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert any(re.fullmatch(r"node us-east-1a running revision \d+", line) for line in words), done.stdout
    assert any(re.fullmatch(r"node us-east-1b running revision \d+", line) for line in words)
    assert any(line.startswith(f"world http://{world.name} ") for line in words)
    assert "HTTP 80" in words
    for target in world.targets:
        assert f"{target.address}:{target.port} healthy" in words


def test_status_tells_that_nobody_answers(server):
    server.stop()
    done = openalb("status", "--state", str(server.folder / "state"))
    assert done.returncode == 1
    assert "is `openalb serve` running?" in done.stderr


def test_health_and_readiness(server):
    assert (server.get("/health").status, server.get("/health").text) == (200, "ok\n")
    assert (server.get("/ready").status, server.get("/ready").text) == (200, "ready\n")
    os.kill(children_of(server.process.pid)["node us-east-1b"], 19)  # SIGSTOP: connected, but silent
    assert server.get("/health").status == 200
    os.kill(children_of(server.process.pid)["node us-east-1b"], 18)


def metrics_of(server):
    """{name{labels}: value}, and that the text is of Prometheus's form."""
    found, family = {}, None
    seen = set()
    for line in server.get("/metrics").text.splitlines():
        if line.startswith("# TYPE "):
            family = line.split()[2]
            assert family not in seen, f"the samples of {family} do not stand together"
            seen.add(family)
            continue
        match = re.fullmatch(r'([a-z_0-9]+)(\{[a-z_]+="[^"]*"(?:,[a-z_]+="[^"]*")*\})? (\d+)', line)
        assert match and match[1] == family, line
        found[match[1] + (match[2] or "")] = int(match[3])
    return found


def test_metrics_count_requests(server, world):
    load = world.load("us-east-1a", clients=1)
    load.wait_done(50)
    load.end()
    assert load.failures == []

    def counted():
        return sum(value for name, value in metrics_of(server).items()
                   if name.startswith("openalb_request_count_total") and "us-east-1a" in name
                   and "target_group" in name)

    until(lambda: counted() == load.done, 5, f"{load.done} counted requests")
    metrics = metrics_of(server)
    assert metrics['openalb_node_connected{zone="us-east-1a"}'] == 1
    healthy = [value for name, value in metrics.items() if name.startswith("openalb_target_healthy{")]
    assert healthy == [1] * 2 * len(world.targets)
    balancer = world.balancer.split("loadbalancer/")[1]
    assert metrics['openalb_http_code_target_2xx_count_total{zone="us-east-1a",'
                   f'load_balancer="{balancer}"}}'] == load.done


def test_status_is_json_for_programs(server, world):
    status = json.loads(server.get("/status").text)
    assert [node["zone"] for node in status["nodes"]] == ["us-east-1a", "us-east-1b"]
    assert status["balancers"][0]["dns_name"] == world.name
    assert {target["state"] for target in status["groups"][0]["targets"]} == {"healthy"}
