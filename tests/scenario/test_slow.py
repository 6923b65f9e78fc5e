# SPDX-License-Identifier: Apache-2.0
"""Slow clients of every kind end at their deadline, and cost nobody else anything."""
import time

from stage import Answer, eventually, snapshot

IDLE_S = 0.6


def play(stage, answers=None, **members):
    target = stage.target(answers or Answer(200, b"ok"))
    return stage.node(snapshot(target, idle_timeout_ms=int(IDLE_S * 1000), **members)), target


def ended_after(start, expected_s):
    took = time.monotonic() - start
    assert expected_s * 0.9 < took < expected_s + 0.6, f"{took} s"


def test_head_that_stops_is_408(stage):
    node, target = play(stage)
    with node.connect() as client:
        start = time.monotonic()
        client.send("GET / HTTP/1.1\nHost: a\n")
        answer = client.answer()
        assert answer.status == 408 and answer.get("connection") == "close" and client.is_closed()
        assert b"408 Request Time-out" in answer.body
        ended_after(start, IDLE_S)
    assert not target.requests


def test_head_that_drips_is_408_though_it_is_never_silent(stage):
    node, target = play(stage)
    with node.connect() as client:
        start = time.monotonic()
        client.sock.sendall(b"GET / HTTP/1.1\r\nX: ")
        while client.is_open(0.05):
            client.sock.sendall(b"y")
        assert client.answer().status == 408
        ended_after(start, IDLE_S)
    assert not target.requests


def test_connection_that_says_nothing_is_closed_without_a_word(stage):
    node, _ = play(stage)
    with node.connect() as client:
        start = time.monotonic()
        assert client.is_closed()
        ended_after(start, IDLE_S)


def test_body_that_stops_is_408_and_frees_the_target(stage):
    node, target = play(stage)
    with node.connect() as client:
        start = time.monotonic()
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 10\n\n", b"abc")
        answer = client.answer()
        assert answer.status == 408 and client.is_closed()
        ended_after(start, IDLE_S)
    assert not target.requests  # its body never was whole
    assert node.get().status == 200


def test_body_that_drips_is_served_as_long_as_each_byte_is_in_time(stage):
    """AWS ALB: data in either direction resets the idle timeout."""
    node, target = play(stage)
    with node.connect() as client:
        client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 8\n\n")
        for _ in range(8):
            time.sleep(IDLE_S / 3)
            client.sock.sendall(b"x")
        assert client.answer().status == 200
    assert target.requests[0].body == b"x" * 8


def test_reader_that_takes_nothing_is_dropped_and_the_target_freed(stage):
    ended = []

    def pour(request, sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        try:
            while True:
                sock.sendall(b"z" * 65536)
        except OSError:
            ended.append(time.monotonic())

    target = stage.target(pour, takes_socket=True)
    node = stage.node(snapshot(target, idle_timeout_ms=int(IDLE_S * 1000)))
    client = node.connect()
    client.request("GET")
    start = time.monotonic()
    eventually(lambda: ended, 5)
    assert IDLE_S * 0.8 < ended[0] - start < IDLE_S + 2
    client.close()


def test_reader_that_is_slow_but_steady_gets_everything(stage):
    body = bytes(range(256)) * 16384
    node, _ = play(stage, Answer(200, body))
    with node.connect() as client:
        client.request("GET")
        head = client.reader.head()
        got = len(client.reader.data)
        end = time.monotonic() + 3 * IDLE_S
        while time.monotonic() < end:
            got += len(client.sock.recv(40000))
            time.sleep(IDLE_S / 6)
        while got < len(body):
            got += len(client.sock.recv(1 << 20))
        assert int(head.get("content-length")) == got == len(body)


def test_answer_that_drips_is_passed_on_and_one_that_stops_is_cut(stage):
    def drip(request, sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for _ in range(5):
            time.sleep(IDLE_S / 3)
            sock.sendall(b"x")
        if request.target == "/all":
            sock.sendall(b"x")
        time.sleep(0 if request.target == "/all" else 3 * IDLE_S)

    target = stage.target(drip, takes_socket=True)
    node = stage.node(snapshot(target, idle_timeout_ms=int(IDLE_S * 1000)))
    with node.connect() as client:
        assert client.ask("GET", "/all").body == b"x" * 6
    with node.connect() as client:
        client.request("GET", "/part")
        assert client.reader.head().status == 200
        start = time.monotonic()
        try:
            while client.sock.recv(100):
                pass
        except ConnectionResetError:
            pass
        assert time.monotonic() - start < 5 * IDLE_S / 3 + IDLE_S + 0.8


def test_old_connection_is_told_to_close_with_its_next_answer(stage):
    node, _ = play(stage, keep_alive_ms=300)
    with node.connect() as client:
        assert client.ask("GET").get("connection") == "keep-alive"
        time.sleep(0.35)
        assert client.ask("GET").get("connection") == "close" and client.is_closed()
