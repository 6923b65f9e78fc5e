# SPDX-License-Identifier: Apache-2.0
"""HTTPS listeners, HTTPS targets, mutual TLS."""
import os
import socket
import ssl
import subprocess
import threading
import time
import warnings

import pytest

from stage import Answer, Certificate, Client, client_context, eventually, free_address, redirect, rule, snapshot


def secured(*targets, certificates, listener=None, ticket_keys=(), trust=None, **members):
    """A snapshot with an HTTPS listener on 8443; it verifies clients if a bundle of CAs to `trust` is given."""
    verifies = {"client_auth": "verify", "trust_store": "trust"} if trust else {}
    document = snapshot(*targets, port=8443,
                        listener={"protocol": "HTTPS", "certificates": [c.arn for c in certificates], **verifies,
                                  **(listener or {})}, **members)
    return {**document, "certificates": [c.row for c in certificates], "ticket_keys": list(ticket_keys),
            "trust_stores": [{"arn": "trust", "bundle_pem": trust}] if trust else []}


def ask(node, path="/", tls=None, name=None, **fields):
    with node.connect(tls=tls or client_context(), name=name) as client:
        return client.ask("GET", path, **fields)


def subject_of(node, name=None, **options):
    with node.connect(tls=client_context(**options), name=name) as client:
        der = client.sock.getpeercert(binary_form=True)
    shown = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-subject", "-text"], input=der,
                           capture_output=True, check=True).stdout.decode()
    return ("rsa" if "rsaEncryption" in shown else "ec", shown.split("CN = ")[1].split("\n")[0])


def test_requests_arrive_in_clear_text_with_what_was_said_about_tls(stage, tmp_path):
    target = stage.target(Answer(200, b"hello"))
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")], tls_fields=True,
                              listener={"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}))
    answer = ask(node, "/x", X_Amzn_Tls_Version="forged")
    assert (answer.status, answer.body) == (200, b"hello")
    seen = target.requests[0]
    assert seen.get("x-forwarded-proto") == "https"
    assert seen.get("x-forwarded-port") == "8443"
    assert seen.all("x-amzn-tls-version") == ["TLSv1.3"]
    assert seen.get("x-amzn-tls-cipher-suite") == "TLS_AES_128_GCM_SHA256"


def test_bodies_of_many_records_pass_both_ways(stage, tmp_path):
    body = os.urandom(3 << 20)
    target = stage.target(lambda request: Answer(200, request.body[::-1]))
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")]))
    with node.connect(tls=client_context(), timeout_s=20) as client:
        assert client.ask("POST", "/", body).body == body[::-1]
        assert client.ask("POST", "/", body[:100]).body == body[:100][::-1]


def test_certificate_follows_the_name(stage, tmp_path):
    certificates = [Certificate(tmp_path, "default.test", rsa=True), Certificate(tmp_path, "*.b.test"),
                    Certificate(tmp_path, "www.a.test"), Certificate(tmp_path, "www.a.test", rsa=True)]
    node = stage.node(secured(stage.target(), certificates=certificates))
    assert subject_of(node) == ("rsa", "default.test")
    assert subject_of(node, "no.such.test") == ("rsa", "default.test")
    assert subject_of(node, "x.b.test") == ("ec", "*.b.test")
    assert subject_of(node, "b.test") == ("rsa", "default.test")
    assert subject_of(node, "x.y.b.test") == ("rsa", "default.test")
    assert subject_of(node, "WWW.a.test") == ("ec", "www.a.test")


def is_shown(node, certificate, name, **options):
    with node.connect(tls=client_context(**options), name=name) as client:
        return ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(binary_form=True)) == certificate.file.read_text()


@pytest.mark.parametrize("worse, better", [
    ({"rsa": 3072}, {}),  # ECDSA before RSA
    ({"rsa": 3072, "digest": "sha256"}, {"rsa": 2048, "digest": "sha384"}),
    ({"digest": "sha1"}, {"digest": "sha256"}),
    ({"rsa": 2048}, {"rsa": 3072}),
    ({}, {"curve": "P-384"}),
    ({"days": 30}, {"days": 300}),
])
def test_best_certificate_of_a_name_is_shown(stage, tmp_path, worse, better):
    """AWS ALB, "SSL certificates": key type, expiry, digest, size, validity."""
    worse, better = Certificate(tmp_path, "a.test", **worse), Certificate(tmp_path, "a.test", **better)
    default = Certificate(tmp_path, "default.test")
    for certificates in ([default, worse, better], [default, better, worse]):
        node = stage.node(secured(stage.target(), certificates=certificates))
        assert is_shown(node, better, "a.test")


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("options", [["-sigalgs", "rsa_pss_rsae_sha256:RSA+SHA256"], ["-groups", "X25519:P-384"],
                                     ["-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]])
def test_client_that_cannot_ecdsa_gets_rsa(stage, tmp_path, newest, options):
    certificates = [Certificate(tmp_path, "a.test", rsa=True), Certificate(tmp_path, "a.test")]
    node = stage.node(secured(stage.target(), certificates=certificates,
                              listener={"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}))
    is_tls13 = newest == ssl.TLSVersion.TLSv1_3
    shown = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % node.address, "-servername", "a.test",
                            "-tls1_3" if is_tls13 else "-tls1_2", *options], input=b"", capture_output=True).stdout
    is_free = is_tls13 and "-sigalgs" not in options  # there, neither suites nor groups bind the certificate
    assert (b"Peer signature type: ECDSA" if is_free else b"Peer signature type: RSA") in shown


def test_new_certificate_serves_new_connections_and_loses_no_old_one(stage, tmp_path):
    target = stage.target()
    old, new = Certificate(tmp_path, "old.test"), Certificate(tmp_path, "new.test")
    document = secured(target, certificates=[old])
    node = stage.node(document)
    with node.connect(tls=client_context()) as client:
        assert client.ask("GET").status == 200
        node.apply({**secured(target, certificates=[new]), "balancers": [
            {**document["balancers"][0], "listeners": [
                {**document["balancers"][0]["listeners"][0], "certificates": [new.arn]}]}]})
        assert subject_of(node) == ("ec", "new.test")
        assert client.ask("GET").status == 200
    assert target.connections == 1


@pytest.mark.parametrize("policy, newest, is_welcome", [
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", ssl.TLSVersion.TLSv1_2, False),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", ssl.TLSVersion.TLSv1_3, True),
    ("ELBSecurityPolicy-2016-08", ssl.TLSVersion.TLSv1_2, True),
    ("ELBSecurityPolicy-FS-1-2-Res-2020-10", ssl.TLSVersion.TLSv1_2, True),
])
def test_policy_decides_the_versions(stage, tmp_path, policy, newest, is_welcome):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")],
                              listener={"ssl_policy": policy}))
    if is_welcome:
        with node.connect(tls=client_context(newest=newest)) as client:
            assert client.ask("GET").status == 200
            assert client.sock.version() == ("TLSv1.2" if newest == ssl.TLSVersion.TLSv1_2 else "TLSv1.3")
    else:
        with pytest.raises(ssl.SSLError):
            node.connect(tls=client_context(newest=newest))


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_session_is_resumed_by_another_node(stage, tmp_path, newest):
    certificate, keys = Certificate(tmp_path, "a.test"), ["ab" * 80]
    policy = {"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
    nodes = [stage.node(secured(stage.target(), certificates=[certificate], ticket_keys=keys, listener=policy))
             for _ in range(2)]
    tls = client_context(newest=newest)
    with nodes[0].connect(tls=tls) as client:
        assert client.ask("GET").status == 200
        session = client.sock.session
    with nodes[1].connect(tls=tls, session=session) as client:
        assert client.ask("GET").status == 200
        assert client.sock.session_reused


def test_clear_text_on_a_tls_port_is_answered_400_and_closed(stage, tmp_path):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")]))
    with node.connect() as client:
        answer = client.ask("GET", "/")
        assert (answer.status, answer.get("server")) == (400, "awselb/2.0")
        assert client.is_closed()


def test_tls_on_a_clear_text_port_is_answered_400_and_closed(stage):
    node = stage.node(snapshot(stage.target()))
    with pytest.raises(ssl.SSLError):
        node.connect(tls=client_context())
    assert node.get().status == 200


def test_http_is_redirected_to_https(stage, tmp_path):
    document = snapshot(rules=[rule(0, redirect(301, protocol="HTTPS", port="443"))], groups=[])
    node = stage.node(document)
    answer = node.get("/a?b=c", Host="Shop.Example:8080")
    assert answer.status == 301
    assert answer.get("location") == "https://Shop.Example:443/a?b=c"


def test_targets_may_speak_tls_with_any_certificate(stage, tmp_path):
    target = stage.target(Answer(200, b"from afar"), tls=Certificate(tmp_path, "expired.test").context())
    node = stage.node(snapshot(target, health={"protocol": "HTTPS"}, group_members={"protocol": "HTTPS"}))
    with node.connect() as client:  # one connection: one worker, which keeps its own to the target
        for _ in range(3):
            assert client.ask("GET").body == b"from afar"
    assert target.connections == 1
    assert target.checks


def greeter(answer):
    """A server that is no HTTP server: says its word and waits. Gives its place for a snapshot."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            sock, _ = listener.accept()
            sock.sendall(answer)
            held.append(sock)

    held = []
    threading.Thread(target=serve, daemon=True).start()
    return {"id": "127.0.0.1", "port": listener.getsockname()[1]}


def test_target_that_speaks_clear_text_where_tls_is_due_is_a_bad_gateway(stage):
    target = greeter(b"SSH-2.0-none of your kind\r\n")
    node = stage.node(snapshot(target, group_members={"protocol": "HTTPS"}), healthy=False)
    node.wait_logged("target is unhealthy")  # fail open
    assert node.get().status == 502


def test_target_that_never_shakes_hands_is_a_gateway_timeout_after_ten_seconds(stage):
    node = stage.node(snapshot(greeter(b""), group_members={"protocol": "HTTPS"}), healthy=False)
    node.wait_logged("target is unhealthy")
    begun = time.monotonic()
    with node.connect(timeout_s=15) as client:
        assert client.ask("GET").status == 504
    assert 9.5 < time.monotonic() - begun < 12


# ---- mutual TLS -------------------------------------------------------------------------------

def test_verified_client_is_told_to_the_target(stage, tmp_path):
    ca = Certificate(tmp_path, "test ca", is_ca=True)
    target = stage.target()
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")],
                              trust=ca.file.read_text()))
    own = Certificate(tmp_path, "client one", ca=ca)
    assert ask(node, tls=client_context(shows=own), X_Amzn_Mtls_Clientcert_Subject="CN=forged").status == 200
    seen = target.requests[0]
    assert seen.all("x-amzn-mtls-clientcert-subject") == ["CN=client one"]
    assert seen.get("x-amzn-mtls-clientcert-issuer") == "CN=test ca"
    assert seen.get("x-amzn-mtls-clientcert-leaf").startswith("-----BEGIN%20CERTIFICATE-----%0A")
    assert "NotBefore=" in seen.get("x-amzn-mtls-clientcert-validity")


def test_client_without_a_trusted_certificate_is_not_heard(stage, tmp_path):
    ca = Certificate(tmp_path, "test ca", is_ca=True)
    target = stage.target()
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")],
                              trust=ca.file.read_text()))
    for shows in (None, Certificate(tmp_path, "stranger")):
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            ask(node, tls=client_context(shows=shows))
    assert target.requests == []


def test_passthrough_passes_the_chain_on_and_takes_everybody(stage, tmp_path):
    target = stage.target()
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")],
                              listener={"client_auth": "passthrough"}))
    assert ask(node, X_Amzn_Mtls_Clientcert="forged").status == 200
    assert ask(node, tls=client_context(shows=Certificate(tmp_path, "anybody"))).status == 200
    assert target.requests[0].all("x-amzn-mtls-clientcert") == []
    assert target.requests[1].get("x-amzn-mtls-clientcert").startswith("-----BEGIN%20CERTIFICATE-----%0A")


# ---- what a client may not do -----------------------------------------------------------------

TLS13_TOO = {"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"}


def s_client(node, *options, sent=b""):
    done = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % node.address, *options], input=sent,
                          capture_output=True, timeout=10)
    return done.stdout + done.stderr


def test_neither_compression_nor_early_data(stage, tmp_path):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")], listener=TLS13_TOO,
                              ticket_keys=["ab" * 80]))
    session = tmp_path / "session"
    request = b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
    first = s_client(node, "-tls1_3", "-sess_out", session, "-ign_eof", sent=request)
    assert b"Max Early Data: 0" in first and b"Compression: NONE" in first
    early = tmp_path / "early"
    early.write_bytes(request)
    second = s_client(node, "-tls1_3", "-sess_in", session, "-early_data", early, "-ign_eof", sent=request)
    assert b"Reused, TLSv1.3" in second and b"Early data was accepted" not in second
    assert b"Compression: NONE" in s_client(node, "-tls1_2", "-comp")


def test_client_does_not_renegotiate(stage, tmp_path):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")], listener=TLS13_TOO))
    process = subprocess.Popen(["openssl", "s_client", "-connect", "%s:%d" % node.address, "-tls1_2"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    time.sleep(0.3)
    process.stdin.write(b"R\n")
    process.stdin.flush()
    shown = process.communicate(timeout=5)[0]
    assert b"RENEGOTIATING" in shown and b"no renegotiation" in shown


@pytest.mark.parametrize("suite, newest, offered, agreed", [
    ("ECDHE-ECDSA-AES128-GCM-SHA256", "-tls1_2", "h2,http/1.1", b"ALPN protocol: h2"),
    ("ECDHE-ECDSA-AES128-SHA256", "-tls1_2", "h2,http/1.1", b"ALPN protocol: http/1.1"),
    ("AES128-GCM-SHA256", "-tls1_2", "h2,http/1.1", b"ALPN protocol: http/1.1"),
    ("AES128-GCM-SHA256", "-tls1_2", "h2", b"No ALPN negotiated"),
    ("ALL:@SECLEVEL=0", "-tls1_1", "h2,http/1.1", b"ALPN protocol: http/1.1"),
    ("ALL", "-tls1_3", "http/1.1,h2", b"ALPN protocol: h2"),
    ("ALL", "-tls1_3", "spdy/3", b"No ALPN negotiated"),
])
def test_http2_needs_a_suite_that_rfc_9113_allows(stage, tmp_path, suite, newest, offered, agreed):
    certificate = Certificate(tmp_path, "a.test", rsa=suite.startswith("AES"))
    node = stage.node(secured(stage.target(), certificates=[certificate],
                              listener={"ssl_policy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}))
    assert agreed in s_client(node, newest, "-cipher", suite, "-alpn", offered)


@pytest.mark.parametrize("alpn", [["http/1.1"], None])
def test_preface_of_http2_without_its_alpn_is_505(stage, tmp_path, alpn):
    """AWS ALB: an HTTP/2 preface on a connection negotiated as 1.1."""
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")]))
    with node.connect(tls=client_context(alpn=alpn)) as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert client.answer().status == 505
        assert client.is_closed()


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_session_of_one_listener_is_worth_nothing_at_another(stage, tmp_path, newest):
    """Their policies differ, and their certificates may: keys alone do not make a session."""
    certificate = Certificate(tmp_path, "a.test")
    document = secured(stage.target(), certificates=[certificate], ticket_keys=["ab" * 80], listener=TLS13_TOO)
    listener = document["balancers"][0]["listeners"][0]
    document["balancers"][0]["listeners"].append({**listener, "port": 8444, "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
    node = stage.node(document)
    tls = client_context(newest=newest)
    with node.connect(tls=tls) as client:
        assert client.ask("GET").status == 200
        session = client.sock.session
    with Client(node.address, tls=tls, session=session) as client:
        assert client.ask("GET").status == 200
        assert client.sock.session_reused
    with Client((node.address[0], 8444), tls=tls, session=session) as client:
        assert client.ask("GET").status == 200
        assert not client.sock.session_reused


def test_certificates_change_under_load_and_no_request_is_lost(stage, tmp_path):
    target = stage.target(Answer(200, b"x" * 100))
    certificates = [Certificate(tmp_path, f"{name}.test") for name in ("one", "two")]
    documents = [secured(target, certificates=[certificate], listener=TLS13_TOO) for certificate in certificates]
    for document in documents:
        document["balancers"][0]["addresses"] = documents[0]["balancers"][0]["addresses"]
    node = stage.node(documents[0])
    end = threading.Event()
    lost, served = [], []

    def load():
        while not end.is_set():
            try:
                with node.connect(tls=client_context()) as client:
                    served.extend(client.ask("GET").status for _ in range(3))
            except (OSError, AssertionError) as error:
                lost.append(error)
    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for i in range(20):
            node.apply(documents[(i + 1) % 2])
            eventually(lambda: subject_of(node) == ("ec", ("two.test", "one.test")[i % 2]))  # the worker follows
    finally:
        end.set()
        for thread in threads:
            thread.join()
    assert lost == [] and set(served) == {200} and len(served) > 100


# ---- toward targets ---------------------------------------------------------------------------

def only(version):
    """A target that speaks one version only."""
    def context(certificate):
        made = certificate.context()
        made.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.minimum_version = made.maximum_version = version
        return made
    return context


@pytest.mark.parametrize("policies, version, status", [
    (["2016-08"], ssl.TLSVersion.TLSv1_3, 502),
    (["2016-08"], ssl.TLSVersion.TLSv1, 200),
    (["FS-1-2-Res-2020-10"], ssl.TLSVersion.TLSv1, 200),
    (["2016-08", "TLS13-1-3-2021-06"], ssl.TLSVersion.TLSv1_3, 200),
    (["2016-08", "TLS13-1-3-2021-06"], ssl.TLSVersion.TLSv1, 200),
    (["TLS13-1-3-FIPS-2023-04"], ssl.TLSVersion.TLSv1_1, 200),
    (["TLS13-1-3-RFC9151-FIPS-2023-07", "2016-08"], ssl.TLSVersion.TLSv1_1, 502),
    (["TLS13-1-3-RFC9151-FIPS-2023-07", "2016-08"], ssl.TLSVersion.TLSv1_2, 200),
])
def test_listeners_decide_the_policy_toward_targets(stage, tmp_path, policies, version, status):
    """AWS ALB, "Security policies": one listener decides for the load balancer."""
    certificate = Certificate(tmp_path, "a.test")
    target = stage.target(tls=only(version)(certificate))
    document = secured(target, certificates=[certificate], group_members={"protocol": "HTTPS"},
                       health={"protocol": "HTTPS"})
    listener = document["balancers"][0]["listeners"][0]
    document["balancers"][0]["listeners"] = [
        {**listener, "port": 8443 + i, "ssl_policy": f"ELBSecurityPolicy-{name}"} for i, name in enumerate(policies)]
    document["balancers"][0]["listeners"].append({"port": 8080, "rules": listener["rules"]})
    node = stage.node(document, healthy=False)
    node.wait_logged("target is healthy" if status == 200 else "target is unhealthy")
    with Client((node.address[0], 8080)) as client:  # fails open
        assert client.ask("GET").status == status


def test_target_that_no_request_can_shake_hands_with_gets_none(stage, tmp_path):
    """Checks go by the policy of requests, and follow the listeners: of a group of either protocol."""
    certificate = Certificate(tmp_path, "a.test")
    new, old = (stage.target(Answer(200, name), tls=only(version)(certificate)) for name, version in
                [(b"new", ssl.TLSVersion.TLSv1_3), (b"old", ssl.TLSVersion.TLSv1_2)])
    members = {"certificates": [certificate], "group_members": {"protocol": "HTTPS"}, "health": {"protocol": "HTTPS"}}

    def document(policy):
        return secured(new, old, listener={"ssl_policy": f"ELBSecurityPolicy-{policy}"}, address=address, **members)

    address = free_address()
    node = stage.node(document("2016-08"), healthy=False)
    node.wait_logged(f"target is unhealthy.*{new.port}")
    node.wait_logged(f"target is healthy.*{old.port}")
    assert [ask(node).body for _ in range(4)] == [b"old"] * 4
    node.apply(document("TLS13-1-2-2021-06"))
    node.wait_logged(f"target is healthy.*{new.port}")
    assert {ask(node).body for _ in range(4)} == {b"new", b"old"}
    document = snapshot(new, health={"protocol": "HTTPS"})
    node = stage.node(document, healthy=False)  # a group of HTTP, whose checks are not
    node.wait_logged(f"target is unhealthy.*{new.port}")


def test_target_may_renegotiate(stage, tmp_path):
    certificate = Certificate(tmp_path, "target.test")
    place = socket.create_server(("127.0.0.1", 0))
    port = place.getsockname()[1]
    place.close()
    process = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate.file, "-key",
                                certificate.key_file, "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        time.sleep(0.3)
        node = stage.node(snapshot({"id": "127.0.0.1", "port": port}, group_members={"protocol": "HTTPS"},
                                   health={"port": stage.target().port}))  # s_server hears one connection at a time
        with node.connect() as client:
            client.request("GET")
            time.sleep(0.5)
            for piece in (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"r\n", b"abcd"):
                process.stdin.write(piece)
                process.stdin.flush()
                time.sleep(0.3)
            answer = client.answer()
            assert (answer.status, answer.body) == (200, b"abcd")
    finally:
        process.kill()
        process.wait()
