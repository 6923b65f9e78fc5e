# SPDX-License-Identifier: Apache-2.0
"""What a listener's attributes do to header fields: those of answers, and the names of ours toward targets."""
import subprocess

import pytest

from stage import Answer, Certificate, client_context, fixed, redirect, rule, snapshot
from test_tls import ask, secured

SET = [{"name": "X-Frame-Options", "value": "DENY"}, {"name": "Access-Control-Allow-Origin", "value": "https://a.test"}]
SETS = {"response_fields": SET}


def has_them(answer):
    return answer.all("x-frame-options") == ["DENY"] and answer.all("access-control-allow-origin") == ["https://a.test"]


def test_they_replace_those_of_the_target(stage):
    target = stage.target(Answer(200, b"hello", fields=[("X-Frame-Options", "SAMEORIGIN"), ("x-frame-options", "x"),
                                                        ("Server", "mine"), ("Set-Cookie", "a=1")]))
    node = stage.node(snapshot(target, listener=SETS))
    answer = node.get()
    assert has_them(answer) and answer.body == b"hello"
    assert answer.get("server") == "mine" and answer.get("set-cookie") == "a=1"


def test_without_any_answers_are_as_they_are(stage):
    node = stage.node(snapshot(stage.target(Answer(200, b"", fields=[("X-Frame-Options", "SAMEORIGIN")]))))
    answer = node.get()
    assert answer.all("x-frame-options") == ["SAMEORIGIN"] and answer.get("access-control-allow-origin") is None


def test_answers_of_ours_have_them_too(stage):
    rules = [rule(1, fixed(200, "fixed"), {"type": "path-pattern", "values": ["/fixed"]}),
             rule(2, redirect(301, path="/x"), {"type": "path-pattern", "values": ["/old"]}),
             rule(0, {"type": "forward", "forward": {"groups": [{"group": "none"}]}})]
    groups = [{"name": "none", "targets": []}]
    node = stage.node(snapshot(groups=groups, rules=rules, listener={**SETS, "server_header": False}), healthy=False)
    for path, status in (("/fixed", 200), ("/old", 301), ("/", 503)):
        answer = node.get(path)
        assert answer.status == status and has_them(answer)
        assert answer.get("server") is None, "server.enabled is false"
    with node.connect() as client:
        client.send(b"BROKEN\r\n\r\n")
        answer = client.answer()
        assert answer.status == 400 and has_them(answer)


def test_bodies_and_upgrades_pass_as_before(stage):
    body = b"x" * 3_000_000
    target = stage.target(Answer(200, body, fields=[("X-Frame-Options", "SAMEORIGIN")]))
    node = stage.node(snapshot(target, listener=SETS))
    with node.connect() as client:
        for _ in range(2):
            answer = client.ask("GET")
            assert answer.body == body and has_them(answer)
        answer = client.ask("HEAD")
        assert has_them(answer) and answer.get("content-length") == str(len(body))


def test_http2_clients_get_them(stage, tmp_path):
    target = stage.target(Answer(200, b"hello", fields=[("X-Frame-Options", "SAMEORIGIN")]))
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")], listener=SETS))
    shown = subprocess.run(["curl", "-sSk", "--http2", "-D", "-", f"https://{node.address[0]}:{node.address[1]}/"],
                           capture_output=True, text=True, check=True).stdout
    assert shown.startswith("HTTP/2 200") and "\nx-frame-options: DENY" in shown and "SAMEORIGIN" not in shown


def test_a_change_of_attributes_is_taken_up(stage):
    target = stage.target()
    document = snapshot(target)
    node = stage.node(document)
    with node.connect() as client:
        assert client.ask("GET").get("x-frame-options") is None
        document["balancers"][0]["listeners"][0].update(SETS)
        node.apply({**document, "revision": 2})
        assert has_them(node.get())


# ---- toward targets ---------------------------------------------------------------------------

def renamed(**names):
    return {"renamed_fields": [{"name": "X-Amzn-" + name.replace("_", "-"), "value": value}
                               for name, value in names.items()]}


@pytest.fixture
def ca(tmp_path):
    return Certificate(tmp_path, "test ca", is_ca=True)


def test_fields_of_mutual_tls_have_other_names_which_clients_cannot_forge(stage, tmp_path, ca):
    target = stage.target()
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")], trust=ca.file.read_text(),
                              listener=renamed(Mtls_Clientcert_Subject="X-Who", Mtls_Clientcert="X-Never")))
    own = Certificate(tmp_path, "client one", ca=ca)
    ask(node, tls=client_context(shows=own), X_Who="CN=forged", x_never="forged", X_Amzn_Mtls_Clientcert_Subject="forged")
    seen = target.requests[0]
    assert seen.all("x-who") == ["CN=client one"]
    assert seen.all("x-never") == [] and seen.all("x-amzn-mtls-clientcert-subject") == []
    assert seen.get("x-amzn-mtls-clientcert-issuer") == "CN=test ca"


def test_a_client_without_certificate_cannot_bring_one_by_its_new_name(stage, tmp_path):
    target = stage.target()
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")],
                              listener={"client_auth": "passthrough", **renamed(Mtls_Clientcert="X-Chain")}))
    ask(node, X_Chain="forged", X_Other="kept")
    ask(node, tls=client_context(shows=Certificate(tmp_path, "anybody")))
    assert target.requests[0].all("x-chain") == [] and target.requests[0].all("x-other") == ["kept"]
    assert target.requests[1].get("x-chain").startswith("-----BEGIN%20CERTIFICATE-----%0A")


def test_fields_of_tls_have_other_names(stage, tmp_path):
    target = stage.target()
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")], tls_fields=True,
                              listener={"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                                        **renamed(Tls_Version="X-Version")}))
    ask(node, X_Version="forged", X_Amzn_Tls_Cipher_Suite="forged")
    seen = target.requests[0]
    assert seen.all("x-version") == ["TLSv1.3"] and seen.all("x-amzn-tls-version") == []
    assert seen.all("x-amzn-tls-cipher-suite") == ["TLS_AES_128_GCM_SHA256"]
