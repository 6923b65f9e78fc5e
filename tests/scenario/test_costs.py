# SPDX-License-Identifier: Apache-2.0
"""What a request may cost a worker once it is warm: no memory asked for, four system calls."""
import re
import shutil
import signal
import struct
import subprocess
import threading
from pathlib import Path

import pytest
from stage import Certificate, client_context, fixed, forward, rule, snapshot
from stage.node import IS_SANITIZED, WORKERS

HERE = Path(__file__).parent
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 1024\r\nServer: quick\r\n\r\n" + b"x" * 1024

pytestmark = [
    pytest.mark.skipif(IS_SANITIZED, reason="a sanitizer allocates and calls the system for itself"),
    pytest.mark.skipif(WORKERS != "1", reason="every worker warms up for itself"),
]


class Counter:
    """Counts what a node's workers ask malloc for; .prefix starts such a node."""

    def __init__(self, folder):
        self.file, library = Path(folder) / "calls", Path(folder) / "count_malloc.so"
        self.file.write_bytes(bytes(4096))
        subprocess.run(["cc", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o", library,
                        HERE / "stage/count_malloc.c"], check=True)
        self.prefix = ("env", f"LD_PRELOAD={library}", f"COUNT_MALLOC={self.file}")

    def calls(self):
        return struct.unpack("=Q", self.file.read_bytes()[:8])[0]


def quick(request, sock):
    """A target without the cost of a Python answer for each request."""
    sock.sendall(ANSWER)
    while data := sock.recv(65536):
        sock.sendall(ANSWER * data.count(b"\r\n\r\n"))


def ask_many(client, count, ask=b"GET /1024 HTTP/1.1\r\nHost: a.example\r\nUser-Agent: test\r\nAccept: */*\r\n\r\n"):
    """`count` requests one after the other, as fast as Python can."""
    for _ in range(count):
        client.sock.sendall(ask)
        got = b""
        while b"\r\n\r\n" not in got:
            got += client.sock.recv(65536)
        assert got.startswith(b"HTTP/1.1 200")
        head, _, body = got.partition(b"\r\n\r\n")
        left = int(re.search(rb"(?i)content-length: (\d+)", head).group(1)) - len(body)
        while left > 0:
            left -= len(client.sock.recv(65536))


def test_a_warm_worker_asks_for_no_memory(stage, tmp_path):
    counter = Counter(tmp_path)
    node = stage.node(snapshot(stage.target(quick, takes_socket=True)), prefix=counter.prefix)
    clients = [node.connect() for _ in range(4)]
    for client in clients:
        ask_many(client, 50)
    before = counter.calls()
    assert before > 0, "nothing was counted: the test would see nothing"
    for client in clients:
        ask_many(client, 2500)
    assert counter.calls() - before == 0


def test_large_heads_ask_for_no_memory(stage, tmp_path):
    counter = Counter(tmp_path)
    node = stage.node(snapshot(stage.target(quick, takes_socket=True)), prefix=counter.prefix)
    ask = (b"GET /1024 HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-Field-%d: %s\r\n" % (i, b"v" * 100) for i in range(40)) +
           b"Cookie: " + b"c" * 4000 + b"\r\n\r\n")
    with node.connect() as client:
        ask_many(client, 20, ask)
        before = counter.calls()
        ask_many(client, 1000, ask)
        assert counter.calls() - before == 0


def test_tls_asks_for_memory_only_where_its_library_does(stage, tmp_path):
    """OpenSSL takes record buffers when bytes come and gives them back, so that an idle connection holds none."""
    counter = Counter(tmp_path)
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(stage.target(quick, takes_socket=True),
                        listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    node = stage.node({**document, "certificates": [certificate.row]}, prefix=counter.prefix)
    with node.connect(tls=client_context()) as client:
        ask_many(client, 50)
        before = counter.calls()
        ask_many(client, 1000)
        print("calls a request:", (counter.calls() - before) / 1000)
        assert (counter.calls() - before) / 1000 <= 6


def test_uploads_and_our_own_answers_ask_for_no_memory(stage, tmp_path):
    counter = Counter(tmp_path)
    rules = [rule(1, fixed(200, "hello"), {"type": "path-pattern", "values": ["/fixed*"]}),
             rule(0, forward("targets"))]
    node = stage.node(snapshot(stage.target(), rules=rules), prefix=counter.prefix)
    asks = [b"GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"u" * 5000,
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"c" * 1000 + b"\r\n0\r\n\r\n"]
    with node.connect() as client:
        for ask in asks:
            ask_many(client, 20, ask)
        before = counter.calls()
        for ask in asks:
            ask_many(client, 300, ask)
        assert counter.calls() - before == 0


@pytest.mark.skipif(not shutil.which("h2load"), reason="h2load is missing: tools/install-packages check")
def test_http2_asks_for_memory_only_where_its_library_does(stage, tmp_path):
    """nghttp2 allocates streams and fields; what is ours does not grow with requests."""
    counter = Counter(tmp_path)
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(stage.target(quick, takes_socket=True),
                        listener={"protocol": "HTTPS", "certificates": [certificate.arn]})
    node = stage.node({**document, "certificates": [certificate.row]}, prefix=counter.prefix)

    def h2load(requests):
        before = counter.calls()
        done = subprocess.run(["h2load", "-n", str(requests), "-c", "1", "-m", "10",
                               f"https://{node.address[0]}:{node.address[1]}/1024"], capture_output=True, text=True)
        assert f"{requests} succeeded" in done.stdout, done.stdout + done.stderr
        return counter.calls() - before
    h2load(1000)
    small, large = h2load(1000), h2load(5000)
    print("calls a request:", (large - small) / 4000)
    assert (large - small) / 4000 <= 8


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing: tools/install-packages check")
def test_a_keep_alive_request_costs_four_system_calls_and_its_share_of_waiting(stage, tmp_path):
    table, asked = tmp_path / "calls", 8 * 250
    node = stage.node(snapshot(stage.target(quick, takes_socket=True), health={"interval_ms": 60000}))
    clients = [node.connect() for _ in range(8)]
    for client in clients:
        ask_many(client, 20)
    trace = subprocess.Popen(["strace", "-c", "-f", "-U", "name,calls", "-o", table, "-p", str(node.process.pid)],
                             stderr=subprocess.PIPE, text=True)
    assert "attached" in trace.stderr.readline()
    threads = [threading.Thread(target=ask_many, args=(client, 250)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trace.send_signal(signal.SIGINT)
    trace.wait(10)
    calls = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table.read_text(), re.M)}
    print(calls)
    waiting, everything = calls.pop("epoll_wait"), calls.pop("total")
    assert everything - waiting <= 4 * asked + 100  # the main thread's own: reports, a check
    assert waiting <= 4 * asked + 100  # one request at a time: two for each side; shared under load
    assert calls["recvfrom"] + calls.get("sendto", 0) + calls.get("sendmsg", 0) >= 4 * asked  # all was seen
