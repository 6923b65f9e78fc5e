# SPDX-License-Identifier: Apache-2.0
"""The block in the hosts file, as root: kept, taken away, repaired, and nobody else's bytes touched."""
import os
import signal

import pytest
from processes import until
from server import Server

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps the hosts file")

FOREIGN = "127.0.0.1\tlocalhost  # ours\r\n\n::1 ip6-localhost\n# the end"


@pytest.fixture
def hosts(tmp_path):
    file = tmp_path / "hosts"
    file.write_bytes(FOREIGN.encode())
    file.chmod(0o640)
    return file


@pytest.fixture
def server(tmp_path, hosts):
    started = Server(tmp_path, "--no-hosts-file=no", "--hosts-file", str(hosts))
    yield started
    started.end()


def make(server, name):
    subnets = [subnet["SubnetId"] for subnet in server.client("ec2").describe_subnets()["Subnets"]]
    return server.client("elbv2").create_load_balancer(Name=name, Subnets=subnets)["LoadBalancers"][0]


def block_of(server, hosts):
    mark = f"{server.folder}/state"
    text = hosts.read_bytes().decode()
    if f"# openalb begin {mark}\n" not in text:
        return []
    return text.split(f"# openalb begin {mark}\n")[1].split(f"# openalb end {mark}\n")[0].splitlines()


def test_names_come_and_go_with_their_load_balancers(server, hosts):
    first, second = make(server, "first"), make(server, "second")
    until(lambda: len(block_of(server, hosts)) == 4, 5, "two names with two addresses each")
    lines = block_of(server, hosts)
    assert {line.split()[1] for line in lines} == {first["DNSName"], second["DNSName"]}
    assert len({line.split()[0] for line in lines}) == 4
    server.client("elbv2").delete_load_balancer(LoadBalancerArn=first["LoadBalancerArn"])
    until(lambda: {line.split()[1] for line in block_of(server, hosts)} == {second["DNSName"]}, 5)
    assert hosts.read_bytes().decode().startswith(FOREIGN)
    assert hosts.stat().st_mode & 0o777 == 0o640


def test_the_end_of_the_server_takes_the_block_away(server, hosts):
    make(server, "one")
    until(lambda: block_of(server, hosts), 5, "the name")
    server.stop()
    assert hosts.read_bytes().decode() == FOREIGN + "\n"
    assert [file.name for file in server.folder.iterdir() if file.name.startswith("hosts")] == ["hosts"]


def test_a_crash_is_repaired_by_the_next_start(server, hosts):
    name = make(server, "one")["DNSName"]
    until(lambda: block_of(server, hosts), 5, "the name")
    server.stop(signal.SIGKILL)
    assert block_of(server, hosts)
    # Somebody edits the file meanwhile, behind and in front.
    hosts.write_bytes(b"1.2.3.4 before\n" + hosts.read_bytes() + b"1.2.3.4 behind\n")
    server.start()
    until(lambda: {line.split()[1] for line in block_of(server, hosts)} == {name}, 5)
    assert hosts.read_bytes().count(b"# openalb begin") == 1
    server.stop()
    assert hosts.read_bytes().decode() == "1.2.3.4 before\n" + FOREIGN + "\n1.2.3.4 behind\n"


def test_two_servers_share_a_file(server, hosts, tmp_path):
    folder = tmp_path / "second"
    folder.mkdir()
    other = Server(folder, "--no-hosts-file=no", "--hosts-file", str(hosts))
    try:
        ours, theirs = make(server, "ours")["DNSName"], make(other, "theirs")["DNSName"]
        until(lambda: block_of(server, hosts) and block_of(other, hosts), 5, "both blocks")
        assert {line.split()[1] for line in block_of(server, hosts)} == {ours}
        assert {line.split()[1] for line in block_of(other, hosts)} == {theirs}
    finally:
        other.end()
    assert not block_of(other, hosts)
    assert block_of(server, hosts)
