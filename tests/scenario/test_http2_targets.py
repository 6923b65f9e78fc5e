# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 targets that behave badly: resets, refusals, GOAWAY, an end without a word."""
import socket
import struct
import subprocess
import threading

import pytest

from stage import Certificate, client_context, eventually, forward, group, rule, snapshot
from stage.frames import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, POST, PREFACE, PRIORITY,
                          PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, Frames, block, field, frame, get, status_of,
                          string)

INTERNAL_ERROR, REFUSED_STREAM = 2, 7


def ok(stream):
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, b"\x88")


def reset(stream, code):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


class FrameTarget:
    """Answers each request's HEADERS with what answer(connection, stream) gives, at once or piece by piece; None: it
    closes. The first connection is the health check's: connection 0 is the first one with a request."""

    def __init__(self, answer):
        self.answer = answer
        self.connections = -1
        self.streams = 0
        self.ended = 0  # connections that the other side ended under our hands
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address, self.port = self.listener.getsockname()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(sock, self.connections), daemon=True).start()
            self.connections += 1

    def serve(self, sock, number):
        reader = sock.makefile("rb")
        reader.read(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        sock.sendall(frame(SETTINGS))
        try:
            while len(head := reader.read(9)) == 9:
                kind, flags, stream = struct.unpack(">BBI", head[3:])
                reader.read(int.from_bytes(head[:3], "big"))
                if kind == SETTINGS and not flags & ACK:
                    sock.sendall(frame(SETTINGS, ACK))
                elif kind == HEADERS and number < 0:
                    sock.sendall(ok(stream))
                elif kind == HEADERS:
                    self.streams += 1
                    answer = self.answer(number, stream)
                    if answer is None:
                        break
                    for piece in [answer] if isinstance(answer, bytes) else answer:
                        sock.sendall(piece)
        except OSError:
            self.ended += 1
        reader.close()
        sock.close()


def played(stage, tmp_path, *targets, **members):
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(port=8443, groups=[group("g", *targets, version="HTTP2",
                                                 health={"interval_ms": 60000, "timeout_ms": 5000}, **members)],
                        listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    document["balancers"][0]["access_log"] = True
    return stage.node({**document, "certificates": [certificate.row]}, "--access-log", str(tmp_path / "access.log"))


def logged(tmp_path):
    """elb_status_code and the two error codes of the one request."""
    eventually(lambda: (tmp_path / "access.log").read_text().endswith("\n"))
    fields = (tmp_path / "access.log").read_text().split()
    return fields[8], *fields[-2:]


def ask(node, count, *options):
    """The statuses of `count` requests, one after the other on one connection."""
    url = "https://%s:%d/" % node.address
    done = subprocess.run(["curl", "-sSk", "--http2", "--max-time", "10", "-w", "%{http_code} ", *options,
                           *["-o", "/dev/null", url] * count], capture_output=True, text=True)
    return done.stdout.split()


def test_reset_is_a_502_and_the_connection_goes_on(stage, tmp_path):
    target = FrameTarget(lambda connection, stream: reset(stream, INTERNAL_ERROR) if stream == 1 else ok(stream))
    node = played(stage, tmp_path, target)
    assert ask(node, 3) == ["502", "200", "200"]
    assert (target.connections, target.streams) == (1, 3)


def test_refused_stream_goes_to_another_target(stage, tmp_path):
    refusing = FrameTarget(lambda connection, stream: reset(stream, REFUSED_STREAM))
    willing = FrameTarget(lambda connection, stream: ok(stream))
    node = played(stage, tmp_path, refusing, willing)
    assert ask(node, 6, "-X", "POST") == ["200"] * 6
    assert willing.streams == 6 and refusing.streams >= 2


def test_goaway_moves_requests_to_a_new_connection(stage, tmp_path):
    def answer(connection, stream):
        return frame(GOAWAY, 0, 0, struct.pack(">II", stream, 0)) + ok(stream)
    target = FrameTarget(answer)
    node = played(stage, tmp_path, target)
    assert ask(node, 4) == ["200"] * 4
    assert target.connections == 4


def test_connection_that_closes_under_a_request_is_dialed_anew(stage, tmp_path):
    """The request met the target's own closing: once more, if it may be repeated."""
    target = FrameTarget(lambda connection, stream: None if (connection, stream) == (0, 3) else ok(stream))
    node = played(stage, tmp_path, target)
    assert ask(node, 2) == ["200", "200"]
    assert (target.connections, target.streams) == (2, 3)


# ---- resets that go on to the client ----------------------------------------------------------

def told(node):
    """How the answer to one request ends: its status, or the code of its reset."""
    with Frames(node.address) as client:
        client.send(get(1))
        status = None
        while (got := client.read()) is not None:
            if got[0] == HEADERS:
                status = status_of(got[3])
            if got[0] == RST_STREAM:
                return "reset", int.from_bytes(got[3], "big")
            if got[2] == 1 and got[1] & END_STREAM:
                return "status", status


@pytest.mark.parametrize("code, with_forwarding", [
    (2, ("reset", 2)), (7, ("reset", 7)), (8, ("reset", 8)), (11, ("reset", 11)),
    (1, ("status", 502)), (5, ("status", 502)), (13, ("status", 502))])
def test_four_codes_go_on_to_the_client_if_the_group_says_so(stage, tmp_path, code, with_forwarding):
    target, other = (FrameTarget(lambda connection, stream: reset(stream, code)) for _ in range(2))
    node = played(stage, tmp_path, target, reset_forwarding=True)
    assert told(node) == with_forwarding
    told_code = f"0x{code:x}" if with_forwarding[0] == "reset" else "-"
    assert logged(tmp_path) == ("000" if with_forwarding[0] == "reset" else "502", told_code, "-")
    if with_forwarding[0] == "reset":
        assert target.streams == 1  # also REFUSED_STREAM is the client's to repeat
    assert told(played(stage, tmp_path, other)) == ("status", 502)


@pytest.mark.parametrize("forwarding, code", [(True, 8), (False, INTERNAL_ERROR)])
def test_reset_inside_an_answer(stage, tmp_path, forwarding, code):
    target = FrameTarget(lambda connection, stream: frame(HEADERS, END_HEADERS, stream, b"\x88") +
                         frame(DATA, 0, stream, b"half") + reset(stream, 8))
    node = played(stage, tmp_path, target, reset_forwarding=forwarding)
    assert told(node) == ("reset", code)
    assert logged(tmp_path) == ("200", "0x8" if forwarding else "-", "-" if forwarding else "0x2")


def test_answer_before_the_request_ended_is_whole(stage, tmp_path):
    """RFC 9113 §8.1: NO_ERROR behind a complete answer asks for no more of the request; it is no failure."""
    target = FrameTarget(lambda connection, stream: frame(HEADERS, END_HEADERS, stream, b"\x88") +
                         frame(DATA, END_STREAM, stream, b"enough") + reset(stream, 0))
    node = played(stage, tmp_path, target)
    with Frames(node.address) as client:
        for stream in range(1, 2 * 1500, 2):  # more than a purse of resets
            client.send(frame(HEADERS, END_HEADERS, stream, POST))
            ended, status = False, None
            while not ended:
                kind, flags, at, payload = client.read()
                assert kind != GOAWAY
                if at == stream and kind == HEADERS:
                    status = status_of(payload)
                ended = at == stream and flags & END_STREAM and kind in (HEADERS, DATA)
            assert status == 200, stream
    assert target.connections == 1


# ---- floods from targets ----------------------------------------------------------------------

def endless(*frames):
    while True:
        yield b"".join(frames) * 64


def continued(stream):
    yield frame(HEADERS, 0, stream, b"\x88")
    yield from endless(frame(CONTINUATION, 0, stream, field(b"x", b"y" * 100) * 50))


def bomb(stream):
    value = b"b" * 3900
    yield frame(HEADERS, END_HEADERS, stream, b"\x88" + b"\x40\x01x" + string(value) + b"\xbe" * 8000)
    yield from endless(frame(DATA, 0, stream, b"x"))


def answered(stream, *frames):
    yield frame(HEADERS, END_HEADERS, stream, b"\x88")
    yield from endless(*frames)


FLOODS = {
    "ping": lambda stream: endless(frame(PING, 0, 0, b"12345678")),
    "settings": lambda stream: endless(frame(SETTINGS)),
    "window_update": lambda stream: endless(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1))),
    "priority": lambda stream: endless(frame(PRIORITY, 0, 99, bytes(4) + b"\x07")),
    "unknown": lambda stream: endless(frame(0xbe, 0, 0, b"")),
    "empty data": lambda stream: answered(stream, frame(DATA, 0, stream)),
    "padding": lambda stream: answered(stream, frame(DATA, 8, stream, b"\x07" + bytes(7))),
    "interim answers": lambda stream: endless(frame(HEADERS, END_HEADERS, stream, block((":status", "103"), ("x", "y" * 999)))),
    "continuation": continued,
    "header bomb": bomb,
    "headers of no stream": lambda stream: endless(frame(HEADERS, END_HEADERS | END_STREAM, stream + 2, b"\x88")),
    "promises": lambda stream: endless(frame(PUSH_PROMISE, END_HEADERS, stream, struct.pack(">I", 2) + b"\x82\x87\x84")),
}


@pytest.mark.parametrize("name", FLOODS)
def test_flood_of_a_target_ends_and_harms_nobody(stage, tmp_path, name):
    flooding = FrameTarget(lambda connection, stream: FLOODS[name](stream))
    good = stage.target()
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(
        port=8443, groups=[group("bad", flooding, version="HTTP2", health={"interval_ms": 60000, "timeout_ms": 5000}),
                           group("good", good)],
        rules=[rule(1, forward("bad"), {"type": "path-pattern", "values": ["/bad"]}), rule(0, forward("good"))],
        listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    node = stage.node({**document, "certificates": [certificate.row]})
    preface = PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 1, 0))  # heads that anybody can read
    with node.connect(tls=client_context()) as other, Frames(node.address, preface=preface) as client:
        assert other.ask("GET").status == 200
        before = node.resident_kib()
        for stream in (1, 3, 5):
            client.send(frame(HEADERS, END_STREAM | END_HEADERS, stream,
                              block((":method", "GET"), (":scheme", "https"), (":path", "/bad"), (":authority", "a"))))
            assert other.ask("GET").status == 200
            while (got := client.read())[2] != stream or got[0] not in (RST_STREAM, HEADERS) or \
                    got[0] == HEADERS and status_of(got[3]) in (103, 200):
                assert got[0] != GOAWAY
            assert got[0] == RST_STREAM or status_of(got[3]) == 502
        assert other.ask("GET").status == 200
        assert node.grown_kib(before) < 16 * 1024
        eventually(lambda: flooding.ended >= 3)


@pytest.mark.parametrize("name", FLOODS)
def test_flood_that_answers_a_health_check_ends_with_it(stage, name):
    """Of every check but the first. The status decides, so that what floods behind it passes."""
    flooding, good = FrameTarget(lambda connection, stream: FLOODS[name](stream)), stage.target()
    node = stage.node(snapshot(
        groups=[group("bad", flooding, version="HTTP2", health={"interval_ms": 300, "timeout_ms": 290}),
                group("good", good)],
        rules=[rule(1, forward("bad"), {"type": "path-pattern", "values": ["/bad"]}), rule(0, forward("good"))]))
    before = node.resident_kib()
    with node.connect() as other:
        while flooding.ended < 4:
            assert other.ask("GET").status == 200
        if name in ("empty data", "padding"):
            assert not node.logged("target is unhealthy")
        else:
            node.wait_logged(f"target is unhealthy.*{flooding.port}\"")
        assert other.ask("GET").status == 200
    assert node.grown_kib(before) < 16 * 1024
