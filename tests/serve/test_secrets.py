# SPDX-License-Identifier: Apache-2.0
"""Private keys stay where they belong: closed files, no log, no core."""
import os
import stat
from pathlib import Path

import pytest
from processes import children_of, status_of, until
from server import OPENALB
from test_https import ask, certificate, listen_securely


@pytest.fixture
def key(server, world, tmp_path):
    """A key that control and the nodes hold, since a listener uses it."""
    chain, key = certificate(tmp_path, "secret.example.com")
    listen_securely(server, world,
                    server.client("acm").import_certificate(Certificate=chain, PrivateKey=key)["CertificateArn"])

    def is_served():
        try:
            return ask(world.addresses()["us-east-1a"], 443 + server.port_offset, "secret.example.com", chain)
        except OSError:
            return False
    until(is_served, 5, "an answer over TLS")
    return key.decode()


def test_files_of_the_state_are_closed_to_others(server, key):
    state = server.folder / "state"
    found = [state, *state.rglob("*")]
    assert any(key.splitlines()[1].encode() in file.read_bytes() for file in state.glob("openalb.db*") if file.is_file())
    for file in found:
        assert stat.S_IMODE(file.lstat().st_mode) & 0o077 == 0, file


def test_no_log_line_holds_a_key(server, key):
    said = "".join(server.log)
    assert "ImportCertificate" in said, "the log tells of the call"
    assert "PRIVATE KEY" not in said
    assert not any(line in said for line in key.splitlines()[1:-1])
    secret = (server.folder / "state" / "credentials").read_text().split("aws_secret_access_key = ")[1].strip()
    assert secret not in said and "a/secret+of=the-tests" not in said


@pytest.mark.skipif("asan" in OPENALB or "tsan" in OPENALB, reason="sanitizers have their own ideas")
def test_no_process_with_keys_leaves_a_core(server, key):
    children = children_of(server.process.pid)
    for name, pid in {**children, "serve": server.process.pid}.items():
        limits = Path(f"/proc/{pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()
        assert core[4:6] == ["0", "0"], name
    if os.geteuid() == 0:  # what is not dumpable belongs to root in /proc, whoever it runs as
        for name in ("node us-east-1a", "node us-east-1b"):
            assert status_of(children[name])["Uid"].split()[0] != "0"
            assert os.stat(f"/proc/{children[name]}/environ").st_uid == 0
