# SPDX-License-Identifier: Apache-2.0
"""WebSocket and other upgrades: a tunnel only when both sides want one."""
import threading
import time

from stage import Answer, eventually, snapshot

ASK = ("GET /chat HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n")
GRANT = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def echo(request, sock):
    """Takes the connection over and gives back every byte, until the other side's end."""
    sock.sendall(GRANT)
    while data := sock.recv(65536):
        sock.sendall(data)
    sock.sendall(b"bye")
    sock.shutdown(1)


def opened(node):
    client = node.connect()
    head = client.send(ASK).reader.head()
    assert head.status == 101 and head.get("Upgrade") == "websocket"
    assert head.get("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    return client


def test_bytes_go_both_ways_unchanged_and_each_side_ends_alone(stage):
    target = stage.target(echo, takes_socket=True)
    node = stage.node(snapshot(target))
    client = opened(node)
    data = bytes(range(256)) * 4000
    threading.Thread(target=lambda: (client.sock.sendall(data), client.finish())).start()
    assert client.reader.exactly(len(data)) == data
    assert client.reader.exactly(3) == b"bye"
    assert client.is_closed()
    assert target.requests[0].get("Sec-WebSocket-Key") == "dGhlIHNhbXBsZSBub25jZQ=="


def test_tunnel_survives_every_change(stage):
    target = stage.target(echo, takes_socket=True)
    node = stage.node(snapshot(target))
    client = opened(node)
    for i in range(5):
        node.apply(snapshot(target, address=node.address[0], idle_timeout_ms=3000 + i))
        client.sock.sendall(b"ping%d" % i)
        assert client.reader.exactly(5) == b"ping%d" % i


def test_silent_tunnel_ends_after_the_idle_timeout(stage):
    target = stage.target(echo, takes_socket=True)
    node = stage.node(snapshot(target, idle_timeout_ms=1000))
    client = opened(node)
    for _ in range(3):
        time.sleep(0.6)
        client.sock.sendall(b"x")
        assert client.reader.exactly(1) == b"x"
    start = time.monotonic()
    assert client.is_closed(within_s=3)
    assert 0.9 < time.monotonic() - start < 1.7


def test_tunnel_is_cut_when_its_target_has_drained(stage):
    target = stage.target(echo, takes_socket=True)
    node = stage.node(snapshot(target))
    client = opened(node)
    row = {"id": target.address, "port": target.port, "draining": True,
           "drain_until_unix_ms": int((time.time() + 1) * 1000)}
    node.apply(snapshot(groups=[{"name": "targets", "targets": [row]}], address=node.address[0]))
    client.sock.sendall(b"still")
    assert client.reader.exactly(5) == b"still"
    assert client.is_closed(within_s=3)


def test_refused_upgrade_is_an_answer_like_any_other(stage):
    target = stage.target(Answer(426, b"no"))
    node = stage.node(snapshot(target))
    with node.connect() as client:
        assert client.send(ASK).answer().body == b"no"
        assert client.ask("GET").status == 426


def test_grant_that_nobody_asked_for_is_502(stage):
    target = stage.target(Answer(raw=GRANT, close=True))
    node = stage.node(snapshot(target))
    assert node.get().status == 502
    eventually(lambda: len(target.requests) == 1, 2)
