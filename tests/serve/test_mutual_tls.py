# SPDX-License-Identifier: Apache-2.0
"""Mutual TLS from the API to the wire, asked with curl: who is accepted, who is not, what the target is told."""
import datetime
import socket
import ssl
import subprocess
import urllib.parse

import newer
import pytest
from authority import Authority, openssl
from processes import until
from test_https import certificate, listen_securely

CURL = ["curl", "-sS", "--max-time", "10", "-w", "%{http_code} %{http_version}", "-o", "/dev/null"]


class Gate:
    """An HTTPS listener with mutual authentication, a trust store beside it, and clients."""

    def __init__(self, server, world, folder):
        self.server, self.world, self.folder = server, world, folder
        self.elbv2 = newer.client(server, folder / "model", "elbv2", "CreateTrustStore")
        self.bucket = server.folder / "state" / "s3" / "trust"
        self.bucket.mkdir(parents=True)
        self.own, key = certificate(folder, "shop.example.com")
        (folder / "server.pem").write_bytes(self.own)
        listen_securely(server, world, server.client("acm").import_certificate(
            Certificate=self.own, PrivateKey=key)["CertificateArn"])
        self.listener = next(one["ListenerArn"] for one in self.elbv2.describe_listeners(
            LoadBalancerArn=world.balancer)["Listeners"] if one["Port"] == 443)
        self.address, self.port = world.addresses()["us-east-1a"], 443 + server.port_offset
        until(lambda: self.curl() == "200", 5, "an answer over TLS")

    def put(self, key, content):
        (self.bucket / key).write_text(content)
        return key

    def trust(self, *cas):
        self.put("bundle.pem", "".join(ca.pem for ca in cas))
        self.store = self.elbv2.create_trust_store(
            Name="partners", CaCertificatesBundleS3Bucket="trust",
            CaCertificatesBundleS3Key="bundle.pem")["TrustStores"][0]["TrustStoreArn"]
        return self.store

    def authenticate(self, mode, **more):
        self.elbv2.modify_listener(ListenerArn=self.listener, MutualAuthentication={"Mode": mode, **more})

    def verify(self, **more):
        self.authenticate("verify", TrustStoreArn=self.store, **more)
        until(lambda: self.curl() == "refused", 5, "that clients without certificate are refused")

    def curl(self, shows=None, *options):
        """The status, or "refused"."""
        own = ["--cert", shows.chain_file, "--key", shows.key_file] if shows else []
        done = subprocess.run(
            [*CURL, "--cacert", self.folder / "server.pem", *own, *options, "--connect-to",
             f"::{self.address}:{self.port}", "https://shop.example.com/"], capture_output=True, text=True)
        status, version = done.stdout.split()
        if status == "000":
            assert done.returncode in (35, 55, 56, 60), done.stderr  # 60: the alert says "certificate expired"
            return "refused"
        assert done.returncode == 0 and version == ("1.1" if "--http1.1" in options else "2")
        return status

    def told(self, shows=None, *options):
        """What the target sees of a request."""
        before = sum(len(target.requests) for target in self.world.targets)
        assert self.curl(shows, *options) == "200"
        seen = [request for target in self.world.targets for request in target.requests]
        assert len(seen) == before + 1
        return next(request for request in seen if request.get("x-mark") == options[-1].split(":")[1])


@pytest.fixture
def gate(server, world, tmp_path):
    return Gate(server, world, tmp_path)


@pytest.fixture
def ca(tmp_path):
    return Authority(tmp_path, "partner ca")


def quoted(pem):
    return urllib.parse.quote(pem, safe="+=/")


def dated(certificate_file):
    shown = dict(line.split("=", 1) for line in
                 openssl("x509", "-in", certificate_file, "-noout", "-dates").strip().splitlines())
    iso = {name: datetime.datetime.strptime(value, "%b %d %H:%M:%S %Y %Z").strftime("%Y-%m-%dT%H:%M:%SZ")
           for name, value in shown.items()}
    return f"NotBefore={iso['notBefore']};NotAfter={iso['notAfter']}"


def named(certificate_file, which):
    return openssl("x509", "-in", certificate_file, "-noout", f"-{which}", "-nameopt", "RFC2253").strip().split("=", 1)[1]


def test_verify_accepts_those_of_the_trust_store_and_nobody_else(gate, ca, tmp_path):
    stranger = Authority(tmp_path, "stranger ca")
    gate.trust(ca)
    gate.verify()
    good, late = ca.issue("good"), ca.issue("late", days=-1)
    assert gate.curl(good) == "200" and gate.curl(good, "--http1.1") == "200"
    assert gate.curl(good, "--tls-max", "1.2") == "200"
    for bad in (stranger.issue("unknown"), late, ca.issue("server", usage="serverAuth"), None):
        assert gate.curl(bad) == "refused"
        assert gate.curl(bad, "--tls-max", "1.2") == "refused"

    gate.verify(IgnoreClientCertificateExpiry=True)
    until(lambda: gate.curl(late) == "200", 5, "that expiry is ignored")
    assert gate.curl(stranger.issue("still unknown")) == "refused"

    gate.put("bundle.pem", ca.pem + stranger.pem)
    gate.elbv2.modify_trust_store(TrustStoreArn=gate.store, CaCertificatesBundleS3Bucket="trust",
                                  CaCertificatesBundleS3Key="bundle.pem")
    until(lambda: gate.curl(stranger.issue("now known")) == "200", 5, "that the new bundle counts")
    gate.authenticate("off")
    until(lambda: gate.curl() == "200", 5, "that nobody is asked any more")


def test_keys_that_alb_does_not_take_are_refused(gate, ca, tmp_path, monkeypatch):
    gate.trust(ca)
    gate.verify()
    (tmp_path / "weak.cnf").write_text("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = any\n"
                                       "[any]\nCipherString = DEFAULT@SECLEVEL=0\n")
    monkeypatch.setenv("OPENSSL_CONF", str(tmp_path / "weak.cnf"))  # for curl, which else refuses them itself
    weak = ("--tls-max", "1.2")
    assert gate.curl(ca.issue("rsa", key=("rsa:2048",)), *weak) == "200"
    assert gate.curl(ca.issue("short", key=("rsa:1024",)), *weak) == "refused"
    assert gate.curl(ca.issue("odd", key=("ec", "-pkeyopt", "ec_paramgen_curve:secp256k1")), *weak) == "refused"


def test_chains_are_built_from_what_is_shown_and_not_too_deep(gate, ca, tmp_path):
    gate.trust(ca)
    gate.verify()
    chain = [ca]
    for i in range(6):
        chain.append(Authority(tmp_path, f"intermediate {i}", parent=chain[-1]))
    assert gate.curl(chain[1].issue("one", chain=chain[1:2])) == "200"
    assert gate.curl(chain[1].issue("hidden")) == "refused", "nobody knows its issuer"
    assert gate.curl(chain[3].issue("three", chain=chain[3:0:-1])) == "200"
    assert gate.curl(chain[6].issue("six", chain=chain[6:0:-1])) == "refused"


def test_an_intermediate_may_be_trusted_without_its_root(gate, ca, tmp_path):
    inner = Authority(tmp_path, "inner ca", parent=ca)
    gate.trust(inner)
    gate.verify()
    assert gate.curl(inner.issue("inner")) == "200"
    assert gate.curl(ca.issue("outer")) == "refused"


def test_the_target_is_told_byte_for_byte(gate, ca):
    gate.trust(ca)
    gate.verify()
    client = ca.issue("told", subject="/C=US/ST=Washington/O=mTLS, Inc./OU=client-3/CN=client_.com", serial="0x03A5B1")
    seen = gate.told(client, "-H", "X-Amzn-Mtls-Clientcert-Subject: CN=forged", "-H", "X-Mark:verify")
    expected = {
        "Serial-Number": "03A5B1",
        "Issuer": named(client.file, "issuer"),
        "Subject": named(client.file, "subject"),
        "Validity": dated(client.file),
        "Leaf": quoted(client.pem),
    }
    assert expected["Subject"] == "CN=client_.com,OU=client-3,O=mTLS\\, Inc.,ST=Washington,C=US"
    assert expected["Issuer"] == "CN=partner ca,O=Tests"
    for name, value in expected.items():
        assert seen.all(f"X-Amzn-Mtls-Clientcert-{name}") == [value]
    assert seen.all("X-Amzn-Mtls-Clientcert") == []


def test_passthrough_tells_the_whole_chain_and_refuses_nobody(gate, ca, tmp_path):
    inner = Authority(tmp_path, "inner ca", parent=ca)
    gate.authenticate("passthrough")
    shown = inner.issue("chained", chain=(inner, ca))

    def asks():
        return gate.curl(shown, "-H", "X-Mark:try") == "200" and any(
            request.get("x-amzn-mtls-clientcert") for target in gate.world.targets for request in target.requests)
    until(asks, 5, "that certificates are asked for")
    seen = gate.told(shown, "-H", "X-Amzn-Mtls-Clientcert: forged", "-H", "X-Mark:chain")
    assert seen.all("X-Amzn-Mtls-Clientcert") == [quoted(shown.pem + inner.pem + ca.pem)]
    seen = gate.told(ca.issue("old", days=-1), "-H", "X-Mark:old")
    assert len(seen.all("X-Amzn-Mtls-Clientcert")) == 1
    seen = gate.told(None, "-H", "X-Amzn-Mtls-Clientcert: forged", "-H", "X-Mark:none")
    assert seen.all("X-Amzn-Mtls-Clientcert") == []


def test_a_revoked_client_is_refused_and_its_open_connection_goes_on(gate, ca):
    gate.trust(ca)
    gate.verify()
    revoked, other = ca.issue("revoked"), ca.issue("other")
    context = ssl.create_default_context(cadata=gate.own.decode())
    context.load_cert_chain(revoked.file, revoked.key_file)
    with socket.create_connection((gate.address, gate.port), timeout=5) as plain, \
            context.wrap_socket(plain, server_hostname="shop.example.com") as client:
        reader = client.makefile("rb")

        def ask():
            client.sendall(b"GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
            status = reader.readline()
            length = 0
            for line in iter(reader.readline, b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            reader.read(length)
            return status
        assert ask().startswith(b"HTTP/1.1 200 ")
        gate.put("revoked.crl", ca.list_revoked(revoked))
        added = gate.elbv2.add_trust_store_revocations(TrustStoreArn=gate.store, RevocationContents=[
            {"S3Bucket": "trust", "S3Key": "revoked.crl"}])["TrustStoreRevocations"][0]
        until(lambda: gate.curl(revoked) == "refused", 5, "that the list counts")
        assert gate.curl(other) == "200"
        assert ask().startswith(b"HTTP/1.1 200 "), "the connection was made before"
    gate.elbv2.remove_trust_store_revocations(TrustStoreArn=gate.store, RevocationIds=[added["RevocationId"]])
    until(lambda: gate.curl(revoked) == "200", 5, "that the list is gone")


def test_ca_names_are_told_only_when_asked_for(gate, ca):
    gate.trust(ca)
    gate.verify()

    def names():
        done = subprocess.run(["openssl", "s_client", "-connect", f"{gate.address}:{gate.port}", "-servername", "x"],
                              input="", capture_output=True, text=True, timeout=10)
        return "partner ca" in done.stdout.split("Acceptable client certificate CA names")[-1].split("Requested")[0] \
            and "Acceptable client certificate CA names" in done.stdout
    assert not names()
    gate.verify(AdvertiseTrustStoreCaNames="on")
    until(names, 5, "that the CA is named")


def test_attributes_rename_and_set_fields(gate, ca):
    gate.trust(ca)
    gate.verify()
    gate.elbv2.modify_listener_attributes(ListenerArn=gate.listener, Attributes=[
        {"Key": "routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "Value": "X-Who"},
        {"Key": "routing.http.response.strict_transport_security.header_value", "Value": "max-age=63072000"},
        {"Key": "routing.http.response.server.enabled", "Value": "false"}])
    client = ca.issue("who")

    def head():
        return subprocess.run(
            ["curl", "-sS", "-D", "-", "-o", "/dev/null", "--cacert", gate.folder / "server.pem", "--cert", client.file,
             "--key", client.key_file, "--connect-to", f"::{gate.address}:{gate.port}", "https://shop.example.com/"],
            capture_output=True, text=True, check=True).stdout
    until(lambda: "strict-transport-security: max-age=63072000" in head(), 5, "that the answer has it")
    seen = gate.told(client, "-H", "X-Who: CN=forged", "-H", "X-Mark:who")
    assert seen.all("x-who") == ["CN=who"] and seen.all("x-amzn-mtls-clientcert-subject") == []


def test_it_is_all_there_after_a_restart(gate, ca):
    gate.trust(ca)
    gate.verify()
    revoked, good = ca.issue("revoked"), ca.issue("good")
    gate.put("revoked.crl", ca.list_revoked(revoked))
    gate.elbv2.add_trust_store_revocations(TrustStoreArn=gate.store, RevocationContents=[
        {"S3Bucket": "trust", "S3Key": "revoked.crl"}])
    until(lambda: gate.curl(revoked) == "refused", 5, "that the list counts")
    gate.server.stop()
    gate.server.start()
    until(lambda: gate.curl(good) == "200", 20, "that the good client is served again")
    assert gate.curl(revoked) == "refused" and gate.curl() == "refused"
