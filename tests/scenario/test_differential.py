# SPDX-License-Identifier: Apache-2.0
"""Thousands of requests, most of them broken in some way, in random pieces, through the node to a
target that reads to the letter. Whatever arrives is what an independent reader sees in the bytes
that were sent, in order; everything else is refused by us. The same seed plays the same game."""
import os
import random
import re
import time

import pytest
from stage import Client, group, snapshot
from stage.interpret import FRAMING, HOP, requests_in
from stage.recorder import Recorder

CASES = int(os.environ.get("DIFFERENTIAL_CASES", "1500"))
SEED = int(os.environ.get("DIFFERENTIAL_SEED", "1"))

METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"PURGE", b"get", b"M-SEARCH"]
TARGETS = [b"/", b"/a/b?c=d", b"/%00%2f..;x", b"/a//b/../c?", b"/\xc3\xa9?q=\xff", b"/?a=1&a=2?",
           b"http://Other.example/abs?x", b"https://[::1]:443", b"http://o.example?q", b"/" + b"p" * 300]
FIELDS = [b"Accept: */*", b"Cookie: a=b; c=d", b"X-Odd:   padded\t", b"X_Under: 1", b"x.dot: 2", b"Empty:",
          b"Content-Type: text/plain", b"X-Forwarded-For: 10.0.0.1, 10.0.0.2", b"X-Forwarded-Proto: ftp",
          b"X-Forwarded-Port: 1", b"Connection: keep-alive", b"Connection: close", b"Connection: X-Odd, Cookie",
          b"Keep-Alive: timeout=5", b"TE: trailers", b"Trailer: X-Sum", b"Proxy-Authorization: Basic x",
          b"Upgrade: websocket", b"Connection: upgrade", b"Expect: 100-continue", b"User-Agent: \xe9\xff obs",
          b"X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678", b"X-Amzn-Oidc-Data: forged",
          b"X-Long: " + b"v" * 700, b"!#$%&'*+-.^_`|~: token"]
NASTY = [b"Content-Length: 3", b"Content-Length: 0", b"Content-Length: +3", b"Content-Length: 3, 3",
         b"Content-Length:", b"Content-Length: 0x3", b"Content-Length: 99999999999999999999", b"Content_Length: 3",
         b"Content-Length : 3", b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked", b"Transfer-Encoding:",
         b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity",
         b"Transfer-Encoding: xchunked", b"Transfer-Encoding:\x0bchunked", b"Transfer_Encoding: chunked",
         b"Transfer-Encoding : chunked", b" Transfer-Encoding: chunked", b"Transfer-Encoding: chunked;q=1",
         b"Transfer-\xc5\xbfEncoding: chunked", b"Host: other", b"Host:", b"Host: a b", b"Host: a@b", b"Host: [::1]:80",
         b"no colon", b": no name", b"Name\x00: v", b"Name: v\x00", b"Name: a\x01b", b"Connection: content-length",
         b"Connection: transfer-encoding, host", b"\tfolded: line", b"X: a\rX: b", b"X: a\nTransfer-Encoding: chunked"]
ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r\n", b"\r\n\r\n", b"\r\n ", b"\r\n\t", b"", b" \r\n", b"\x00\r\n", b"\x0b\r\n"]
SPECIAL = b"\0\t\n\r \x0b\x0c\x7f\x80\xff:;,=\"#%/?*@[]_-.0123456789abcfXx"
VERSIONS = [b"HTTP/1.0", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/2.0", b"HTTP/1.1 ", b"http/1.1", b"HTTP/1.10", b"", b"HTTP/0.9"]


def chunked(dice, body):
    wire = b""
    while body:
        size = dice.randint(1, len(body))
        extension = dice.choice([b""] * 6 + [b";a=b", b" ;c=\"d;e\"", b" \t"])
        wire += dice.choice([b"%x", b"%X", b"00%x"]) % size + extension + b"\r\n" + body[:size] + b"\r\n"
        body = body[size:]
    return wire + b"0\r\n" + dice.choice([b""] * 3 + [b"X-Sum: 1\r\n", b"Content-Length: 7\r\nHost: x\r\n"]) + b"\r\n"


def well_formed(dice):
    """A request that must arrive."""
    method = dice.choice(METHODS)
    lines = [method + b" " + dice.choice(TARGETS) + b" HTTP/1.1", b"Host: Test.Example" + dice.choice([b"", b":81"])]
    lines += dice.sample(FIELDS, dice.randint(0, 6))
    body = b""
    if method not in (b"GET", b"HEAD") and dice.random() < 0.6:
        content = bytes(dice.choices(b"ab\r\n0 :", k=dice.choice([0, 1, 5, 40, 3000])))
        if dice.random() < 0.5:
            lines.append(b"Content-Length: %d" % len(content))
            body = content
        else:
            lines.append(dice.choice([b"Transfer-Encoding: chunked", b"transfer-encoding:CHUNKED"]))
            body = chunked(dice, content)
    tail = lines[1:]
    dice.shuffle(tail)
    return b"\r\n".join([lines[0]] + tail) + b"\r\n\r\n" + body


def change_byte(dice, data):
    at = dice.randrange(len(data))
    kind = dice.randrange(3)
    new = bytes([dice.choice(SPECIAL)])
    return data[:at] + (new if kind else b"") + data[at + (kind != 1):]


def change_body(dice, data):
    head, end, body = data.partition(b"\r\n\r\n")
    return head + end + (change_byte(dice, body) if body else b"")


def change_line_end(dice, data):
    ends = [match.start() for match in re.finditer(rb"\r\n", data)]
    if not ends:
        return data
    at = dice.choice(ends)
    return data[:at] + dice.choice(ENDS) + data[at + 2:]


def add_line(dice, data):
    ends = [match.end() for match in re.finditer(rb"\r\n", data.partition(b"\r\n\r\n")[0] + b"\r\n")]
    at = dice.choice(ends)
    return data[:at] + dice.choice(NASTY) + b"\r\n" + data[at:]


def change_version(dice, data):
    return data.replace(b" HTTP/1.1", dice.choice([b" ", b" ", b"  ", b"\t", b""]) + dice.choice(VERSIONS), 1)


def change_number(dice, data):
    numbers = list(re.finditer(rb"(?<=[\n ])[0-9a-f]+(?=[\r; ])", data))
    if not numbers:
        return data
    match = dice.choice(numbers)
    new = dice.choice([b"0", b"1", b"-1", b"0x10", b"ffffffffffffffff", b"10000000000000000", b"%x" % dice.randrange(64)])
    return data[:match.start()] + new + data[match.end():]


def cut(dice, data):
    return data[:dice.randrange(1, len(data) + 1)]


def repeat_line(dice, data):
    lines = data.split(b"\r\n")
    at = dice.randrange(len(lines))
    return b"\r\n".join(lines[:at] + [lines[at]] + lines[at:])


CHANGES = [change_byte, change_byte, change_byte, change_body, change_line_end, add_line, add_line, change_version, change_number,
           cut, repeat_line]


def mutated(dice, data):
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        data = dice.choice(CHANGES)(dice, data) or b"\r\n"
    return data


def pieces(dice, data):
    cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.choice([0, 0, 1, 2, 4])))
    return [data[a:b] for a, b in zip([0] + cuts, cuts + [len(data)]) if a < b]


class Play:
    """A node before a recorder; one connection after the other."""

    def __init__(self, stage, **members):
        self.recorder = Recorder()
        health = stage.target()
        row = {"id": self.recorder.address, "port": self.recorder.port}
        self.node = stage.node(snapshot(groups=[group("targets", row, health={"port": health.port})],
                                        idle_timeout_ms=4000, **members))

    def send(self, dice, data):
        """What came back, until the end of the connection."""
        got = b""
        with Client(self.node.address) as client:
            try:
                for piece in pieces(dice, data):
                    client.sock.sendall(piece)
                    self.recorder.turn()
                    if dice.random() < 0.2:
                        time.sleep(0.0005)
                client.finish()
            except OSError:
                pass  # refused in the middle
            while True:
                is_readable, _ = self.recorder.turn(3.0, client.sock)
                if is_readable:
                    try:
                        more = client.sock.recv(1 << 20)
                    except ConnectionResetError:
                        return got
                    if not more:
                        return got
                    got += more


def passed_on(request):
    """The fields that a target gets of a request, by the pages of AWS ALB."""
    named = set(request.elements(b"connection")) - FRAMING
    ours = {b"host", b"expect", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-port", b"x-amzn-trace-id",
            b"x-amzn-tls-version", b"x-amzn-tls-cipher-suite"}
    return [(name, value) for name, value in request.fields
            if name.lower() not in HOP | FRAMING | ours | named
            and not re.match(rb"x-amzn-(oidc|mtls)-.", name.lower())]


def host_sent(request):
    host = request.host.lower() or b"alb-1.us-east-1.elb.internal"
    has_port = re.search(rb"(?:^|\]|[^:\]]):[0-9]+$", host) if not host.endswith(b"]") else None
    return host if has_port else host.rstrip(b":") + b":8080"


def check_same(arrival, request):
    assert (arrival.method, arrival.target) == (request.method, request.target)
    first = [name for name, _ in arrival.fields[:5]]
    assert first == [b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Port", b"Host", b"X-Amzn-Trace-Id"]
    values = [value for _, value in arrival.fields[:4]]
    before = [value for value in request.all(b"x-forwarded-for") if value]
    assert values == [b", ".join(before + [b"127.0.0.1"]), b"http", b"8080", host_sent(request)]
    writers = {b"connection", b"upgrade"} | FRAMING
    assert [field for field in arrival.fields[5:] if field[0].lower() not in writers] == passed_on(request)
    if arrival.is_complete:
        assert request.is_complete and arrival.body == request.body
    else:
        assert request.body.startswith(arrival.body)


def answers_in(got, arrivals):
    """How many 200 of the target, and the statuses of ours behind them."""
    count, ours = 0, []
    got = got.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
    while got:
        if not got.startswith(b"HTTP/1.1 "):
            assert got in (b"ok",) or got.startswith(b"<html>"), got[:80]  # HTTP/0.9
            return count + (got == b"ok"), ours
        head, end, rest = got.partition(b"\r\n\r\n")
        assert end, got
        status = int(head[9:12])
        length = int(re.search(rb"\r\nContent-Length: (\d+)", head).group(1))
        is_head = status == 200 and count < len(arrivals) and arrivals[count].method == b"HEAD"
        if status == 200:
            count += 1
            assert not ours, "an answer behind a refusal"
            assert is_head or rest.startswith(b"ok"), got
        else:
            assert b"Server: awselb/2.0" in head and status >= 400, head
            ours.append(status)
        got = rest[0 if is_head or (rest.startswith(b"HTTP/1.1 ") or not rest) else length:]
    return count, ours


def check(dice, play, data, mode):
    got = play.send(dice, data)
    arrivals = play.recorder.settle()
    requests = requests_in(data)
    if mode == "strictest":
        requests = requests[:next((i for i, r in enumerate(requests) if not r.is_compliant), len(requests))]
    assert len(arrivals) <= len(requests), f"{arrivals} but {requests}"
    for arrival, request in zip(arrivals, requests):
        check_same(arrival, request)
    count, ours = answers_in(got, arrivals)
    assert count == sum(arrival.is_complete for arrival in arrivals), f"{arrivals} but {got}"
    assert all(arrival.is_complete for arrival in arrivals[:-1])
    return count


@pytest.mark.parametrize("mode", ["defensive", "monitor", "strictest"])
def test_what_arrives_is_what_was_sent(stage, mode):
    play = Play(stage, desync_mode=mode)
    dice = random.Random(f"{SEED} {mode}")
    served = 0
    for number in range(CASES):
        plain = [well_formed(dice) for _ in range(dice.choice([1, 1, 1, 2, 3]))]
        is_plain = number % 5 == 0
        data = b"".join(plain)
        data = data if is_plain else mutated(dice, data)
        try:
            count = check(dice, play, data, mode)
            if is_plain:
                expected = len(requests_in(data))
                assert 1 <= expected == count, f"{count} of {expected} arrived"
        except Exception as error:
            raise AssertionError(f"case {number} of seed {SEED}: {data!r}: {error}") from error
        served += count
    assert served > CASES / 4, "nearly nothing gets through: this proves little"
    play.recorder.stop()
