# SPDX-License-Identifier: Apache-2.0
"""Deregistration, line by line of AWS ALB's "Deregistration delay"."""
import threading
import time

import pytest
from stage import Answer, eventually, group, snapshot

UPGRADE = ("GET /chat HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n")
GRANT = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def deregister(node, target, seconds, *others):
    """What control sends when a target is deregistered; when its delay began."""
    row = {"id": target.address, "port": target.port, "draining": True,
           "drain_until_unix_ms": int((time.time() + seconds) * 1000)}
    node.apply(snapshot(address=node.address[0], groups=[group("targets", row, *others)]))
    return time.monotonic()


def echo(request, sock):
    sock.sendall(GRANT)
    while data := sock.recv(65536):
        sock.sendall(data)


def open_connections(target):
    """Of the node to it; health checks come and go."""
    with target.lock:
        return len(target.open)


@pytest.mark.parametrize("seconds", [0, 2])
def test_request_that_outlives_the_delay_is_502_at_its_end(stage, seconds):
    target = stage.target(Answer(200, b"late", delay_s=8))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        client.request("GET")
        eventually(lambda: target.requests, 3)
        began = deregister(node, target, seconds)
        assert client.answer().status == 502
        assert seconds - 0.1 <= time.monotonic() - began <= seconds + 1
        assert client.ask("GET").status == 503  # the connection goes on; the group is empty


@pytest.mark.parametrize("seconds", [0, 2])
def test_websocket_is_cut_at_the_end_of_the_delay(stage, seconds):
    target = stage.target(echo, takes_socket=True)
    node = stage.node(snapshot(target))
    with node.connect() as client:
        assert client.send(UPGRADE).reader.head().status == 101
        began = deregister(node, target, seconds)
        if seconds:
            client.sock.sendall(b"still here")
            assert client.reader.exactly(10) == b"still here"
        assert client.is_closed(seconds + 3)
        assert seconds - 0.1 <= time.monotonic() - began <= seconds + 1


def test_answer_that_flows_goes_on_during_the_delay_and_ends_short_after_it(stage):
    def pieces():
        for i in range(100):
            yield b"%03d" % i
            time.sleep(0.05)
    quick, slow = stage.target(Answer(200, (b"%d" % i for i in range(10)))), stage.target(Answer(200, pieces()))
    node = stage.node(snapshot(slow))
    with node.connect() as client:
        client.request("GET")
        assert client.reader.head().status == 200
        began = deregister(node, slow, 1, quick)
        got = b""
        try:
            while more := client.sock.recv(65536):
                got += more
        except ConnectionResetError:
            pass
        assert 0.9 <= time.monotonic() - began <= 2
        assert got.count(b"\r\n") > 20 and not got.endswith(b"0\r\n\r\n"), "a cut answer must not look complete"


def test_idle_connections_to_it_are_closed_at_once(stage):
    old, new = stage.target(Answer(200, b"old", delay_s=0.1)), stage.target()
    node = stage.node(snapshot(old, health={"interval_ms": 60000, "healthy_threshold": 1}))
    clients = [node.connect().request("GET") for _ in range(5)]
    assert {client.answer().body for client in clients} == {b"old"}
    assert open_connections(old) >= 5
    deregister(node, old, 60, new)
    eventually(lambda: open_connections(old) == 0, 2)
    node.wait_logged(f"target is healthy.*{new.port}")
    assert {client.ask("GET").body for client in clients} == {b"ok"}  # and nobody's connection was harmed
    for client in clients:
        client.close()


def test_connection_that_finishes_its_request_meanwhile_is_closed_and_not_used_again(stage):
    old, new = stage.target(Answer(200, b"old", delay_s=0.5)), stage.target(Answer(200, b"new"))
    node = stage.node(snapshot(old, health={"interval_ms": 60000, "healthy_threshold": 1}))
    with node.connect() as client:
        client.request("GET")
        eventually(lambda: old.requests, 3)
        deregister(node, old, 60, new)
        assert client.answer().body == b"old"
        eventually(lambda: open_connections(old) == 0, 2)
        node.wait_logged(f"target is healthy.*{new.port}")
        assert client.ask("GET").body == b"new"


def test_application_that_stops_early_is_502_for_what_it_had(stage):
    old, new = stage.target(Answer(200, b"old", delay_s=5)), stage.target(Answer(200, b"new"))
    node = stage.node(snapshot(old))
    with node.connect() as client:
        client.request("POST", "/", b"body")
        eventually(lambda: old.requests, 3)
        deregister(node, old, 60, new)
        old.stop()
        assert client.answer().status == 502


def test_keep_alive_clients_move_on_without_a_failed_request(stage):
    """Rolling: each target in turn drains and is gone, while clients ask all the time."""
    targets = [stage.target() for _ in range(3)]
    node = stage.node(snapshot(*targets))
    stop, statuses = threading.Event(), []

    def ask():
        with node.connect() as client:
            while not stop.is_set():
                statuses.append(client.ask("POST", "/", b"not to be sent twice").status)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for old in targets[:2]:
        rest = [target for target in targets[targets.index(old) + 1:]]
        deregister(node, old, 0.5, *rest)
        time.sleep(0.7)
        node.apply(snapshot(address=node.address[0], groups=[group("targets", *rest)]))
        asked = len(old.requests)
        time.sleep(0.2)
        assert len(old.requests) == asked
        old.stop()
    stop.set()
    for thread in threads:
        thread.join()
    assert len(statuses) > 100 and set(statuses) == {200}


def test_target_that_vanishes_without_draining_has_its_groups_delay(stage):
    old, new = stage.target(Answer(200, b"old", delay_s=0.8)), stage.target(Answer(200, b"new"))
    node = stage.node(snapshot(old, group_members={"drain_ms": 5000}))
    with node.connect() as client:
        client.request("GET")
        eventually(lambda: old.requests, 3)
        node.apply(snapshot(new, address=node.address[0]))
        assert client.answer().body == b"old"
