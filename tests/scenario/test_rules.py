# SPDX-License-Identifier: Apache-2.0
"""Which rule answers, and how."""
import pytest
from stage import Answer, fixed, forward, group, redirect, rule, snapshot

HOST = {"type": "host-header", "values": ["api.example.com", "*.shop.example"]}
PATH = {"type": "path-pattern", "values": ["/img/*", "/v?"]}
HEADER = {"type": "http-header", "field": "X-Kind", "values": ["*beta*"]}
METHOD = {"type": "http-request-method", "values": ["PUT"]}
QUERY = {"type": "query-string", "pairs": [{"key": "lang", "value": "en*"}]}
SOURCE = {"type": "source-ip", "cidrs": ["127.0.0.0/16"]}
REGEX = {"type": "path-pattern", "regexes": ["^/item/[0-9]+$"]}


@pytest.mark.parametrize("condition,hits,misses", [
    (HOST, [("GET", "/", {"Host": "API.example.com:99"}), ("GET", "/", {"Host": "a.shop.example"})],
     [("GET", "/", {"Host": "shop.example"}), ("GET", "/", {"Host": "xapi.example.com"})]),
    (PATH, [("GET", "/img/a/b", {}), ("GET", "/v1?x=/none", {}), ("GET", "/%69mg/", {})],
     [("GET", "/IMG/a", {}), ("GET", "/v12", {}), ("GET", "/img/../x", {})]),
    (HEADER, [("GET", "/", {"X_Kind": "some BETA thing"})], [("GET", "/", {"X_Kind": "alpha"}), ("GET", "/", {})]),
    (METHOD, [("PUT", "/", {})], [("GET", "/", {}), ("POST", "/", {})]),
    (QUERY, [("GET", "/?a=b&LANG=english", {})], [("GET", "/?lang=de", {}), ("GET", "/", {})]),
    (SOURCE, [("GET", "/", {"X_Forwarded_For": "10.0.0.1"})], []),
    (REGEX, [("GET", "/item/42", {})], [("GET", "/item/", {}), ("GET", "/item/42/x", {})]),
])
def test_condition(stage, condition, hits, misses):
    node = stage.node(snapshot(groups=[], rules=[rule(1, fixed(201), condition), rule(0, fixed(202))]))
    assert [node.ask(m, t, **f).status for m, t, f in hits] == [201] * len(hits)
    assert [node.ask(m, t, **f).status for m, t, f in misses] == [202] * len(misses)


def test_first_rule_that_holds_in_order_of_priority(stage):
    a, b = stage.target(Answer(200, b"a")), stage.target(Answer(200, b"b"))
    node = stage.node(snapshot(groups=[group("a", a), group("b", b)], rules=[
        rule(10, forward("a"), PATH), rule(20, fixed(418), {"type": "path-pattern", "values": ["*"]}, METHOD),
        rule(30, fixed(403), PATH), rule(0, forward("b"))]))
    assert node.get("/img/x").body == b"a"
    assert node.get("/other").body == b"b"
    assert node.ask("PUT", "/other", b"").status == 418


def test_fixed_response(stage):
    node = stage.node(snapshot(groups=[], rules=[rule(0, fixed(404, "{}", content_type="application/json"))]))
    answer = node.get()
    assert answer.start == "HTTP/1.1 404 Not Found" and answer.body == b"{}"
    assert answer.get("Content-Type").startswith("application/json")
    assert answer.get("Server") == "awselb/2.0"
    with node.connect() as client:  # also with a body that nobody reads
        assert client.ask("POST", "/", b"x" * 1000).status == 404
        assert client.ask("GET").status == 404


def test_redirect_fills_its_tokens(stage):
    action = redirect(302, host="new.#{host}", path="/deep/#{path}", query="q=#{query}&p=#{port}", port="8443")
    node = stage.node(snapshot(groups=[], rules=[rule(0, action)]))
    answer = node.get("/a/b?c=d", Host="Old.example")
    assert answer.start == "HTTP/1.1 302 Moved Temporarily"
    assert answer.get("Location") == "http://new.Old.example:8443/deep/a/b?q=c=d&p=8080"
    assert b"302 Found" in answer.body and len(answer.body) == 110


def test_redirect_that_grows_too_long_is_507(stage):
    node = stage.node(snapshot(groups=[], rules=[rule(0, redirect(301, protocol="HTTPS"))]))
    assert node.get("/" + "x" * 9000).status == 507


def test_hundred_rules(stage):
    rules = [rule(p, fixed(200, f"{p}"), {"type": "host-header", "values": [f"h{p % 10}.example.com"]},
                  {"type": "path-pattern", "values": [f"/p{p}/*"]}) for p in range(1, 101)]
    node = stage.node(snapshot(groups=[], rules=[*rules, rule(0, fixed(404))]))
    with node.connect() as client:
        for p in (1, 37, 100):
            assert client.ask("GET", f"/p{p}/x", Host=f"h{p % 10}.example.com").body == b"%d" % p
        assert client.ask("GET", "/p5/x", Host="h6.example.com").status == 404
