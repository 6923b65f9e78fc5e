# SPDX-License-Identifier: Apache-2.0
"""What reaches the target, and what comes back."""
import re
from concurrent.futures import ThreadPoolExecutor

from stage import Answer, chunked, eventually, forward, group, rule, snapshot


def fields(message):
    return {name.lower(): value for name, value in message.fields}


def test_targets_answer_in_turn(stage):
    one, two = stage.target(Answer(200, b"one")), stage.target(Answer(200, b"two"))
    node = stage.node(snapshot(one, two))
    answers = [node.get().body for _ in range(10)]
    assert answers[:2] in ([b"one", b"two"], [b"two", b"one"])
    assert answers == answers[:2] * 5


def test_targets_answer_in_turn_whichever_worker_has_the_client(stage):
    one, two = stage.target(Answer(200, b"one")), stage.target(Answer(200, b"two"))
    node = stage.node(snapshot(one, two), "--workers", "4")
    answers = [node.get().body for _ in range(40)]
    assert answers == answers[:2] * 20 and answers[0] != answers[1]


def test_request_goes_on_as_it_came_with_what_the_balancer_adds(stage):
    target = stage.target()
    node = stage.node(snapshot(target))
    node.get("/a%20b/../c?x=1&y", Host="Shop.Example", X_Forwarded_For="10.1.2.3", X_Own="v")
    seen = target.requests[0]
    assert seen.start == "GET /a%20b/../c?x=1&y HTTP/1.1"
    got = fields(seen)
    assert got["x-forwarded-for"] == "10.1.2.3, 127.0.0.1"
    assert got["x-forwarded-proto"] == "http"
    assert got["x-forwarded-port"] == "8080"
    assert got["host"] == "shop.example:8080"
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", got["x-amzn-trace-id"])
    assert got["x-own"] == "v"


def test_one_client_connection_carries_many_requests(stage):
    target = stage.target()
    node = stage.node(snapshot(target))
    with node.connect() as client:
        for i in range(20):
            assert client.ask("GET", f"/{i}").status == 200
    assert [r.target for r in target.requests] == [f"/{i}" for i in range(20)]
    assert target.connections == 1


def test_pipelined_requests_are_answered_in_order(stage):
    target = stage.target(lambda request: Answer(200, request.target.encode()))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        for i in range(5):
            client.request("GET", f"/{i}")
        assert [client.answer().body for _ in range(5)] == [b"/%d" % i for i in range(5)]


def test_bodies_of_every_kind_arrive_whole(stage):
    target = stage.target(lambda request: Answer(200, request.body))
    node = stage.node(snapshot(target))
    for size in (0, 1, 1000, 65536, 3_000_000):
        body = bytes(i * 7 % 251 for i in range(1000)) * (size // 1000) + b"x" * (size % 1000)
        assert node.ask("POST", "/", body).body == body
    with node.connect() as client:
        client.send("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n")
        client.send(chunked(b"abc", b"d" * 70000))
        assert client.answer().body == b"abc" + b"d" * 70000


def test_chunked_answer_streams_through(stage):
    go = []

    def pieces():
        yield b"first"
        eventually(lambda: go, 5)
        yield b"second" * 20000

    target = stage.target(lambda request: Answer(200, pieces()))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.request("GET")
        head = client.reader.head()
        assert head.status == 200
        assert client.reader.until(b"first") == b"5\r\nfirst"
        go.append(True)


def test_head_has_the_length_and_no_body(stage):
    target = stage.target(Answer(200, b"12345"))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        answer = client.ask("HEAD")
        assert fields(answer)["content-length"] == "5"
        assert client.ask("GET").body == b"12345"


def test_answer_until_close_ends_with_the_connection(stage):
    target = stage.target(Answer(200, b"all of it", length=False, close=True))
    node = stage.node(snapshot(target))
    assert node.get().body == b"all of it"


def test_many_at_once(stage):
    targets = [stage.target(lambda request: Answer(200, request.body)) for _ in range(3)]
    node = stage.node(snapshot(*targets), "--workers", "2")

    def ask(i):
        with node.connect() as client:
            return all(client.ask("POST", "/", b"%d" % (i * j)).body == b"%d" % (i * j)
                       for j in range(20))
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(50)))


def test_weights_of_groups_decide(stage):
    blue, green = stage.target(Answer(200, b"b")), stage.target(Answer(200, b"g"))
    groups = [group("blue", blue), group("green", green)]
    node = stage.node(snapshot(groups=groups, rules=[rule(0, forward(("blue", 1), ("green", 0)))]))
    with node.connect() as client:
        assert {client.ask("GET").body for _ in range(20)} == {b"b"}
    node.apply(snapshot(groups=groups, rules=[rule(0, forward(("blue", 1), ("green", 1)))],
                        address=node.address[0]))
    with node.connect() as client:
        assert {client.ask("GET").body for _ in range(60)} == {b"b", b"g"}


def test_group_whose_weights_are_all_zero_answers_503(stage):
    target = stage.target()
    node = stage.node(snapshot(groups=[group("g", target)], rules=[rule(0, forward(("g", 0)))]))
    assert node.get().status == 503
