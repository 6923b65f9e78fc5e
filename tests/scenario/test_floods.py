# SPDX-License-Identifier: Apache-2.0
"""Floods of HTTP/2 frames: whoever sends them is sent away, the node stays small, others are served."""
import itertools
import struct
import time

import pytest

from stage import Answer, Certificate, client_context, snapshot
from stage import frames
from stage.frames import CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS
from stage.frames import GET, POST, WINDOW_UPDATE, Frames, field, frame, get

GROWTH_KIB = 16 * 1024
STREAMS = range(1, 1 << 20, 2)


def rapid_reset():
    """CVE-2023-44487."""
    for stream in STREAMS:
        yield get(stream) + frame(RST_STREAM, 0, stream, struct.pack(">I", 8))


def made_you_reset():
    """CVE-2025-8671: the server is made to reset: a window that overflows is the stream's error."""
    for stream in STREAMS:
        yield get(stream) + frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", 0x7fffffff))


def continuation():
    """CVE-2024-27316: a header block without an end."""
    yield frame(HEADERS, END_STREAM, 1, GET)
    while True:
        yield frame(CONTINUATION, 0, 1, field(b"x-a", b"b" * 100) * 100)


def empty_continuation():
    yield frame(HEADERS, END_STREAM, 1, GET)
    while True:
        yield frame(CONTINUATION, 0, 1)


def ping():
    while True:
        yield frame(PING, 0, 0, b"12345678")


def heads_of_closed_streams():
    yield get(1) + frame(RST_STREAM, 0, 1, struct.pack(">I", 8))
    while True:
        yield get(1)


def settings():
    while True:
        yield frame(SETTINGS)


def window_update():
    while True:
        yield frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1))


def priority():
    for stream in itertools.cycle(STREAMS):
        yield frame(PRIORITY, 0, stream, struct.pack(">IB", 0, 7))


def unknown_frames():
    while True:
        yield frame(0xbe, 0, 0, b"")


def empty_data():
    """CVE-2019-9518."""
    yield frame(HEADERS, END_HEADERS, 1, POST)
    while True:
        yield frame(DATA, 0, 1)


def padding():
    yield frame(HEADERS, END_HEADERS, 1, POST)
    while True:
        yield frame(DATA, 8, 1, b"\x07" + b"\0" * 7)


def hpack_bomb():
    """A large field goes into the table once and is told by one byte thousands of times."""
    value = b"b" * 3900
    length = b"\x7f" + bytes([(len(value) - 127) % 128 | 128, (len(value) - 127) // 128])
    bomb = b"\x40\x01x" + length + value
    for stream in STREAMS:
        yield frame(HEADERS, END_STREAM | END_HEADERS, stream, GET + (bomb if stream == 1 else b"") + b"\xbe" * 10000)


def cookie_crumbs():
    crumbs = (b"\x60" + b"\x00") * 8000  # "cookie:", empty
    for stream in STREAMS:
        yield frame(HEADERS, END_STREAM | END_HEADERS, stream, GET + crumbs)


FLOODS = [rapid_reset, made_you_reset, continuation, empty_continuation, ping, settings, window_update,
          heads_of_closed_streams,
          priority, unknown_frames, empty_data, padding, hpack_bomb, cookie_crumbs]


@pytest.fixture
def node(stage, tmp_path):
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(stage.target(Answer(200, b"ok")), port=8443,
                        listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    return stage.node({**document, "certificates": [certificate.row]})


def in_pieces(flood, size=64):
    while piece := b"".join(itertools.islice(flood, size)):
        yield piece


@pytest.mark.parametrize("flood", FLOODS)
def test_flood(node, flood):
    with node.connect(tls=client_context()) as other, Frames(node.address) as first:
        assert other.ask("GET").status == 200
        assert first.send(get(1))
        before = node.resident_kib()
        for _ in range(3):
            with Frames(node.address) as attacker:
                deadline = time.monotonic() + 10
                for piece in in_pieces(flood()):
                    if not attacker.send(piece):
                        break
                    assert time.monotonic() < deadline, "nobody stops it"
                assert other.ask("GET").status == 200
                assert attacker.goaway() in (frames.ENHANCE_YOUR_CALM, None)  # a reset may overtake it
        assert node.grown_kib(before) < GROWTH_KIB


@pytest.mark.parametrize("flood", [ping, settings, rapid_reset])
def test_flood_is_answered_with_enhance_your_calm(node, flood):
    """No more is sent than it takes, so that the answer is not lost with what nobody read."""
    with Frames(node.address) as attacker:
        for piece in in_pieces(flood(), 1):
            attacker.sock.setblocking(False)
            try:
                attacker.buffer += attacker.sock.recv(65536)
            except OSError:
                pass
            attacker.sock.settimeout(10)
            if b"\x07\0\0\0\0\0" in attacker.buffer or not attacker.send(piece):
                break
        assert attacker.goaway() == frames.ENHANCE_YOUR_CALM


def test_honest_cancels_are_no_flood(node):
    """A reader that turns pages quickly: hundreds of cancelled requests, and the connection lives."""
    with Frames(node.address) as client:
        for stream in range(1, 600, 2):
            assert client.send(get(stream) + frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
        assert client.send(get(601))
        while (got := client.read()) is not None:
            assert got[0] != frames.GOAWAY
            if got[0] == DATA and got[2] == 601:
                break
        assert got is not None
