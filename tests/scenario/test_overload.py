# SPDX-License-Identifier: Apache-2.0
"""More clients than there is room for: the rest is told so at once, and nobody takes it all."""
import os
import contextlib
import threading
import time

import pytest
from stage import Answer, Certificate, client_context, eventually, fixed, forward, group, rule, snapshot
from stage.frames import HEADERS, RST_STREAM, Frames, get

# src/base/limits.h and node/shares.c, for a node of one worker
DESCRIPTORS = 600
USABLE = DESCRIPTORS - 256 - DESCRIPTORS * 5 // 100
CONNECTIONS = USABLE * 50 // 100  # of all clients
SOURCE = CONNECTIONS * 80 // 100  # of one client
REFUSED = USABLE * 4 // 100  # more, to be told 503

pytestmark = pytest.mark.skipif(os.environ.get("OPENALB_WORKERS", "1") != "1",
                                reason="limits are counted per worker")


def small(stage, document):
    """A node that may hold few descriptors."""
    return stage.node(document, prefix=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))


def test_one_source_cannot_take_every_connection(stage):
    node = small(stage, snapshot(stage.target()))
    held = [node.connect() for _ in range(SOURCE)]
    assert held[0].ask("GET").status == held[-1].ask("GET").status == 200
    with node.connect() as over:
        answer = over.ask("GET")
        assert answer.status == 503 and answer.get("Connection") == "close"
        assert over.is_closed()
    with node.connect(source="127.9.9.1") as other:
        assert other.ask("GET").status == 200
    held.pop().close()
    eventually(lambda: node.get().status == 200, 2)
    for client in held:
        client.close()


def test_far_too_many_are_closed_and_the_others_and_the_checks_go_on(stage):
    target = stage.target()
    node = small(stage, snapshot(target, health={"interval_ms": 200, "timeout_ms": 190, "unhealthy_threshold": 5}))
    with node.connect(source="127.9.9.1") as good:
        assert good.ask("GET").status == 200
        flood = [node.connect() for _ in range(SOURCE * 2 + 50)]
        eventually(lambda: flood[-1].is_closed(0.1), 3)
        assert good.ask("GET").status == 200
        checks = len(target.checks)
        eventually(lambda: len(target.checks) > checks + 3, 6)
        assert not node.logged("target is unhealthy")
        for client in flood:
            client.close()
    eventually(lambda: node.get().status == 200, 3)


def test_beyond_those_that_are_told_503_connections_are_closed(stage):
    node = small(stage, snapshot(stage.target()))
    held = [node.connect() for _ in range(SOURCE)]
    assert held[-1].ask("GET").status == 200
    refused = [node.connect() for _ in range(REFUSED)]
    over = node.connect()
    assert over.is_closed(1)
    assert {client.ask("GET").status for client in refused} == {503}
    for client in [*held, *refused, over]:
        client.close()


def test_connections_of_one_listener_and_of_all_are_limited(stage):
    document = snapshot(rules=[rule(0, fixed(200))], groups=[])
    document["balancers"][0]["listeners"].append({"port": 8081, "rules": [rule(0, fixed(201))]})
    node = stage.node(document, "--connections-max", "20")
    host, held = node.address[0], []

    def ask(port, source):
        node.address = (host, port)
        held.append(node.connect(source=source))
        return held[-1].ask("GET").status
    assert {ask(8080, "127.9.9.1") for _ in range(9)} == {200}
    assert {ask(8080, "127.9.9.2") for _ in range(9)} == {200}
    assert ask(8080, "127.9.9.3") == 503  # nine tenths of 20 are the listener's
    eventually(lambda: held[-1].is_closed(0.1))
    assert [ask(8081, "127.9.9.3") for _ in range(2)] == [201] * 2
    assert ask(8081, "127.9.9.4") == 503  # these were all
    held.pop(0).close()
    eventually(lambda: ask(8081, "127.9.9.4") == 201)
    for client in held:
        client.close()


class Busy:
    """Clients whose requests are under way until release()."""

    def __init__(self, stage, rules=None, *options):
        self.gate = threading.Event()
        self.target = stage.target(self.answer)
        self.clients = []
        document = snapshot(self.target, rules=rules or [rule(0, forward("targets"))])
        document["balancers"][0]["listeners"].append({"port": 8081, "rules": [rule(0, forward("targets"))]})
        self.node = stage.node(document, *options)

    def answer(self, request):
        if request.target != "/quick":
            self.gate.wait(10)
        return Answer(200, b"late")

    def connect(self, port=8080, **options):
        host, _ = self.node.address
        self.node.address = (host, port)
        self.clients.append(self.node.connect(**options))
        return self.clients[-1]

    def begin(self, count, **options):
        for _ in range(count):
            self.connect(**options).request("GET")

    def wait_under_way(self, count):
        eventually(lambda: len(self.target.requests) == count, 5)

    def release(self):
        self.gate.set()
        statuses = [client.answer().status for client in self.clients]
        for client in self.clients:
            client.close()
        return statuses


def ask_quickly(client):
    """A request that must be refused at once, on a connection that stays."""
    start = time.monotonic()
    answer = client.ask("GET", "/quick")
    assert time.monotonic() - start < 0.5
    return answer.status


def test_requests_of_one_source_are_limited_and_refused_quickly(stage):
    busy = Busy(stage, None, "--requests-max", "10")
    busy.begin(8)
    busy.wait_under_way(8)
    over = busy.connect()
    assert [ask_quickly(over) for _ in range(3)] == [503] * 3
    other = busy.connect(source="127.9.9.1")
    assert ask_quickly(other) == 200
    busy.clients = busy.clients[:8]
    assert busy.release() == [200] * 8
    assert over.ask("GET").status == 200  # the same connection, once there is room
    over.close()
    other.close()


def test_requests_of_one_listener_are_limited(stage):
    busy = Busy(stage, None, "--requests-max", "20")
    busy.begin(9)
    busy.begin(9, source="127.9.9.1")
    busy.wait_under_way(18)
    over, beside = busy.connect(source="127.9.9.2"), busy.connect(port=8081, source="127.9.9.2")
    assert ask_quickly(over) == 503
    assert ask_quickly(beside) == 200
    busy.clients = busy.clients[:18]
    assert busy.release() == [200] * 18
    over.close()
    beside.close()


def test_requests_of_all_are_limited_and_health_checks_are_not(stage):
    busy = Busy(stage, None, "--requests-max", "20")
    busy.begin(10)
    busy.begin(10, port=8081, source="127.9.9.1")
    busy.wait_under_way(20)
    over = busy.connect(source="127.9.9.2")
    assert ask_quickly(over) == 503
    checks = len(busy.target.checks)
    eventually(lambda: len(busy.target.checks) > checks + 3, 3)
    busy.clients.pop()
    assert busy.release() == [200] * 20
    assert over.ask("GET").status == 200
    over.close()


def test_many_streams_of_one_connection_count_as_many_requests(stage, tmp_path):
    """Else a few HTTP/2 clients would open more connections to targets than there are descriptors."""
    gate = threading.Event()
    certificate = Certificate(tmp_path, "a.test")
    target = stage.target(lambda request: gate.wait(10) and Answer(200, b"late"))
    document = snapshot(target, listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    node = stage.node({**document, "certificates": [certificate.row]}, "--requests-max", "10")
    with Frames(node.address) as client:
        client.send(b"".join(get(stream) for stream in range(1, 41, 2)))
        answered = set()
        while len(answered) < 12:
            kind, _, stream, _ = client.read()
            assert kind != RST_STREAM
            if kind == HEADERS:
                answered.add(stream)
        eventually(lambda: len(target.requests) == 8)
        gate.set()
        while len(answered) < 20:
            kind, _, stream, _ = client.read()
            if kind == HEADERS:
                answered.add(stream)


def test_idle_connections_to_targets_make_room_for_others(stage):
    """A burst to one target leaves as many idle connections as there may be; the next target needs some."""
    first, second = stage.target(Answer(200, b"1", delay_s=0.2)), stage.target(Answer(200, b"2", delay_s=0.2))
    document = snapshot(groups=[group("first", first), group("second", second)],
                        rules=[rule(1, forward("second"), {"type": "path-pattern", "values": ["/2*"]}),
                               rule(0, forward("first"))])
    node = stage.node(document, "--requests-max", "10")
    for path in ("/1", "/2", "/1"):
        clients = [node.connect().request("GET", path) for _ in range(8)]
        assert [client.answer().status for client in clients] == [200] * 8
        for client in clients:
            client.close()
    assert len(first.open) + len(second.open) <= 10 + 4  # and those of health checks


def test_our_own_answers_are_not_held_up_by_slow_targets(stage):
    busy = Busy(stage, [rule(1, fixed(200, "ours"), {"type": "path-pattern", "values": ["/ours"]}),
                        rule(0, forward("targets"))], "--requests-max", "10")
    busy.begin(7)
    busy.wait_under_way(7)
    ours = busy.connect()
    assert ours.ask("GET", "/ours").body == b"ours"
    busy.clients.pop()
    assert busy.release() == [200] * 7
    ours.close()


def test_what_waited_too_long_for_its_turn_is_refused_and_then_all_is_well(stage):
    """A rule that costs some milliseconds, and six hundred clients at once: seconds of work."""
    costly = rule(1, fixed(200), {"type": "path-pattern", "regexes": ["^/(a+)+$"] * 5})
    node = stage.node(snapshot(stage.target(), rules=[costly, rule(0, forward("targets"))]), "--requests-max", "1000")
    clients = [node.connect() for _ in range(600)]
    for client in clients:
        client.sock.settimeout(60)
    for client in clients:
        with contextlib.suppress(ConnectionError):
            client.request("GET", "/" + "a" * 30 + "!")
    statuses = [was_refused(client) for client in clients]
    assert {200, 503} <= set(statuses) <= {200, 503, "closed"}  # closed: it waited in the backlog, too
    assert clients[statuses.index(503)].ask("GET").status == 200  # the same connection, in time
    for client in clients:
        client.close()


COSTLY = [rule(1, fixed(200), {"type": "path-pattern", "regexes": ["^/(a+)+$"] * 5}), rule(0, fixed(201))]


def test_new_connections_that_waited_too_long_are_refused(stage):
    node = stage.node(snapshot(rules=COSTLY, groups=[]), "--requests-max", "1000")
    clients = []
    for _ in range(500):
        clients.append(node.connect(timeout_s=60))
        clients[-1].request("GET", "/" + "a" * 30 + "!", connection="close")
    statuses = [was_refused(client) for client in clients]
    assert 503 in statuses or "closed" in statuses
    assert statuses.count(201) >= 64
    eventually(lambda: node.get().status == 201, 3)
    for client in clients:
        client.close()


def test_tls_connections_beyond_a_share_are_closed_before_a_handshake(stage, tmp_path):
    """A handshake costs more than a request: nobody shall have one just to be told no."""
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(rules=[rule(0, fixed(200))], groups=[],
                        listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    node = stage.node({**document, "certificates": [certificate.row]}, "--connections-max", "10")
    held = [node.connect(tls=client_context()) for _ in range(8)]
    assert {client.ask("GET").status for client in held} == {200}
    with pytest.raises(OSError):
        node.connect(tls=client_context())
    held.pop().close()
    eventually(lambda: can_ask(node), 3)
    for client in held:
        client.close()


def can_ask(node):
    try:
        with node.connect(tls=client_context()) as client:
            return client.ask("GET").status == 200
    except OSError:
        return False


def was_refused(client):
    """In words while there is memory for them, else without."""
    try:
        return client.answer().status
    except ConnectionError:
        return "closed"


def test_memory_has_an_end_and_whoever_holds_it_is_refused(stage):
    """Heads that never end, each as large as a head may be, would take gigabytes."""
    node = stage.node(snapshot(stage.target()), "--memory-max", "16")
    before = node.resident_kib()
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"v" * 4000) for i in range(12))
    slow = [node.connect().send(head) for _ in range(400)]
    refused = [was_refused(client) for client in slow[-50:]]
    assert refused.count(503) > 25 and set(refused) <= {503, "closed"}
    assert node.grown_kib(before) < 24 * 1024

    def other_is_served():
        with node.connect(source="127.9.9.1") as other:
            return other.ask("GET").status == 200

    # They took half, and left the others theirs, once those that were refused have read that they are.
    eventually(other_is_served, 4)
    for client in slow:
        client.close()
    eventually(lambda: node.get().status == 200, 3)
    assert node.ask("POST", "/", b"b" * (3 << 20)).status == 200


def test_requests_are_refused_quickly_when_memory_is_short(stage):
    node = stage.node(snapshot(stage.target()), "--memory-max", "8")
    slow = [node.connect().send("GET / HTTP/1.1\nHos") for _ in range(300)]
    with node.connect(source="127.9.9.1") as other:
        assert other.ask("GET").status == 503
    for client in slow:
        client.close()
    eventually(lambda: node.get().status == 200, 3)


def test_large_bodies_pass_through_small_buffers_when_memory_is_short(stage):
    body = os.urandom(2 << 20)
    target = stage.target(lambda request: Answer(200, request.body[::-1]))
    node = stage.node(snapshot(target), "--memory-max", "1")
    heads = [node.connect().send("GET / HTTP/1.1\nHost: a\n") for _ in range(14)]
    for _ in range(3):
        assert node.ask("POST", "/", body).body == body[::-1]
    for client in heads:
        assert client.send("\n").answer().status == 200
        client.close()
