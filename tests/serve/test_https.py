# SPDX-License-Identifier: Apache-2.0
"""An HTTPS listener in nodes that have given up their rights: keys come with the snapshot."""
import os
import signal
import socket
import ssl
import subprocess

import pytest
from processes import children_of, until
from server import OPENALB


def certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                    "-keyout", str(folder / "key.pem"), "-out", str(folder / "chain.pem")],
                   check=True, capture_output=True)
    return (folder / "chain.pem").read_bytes(), (folder / "key.pem").read_bytes()


def ask(address, port, name, ca):
    context = ssl.create_default_context(cadata=ca.decode())
    with socket.create_connection((address, port), timeout=5) as plain, \
            context.wrap_socket(plain, server_hostname=name) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return client.makefile("rb").readline()


def listen_securely(server, world, arn):
    world.elbv2.create_listener(LoadBalancerArn=world.balancer, Protocol="HTTPS", Port=443,
                                Certificates=[{"CertificateArn": arn}],
                                DefaultActions=[{"Type": "forward", "TargetGroupArn": world.group}])
    ec2 = server.client("ec2")
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["open"]}])["SecurityGroups"][0]
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpProtocol="tcp", FromPort=443, ToPort=443,
                                         CidrIp="0.0.0.0/0")


def test_https_is_served_and_survives_a_killed_node(server, world, tmp_path):
    chain, key = certificate(tmp_path, "shop.example.com")
    arn = server.client("acm").import_certificate(Certificate=chain, PrivateKey=key)["CertificateArn"]
    listen_securely(server, world, arn)
    address, port = world.addresses()["us-east-1a"], 443 + server.port_offset

    def is_served():
        try:
            return ask(address, port, "shop.example.com", chain).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    until(is_served, 5, "an answer over TLS")
    os.kill(children_of(server.process.pid)["node us-east-1a"], signal.SIGKILL)
    assert ask(address, port, "shop.example.com", chain).startswith(b"HTTP/1.1 200 ")


@pytest.mark.skipif(os.geteuid() != 0, reason="reads the memory of others")
@pytest.mark.skipif("asan" in OPENALB or "tsan" in OPENALB, reason="a sanitizer's memory is too large to read")
def test_dns_and_the_supervisor_hold_no_keys(server, world, tmp_path):
    """What the feed tells them has names only: nothing of a key is in their memory."""
    chain, key = certificate(tmp_path, "shop.example.com")
    arn = server.client("acm").import_certificate(Certificate=chain, PrivateKey=key)["CertificateArn"]
    listen_securely(server, world, arn)
    secret = key.splitlines()[1]
    nodes = [pid for name, pid in children_of(server.process.pid).items() if name.startswith("node ")]
    until(lambda: all(has_in_memory(pid, secret) for pid in nodes), 5, "the key in the nodes")
    for name, pid in [("dns", children_of(server.process.pid)["dns"]), ("serve", server.process.pid)]:
        assert not has_in_memory(pid, secret), name


def has_in_memory(pid, needle):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if rights.startswith("rw"):
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                if needle in memory.read(end - start):
                    return True
    return False
