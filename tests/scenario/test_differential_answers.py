# SPDX-License-Identifier: Apache-2.0
"""Thousands of answers, most of them broken in some way, in random pieces, through the node to a
client. It sees what an independent reader sees in the bytes that the target sent, or 502, or an end
in the middle; and the next client is always answered with what was meant for it."""
import os
import random
import re

from stage import Client, group, snapshot
from stage.interpret import CONTROL, FRAMING, HOP, Request, Stream, Unreadable, read_chunks, read_field
from stage.recorder import FIELD, Recorder
from test_differential import ENDS, NASTY, SPECIAL, change_number, chunked, pieces, repeat_line

CASES = int(os.environ.get("DIFFERENTIAL_CASES", "2000"))
SEED = int(os.environ.get("DIFFERENTIAL_SEED", "1"))
FIELDS = [b"Server: target/1", b"Date: now", b"X-Odd:  padded\t", b"Connection: keep-alive", b"Connection: close",
          b"Connection: X-Odd", b"Keep-Alive: timeout=1", b"Set-Cookie: a=b", b"Set-Cookie: c=d", b"Upgrade: h2c",
          b"Trailer: X-Sum", b"Proxy-Authenticate: Basic", b"User-Agent: \xe9", b"Location: /x?y"]
STATUSES = [b"200 OK", b"200", b"200 ", b"404 Not  Found\xe9", b"204 No Content", b"304 Not Modified", b"500 E", b"999 Odd",
            b"205 Reset Content", b"302 Found"]
INTERIMS = [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            b"HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]
SMUGGLED = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nX-Evil: 1\r\n\r\nsmuggled"
LINES = [b"HTTP/1.0 ", b"HTTP/1.9 ", b"HTTP/2 ", b"http/1.1 ", b"HTTP/1.1  ", b"HTTP/1.1\t", b"ICY ", b""]


class Answerer(Recorder):
    """A request for /evil gets the script, all others what they ask for."""

    script, closes, method = [], False, b"GET"

    def answer(self, link, arrival):
        if not arrival.target.startswith(b"/evil"):
            link.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(arrival.target), arrival.target))
            return True
        for piece in self.script:
            link.sock.sendall(piece)
        return not self.closes


class Response(Request):
    reason, status, end = b"", 0, "complete"  # or "incomplete", "broken"


def read_response(data, method):
    """The final answer in what a target sent, and the interim ones before it."""
    stream, interims = Stream(data), []
    while True:
        response = Response()
        start = re.fullmatch(rb"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: (.*))?", stream.line() or b"", re.S)
        if not start or CONTROL.search(start.group(3) or b""):
            raise Unreadable("no status line")
        response.status, response.reason = int(start.group(2)), start.group(3) or b""
        response.version = 10 if start.group(1) == b"0" else 11
        while (line := stream.line()) != b"":
            if line is None:
                raise Unreadable("the head ends too early")
            read_field(response, line)
        framing = judge_framing(response)
        if response.status == 101:
            raise Unreadable("101 that nobody asked for")
        if response.status >= 200:
            read_content(response, stream, framing, method)
            return response, interims
        interims.append(response)


def judge_framing(response):
    codings = [coding.lower() for coding in response.all(b"transfer-encoding")]
    lengths = response.all(b"content-length")
    if any(not re.fullmatch(rb"[0-9]{1,20}", length) for length in lengths) or len(set(map(int, lengths))) > 1 or \
            any(int(length) >= 1 << 64 for length in lengths) or codings not in ([], [b"chunked"], [b"identity"]):
        raise Unreadable("framing")
    return "chunked" if codings == [b"chunked"] else int(lengths[0]) if lengths else "close"


def read_content(response, stream, framing, method):
    if method == b"HEAD" or response.status in (204, 304):
        return
    if framing == "close":
        response.body = stream.take(1 << 30)
    elif framing == "chunked":
        try:
            read_chunks(response, stream)
            response.end = "complete" if response.is_complete else "incomplete"
        except Unreadable:
            response.end = "broken"
    else:
        response.body = stream.take(framing)
        response.end = "complete" if len(response.body) == framing else "incomplete"


def well_formed(dice, method):
    status = dice.choice(STATUSES)
    lines = [b"HTTP/1.1 " + status] + dice.sample(FIELDS, dice.randint(0, 5))
    content = bytes(dice.choices(b"ab\r\n0 :", k=dice.choice([0, 1, 5, 40, 5000])))
    has_body = method != b"HEAD" and status[:3] not in (b"204", b"304")
    kind = dice.choice(["length", "length", "chunked", "chunked", "close"])
    if kind == "length":
        lines.append(b"Content-Length: %d" % len(content))
    if kind == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
        content = chunked(dice, content)
    interims = b"".join(dice.choices(INTERIMS[:3], k=dice.choice([0, 0, 0, 1, 3])))
    return interims + b"\r\n".join(lines) + b"\r\n\r\n" + (content if has_body else b"")


def change(dice, data):
    at = dice.randrange(len(data))
    kind = dice.randrange(9)
    if kind < 3:
        return data[:at] + (bytes([dice.choice(SPECIAL)]) if kind else b"") + data[at + (kind != 1):]
    if kind == 3:
        ends = [match.start() for match in re.finditer(rb"\r\n", data)] or [0]
        at = dice.choice(ends)
        return data[:at] + dice.choice(ENDS) + data[at + 2:]
    if kind == 4:
        ends = [match.end() for match in re.finditer(rb"\r\n", data.partition(b"\r\n\r\n")[0] + b"\r\n")]
        at = dice.choice(ends)
        return data[:at] + dice.choice(NASTY) + b"\r\n" + data[at:]
    if kind == 5:
        return change_number(dice, data)
    if kind == 6:
        return data + dice.choice([SMUGGLED, b"x", b"\r\n", b"0\r\n\r\n"])
    if kind == 7:
        return dice.choice([data[:at + 1], repeat_line(dice, data), data.replace(b"HTTP/1.1 ", dice.choice(LINES), 1)])
    return dice.choice(INTERIMS) * dice.choice([1, 1, 15, 17, 300]) + data


class Play:
    def __init__(self, stage):
        self.target = Answerer()
        health = stage.target()
        row = {"id": self.target.address, "port": self.target.port}
        self.node = stage.node(snapshot(groups=[group("targets", row, health={"port": health.port})],
                                        idle_timeout_ms=4000))

    def ask(self, method, path):
        """What came until the end of the connection; and whether it was an orderly one."""
        got = b""
        with Client(self.node.address) as client:
            client.sock.sendall(method + b" " + path + b" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            while True:
                is_readable, _ = self.target.turn(3.0, client.sock)
                if is_readable:
                    try:
                        more = client.sock.recv(1 << 20)
                    except ConnectionResetError:
                        return got, False
                    if not more:
                        return got, True
                    got += more


def seen(got, method):
    """status, reason, fields, body, whether it is complete, of a strict reader's; interim ones first."""
    interims = []
    while True:
        head, end, rest = got.partition(b"\r\n\r\n")
        assert end, f"no head: {got[:200]!r}"
        lines = head.split(b"\r\n")
        start = re.fullmatch(rb"HTTP/1\.1 ([1-9][0-9][0-9]) ([^\x00-\x08\x0a-\x1f\x7f]*)", lines[0])
        assert start, lines[0]
        fields = []
        for line in lines[1:]:
            match = FIELD.fullmatch(line)
            assert match, line
            fields.append(match.groups())
        status = int(start.group(1))
        if status >= 200:
            break
        interims.append((status, [f for f in fields if f[0].lower() not in HOP | FRAMING]))
        got = rest
    framing = [field for field in fields if field[0].lower() in FRAMING]
    assert len(framing) <= 1, framing
    body, is_complete = content_of(framing, rest, method == b"HEAD" or status in (204, 304))
    return status, start.group(2), fields, body, is_complete, interims


def content_of(framing, rest, is_bodiless):
    if is_bodiless:
        assert rest == b"", rest
        return b"", True
    assert framing, "an answer to HTTP/1.1 of unknown length"
    if framing[0][0].lower() == b"content-length":
        assert len(rest) <= int(framing[0][1]), rest
        return rest, len(rest) == int(framing[0][1])
    holder, stream = Request(), Stream(rest)
    read_chunks(holder, stream)
    assert not holder.is_complete or stream.at == len(rest)
    return holder.body, holder.is_complete


def check(play, data, method):
    play.target.method = method
    got, is_orderly = play.ask(method, b"/evil")
    try:
        response, interims = read_response(data, method)
    except Unreadable:
        response, interims = None, []
    if not got:
        assert response and response.end != "complete", "nothing at all"
        return False
    status, reason, fields, body, is_complete, early = seen(got, method)
    if (b"Server", b"awselb/2.0") in fields:
        assert status == 502 and is_complete
        assert not response or len(interims) > 16 or response.end != "complete"
        return False
    assert response, f"a head that nobody can read went on: {got[:300]!r}"
    assert early == [(i.status, fields_of(i)) for i in interims if i.status != 100]
    assert (status, reason) == (response.status, response.reason)
    assert [f for f in fields if f[0].lower() not in HOP | FRAMING] == fields_of(response)
    assert (body == response.body) if response.end == "complete" else response.body.startswith(body)
    assert is_complete == (response.end == "complete"), f"{response.end}: {got[-100:]!r}"
    return is_complete


def fields_of(response):
    named = set(response.elements(b"connection")) - FRAMING - {b"host"}
    return [f for f in response.fields if f[0].lower() not in HOP | FRAMING | named]


def needs_close(data, method):
    """Whether somebody may wait for more."""
    try:
        response, _ = read_response(data, method)
    except Unreadable:
        return True
    return response.end == "incomplete" or judge_framing(response) == "close"


def test_answers_reach_their_client_as_they_are_and_nobody_elses(stage):
    play = Play(stage)
    dice = random.Random(SEED)
    whole = 0
    for number in range(CASES):
        method = dice.choice([b"GET", b"GET", b"GET", b"HEAD", b"POST"])
        is_plain = number % 5 == 0
        data = well_formed(dice, method)
        for _ in range(0 if is_plain else dice.choice([1, 1, 2, 3])):
            data = change(dice, data) or b"x"
        play.target.script = pieces(dice, data)
        play.target.closes = needs_close(data, method) or dice.random() < 0.2
        try:
            is_whole = check(play, data, method)
            assert is_whole or not is_plain, "a plain answer did not arrive"
            path = b"/next-%d" % number
            got, _ = play.ask(b"GET", path)
            assert got.startswith(b"HTTP/1.1 200 OK\r\n") and got.endswith(b"\r\n\r\n" + path), f"the next: {got!r}"
        except Exception as error:
            raise AssertionError(f"case {number} of seed {SEED}: {method} {data!r}: {error}") from error
        whole += is_whole
        play.target.settle()
    assert whole > CASES / 4, "nearly nothing gets through: this proves little"
    play.target.stop()
