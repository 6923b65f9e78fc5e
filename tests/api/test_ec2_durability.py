# SPDX-License-Identifier: Apache-2.0
"""What was answered stays, whoever is killed and whenever; what cannot be read is said so."""
import os
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from server import OPENALB, Server


def control_pid(server):
    """The child of serve that runs the control role."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == server.process.pid and b"control" in words:
            return int(folder.name)
    return None


def kill_control(server):
    pid = control_pid(server)
    assert pid, "serve has no control"
    os.kill(pid, signal.SIGKILL)
    return pid


def wait_for_another_control(server, old, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if control_pid(server) not in (None, old):
            server.wait_ready()
            return
        time.sleep(0.01)
    raise AssertionError("no new control")


def names(ec2):
    return {group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]}


def store_of(server):
    found = [path for path in (server.folder / "state").rglob("*") if path.is_file()
             and path.read_bytes()[:15] == b"SQLite format 3"]
    assert len(found) == 1
    return found[0]


def test_a_change_survives_kill_9_right_after_its_answer(own_server):
    ec2 = own_server.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"]
    for turn in range(5):
        group_id = ec2.create_security_group(GroupName=f"group {turn}", Description="d")["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=group_id, IpProtocol="tcp", FromPort=turn, ToPort=turn, CidrIp="0.0.0.0/0")
        old = kill_control(own_server)
        wait_for_another_control(own_server, old)
        group = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
        assert group["IpPermissions"][0]["FromPort"] == turn
    assert ec2.describe_vpcs()["Vpcs"] == vpc


def test_under_load_no_answered_change_is_lost_and_none_is_half(own_server):
    """Every group is made with a tag, in one transaction: there are never groups without."""
    answered, unsure = set(), set()
    done = threading.Event()

    def make(prefix):
        ec2 = own_server.client("ec2")
        number = 0
        while not done.is_set():
            number += 1
            name = f"{prefix} {number}"
            try:
                ec2.create_security_group(GroupName=name, Description="d", TagSpecifications=[
                    {"ResourceType": "security-group", "Tags": [{"Key": "made", "Value": name}]}])
                answered.add(name)
            except (BotoCoreError, ClientError):
                unsure.add(name)
                time.sleep(0.05)

    makers = [threading.Thread(target=make, args=(prefix,)) for prefix in "ab"]
    for maker in makers:
        maker.start()
    for delay in (0.3, 0.11, 0.23, 0.07):
        time.sleep(delay)
        wait_for_another_control(own_server, kill_control(own_server))
    done.set()
    for maker in makers:
        maker.join()
    groups = own_server.client("ec2").describe_security_groups()["SecurityGroups"]
    there = {group["GroupName"] for group in groups} - {"default"}
    assert len(answered) > 5
    assert answered <= there <= answered | unsure
    for group in groups:
        if group["GroupName"] != "default":
            assert group["Tags"] == [{"Key": "made", "Value": group["GroupName"]}]
            assert len(group["IpPermissionsEgress"]) == 1


def test_everything_is_back_after_kill_9_of_all(own_server):
    ec2 = own_server.client("ec2")
    ec2.create_security_group(GroupName="kept", Description="d")
    before = (names(ec2), ec2.describe_subnets()["Subnets"])
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert (names(ec2), ec2.describe_subnets()["Subnets"]) == before


@pytest.fixture
def stopped(tmp_path):
    server = Server(tmp_path)
    server.stop()
    yield server
    server.end()


def start_in_vain(server):
    """What it says and the code that it ends with."""
    done = subprocess.run([OPENALB, "control", "--state", str(server.folder / "state")],
                          capture_output=True, text=True, timeout=20)
    return done.returncode, done.stderr


def test_a_damaged_store_is_refused_and_left_alone(stopped):
    path = store_of(stopped)
    damaged = bytearray(path.read_bytes())
    damaged[4096:6144] = b"\xee" * 2048
    path.write_bytes(damaged)
    code, said = start_in_vain(stopped)
    assert code == 1
    assert "is damaged or not a store" in said
    assert path.read_bytes() == damaged


def test_a_newer_store_is_refused_and_left_alone(stopped):
    path = store_of(stopped)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE meta SET value = 999 WHERE key = 'schema'")
    database.close()
    before = path.read_bytes()
    code, said = start_in_vain(stopped)
    assert code == 1
    assert "was written by a newer openalb: its schema is 999" in said
    assert path.read_bytes() == before
