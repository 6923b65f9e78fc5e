# SPDX-License-Identifier: Apache-2.0
"""Desync mitigation on the wire: which class is served, which is refused, and which costs the
connections; and that nothing ambiguous ever reaches a target."""
import pytest
from stage import Answer, snapshot

HOST = b"Host: a\r\n"
GET, POST = b"GET / HTTP/1.1\r\n" + HOST, b"POST / HTTP/1.1\r\n" + HOST
CHUNKS = b"\r\n3\r\nabc\r\n0\r\n\r\n"

COMPLIANT = [GET + b"\r\n", POST + b"Content-Length: 3\r\n\r\nabc", POST + b"Transfer-Encoding: chunked\r\n" + CHUNKS,
             POST + b"Content-Length: 0\r\n\r\n", b"DELETE / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc"]
ACCEPTABLE = [b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", GET + b"X: a\x01b\r\n\r\n", GET + b"Content-Length: 0\r\n\r\n",
              b"GET / HTTP/1.2\r\n" + HOST + b"\r\n", b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n"]
AMBIGUOUS = [b"GET /a\x01 HTTP/1.1\r\n" + HOST + b"\r\n", GET + b"Content-Length: 3\r\n\r\nabc",
             POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + CHUNKS,
             POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", POST + b"Content_Length: 3\r\n\r\n",
             POST + b"transfer.encoding: chunked\r\n\r\n", GET + b"Transfer-Encoding: chunked\r\n" + CHUNKS]
SEVERE_CLEAN = [POST + b"Content-Length: 3\r\nTransfer_Encoding: chunked\r\n\r\nabc"]
REFUSED = [GET + b"X: a\n\r\n", GET + b"X : a\r\n\r\n", GET + b" X: a\r\n\r\n", GET + b"X: a\r\n b\r\n\r\n", GET + b"X\r\n\r\n",
           GET + b": a\r\n\r\n", GET + b"X: a\x00b\r\n\r\n", GET + b"X: a\rb\r\n\r\n", b"GET HTTP/1.1\r\n" + HOST + b"\r\n",
           b"G@T / HTTP/1.1\r\n" + HOST + b"\r\n", b"GET / HTTP/1.x\r\n" + HOST + b"\r\n", b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
           POST + b"Content-Length: +3\r\n\r\nabc", POST + b"Content-Length: 3, 3\r\n\r\nabc",
           POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", POST + b"Content-Length: 18446744073709551616\r\n\r\n",
           POST + b"Transfer-Encoding: xchunked\r\n" + CHUNKS, POST + b"Transfer-Encoding: chunked, chunked\r\n" + CHUNKS,
           POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + CHUNKS,
           POST + b"Transfer-Encoding:\x0bchunked\r\n" + CHUNKS, POST + b"Transfer-Encoding: \r\n" + CHUNKS,
           GET + HOST + b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
           b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", b"GET /#f HTTP/1.1\r\n" + HOST + b"\r\n", b"GET * HTTP/1.1\r\n" + HOST + b"\r\n",
           b"GET a HTTP/1.1\r\n" + HOST + b"\r\n", b"GET ftp://a/ HTTP/1.1\r\n" + HOST + b"\r\n"]
OTHERS = [(b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 405), (b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n", 405),
          (POST + b"Transfer-Encoding: gzip, chunked\r\n" + CHUNKS, 501), (b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505),
          (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), (GET + b"X-Forwarded-For: " + b"a," * 31 + b"\r\n\r\n", 463)]


def play(stage, mode):
    target = stage.target(Answer(200, b"ok"))
    return stage.node(snapshot(target, desync_mode=mode), "--workers", "1"), target  # each has its own connections


def ask(node, raw):
    """Its status, and whether the connection serves another request behind it."""
    with node.connect() as client:
        client.sock.sendall(raw)
        status = client.answer().status
        try:
            client.sock.sendall(GET + b"\r\n")
            return status, client.answer().status == 200
        except (AssertionError, OSError):
            return status, False


@pytest.mark.parametrize("mode, acceptable, ambiguous, severe", [
    ("monitor", (200, True), (200, True), (200, True)),
    ("defensive", (200, True), (200, False), (400, False)),
    ("strictest", (400, False), (400, False), (400, False))])
def test_modes_are_the_table_of_the_guide(stage, mode, acceptable, ambiguous, severe):
    node, target = play(stage, mode)
    both = [raw for raw in AMBIGUOUS if b"Content-Length: 3\r\nTransfer-Encoding" in raw]
    assert len(both) == 1  # RFC 9112 §6.1: this one's connection ends in every mode
    for raws, expected in [(COMPLIANT, (200, True)), (ACCEPTABLE, acceptable), (SEVERE_CLEAN, severe),
                           ([raw for raw in AMBIGUOUS if raw not in both], ambiguous), (both, (ambiguous[0], False))]:
        for raw in raws:
            assert ask(node, raw) == expected, raw
    for request in target.requests:
        assert len(request.all("content-length") + request.all("transfer-encoding")) <= 1, request
        assert not [name for name in request.names() if "_" in name or "." in name], request


def test_what_has_two_readings_is_refused_in_every_mode(stage):
    for mode in ("monitor", "defensive", "strictest"):
        node, target = play(stage, mode)
        for raw in REFUSED:
            assert ask(node, raw) == (400, False), raw
        assert not target.requests


def test_other_refusals_have_their_own_status(stage):
    node, target = play(stage, "defensive")
    for raw, status in OTHERS:
        assert ask(node, raw)[0] == status, raw
    assert all(request.start == "GET / HTTP/1.1" and request.get("x-forwarded-for") == "127.0.0.1"
               for request in target.requests)  # those behind it


def test_ambiguous_request_costs_the_targets_connection_too(stage):
    node, target = play(stage, "defensive")
    for _ in range(3):
        assert node.get().status == 200
    assert target.connections == 1
    for _ in range(3):
        assert ask(node, GET + b"Content-Length: 3\r\n\r\nabc")[0] == 200
    assert target.connections == 3  # the first was the warm one


def test_pipelined_request_behind_an_ambiguous_one_is_not_served(stage):
    node, target = play(stage, "defensive")
    with node.connect() as client:
        client.sock.sendall(GET + b"Content-Length: 5\r\n\r\nGET /GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n")
        assert client.answer().status == 200 and client.is_closed()
    assert [request.target for request in target.requests] == ["/"]
