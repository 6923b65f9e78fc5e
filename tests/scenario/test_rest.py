# SPDX-License-Identifier: Apache-2.0
"""Connections that nobody uses for half a second are packed; those that are soon woken, after twice as long the next time,
and so on. Nothing of that shows but in memory."""
import ssl
import time

import pytest

from stage import Answer, Certificate, client_context, snapshot
from stage.frames import HEADERS, PING, Frames, frame, get, status_of
from stage.node import IS_SANITIZED

REST_SECONDS = (0.7, 1.3, 2.3)  # long enough for the first, the second and the third time
COUNT = 1000


def secured(stage, tmp_path, target, **members):
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(target, port=8443, listener={"protocol": "HTTPS", "certificates": [certificate.arn],
                                                     "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}, **members)
    return stage.node({**document, "certificates": [certificate.row]})


def answer_of(client, stream):
    while (got := client.read())[0] != HEADERS:
        pass
    assert got[2] == stream
    return status_of(got[3])


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_http1_connection_goes_on_where_it_was(stage, tmp_path, newest):
    target = stage.target(lambda request: Answer(200, request.body[::-1]))
    node = secured(stage, tmp_path, target)
    with node.connect(tls=client_context(newest=newest)) as client:
        for seconds, size in zip(REST_SECONDS[:2], (1000, 100_000)):
            body = bytes(range(250)) * (size // 250)
            time.sleep(seconds)
            assert client.ask("POST", "/", body).body == body[::-1]
        time.sleep(REST_SECONDS[2])
        assert client.ask("GET", "/", connection="close").status == 200
        assert client.is_closed()
    assert target.connections == 1 and len(target.requests) == 3


def test_http2_connection_goes_on_where_it_was(stage, tmp_path):
    """The second request refers to fields of the first; PING and the end wake it, too."""
    target = stage.target(Answer(200, b"hello"))
    node = secured(stage, tmp_path, target, idle_timeout_ms=4000)
    with Frames(node.address) as client:
        client.sock.settimeout(5)
        client.send(get(1))
        assert answer_of(client, 1) == 200
        time.sleep(REST_SECONDS[0])
        client.send(get(3))
        assert answer_of(client, 3) == 200
        time.sleep(REST_SECONDS[1])
        client.send(frame(PING, 0, 0, b"12345678"))
        while (got := client.read())[0] != PING:
            pass
        assert got[3] == b"12345678"
        assert client.goaway() == 0  # of the idle timeout
    assert len(target.requests) == 2


def test_answer_that_comes_late_finds_its_client_at_rest(stage, tmp_path):
    def late(request):
        time.sleep(REST_SECONDS[0])
        return Answer(200, b"late")
    node = secured(stage, tmp_path, stage.target(late))
    with node.connect(tls=client_context()) as client, Frames(node.address) as other:
        client.request("GET")
        other.send(get(1))
        assert client.answer().body == b"late"
        assert answer_of(other, 1) == 200


def test_resting_connection_ends_at_its_timeout_and_when_the_node_drains(stage, tmp_path):
    node = secured(stage, tmp_path, stage.target(), idle_timeout_ms=2000)
    with node.connect(tls=client_context()) as client:
        assert client.ask("GET").status == 200
        time.sleep(REST_SECONDS[0])
        assert not client.is_closed(within_s=0.3)
        assert client.is_closed(within_s=3)
    with node.connect(tls=client_context()) as client:
        assert client.ask("GET").status == 200
        time.sleep(REST_SECONDS[0])
        node.stop()
        assert client.is_closed()


@pytest.mark.skipif(IS_SANITIZED, reason="the sanitizer's own memory would be measured")
def test_memory_is_given_back(stage, tmp_path):
    """OpenSSL 3.0 alone keeps 13.3 KiB for a connection that is not packed."""
    node = secured(stage, tmp_path, stage.target())
    context = client_context()

    def ask_on(clients):
        for client in clients:
            assert client.ask("GET").status == 200
    warm = [node.connect(tls=context) for _ in range(50)]
    ask_on(warm)
    time.sleep(REST_SECONDS[0])
    before = node.resident_kib()
    clients = []
    for _ in range(COUNT):
        clients.append(node.connect(tls=context))
        ask_on(clients[-1:])
    for seconds in REST_SECONDS:
        time.sleep(seconds)
        assert (node.resident_kib() - before) / COUNT < 10.5
        ask_on(clients)
    for client in (*warm, *clients):
        client.sock.close()
