# SPDX-License-Identifier: Apache-2.0
"""What AWS ALB does to a request on its way, its limits at their edges, and its pages to the byte."""
import re

import pytest
from stage import Answer, fixed, group, rule, snapshot

PAGE = ("<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
        "</body>\r\n</html>\r\n")


def raw(node, data, method="GET"):
    with node.connect() as client:
        client.sock.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        return client.answer(method)


@pytest.mark.parametrize("members, sent, expected", [
    ({}, None, ["127.0.0.1"]),
    ({}, ["1.1.1.1"], ["1.1.1.1, 127.0.0.1"]),
    ({}, ["1.1.1.1, 2.2.2.2", "3.3.3.3"], ["1.1.1.1, 2.2.2.2, 3.3.3.3, 127.0.0.1"]),
    ({}, [""], ["127.0.0.1"]),
    ({"xff_mode": "preserve"}, None, []),
    ({"xff_mode": "preserve"}, ["1.1.1.1", "2.2.2.2"], ["1.1.1.1", "2.2.2.2"]),
    ({"xff_mode": "preserve", "xff_client_port": True}, ["1.1.1.1"], ["1.1.1.1"]),
    ({"xff_mode": "remove"}, ["1.1.1.1"], []),
    ({"xff_mode": "remove", "xff_client_port": True}, None, [])])
def test_x_forwarded_for_by_mode(stage, members, sent, expected):
    target = stage.target()
    node = stage.node(snapshot(target, **members))
    lines = "".join(f"X-Forwarded-For: {value}\r\n" for value in sent or [])
    assert raw(node, f"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n").status == 200
    assert target.requests[0].all("x-forwarded-for") == expected


def test_x_forwarded_for_with_the_clients_port(stage):
    target = stage.target()
    node = stage.node(snapshot(target, xff_client_port=True))
    with node.connect() as client:
        port = client.sock.getsockname()[1]
        client.ask("GET", X_Forwarded_For="1.1.1.1")
    assert target.requests[0].get("x-forwarded-for") == f"1.1.1.1, 127.0.0.1:{port}"


@pytest.mark.parametrize("preserves, line, host, expected", [
    (False, "/", "Example.COM", "example.com:8080"),
    (False, "/", "example.com:8080", "example.com:8080"),
    (False, "/", "example.com:81", "example.com:81"),
    (False, "/", "[::1]", "[::1]:8080"),
    (False, "http://Other.example/x?y", "example.com", "other.example:8080"),
    (True, "/", "Example.COM", "Example.COM"),
    (True, "/", "example.com:8080", "example.com:8080"),
    (True, "http://other.example/x?y", "Example.com", "Example.com")])
def test_host_is_rewritten_by_the_table(stage, preserves, line, host, expected):
    target = stage.target()
    node = stage.node(snapshot(target, preserve_host=preserves))
    assert raw(node, f"GET {line} HTTP/1.1\r\nHost: {host}\r\n\r\n").status == 200
    assert target.requests[0].get("host") == expected
    assert target.requests[0].target == ("/x?y" if "other" in line.lower() else "/")


def test_http_1_0_gets_a_host_and_its_answer_ends_with_the_connection(stage):
    target = stage.target(Answer(200, (b"a" * 10 for _ in range(3))))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.send("GET / HTTP/1.0\n\n")
        answer = client.answer()
        assert answer.body == b"a" * 30 and answer.get("transfer-encoding") is None
        assert client.is_closed()
    assert target.requests[0].get("host") == "alb-1.us-east-1.elb.internal:8080"


def test_trace_id_is_made_kept_and_renewed(stage):
    target = stage.target()
    node = stage.node(snapshot(target))
    one = r"1-[0-9a-f]{8}-[0-9a-f]{24}"
    for sent, expected in [(None, f"Root={one}"), ("Root=1-2-3", f"Self={one};Root=1-2-3"),
                           ("Self=1-2-3;Root=1-4-5;X=y", f"Self={one};Root=1-4-5;X=y"), ("X=y", f"Root={one};X=y")]:
        node.get(**({"X_Amzn_Trace_Id": sent} if sent else {}))
        assert re.fullmatch(expected, target.requests[-1].get("x-amzn-trace-id")), sent
    node.get(X_Amzn_Trace_Id="Root=1-2-3;X=y", X_Long="v" * 7200)
    assert re.fullmatch(f"Root={one}", target.requests[-1].get("x-amzn-trace-id"))


def test_order_and_spelling_are_kept_and_hops_end_here(stage):
    target = stage.target(Answer(200, b"ok", [("X-b", "1"), ("Keep-Alive", "timeout=9"), ("x-A", "2"), ("X-Hop", "3"),
                                              ("Connection", "X-Hop"), ("Server", "mine")]))
    node = stage.node(snapshot(target))
    answer = raw(node, "GET / HTTP/1.1\r\nz-Last: 1\r\nHost: a\r\nA-first: \xe9\xff\r\nConnection: X-Hop, keep-alive\r\n"
                       "Keep-Alive: 5\r\nX-Hop: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\na-FIRST: 2\r\n\r\n")
    assert target.requests[0].names()[5:] == ["z-Last", "A-first", "a-FIRST"]
    assert target.requests[0].all("a-first") == ["\xe9\xff", "2"]
    assert [name for name in answer.names() if name not in ("Content-Length", "Connection")] == ["X-b", "x-A", "Server"]
    assert answer.get("server") == "mine"


def test_invalid_names_are_dropped_where_the_attribute_says_so(stage):
    target = stage.target()
    sent = "GET / HTTP/1.1\r\nHost: a\r\nX_a: 1\r\nx.b: 2\r\nX-c: 3\r\n~: 4\r\n\r\n"
    for drops, expected in [(False, ["X_a", "x.b", "X-c", "~"]), (True, ["X-c"])]:
        node = stage.node(snapshot(target, drop_invalid_fields=drops))
        raw(node, sent)
        assert target.requests[-1].names()[5:] == expected


def test_limits_of_a_request_at_their_edges(stage):
    target = stage.target()
    node = stage.node(snapshot(target))

    def line(length):  # of the request line
        return raw(node, "GET /" + "p" * (length - 14) + " HTTP/1.1\r\nHost: a\r\n\r\n").status

    def field(length):
        return raw(node, "GET / HTTP/1.1\r\nHost: a\r\nX: " + "v" * (length - 3) + "\r\n\r\n").status

    def head(length):
        fields = "".join(f"X-{i}: {'v' * 9993}\r\n" for i in range(6))
        start = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "Y: "
        return raw(node, start + "v" * (length - len(start) - 4) + "\r\n\r\n").status

    assert [line(16383), line(16384), line(20000)] == [200, 414, 414]
    assert raw(node, "G" * 16385 + " / HTTP/1.1\r\nHost: a\r\n\r\n").status == 400
    assert [field(16383), field(16384), field(30000)] == [200, 400, 400]
    assert [head(65536), head(65537)] == [200, 400]
    assert len(target.requests) == 3


def test_limit_of_an_answers_head(stage):
    def answer(request):
        size = int(request.target[1:])
        start = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: "
        return Answer(raw=start + b"v" * (size - len(start) - 4) + b"\r\n\r\n")

    node = stage.node(snapshot(stage.target(answer)))
    assert [node.get("/32768").status, node.get("/32769").status, node.get("/99999").status] == [200, 502, 502]


@pytest.mark.parametrize("request_, start, title", [
    ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "400 Bad Request"),
    ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "405 Not Allowed", "405 Not Allowed"),
    ("GET /" + "p" * 17000 + " HTTP/1.1\r\nHost: a\r\n\r\n", "414 Request-URI Too Large", "414 Request-URI Too Large"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + "a," * 31 + "\r\n\r\n", "463 ", ""),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented", "501 Not Implemented"),
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "503 Service Temporarily Unavailable", "503 Service Temporarily Unavailable"),
    ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported", "505 HTTP Version Not Supported")])
def test_pages_are_albs_to_the_byte(stage, request_, start, title):
    node = stage.node(snapshot(groups=[group("targets")]))
    answer = raw(node, request_)
    body = PAGE.format(title).encode() if title else b""
    assert answer.start == "HTTP/1.1 " + start
    assert answer.body == body and answer.get("content-length") == str(len(body))
    assert answer.names() == ["Server", "Date"] + ["Content-Type"] * bool(title) + ["Content-Length", "Connection"]
    assert answer.get("server") == "awselb/2.0" and answer.get("content-type") in (None, "text/html")
    assert re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d GMT", answer.get("date"))


def test_head_of_a_page_has_its_length_and_no_body(stage):
    node = stage.node(snapshot(groups=[group("targets")]))
    with node.connect() as client:
        client.request("HEAD")
        answer = client.answer("HEAD")
        assert (answer.status, answer.get("content-length")) == (503, "162")
        assert client.ask("GET").body.startswith(b"<html>")  # nothing of a body came before it


def test_expectation_is_met_at_once_and_not_passed_on(stage):
    target = stage.target()
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 2\nExpect: 100-Continue\n\n")
        assert client.reader.head().status == 100
        client.send(b"ok")
        assert client.answer().status == 200
        assert client.ask("GET").interim == []
    assert target.requests[0].get("expect") is None and target.requests[0].body == b"ok"


def test_rules_that_answer_here_need_no_body_and_keep_the_connection(stage):
    node = stage.node(snapshot(groups=[group("targets")], rules=[rule(0, fixed(200, "here"))]))
    with node.connect() as client:
        assert client.ask("POST", "/", b"x" * 1000).body == b"here"
        assert client.ask("GET").body == b"here"
