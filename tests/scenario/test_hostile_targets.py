# SPDX-License-Identifier: Apache-2.0
"""A target that lies about where its answer ends harms nobody but its own answer; and a request is
never sent twice when it may have been acted on."""
import time

import pytest
from stage import Answer, chunked, eventually, snapshot

ALONE = ("--workers", "1")  # each has connections of its own, and these are counted
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Evil: 1\r\n\r\nevil"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def play(stage, first, **members):
    """A target that gives `first` once, and then what it is asked for."""
    answers = [Answer(raw=first)]
    target = stage.target(lambda request: answers.pop() if answers else Answer(200, request.target.encode()))
    return stage.node(snapshot(target, **members), *ALONE), target


@pytest.mark.parametrize("first, method, status, body", [
    (OK + EVIL, "GET", 200, b"ok"),
    (OK + b"x", "GET", 200, b"ok"),
    (OK + b"\r\n", "GET", 200, b"ok"),
    (OK + EVIL, "HEAD", 200, b""),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n" + EVIL, "GET", 304, b""),
    (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n" + EVIL, "GET", 204, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"ok") + EVIL, "GET", 200, b"ok"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"ok"), "GET", 200, b"ok"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok" + EVIL, "GET", 200, b"ok"),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" + EVIL, "GET", 200, b"ok"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 60\r\n\r\nok" + EVIL, "GET", 502, None),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok" + EVIL, "GET", 502, None),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n" + chunked(b"ok"), "GET", 502, None),
    (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "GET", 502, None),
    (b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok", "GET", 502, None),
    (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 17 + OK, "GET", 502, None),
    (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" + EVIL, "GET", 502, None)])
def test_lie_harms_nobody_else(stage, first, method, status, body):
    node, target = play(stage, first)
    with node.connect() as client:
        client.request(method)
        answer = client.answer(method)
        assert answer.status == status and (body is None or answer.body == body)
    for number in range(3):
        answer = node.get(f"/{number}")
        assert (answer.status, answer.body, answer.get("x-evil")) == (200, b"/%d" % number, None)
    assert target.connections == 2  # the lying one was not used again


def test_answer_that_breaks_before_any_of_it_has_left_is_502(stage):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    node, target = play(stage, head + b"4\r\nhalf\r\nzz\r\n")
    with node.connect() as client:
        answer = client.ask("GET")
        assert answer.status == 502 and answer.get("server") == "awselb/2.0" and b"half" not in answer.body
        assert client.ask("GET", "/next").body == b"/next"
    assert target.connections == 2


def test_answer_that_nobody_asked_for_ends_an_idle_connection(stage):
    socks = []

    def answer(request, sock):
        socks.append(sock)
        return Answer(200, request.target.encode())

    target = stage.target(answer, takes_socket=True)
    node = stage.node(snapshot(target), *ALONE)
    for number in range(50):
        assert node.get(f"/{number}").body == b"/%d" % number
        socks[-1].sendall(EVIL)  # and the next client is here already
    assert target.connections == 50


def test_many_interim_answers_are_fine_up_to_sixteen(stage):
    node, _ = play(stage, b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" * 16 + OK)
    with node.connect() as client:
        answer = client.ask("GET")
        assert answer.status == 200 and len(answer.interim) == 16


def test_interim_answers_do_not_reach_http_1_0(stage):
    node, _ = play(stage, b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)
    with node.connect() as client:
        client.send("GET / HTTP/1.0\n\n")
        answer = client.answer()
        assert answer.status == 200 and answer.interim == []


def test_body_cut_short_never_looks_whole(stage):
    for first in (b"Content-Length: 9\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf",
                  b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"):
        def cut(request, sock, first=first):
            sock.sendall(b"HTTP/1.1 200 OK\r\n" + first)
            time.sleep(0.1)  # the client has it by now

        target = stage.target(cut, takes_socket=True)
        node = stage.node(snapshot(target), *ALONE)
        for version in ("1.1", "1.0"):
            with node.connect() as client:
                client.send(f"GET / HTTP/{version}\nHost: a\n\n")
                got = b""
                try:
                    while more := client.sock.recv(1000):
                        got += more
                    assert version == "1.1" and not got.endswith(b"0\r\n\r\n") or not got, got
                except ConnectionResetError:
                    pass  # HTTP/1.0 can be told in no other way


@pytest.mark.parametrize("method, is_asked_again", [("GET", True), ("PUT", True), ("DELETE", True), ("POST", False),
                                                    ("PATCH", False), ("PURGE", False)])
def test_warm_connection_that_dies_under_a_request_is_replaced_for_idempotent_ones_only(stage, method, is_asked_again):
    dying = []
    target = stage.target(lambda request: Answer(raw=b"", close=True) if dying and dying.pop() else Answer(200, b"ok"))
    node = stage.node(snapshot(target), *ALONE)
    assert node.get().status == 200
    dying.append(True)
    assert node.ask(method).status == (200 if is_asked_again else 502)
    assert len([r for r in target.requests if r.method == method]) == (1 if not is_asked_again else 3 if method == "GET" else 2)


def test_request_is_asked_again_once_at_most_and_never_behind_a_byte(stage):
    for raw in (b"", b"HTTP/1.1 "):
        target = stage.target([Answer(200, b"warm"), Answer(raw=raw, close=True)])
        node = stage.node(snapshot(target, health={"interval_ms": 60000, "timeout_ms": 1000}), *ALONE)
        assert node.get().body == b"warm"
        assert node.get().status == 502
        assert len(target.requests) == (3 if raw == b"" else 2)


def test_request_whose_body_has_begun_is_not_asked_again(stage):
    target = stage.target([Answer(200, b"warm"), Answer(raw=b"", close=True)], reads_body=False)
    node = stage.node(snapshot(target), *ALONE)
    assert node.get().status == 200
    assert node.ask("PUT", "/", b"x" * 10).status == 502
    assert len(target.requests) == 2


def test_target_that_answers_before_the_body_is_whole_is_not_used_again(stage):
    target = stage.target(Answer(200, b"early"), reads_body=False)
    node = stage.node(snapshot(target), *ALONE)
    with node.connect() as client:
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 100\n\n", b"x" * 10)
        assert client.answer().body == b"early"
        client.send(b"x" * 90)
        time.sleep(0.05)
        assert client.ask("GET", "/next").body == b"early"  # the rest of the body was no request
    eventually(lambda: len(target.requests) == 2)
    assert target.connections == 2
