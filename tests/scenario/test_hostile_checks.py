# SPDX-License-Identifier: Apache-2.0
"""A target that answers its health checks with malice fails them, or passes by its head, and harms nobody else."""
import time

import pytest
from stage import Answer, eventually, forward, group, rule, snapshot

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = OK + b"Content-Length: 2\r\n"
MIB = b"x" * (1 << 20)

REFUSED = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "HTTP/0.9": b"<html>fine</html>\r\n\r\n",
    "half a head": LENGTH,
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "NUL": LENGTH + b"X: \0\r\n\r\nok",
    "field without a name": LENGTH + b": x\r\n\r\nok",
    "two lengths": LENGTH + b"Content-Length: 60\r\n\r\nok",
    "chunked is not last": OK + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "line without an end": b"HTTP/1.1 200 " + MIB,
    "field without an end": LENGTH + b"X: " + MIB,
    "head beyond the limit": LENGTH + b"".join(b"X-%d: %s\r\n" % (i, b"x" * 1000) for i in range(40)) + b"\r\nok",
    "thousands of fields": LENGTH + b"a:\r\n" * 5000 + b"\r\nok",
    "1xx without an end": b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" * 10000,
    "101": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n" + MIB,
    "another status": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nok" + LENGTH + b"\r\nok",
}
# AWS ALB, "Health checks": the status decides. What stands behind the head is never read.
PASSED = {
    "two answers": LENGTH + b"\r\nok" + b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno",
    "bytes behind": LENGTH + b"\r\nok" + MIB,
    "chunks of garbage": OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + MIB,
    "chunk of 2^64": OK + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n" + MIB,
    "less than promised": OK + b"Content-Length: 999999999999\r\n\r\nok",
}


@pytest.fixture
def play(stage):
    """Plays hostile answers to checks; another group is asked meanwhile. Gives the node and its lines."""
    def play(raw, verdict):
        bad, good = stage.target(), stage.target(Answer(200, b"good"))
        bad.health = Answer(raw=raw, close=True)
        health = {"interval_ms": 100, "timeout_ms": 90, "healthy_threshold": 2}
        node = stage.node(snapshot(
            groups=[group("bad", bad, health=health), group("good", good)],
            rules=[rule(1, forward("bad"), {"type": "path-pattern", "values": ["/bad"]}), rule(0, forward("good"))]),
            healthy=False)
        node.wait_logged(f"target is healthy.*{good.port}\"")
        before = node.resident_kib()
        with node.connect() as client:
            node.wait_logged(f"target is {verdict}.*{bad.port}\"")
            checks = len(bad.checks)
            while len(bad.checks) < checks + 5:
                assert client.ask("GET").body == b"good"
        assert len({request.raw for request in bad.checks}) == 1  # each check asks anew
        assert node.grown_kib(before) < 4 * 1024
        assert not node.logged(f"target is {'un' if verdict == 'healthy' else ''}healthy.*{bad.port}\"")
        bad.health = Answer(200)
        node.wait_logged(f"target is healthy.*{bad.port}\"")
        assert node.get("/bad").status == 200
    return play


@pytest.mark.parametrize("name", REFUSED)
def test_answer_that_is_none_fails_the_check(play, name):
    play(REFUSED[name], "unhealthy")


@pytest.mark.parametrize("name", PASSED)
def test_what_stands_behind_the_head_does_not_matter(play, name):
    play(PASSED[name], "healthy")


class Drip(Answer):
    def send(self, sock, request):
        for byte in LENGTH + b"\r\nok":
            sock.sendall(bytes([byte]))
            time.sleep(0.02)


def test_head_that_comes_a_byte_at_a_time_is_late(stage):
    target = stage.target()
    target.health = Drip(close=True)
    node = stage.node(snapshot(target, health={"interval_ms": 200, "timeout_ms": 190}), healthy=False)
    node.wait_logged("target is unhealthy")
    eventually(lambda: len(target.checks) > 3)
    assert not node.logged("target is healthy")
