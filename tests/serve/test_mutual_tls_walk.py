# SPDX-License-Identifier: Apache-2.0
"""The walk of docs/mutual-tls.md, block by block, as somebody would paste it."""
import re
import subprocess
from pathlib import Path

import newer
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutual-tls.md"


def test_the_walk_can_be_pasted(server, tmp_path):
    if not newer.programs("elbv2 create-trust-store"):
        pytest.skip("no aws CLI on this machine knows trust stores")
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    address = server.public.rsplit(".", 1)[0] + ".10"  # its name is not in the hosts file here
    script = "".join(f"echo '== {number}'\n{block}" for number, block in enumerate(blocks))
    script = script.replace("/var/lib/openalb", str(server.folder / "state")) \
        .replace("$ALB_DNS:443", f"{address}:{443 + server.port_offset}")
    done = subprocess.run(["bash", "-s"], input=script, capture_output=True, text=True, cwd=tmp_path, timeout=400,
                          env={**server.environment(), "AWS_ENDPOINT_URL": server.url})
    said = [part.partition("\n")[2] for part in done.stdout.split("== ")[1:]]
    assert len(said) == len(blocks) == 7, done.stdout + done.stderr
    assert said[3].split() == ["welcome", "welcome"], done.stderr
    assert said[4].split()[-1] == "welcome" and said[4].count("welcome") == 1, done.stdout + done.stderr
    assert said[5].startswith("-----BEGIN CERTIFICATE-----")
    assert done.stderr.count("curl: ") == 2, done.stderr
    assert "An error occurred" not in done.stderr, done.stderr
    elbv2 = server.client("elbv2")
    assert elbv2.describe_load_balancers()["LoadBalancers"] == []
