# SPDX-License-Identifier: Apache-2.0
"""RFC 9113 and RFC 7541 to the letter: what a client may not send, and what becomes of it.

A case is what is sent behind the preface, and how it must end:
  answered(status)  stream 1 gets this status, and the connection goes on
  reset(codes)      stream 1 is reset with one of the codes, and the connection goes on
  ended(codes)      GOAWAY with one of the codes (or none that arrives), then the end
  ignored           nothing becomes of it
"""
import struct

import pytest

from stage import Answer, Certificate, Stage, snapshot
from stage import frames
from stage.frames import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PRIORITY,
                          PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, Frames, block, field, frame, get, status_of)

NO_ERROR, PROTOCOL, INTERNAL, FLOW_CONTROL, TIMEOUT, STREAM_CLOSED, FRAME_SIZE, REFUSED, CANCEL, COMPRESSION = range(10)
WHOLE = END_STREAM | END_HEADERS
HEAD = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a.test")]
BODY = b"0123456789"  # what the target answers


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rfc")
    stage, certificate = Stage(folder), Certificate(folder, "a.test")
    target = stage.target(lambda request: Answer(200, BODY))
    document = snapshot(target, port=8443, listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    yield stage.node({**document, "certificates": [certificate.row]})
    stage.end()


# ---- how it must end --------------------------------------------------------------------------

def is_alive(client):
    """The connection serves another request."""
    client.send(get(99))
    while (got := client.read()) is not None:
        if got[0] == GOAWAY:
            return False
        if got[2] == 99 and got[0] == HEADERS:
            return status_of(got[3]) == 200
    return False


def answered(status):
    def check(client):
        while (got := client.read()) is not None and not (got[2] == 1 and got[0] in (HEADERS, RST_STREAM)):
            pass
        assert got and got[0] == HEADERS, got
        assert status_of(got[3]) == status
        assert is_alive(client)
    return check


def reset(*codes):
    def check(client):
        while (got := client.read()) is not None and got[0] not in (RST_STREAM, GOAWAY):
            pass
        assert got and got[0] == RST_STREAM, got
        assert got[2] == 1 and int.from_bytes(got[3], "big") in codes, got
        assert is_alive(client)
    return check


def ended(*codes):
    def check(client):
        assert client.goaway() in (*codes, None)
    return check


def ignored(client):
    assert is_alive(client)


# ---- what is sent -----------------------------------------------------------------------------

def head(*fields, without=(), flags=WHOLE, stream=1, behind=()):
    """A request: pseudo fields as usual but for those `without`, then `fields`, then those `behind`."""
    usual = [(name, value) for name, value in HEAD if name not in without]
    return frame(HEADERS, flags, stream, block(*usual, *fields, *behind))


def post(*fields, stream=1):
    return head((":method", "POST"), *fields, without=(":method",), flags=END_HEADERS, stream=stream)


def data(payload=b"", flags=END_STREAM, stream=1):
    return frame(DATA, flags, stream, payload)


def setting(key, value):
    return frame(SETTINGS, 0, 0, struct.pack(">HI", key, value))


def number(value):
    return struct.pack(">I", value)


def raw(block, flags=WHOLE, stream=1):
    return frame(HEADERS, flags, stream, block)


OPEN = post()
USUAL = block(*HEAD)
CANCELLED = get(1) + frame(RST_STREAM, 0, 1, number(CANCEL))

CASES = {
    # §4: frames
    "unknown frame types are ignored": (frame(0xbe, 0, 0, b"x") + get(1), answered(200)),
    "unknown flags are ignored": (frame(PING, 0x16, 0, b"12345678") + get(1), answered(200)),
    "the reserved bit is ignored": (frame(HEADERS, WHOLE, 1 << 31 | 1, USUAL), answered(200)),
    "a full frame of DATA": (OPEN + data(b"x" * 16384), answered(200)),
    "too large a frame of DATA": (OPEN + data(b"x" * 16385), ended(FRAME_SIZE)),
    "too large a frame of HEADERS": (raw(USUAL + field(b"x", b"y" * 17000)), ended(FRAME_SIZE)),
    "a field block that is none": (raw(b"\x82\xff\xff\xff\xff\xff\xff"), ended(COMPRESSION)),
    "PRIORITY inside a block": (raw(USUAL, END_STREAM) + frame(PRIORITY, 0, 1, bytes(5)), ended(PROTOCOL)),
    "another stream's HEADERS inside a block": (raw(USUAL, END_STREAM) + get(3), ended(PROTOCOL)),
    "an unknown frame inside a block": (raw(USUAL, END_STREAM) + frame(0xbe, 0, 1), ended(PROTOCOL)),
    # §5.1: states of a stream
    "DATA before HEADERS": (data(b"x"), ended(PROTOCOL, STREAM_CLOSED)),
    "RST_STREAM before HEADERS": (frame(RST_STREAM, 0, 1, number(CANCEL)), ended(PROTOCOL)),
    "WINDOW_UPDATE before HEADERS": (frame(WINDOW_UPDATE, 0, 1, number(9)), ended(PROTOCOL)),
    "CONTINUATION before HEADERS": (frame(CONTINUATION, END_HEADERS, 1, USUAL), ended(PROTOCOL)),
    "DATA after the end": (get(1) + data(b"x"), ended(STREAM_CLOSED)),
    "HEADERS after the end": (get(1) + get(1), ended(STREAM_CLOSED, PROTOCOL)),
    "CONTINUATION after the end": (get(1) + frame(CONTINUATION, END_HEADERS, 1, USUAL), ended(PROTOCOL)),
    "HEADERS after a reset": (CANCELLED + get(1), ignored),
    "an even stream": (get(2), ended(PROTOCOL)),
    "a stream behind later ones": (get(5) + get(3), ignored),
    # §6: the frames
    "DATA on stream 0": (data(b"x", stream=0), ended(PROTOCOL)),
    "more padding than DATA": (OPEN + data(b"\x09123", END_STREAM | PADDED), ended(PROTOCOL)),
    "padded DATA": (OPEN + data(b"\x02x\0\0", END_STREAM | PADDED), answered(200)),
    "HEADERS on stream 0": (get(0), ended(PROTOCOL)),
    "more padding than HEADERS": (raw(b"\xff" + USUAL, WHOLE | PADDED), ended(PROTOCOL)),
    "padded HEADERS": (raw(b"\x03" + USUAL + bytes(3), WHOLE | PADDED), answered(200)),
    "HEADERS with a priority": (raw(number(3) + b"\x07" + USUAL, WHOLE | frames.HAS_PRIORITY), answered(200)),
    "PRIORITY on stream 0": (frame(PRIORITY, 0, 0, bytes(5)), ignored),
    "PRIORITY without use": (frame(PRIORITY, 0, 7, number(3) + b"\x07") + get(1), answered(200)),
    "RST_STREAM on stream 0": (frame(RST_STREAM, 0, 0, number(CANCEL)), ended(PROTOCOL)),
    "RST_STREAM of another size": (OPEN + frame(RST_STREAM, 0, 1, b"123"), ended(FRAME_SIZE)),
    "an acknowledgement with a payload": (frame(SETTINGS, ACK, 0, bytes(6)), ended(FRAME_SIZE)),
    "SETTINGS on a stream": (frame(SETTINGS, 0, 1), ended(PROTOCOL)),
    "SETTINGS of another size": (frame(SETTINGS, 0, 0, b"123"), ended(FRAME_SIZE)),
    "ENABLE_PUSH of 2": (setting(2, 2), ended(PROTOCOL)),
    "INITIAL_WINDOW_SIZE beyond all": (setting(4, 1 << 31), ended(FLOW_CONTROL)),
    "MAX_FRAME_SIZE too small": (setting(5, 16383), ended(PROTOCOL)),
    "MAX_FRAME_SIZE too large": (setting(5, 1 << 24), ended(PROTOCOL)),
    "unknown settings are ignored": (setting(0xff, 1) + get(1), answered(200)),
    "an own table size of 0": (setting(1, 0) + get(1), answered(200)),
    "PUSH_PROMISE": (OPEN + frame(PUSH_PROMISE, END_HEADERS, 1, number(2) + USUAL), ended(PROTOCOL)),
    "an answer to no PING": (frame(PING, ACK, 0, b"12345678") + get(1), answered(200)),
    "PING on a stream": (frame(PING, 0, 1, b"12345678"), ended(PROTOCOL)),
    "PING of another size": (frame(PING, 0, 0, b"123456"), ended(FRAME_SIZE)),
    "GOAWAY on a stream": (frame(GOAWAY, 0, 1, bytes(8)), ended(PROTOCOL)),
    "WINDOW_UPDATE of 0": (frame(WINDOW_UPDATE, 0, 0, number(0)), ended(PROTOCOL)),
    "WINDOW_UPDATE of 0 on a stream": (OPEN + frame(WINDOW_UPDATE, 0, 1, number(0)), ended(PROTOCOL)),
    "WINDOW_UPDATE of another size": (frame(WINDOW_UPDATE, 0, 0, b"123"), ended(FRAME_SIZE)),
    "a window beyond all": (frame(WINDOW_UPDATE, 0, 0, number(0x7fffffff)), ended(FLOW_CONTROL)),
    "a stream's window beyond all": (OPEN + frame(WINDOW_UPDATE, 0, 1, number(0x7fffffff)), reset(FLOW_CONTROL)),
    "a block in three frames": (raw(USUAL[:3], END_STREAM) + frame(CONTINUATION, 0, 1, USUAL[3:9]) +
                                frame(CONTINUATION, END_HEADERS, 1, USUAL[9:]), answered(200)),
    "DATA instead of CONTINUATION": (raw(USUAL, 0) + data(b"x"), ended(PROTOCOL)),
    "CONTINUATION on stream 0": (raw(USUAL, END_STREAM) + frame(CONTINUATION, END_HEADERS, 0), ended(PROTOCOL)),
    "CONTINUATION behind DATA": (OPEN + data(b"x", 0) + frame(CONTINUATION, END_HEADERS, 1), ended(PROTOCOL)),
    # §8.1: messages
    "a second head that does not end": (OPEN + raw(block(("x", "y")), END_HEADERS), reset(PROTOCOL)),
    "trailers": (OPEN + data(b"x", 0) + raw(block(("x", "y"))), answered(200)),
    "trailers with a pseudo field": (OPEN + raw(block((":method", "GET"))), reset(PROTOCOL)),
    "trailers with an upper case name": (OPEN + raw(block(("X", "y"))), reset(PROTOCOL)),
    # §8.2: fields
    "an upper case name": (head(("X-Upper", "1")), reset(PROTOCOL)),
    "a name with a space": (head(("a b", "1")), reset(PROTOCOL)),
    "a name with a colon inside": (head(("a:b", "1")), reset(PROTOCOL)),
    "a name of high bytes": (head(("\xe9", "1")), reset(PROTOCOL)),
    "an empty name": (head(("", "1")), reset(PROTOCOL)),
    "a value with NUL": (head(("x", "a\0b")), reset(PROTOCOL)),
    "a value with LF": (head(("x", "a\nx-evil: 1")), reset(PROTOCOL)),
    "a value with CR": (head(("x", "a\rb")), reset(PROTOCOL)),
    "a value that begins with a space": (head(("x", " a")), reset(PROTOCOL)),
    "a value that ends with a tab": (head(("x", "a\t")), reset(PROTOCOL)),
    "an empty value": (head(("x", "")), answered(200)),
    "Connection": (head(("connection", "keep-alive")), reset(PROTOCOL)),
    "Proxy-Connection": (head(("proxy-connection", "keep-alive")), reset(PROTOCOL)),
    "Keep-Alive": (head(("keep-alive", "9")), reset(PROTOCOL)),
    "Transfer-Encoding": (post(("transfer-encoding", "chunked")) + data(), reset(PROTOCOL)),
    "Upgrade": (head(("upgrade", "h2c")), reset(PROTOCOL)),
    "TE but trailers": (head(("te", "trailers, deflate")), reset(PROTOCOL)),
    "TE: trailers": (head(("te", "trailers")), answered(200)),
    # §8.3: pseudo fields
    "an unknown pseudo field": (head((":x", "1")), reset(PROTOCOL)),
    "a pseudo field of answers": (head((":status", "200")), reset(PROTOCOL)),
    "a pseudo field behind others": (head(("x", "y"), without=[":path"], behind=[(":path", "/")]), reset(PROTOCOL)),
    "no :method": (head(without=[":method"]), reset(PROTOCOL)),
    "no :scheme": (head(without=[":scheme"]), reset(PROTOCOL)),
    "no :path": (head(without=[":path"]), reset(PROTOCOL)),
    "two of :method": (head((":method", "GET")), reset(PROTOCOL)),
    "two of :scheme": (head((":scheme", "https")), reset(PROTOCOL)),
    "two of :path": (head((":path", "/")), reset(PROTOCOL)),
    "two of :authority": (head((":authority", "a.test")), reset(PROTOCOL)),
    "an empty :path": (head((":path", ""), without=[":path"]), reset(PROTOCOL)),
    "a :path without a slash": (head((":path", "x"), without=[":path"]), reset(PROTOCOL)),
    "a :path with a space": (head((":path", "/a b"), without=[":path"]), reset(PROTOCOL)),
    "a :path with a line end": (head((":path", "/ HTTP/1.1\r\nx: y"), without=[":path"]), reset(PROTOCOL)),
    "a :method with a space": (head((":method", "GET /evil"), without=[":method"]), reset(PROTOCOL)),
    "an empty :method": (head((":method", ""), without=[":method"]), reset(PROTOCOL)),
    "* for GET": (head((":path", "*"), without=[":path"]), reset(PROTOCOL)),
    "* for OPTIONS": (head((":path", "*"), (":method", "OPTIONS"), without=[":path", ":method"]), answered(200)),
    "no authority at all": (head(without=[":authority"]), reset(PROTOCOL)),
    "Host instead of :authority": (head(("host", "a.test"), without=[":authority"]), answered(200)),
    "Host as :authority": (head(("host", "a.test")), answered(200)),
    "Host that differs": (head(("host", "b.test")), answered(400)),
    "two of Host": (head(("host", "a.test"), ("host", "a.test")), reset(PROTOCOL)),
    "an authority with a user": (head((":authority", "u@a.test"), without=[":authority"]), answered(400)),
    "an authority with a slash": (head((":authority", "a.test/x"), without=[":authority"]), reset(PROTOCOL)),
    "an empty authority": (head((":authority", ""), without=[":authority"]), reset(PROTOCOL)),
    "CONNECT": (frame(HEADERS, WHOLE, 1, block((":method", "CONNECT"), (":authority", "a.test:1"))), answered(405)),
    "CONNECT with a path": (head((":method", "CONNECT"), without=[":method"]), reset(PROTOCOL)),
    "RFC 8441, which is not offered": (head((":method", "CONNECT"), (":protocol", "websocket"), without=[":method"]),
                                       reset(PROTOCOL)),
    # §8.1.1: content-length
    "less DATA than told": (post(("content-length", "2")) + data(b"x"), reset(PROTOCOL)),
    "more DATA than told": (post(("content-length", "1")) + data(b"xy"), reset(PROTOCOL)),
    "more DATA than told in pieces": (post(("content-length", "3")) + data(b"xy", 0) + data(b"xy"), reset(PROTOCOL)),
    "DATA as told": (post(("content-length", "2")) + data(b"x", 0) + data(b"y"), answered(200)),
    "a length without DATA": (head(("content-length", "2")), reset(PROTOCOL)),
    "a length that is none": (post(("content-length", "+2")) + data(b"xy"), reset(PROTOCOL)),
    "a length in two numbers": (post(("content-length", "2, 2")) + data(b"xy"), reset(PROTOCOL)),
    "two lengths": (post(("content-length", "2"), ("content-length", "2")) + data(b"xy"), reset(PROTOCOL)),
    "a length beyond 64 bits": (post(("content-length", "18446744073709551618")) + data(b"xy"), reset(PROTOCOL)),
    # RFC 7541
    "an index beyond the table": (raw(USUAL + b"\xfe"), ended(COMPRESSION)),
    "index 0": (raw(USUAL + b"\x80"), ended(COMPRESSION)),
    "a table size update at the end": (raw(USUAL + b"\x20"), ended(COMPRESSION)),
    "a table size beyond ours": (raw(b"\x3f\xe2\x1f" + USUAL), ended(COMPRESSION)),
    "Huffman padding of a byte": (raw(USUAL + b"\x00\x81\xf3\x82\xf3\xff"[:2] + b"\xf3" + b"\x83\xf3\xff\xff"),
                                  ended(COMPRESSION)),
    "Huffman padding of zeros": (raw(USUAL + b"\x00\x01x\x81\x18"), ended(COMPRESSION)),
    "Huffman with its end mark": (raw(USUAL + b"\x00\x01x\x85\xff\xff\xff\xff\xfc"), ended(COMPRESSION)),
}


@pytest.mark.parametrize("name", CASES)
def test_letter(node, name):
    sent, check = CASES[name]
    with Frames(node.address) as client:
        assert client.send(sent)
        check(client)


def bodies(client, stream=1):
    """The sizes of the DATA frames of a stream until nothing more comes for a moment."""
    sizes = []
    client.sock.settimeout(0.3)
    try:
        while (got := client.read()) is not None:
            if got[0] == DATA and got[2] == stream:
                sizes.append(len(got[3]))
                if got[1] & END_STREAM:
                    break
    except TimeoutError:
        pass
    client.sock.settimeout(10)
    return sizes


def test_windows_are_kept_to_whatever_becomes_of_them(node):
    with Frames(node.address) as client:
        client.send(setting(4, 3) + get(1))
        assert sum(bodies(client)) == 3
        client.send(setting(4, 1))  # below what was used: -2
        client.send(frame(WINDOW_UPDATE, 0, 1, number(2)))
        assert sum(bodies(client)) == 0
        client.send(frame(WINDOW_UPDATE, 0, 1, number(1)))
        assert sum(bodies(client)) == 1
        client.send(setting(4, 100))
        assert sum(bodies(client)) == len(BODY) - 4
        assert is_alive(client)


def test_ping_comes_back(node):
    with Frames(node.address) as client:
        client.send(frame(PING, 0, 0, b"openalb!"))
        while (got := client.read())[0] != PING:
            pass
        assert got == (PING, ACK, 0, b"openalb!")


def test_129th_stream_is_refused_and_the_others_go_on(node):
    with Frames(node.address) as client:
        streams = range(1, 2 * 129, 2)
        client.send(b"".join(post(stream=stream) for stream in streams))
        while (got := client.read())[0] not in (RST_STREAM, GOAWAY):
            pass
        assert got[0] == RST_STREAM and got[2] == 257
        assert int.from_bytes(got[3], "big") in (REFUSED, PROTOCOL)
        client.send(data(b"x"))
        while (got := client.read())[0] != HEADERS:
            pass
        assert got[2] == 1 and status_of(got[3]) == 200


def test_settings_tell_what_alb_allows(node):
    with Frames(node.address) as client:
        kind, flags, stream, payload = client.read()
        assert (kind, flags, stream) == (SETTINGS, 0, 0)
        told = dict(struct.iter_unpack(">HI", payload))
        assert told[3] == 128  # concurrent streams
        assert told[9] == 1  # RFC 9218: priorities of RFC 7540 mean nothing
        assert 8 not in told  # RFC 8441 is not offered


@pytest.mark.parametrize("preface", [b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
                                     b"\0" * 64])
def test_other_than_the_preface_ends_it(node, preface):
    with Frames(node.address, preface=preface) as client:
        assert client.goaway() in (PROTOCOL, None)
