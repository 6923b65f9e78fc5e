# SPDX-License-Identifier: Apache-2.0
"""How a server begins, is seen from outside, and ends."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from processes import children_of, is_running, status_of, until
from server import OPENALB, Server

NAMES = {"control", "node us-east-1a", "node us-east-1b", "dns"}
IS_SANITIZED = "asan" in OPENALB or "tsan" in OPENALB
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def run(*arguments, **environment):
    return subprocess.run([OPENALB, *arguments], capture_output=True, text=True, timeout=20,
                          env={**os.environ, **environment})


def ready_after_ms(server):
    line = next(line for line in server.log if " serve: ready " in line)
    return int(re.search(r'after_ms="(\d+)"', line)[1])


@pytest.mark.skipif(IS_SANITIZED, reason="a measure of the release")
def test_is_ready_within_200_ms(tmp_path):
    """The best of ten: what else this machine does must not decide."""
    taken = []
    for turn in range(10):
        (tmp_path / str(turn)).mkdir()
        server = Server(tmp_path / str(turn))
        until(lambda: any(" serve: ready " in line for line in server.log), 5, "the word ready")
        taken.append(ready_after_ms(server))
        server.end()
        if taken[-1] <= 200:
            return
    raise AssertionError(f"ready after {taken} ms")


@pytest.mark.skipif(IS_SANITIZED, reason="a measure of the release")
def test_needs_less_than_60_mib_at_rest(server):
    resident = {name: int(status_of(pid)["VmRSS"].split()[0])
                for name, pid in children_of(server.process.pid).items()}
    assert set(resident) == NAMES
    assert sum(resident.values()) < 60 * 1024, resident


def test_sigterm_ends_everything_and_tells_success(server):
    children = children_of(server.process.pid)
    assert set(children) == NAMES
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 3
    assert not any(is_running(pid) for pid in children.values())


def test_children_end_when_the_supervisor_is_killed(server):
    children = children_of(server.process.pid)
    server.stop(signal.SIGKILL)
    until(lambda: not any(is_running(pid) for pid in children.values()), 5, "the end of all children")
    server.start()  # the state is free again
    assert set(children_of(server.process.pid)) == NAMES


def test_sighup_ends_nothing(server):
    children = children_of(server.process.pid)
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert children_of(server.process.pid) == children
    assert server.get("/ready").status == 200


@as_root
def test_nodes_and_dns_have_no_rights(server):
    for name, pid in children_of(server.process.pid).items():
        if name == "control":
            continue
        status = status_of(pid)
        assert status["Uid"].split()[0] != "0", name
        assert status["Gid"].split()[0] != "0", name
        assert status["Groups"].strip() == "", name
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[kind], 16) == 0, (name, kind)
        assert status["NoNewPrivs"] == "1", name
        assert IS_SANITIZED or status["Seccomp"] == "2", name
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0", limits), name


def test_keys_are_nobody_elses_affair(server):
    state = server.folder / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    assert (state / "credentials").stat().st_mode & 0o777 == 0o600
    assert (state / "feed.sock").stat().st_mode & 0o777 == 0o600
    secret = re.search(r"secret_access_key = (\S+)", (state / "credentials").read_text())[1]
    for pid in children_of(server.process.pid).values():
        assert secret not in " ".join(Path(f"/proc/{pid}/cmdline").read_text().split("\0"))
    assert secret not in "".join(server.log)


def test_the_service_manager_is_told(tmp_path, monkeypatch):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        server = Server(tmp_path)
        assert manager.recv(100) == b"READY=1"
        server.end()
        assert manager.recv(100) == b"STOPPING=1"


def test_logs_are_json_when_asked(tmp_path):
    server = Server(tmp_path, "--log-format", "json")
    server.end()
    events = [json.loads(line) for line in server.log]
    assert {"serve", "control"} <= {event["role"] for event in events}
    assert "ready" in {event["event"] for event in events}


# ---- wrong use ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments, words", [
    ([], "no command; openalb --help lists them"),
    (["swerve"], 'there is no command "swerve"; openalb --help lists them'),
    (["serve", "--stat", "x"], "there is no option --stat; --help lists them"),
    (["serve", "--port-offset", "many"], '--port-offset: "many" is not a number of 0 to 60000'),
    (["serve", "--api", "localhost:80"],
     '--api: "localhost:80" is not an IPv4 address and port, as 127.0.0.1:4566'),
    (["serve", "--public-addresses", "127.0.80.0/33"],
     '--public-addresses: "127.0.80.0/33" is neither an IPv4 address nor a CIDR block'),
    (["serve", "--zones", "a,1"], "--zones: 1 to 6 letters with commas, as a,b"),
    (["serve", "--log-level", "loud"], '--log-level: "loud" is not error, warn, info or debug'),
    (["node", "--zone", "us-east-1a"], "nothing to follow: give --snapshot FILE or --feed SOCKET"),
    (["node", "--snapshot", "x"], "--zone is missing, as us-east-1a"),
    (["serve", "--config", "/no/such/file"], "/no/such/file cannot be read"),
])
def test_wrong_use_is_said_and_exits_with_2(arguments, words, tmp_path):
    done = run(*arguments, OPENALB_STATE=str(tmp_path / "state"))
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "state").exists()


def test_wrong_variables_and_files_name_their_place(tmp_path):
    done = run("serve", OPENALB_WORKERS="-1")
    assert (done.returncode, done.stderr) == (
        2, 'openalb serve: the variable OPENALB_WORKERS: "-1" is not a number of 0 to 256\n')
    done = run("serve", OPENALB_WORKER="1")
    assert (done.returncode, done.stderr) == (
        2, "openalb serve: the variable OPENALB_WORKER belongs to no option\n")
    file = tmp_path / "openalb.conf"
    file.write_text("# ours\nregion = eu-west-1\nworkerz = 2\n")
    done = run("serve", "--config", str(file))
    assert (done.returncode, done.stderr) == (
        2, f'openalb serve: {file} line 3: no option is called "workerz"\n')


@pytest.mark.parametrize("command", ["serve", "control", "node", "dns", "env", "status"])
def test_help_has_options_and_examples(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert "examples:\n  " in done.stdout
    assert "--config FILE" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 110


def test_version():
    assert re.fullmatch(r"openalb \d+\.\d+\.\d+\n", run("version").stdout)


# ---- what stands in the way --------------------------------------------------------------------------

def test_a_second_server_on_a_state_is_refused(server):
    done = run("serve", "--state", str(server.folder / "state"), "--api", "127.0.0.1:1")
    assert done.returncode == 1
    assert f"in use by another openalb (process {server.process.pid})" in done.stderr
    assert server.get("/ready").status == 200


def test_an_api_port_that_is_taken_is_named(server, tmp_path):
    done = run("serve", "--state", str(tmp_path / "other"), "--api", f"127.0.0.1:{server.port}", "--no-dns")
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{server.port}: another program does" in done.stderr
    assert "--api ADDRESS:PORT" in done.stderr


def test_a_dns_port_that_is_taken_is_named(server, tmp_path):
    done = run("serve", "--state", str(tmp_path / "other"), "--api", "127.0.0.1:1",
               "--public-addresses", server.public, "--port-offset", str(server.port_offset))
    assert done.returncode == 1
    assert re.search(r"cannot listen on 127\.\d+\.\d+\.[02]:\d+: another program does", done.stderr) \
        or "127.0.0.1:1" in done.stderr


@pytest.fixture
def open_folder():
    """Where a user without privileges may work, too."""
    with tempfile.TemporaryDirectory(prefix="openalb-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@as_root
def test_without_the_right_to_low_ports_two_ways_out_are_named(open_folder):
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 53:
        pytest.skip("everybody may use low ports here")
    program, home = open_folder / "openalb", open_folder / "home"
    shutil.copy(OPENALB, program)
    home.mkdir()
    os.chown(home, 65534, 65534)
    command = [str(program), "serve", "--state", str(home / "state"), "--api", "127.253.0.1:14566",
               "--public-addresses", "127.253.1.0/24"]
    nobody = {"user": 65534, "group": 65534, "extra_groups": []}

    done = subprocess.run(command, capture_output=True, text=True, timeout=20, **nobody)
    assert done.returncode == 1
    assert "no right to listen on 127.253.1.2:53" in done.stderr
    assert "CAP_NET_BIND_SERVICE" in done.stderr and "--port-offset N" in done.stderr

    # One of the ways out.
    process = subprocess.Popen([*command, "--port-offset", "20000"], stderr=subprocess.PIPE, text=True, **nobody)
    try:
        assert any(" serve: ready " in line for line in process.stderr)
    finally:
        process.terminate()
        assert process.wait(10) == 0
