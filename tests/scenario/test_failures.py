# SPDX-License-Identifier: Apache-2.0
"""What the client is told when the target, or the client itself, fails."""
import re
import socket
import time

import pytest
from stage import Answer, eventually, forward, group, redirect, rule, snapshot

PAGE = (b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
        b"</body>\r\n</html>\r\n")


def page(title):
    return PAGE % (title, title)


def refusing_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def test_empty_group_is_503_with_the_page(stage):
    node = stage.node(snapshot(groups=[group("targets")]))
    answer = node.get()
    assert answer.status == 503 and answer.start == "HTTP/1.1 503 Service Temporarily Unavailable"
    assert answer.body == page(b"503 Service Temporarily Unavailable") and len(answer.body) == 162
    assert [name for name, _ in answer.fields] == ["Server", "Date", "Content-Type", "Content-Length",
                                                   "Connection"]


def refused_by(title, connection="keep-alive"):
    body = page(title.encode())
    return (f"HTTP/1.1 {title}\r\nServer: awselb/2.0\r\nDate: D\r\nContent-Type: text/html\r\n"
            f"Content-Length: {len(body)}\r\nConnection: {connection}\r\n\r\n").encode() + body


def refused_bare(status, connection="keep-alive"):
    return (f"HTTP/1.1 {status} \r\nServer: awselb/2.0\r\nDate: D\r\nContent-Length: 0\r\n"
            f"Connection: {connection}\r\n\r\n").encode()


@pytest.mark.parametrize("asked, answer", [
    ("TRACE / HTTP/1.1\nHost: a\n\n", refused_by("405 Not Allowed")),
    (f"GET / HTTP/1.1\nHost: a\nX-Forwarded-For: {'1.1.1.1, ' * 30}1.1.1.1\n\n", refused_bare(463)),
    ("GET /h2 HTTP/1.1\nHost: a\n\n", refused_bare(464)),
    ("GET /grpc HTTP/1.1\nHost: a\n\n", refused_bare(464)),
    ("HEAD /h2 HTTP/1.1\nHost: a\n\n", refused_bare(464)),
    (f"GET /moved/{'x' * 9000} HTTP/1.1\nHost: a\n\n", refused_by("507 Insufficient Storage")),
])
def test_refusals_byte_for_byte(stage, asked, answer):
    def at(priority, path, action):
        return rule(priority, action, {"type": "path-pattern", "values": [path]})
    place = {"id": "127.0.0.1", "port": refusing_port()}  # nobody is asked
    node = stage.node(snapshot(
        groups=[group("h2", place, version="HTTP2"), group("grpc", place, version="GRPC")],
        rules=[at(1, "/moved/*", redirect(301, protocol="HTTPS")), at(2, "/grpc", forward("grpc")), rule(0, forward("h2"))]),
        healthy=False)
    node.wait_logged("target is unhealthy", 2)  # fails open
    with node.connect() as client:
        for _ in range(2):  # the connection goes on
            client.send(asked)
            client.sock.settimeout(5)
            got = b""
            while len(re.sub(rb"Date: [^\r]+ GMT", b"Date: D", got)) < len(answer):
                got += client.sock.recv(len(answer))
            assert re.sub(rb"Date: [^\r]+ GMT", b"Date: D", got) == answer


def test_target_that_never_passed_a_check_gets_nothing(stage):
    target = stage.target()
    target.health = Answer(500)
    node = stage.node(snapshot(target, health={"healthy_threshold": 3, "unhealthy_threshold": 10,
                                               "interval_ms": 100, "timeout_ms": 90}), healthy=False)
    assert node.get().status == 503
    target.health = Answer(200)
    checks = len(target.checks)
    node.wait_healthy()
    assert len(target.checks) - checks >= 3
    assert node.get().status == 200


def test_all_unhealthy_fails_open(stage):
    one, two = stage.target(), stage.target()
    one.health = two.health = Answer(500)
    node = stage.node(snapshot(one, two), healthy=False)
    node.wait_logged("target is unhealthy.*500", 2)
    assert [node.get().status for _ in range(4)] == [200] * 4
    assert len(one.requests) == len(two.requests) == 2


def test_dead_target_is_left_and_comes_back(stage):
    one, two = stage.target(Answer(200, b"one")), stage.target(Answer(200, b"two"))
    node = stage.node(snapshot(one, two))
    one.stop()
    node.wait_logged(f"target is unhealthy.*{one.port}")
    assert {node.get().body for _ in range(6)} == {b"two"}
    one.restart()
    node.wait_logged(f"target is healthy.*{one.port}", 2)
    assert {node.get().body for _ in range(6)} == {b"one", b"two"}


def test_refused_connection_is_502(stage):
    target = stage.target()
    node = stage.node(snapshot(target, health={"interval_ms": 60000, "timeout_ms": 1000}))
    target.stop()
    answer = node.get()
    assert answer.status == 502 and answer.body == page(b"502 Bad Gateway")


def test_refused_connection_goes_to_another_target_whatever_the_method(stage):
    dead, alive = stage.target(), stage.target(Answer(200, b"alive"))
    node = stage.node(snapshot(dead, alive, health={"interval_ms": 60000, "timeout_ms": 1000}))
    dead.stop()
    assert [node.ask("POST", "/", b"x").status for _ in range(6)] == [200] * 6


def test_target_that_closes_without_an_answer_is_502_and_asked_once(stage):
    target = stage.target(Answer(raw=b"", close=True))
    node = stage.node(snapshot(target))
    assert node.get().status == 502
    assert len(target.requests) == 1


@pytest.mark.parametrize("raw", [
    b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40000 + b"\r\n\r\n"])
def test_answer_that_is_not_http_is_502(stage, raw):
    target = stage.target(Answer(raw=raw, close=True))
    node = stage.node(snapshot(target))
    assert node.get().status == 502


def test_silent_target_is_504_after_the_idle_timeout(stage):
    target = stage.target(Answer(200, b"late", delay_s=3))
    node = stage.node(snapshot(target, idle_timeout_ms=1000))
    start = time.monotonic()
    answer = node.get()
    assert answer.status == 504 and answer.body == page(b"504 Gateway Time-out")
    assert 0.95 < time.monotonic() - start < 1.6


def test_answer_that_stops_in_the_middle_ends_the_connection(stage):
    def cut(request, sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        time.sleep(0.1)  # the client has it by now; before that it would be 502

    target = stage.target(cut, takes_socket=True)
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.request("GET")
        assert client.reader.head().status == 200
        with pytest.raises((ConnectionResetError, EOFError)):
            while client.sock.recv(100):
                pass
            raise EOFError


def test_reused_connection_that_died_is_replaced_for_idempotent_requests(stage):
    target = stage.target()
    node = stage.node(snapshot(target, health={"interval_ms": 60000, "timeout_ms": 1000}))
    closing = []

    def answer(request):
        if closing:
            closing.pop()
            return Answer(raw=b"", close=True)
        return Answer(200, b"ok")

    target.answers = answer
    with node.connect() as client:
        assert client.ask("GET").status == 200
        closing.append(True)
        assert client.ask("GET").status == 200  # asked again
        closing.append(True)
        assert client.ask("POST", "/", b"x").status == 502  # it may have acted


def test_client_that_vanishes_frees_the_target(stage):
    target = stage.target(Answer(200, b"late", delay_s=0.5))
    node = stage.node(snapshot(target))
    client = node.connect()
    client.request("GET")
    eventually(lambda: target.requests, 3)
    client.reset()
    assert node.get().status == 200


def test_client_that_only_shut_its_sending_side_is_answered(stage):
    target = stage.target(Answer(200, b"late", delay_s=0.3))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        assert client.request("GET").finish().answer().body == b"late"


def test_trace_is_405(stage):
    node = stage.node(snapshot(stage.target()))
    assert node.ask("TRACE").status == 405


def test_too_many_forwarded_addresses_are_463(stage):
    node = stage.node(snapshot(stage.target()))
    assert node.get(X_Forwarded_For=", ".join(["10.0.0.1"] * 30)).status == 200
    assert node.get(X_Forwarded_For=", ".join(["10.0.0.1"] * 31)).status == 463


def test_early_answer_to_a_large_upload_reaches_the_client(stage):
    target = stage.target(Answer(413, b"too large", close=True), reads_body=False)
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 100000000\n\n")
        client.send(b"x" * 1000)
        assert client.answer().status == 413


@pytest.mark.parametrize("body", [b"5\r\nhel", b"5 0\r\nhello", b"5\r\nhelloX\n", b"0\r\nA : b\r\n\r\n",
                                  b"1;" + b"x" * 5000 + b"\r\na\r\n0\r\n\r\n"])
def test_broken_or_unfinished_body_is_400(stage, body):
    target = stage.target(Answer(200, b"never"))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.send("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n", body).finish()
        answer = client.answer()
        assert (answer.status, answer.body) == (400, page(b"400 Bad Request"))
        assert answer.get("connection") == "close" and client.is_closed()
    assert not target.requests


def test_slow_target_is_let_go_when_its_client_has_left(stage):
    ended = []

    def wait_for_end(request, sock):
        sock.settimeout(6)
        start = time.monotonic()
        try:
            sock.recv(1)
        except ConnectionResetError:
            pass
        ended.append(time.monotonic() - start)

    target = stage.target(wait_for_end, takes_socket=True)
    node = stage.node(snapshot(target))
    client = node.connect()
    client.request("GET")
    eventually(lambda: target.requests, 3)
    client.close()
    eventually(lambda: ended, 6)
    assert 1.5 < ended[0] < 3.5  # LIMIT_HALF_CLOSED_MS: it might only have shut its sending side
