# SPDX-License-Identifier: Apache-2.0
"""What a new snapshot does to requests under way: nothing but what it must."""
import threading
import time

from stage import Answer, eventually, fixed, forward, group, rule, snapshot


def draining(target, seconds):
    return {"id": target.address, "port": target.port, "draining": True,
            "drain_until_unix_ms": int((time.time() + seconds) * 1000)}


def changed(node, **members):
    return snapshot(address=node.address[0], **members)


def in_background(call):
    got = []
    thread = threading.Thread(target=lambda: got.append(call()))
    thread.start()
    return thread, got


def test_draining_target_gets_no_new_request_and_finishes_its_own(stage):
    old = stage.target(Answer(200, b"old", delay_s=0.6))
    new = stage.target(Answer(200, b"new"))
    node = stage.node(snapshot(groups=[group("g", old)]))
    with node.connect() as client:
        thread, got = in_background(lambda: client.ask("GET").body)
        eventually(lambda: old.requests, 3)
        node.apply(changed(node, groups=[group("g", draining(old, 5), new)]))
        node.wait_logged(f"target is healthy.*{new.port}")
        assert {node.get().body for _ in range(5)} == {b"new"}
        thread.join()
        assert got == [b"old"]
        assert client.ask("GET").body == b"new"  # the same connection moves on
    assert len(old.requests) == 1


def test_request_that_outlives_the_delay_is_502(stage):
    old = stage.target(Answer(200, b"old", delay_s=5))
    node = stage.node(snapshot(groups=[group("g", old)]))
    thread, got = in_background(lambda: node.get().status)
    eventually(lambda: old.requests, 3)
    start = time.monotonic()
    node.apply(changed(node, groups=[group("g", draining(old, 1))]))
    thread.join()
    assert got == [502]
    assert 0.8 < time.monotonic() - start < 1.5


def test_target_that_comes_back_while_draining_just_stays(stage):
    target = stage.target()
    node = stage.node(snapshot(target))
    node.apply(changed(node, groups=[group("targets", draining(target, 5))]))
    assert node.get().status == 503
    node.apply(changed(node, groups=[group("targets", target)]))
    node.wait_logged(f"target is healthy.*{target.port}", 2)
    assert node.get().status == 200


def test_no_request_fails_while_everything_changes(stage):
    steady, others = stage.target(), [stage.target() for _ in range(3)]
    node = stage.node(snapshot(steady, *others), "--workers", "2")
    stop, statuses = threading.Event(), []

    def ask():
        while not stop.is_set():
            with node.connect() as client:
                statuses.extend(client.ask("GET").status for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(30):
        rules = [rule(p, fixed(418), {"type": "path-pattern", "values": [f"/{i}/{p}*"]})
                 for p in range(1, 20)]
        rows = [steady, others[i % 3], draining(others[(i + 1) % 3], 3)]
        node.apply(changed(node, groups=[group("targets", *rows)],
                           rules=[*rules, rule(0, forward("targets"))], idle_timeout_ms=5000 + i))
    stop.set()
    for thread in threads:
        thread.join()
    assert len(statuses) > 100 and set(statuses) == {200}


def test_new_listener_serves_and_a_removed_one_refuses(stage):
    target = stage.target()
    first = snapshot(target)
    node = stage.node(first)
    second = changed(node, groups=first["groups"])
    second["balancers"][0]["listeners"].append({"port": 8081, "rules": [rule(0, fixed(201))]})
    address = node.address[0]
    node.apply(second)
    eventually(lambda: node.get().status == 200, 3)
    node.address = (address, 8081)
    eventually(lambda: node.get().status == 201, 3)
    node.apply(changed(node, groups=first["groups"]))
    node.address = (address, 8081)

    def refused():
        try:
            node.connect().close()
        except ConnectionRefusedError:
            return True
    eventually(refused, 3)
    node.address = (address, 8080)
    assert node.get().status == 200


def test_source_that_no_rule_allows_gets_silence_and_old_connections_go_on(stage):
    target = stage.target()
    first = snapshot(target)
    node = stage.node(first)
    with node.connect() as before:
        assert before.ask("GET").status == 200
        node.apply(changed(node, groups=first["groups"],
                           ingress=[{"source": "127.0.0.1/32", "from_port": 80, "to_port": 80},
                                    {"source": "127.9.9.0/24", "from_port": 8000, "to_port": 9000}]))

        def is_silent():
            try:
                node.connect(timeout_s=0.3).close()
            except TimeoutError:
                return True
        eventually(is_silent, 3)
        assert before.ask("GET").status == 200
        with node.connect(source="127.9.9.7") as allowed:
            assert allowed.ask("GET").status == 200


def test_rejected_snapshot_changes_nothing(stage):
    target = stage.target()
    node = stage.node(snapshot(target))
    bad = changed(node, groups=[group("targets", target)],
                  rules=[rule(1, fixed(200), {"type": "path-pattern", "regexes": ["("]}),
                         rule(0, forward("targets"))])
    bad["revision"] = 2
    node.write(bad)
    node.process.send_signal(1)
    node.wait_logged("snapshot re")
    assert node.get().status == 200


def test_removed_listener_closes_idle_connections_and_answers_what_is_under_way(stage):
    slow, quick = stage.target(Answer(200, b"late", delay_s=0.5)), stage.target()
    groups = [group("slow", slow), group("quick", quick)]
    first = snapshot(groups=groups, rules=[rule(0, forward("slow"))])
    first["balancers"][0]["listeners"].append({"port": 8081, "rules": [rule(0, forward("quick"))]})
    node = stage.node(first)
    idle, busy = node.connect(), node.connect()
    assert idle.ask("GET").status == 200
    busy.request("GET")
    eventually(lambda: len(slow.requests) == 2, 3)
    second = changed(node, groups=groups)
    second["balancers"][0]["listeners"] = [{"port": 8081, "rules": [rule(0, forward("quick"))]}]
    node.apply(second)
    assert idle.is_closed()
    assert busy.answer().body == b"late"
    assert busy.ask("GET").get("Connection") == "close"
    assert busy.is_closed()
    assert node.get().status == 200
