# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 from clients, as curl and nghttp2's own clients speak it."""
import os
import re
import struct
import subprocess
import threading
import time

import pytest

from stage import Answer, Certificate, eventually, fixed, forward, group, redirect, rule, snapshot
from stage.frames import (ACK, DATA, END_HEADERS, END_STREAM, GET, HEADERS, PING, POST, RST_STREAM, SETTINGS, WINDOW_UPDATE,
                          Frames, block, frame, get, status_of)


def secured(stage, tmp_path, *targets, healthy=True, options=(), **members):
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(*targets, port=8443,
                        listener={"protocol": "HTTPS", "certificates": [certificate.arn]}, **members)
    return stage.node({**document, "certificates": [certificate.row]}, *options, healthy=healthy)


def curl(node, path="/", *options, data=None):
    command = ["curl", "-sSk", "--http2", "--max-time", "20", "-w", "\n%{http_version} %{http_code}",
               f"https://{node.address[0]}:{node.address[1]}{path}", *options]
    done = subprocess.run(command, input=data, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    body, _, last = done.stdout.rpartition(b"\n")
    return (*last.decode().split(), body)


def h2load(node, *options):
    done = subprocess.run(["h2load", *map(str, options), f"https://{node.address[0]}:{node.address[1]}/"],
                          capture_output=True, text=True, timeout=60)
    return {word: int(count) for count, word in re.findall(r"(\d+) (succeeded|failed|errored|timeout|2xx|5xx)",
                                                           done.stdout)}


def test_request_goes_to_an_http1_target_in_lower_case_but_for_seven_fields(stage, tmp_path):
    target = stage.target(Answer(200, b"hello", fields=[("X-Own", "v")]))
    node = secured(stage, tmp_path, target)
    assert curl(node, "/a?b=c", "-H", "X-Mixed-Case: 1") == ("2", "200", b"hello")
    seen = target.requests[0]
    assert seen.start == "GET /a?b=c HTTP/1.1"
    names = seen.names()
    assert {"x-mixed-case", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "Host",
            "X-Amzn-Trace-Id"} <= set(names)
    assert seen.get("x-forwarded-proto") == "https"


def test_bodies_pass_both_ways_whole(stage, tmp_path):
    body = os.urandom(5 << 20)
    target = stage.target(lambda request: Answer(200, request.body[::-1]))
    node = secured(stage, tmp_path, target)
    assert curl(node, "/", "-X", "POST", "--data-binary", "@-", data=body) == ("2", "200", body[::-1])


def test_body_of_unknown_length_arrives_chunk_by_chunk(stage, tmp_path):
    target = stage.target(Answer(200, (b"piece %d\n" % i for i in range(3))))
    node = secured(stage, tmp_path, target)
    assert curl(node) == ("2", "200", b"piece 0\npiece 1\npiece 2\n")


def test_many_streams_of_many_connections(stage, tmp_path):
    target = stage.target(Answer(200, b"x" * 1000))
    node = secured(stage, tmp_path, target)
    got = h2load(node, "-n", 2000, "-c", 5, "-m", 20)
    assert (got["succeeded"], got["failed"], got["errored"]) == (2000, 0, 0)


def test_connection_ends_after_ten_thousand_requests_and_loses_none(stage, tmp_path):
    node = secured(stage, tmp_path, groups=[], rules=[
        {"priority": 0, "actions": [{"type": "fixed-response", "fixed": {"status": 200, "body": "x"}}]}])
    done = subprocess.run(["h2load", "-n", "10100", "-c", "1", "-m", "10",
                           f"https://{node.address[0]}:{node.address[1]}/"], capture_output=True, text=True,
                          timeout=60)
    served = int(re.search(r"(\d+) succeeded", done.stdout).group(1))
    assert 9900 <= served <= 10000


def test_http2_can_be_switched_off(stage, tmp_path):
    node = secured(stage, tmp_path, stage.target(), http2=False)
    assert curl(node)[:2] == ("1.1", "200")


def test_http2_without_tls_is_refused(stage):
    """AWS ALB: no h2c, neither by upgrade nor by prior knowledge."""
    target = stage.target()
    node = stage.node(snapshot(target))
    url = f"http://{node.address[0]}:{node.address[1]}/"
    told = subprocess.run(["curl", "-sS", "--http2", "-w", " %{http_version} %{http_code}", url], capture_output=True)
    assert told.stdout == b"ok 1.1 200"
    with node.connect() as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert client.answer().status == 505
        assert client.is_closed()


def test_target_that_dies_in_its_answer_resets_the_stream_only(stage, tmp_path):
    target = stage.target([Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", close=True),
                           Answer(200, b"whole")])
    node = secured(stage, tmp_path, target)
    done = subprocess.run(["curl", "-sSk", "--http2", f"https://{node.address[0]}:{node.address[1]}/"],
                          capture_output=True)
    assert done.returncode != 0 and done.stdout in (b"", b"half")  # a reset may overtake what it ends
    assert curl(node) == ("2", "200", b"whole")


def test_slow_readers_hold_little(stage, tmp_path):
    """Clients that ask for a lot and read nothing: the targets wait, nobody's memory grows."""
    target = stage.target(Answer(200, b"x" * (4 << 20)))
    node = secured(stage, tmp_path, target)
    before = node.resident_kib()
    held = [subprocess.Popen(["curl", "-sk", "--http2", "--limit-rate", "1k", "-o", "/dev/null",
                              f"https://{node.address[0]}:{node.address[1]}/"]) for _ in range(20)]
    try:
        assert curl(node, "/")[:2] == ("2", "200")
        assert node.grown_kib(before) < 32 * 1024
    finally:
        for process in held:
            process.kill()
            process.wait()


# ---- silence ----------------------------------------------------------------------------------

def ends_within(client, seconds):
    """Whether the node says GOAWAY and closes by then."""
    client.sock.settimeout(seconds)
    try:
        client.goaway()
        return True
    except TimeoutError:
        return False


def test_ping_does_not_keep_an_idle_connection(stage, tmp_path):
    """AWS ALB: PING does not reset the idle timer."""
    node = secured(stage, tmp_path, stage.target(), idle_timeout_ms=1000)
    with Frames(node.address) as client:
        client.sock.settimeout(0.2)
        end, is_closed = time.monotonic() + 3, False
        while not is_closed and time.monotonic() < end:
            client.send(frame(PING, 0, 0, b"12345678") + frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1"))
            try:
                while (got := client.read()) is not None:
                    pass
                is_closed = True
            except TimeoutError:
                pass
        assert is_closed


def test_connection_that_rested_goes_on_where_it_was(stage, tmp_path):
    """It is packed after half a second. The second request refers to fields of the first."""
    target = stage.target(Answer(200, b"hello"))
    node = secured(stage, tmp_path, target)
    url = f"https://{node.address[0]}:{node.address[1]}/"
    with Frames(node.address) as client:
        client.sock.settimeout(3)
        for i in range(3):
            client.send(get(2 * i + 1))
            while (got := client.read())[0] != HEADERS:
                pass
            assert (got[2], status_of(got[3])) == (2 * i + 1, 200)
            time.sleep(0.8)
    done = subprocess.run(["curl", "-sSk", "--http2", "--max-time", "20", "--rate", "60/m", "-w", "%{num_connects}\n",
                           "-o", "/dev/null", url, "-o", "/dev/null", url], capture_output=True, text=True)
    assert done.stdout.split() == ["1", "0"], done.stderr
    assert len(target.requests) == 5


@pytest.mark.parametrize("beginning", [
    frame(HEADERS, END_STREAM, 1, GET),  # CONTINUATION never comes
    frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)[:-3],
    frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)[:5],
])
def test_head_that_never_ends_ends_its_connection(stage, tmp_path, beginning):
    node = secured(stage, tmp_path, stage.target(), idle_timeout_ms=1000)
    with Frames(node.address) as client:
        client.send(beginning)
        assert ends_within(client, 3)


def test_body_that_never_comes_is_a_408_and_harms_no_other_stream(stage, tmp_path):
    node = secured(stage, tmp_path, stage.target(), idle_timeout_ms=1000)
    with Frames(node.address) as client:
        client.send(frame(HEADERS, END_HEADERS, 1, POST))
        client.sock.settimeout(3)
        while (got := client.read())[0] != HEADERS:
            pass
        assert got[2] == 1 and status_of(got[3]) == 408
        client.send(get(3))
        while (got := client.read())[0] != HEADERS:
            pass
        assert got[2] == 3 and status_of(got[3]) == 200


def test_reader_that_grants_no_window_is_let_go(stage, tmp_path):
    node = secured(stage, tmp_path, stage.target(Answer(200, b"x" * 1000)), idle_timeout_ms=1000)
    with Frames(node.address) as client:
        client.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 0)) + get(1))
        client.sock.settimeout(3)
        while (got := client.read())[0] != RST_STREAM:
            pass
        assert got[2] == 1


def upload(client, windows, stream, path, limit):
    """Sends DATA until `limit`, or until the stream's own window has been empty for a while."""
    windows[stream] = 128 * 1024  # as the node's SETTINGS say
    client.send(frame(HEADERS, END_HEADERS, stream, POST.replace(b"\x84", block((":path", path)))))
    sent = 0
    while sent < limit:
        if min(windows[0], windows[stream]) < 16384:
            try:
                kind, _, of, payload = client.read()
            except TimeoutError:
                assert windows[0] >= 16384, f"stream {stream} waits for the others, after {sent} bytes"
                return
            if kind == WINDOW_UPDATE and of in windows:
                windows[of] += int.from_bytes(payload, "big")
            continue
        client.send(frame(DATA, 0, stream, bytes(16384)))
        sent += 16384
        windows[0] -= 16384
        windows[stream] -= 16384


def test_uploads_that_stall_hold_back_no_other_of_their_connection(stage, tmp_path):
    is_over = threading.Event()
    deaf = stage.target(lambda *_: is_over.wait(20) and None, reads_body=False, takes_socket=True)
    node = secured(stage, tmp_path, groups=[group("deaf", deaf), group("good", stage.target(Answer(200)))], rules=[
        rule(1, forward("deaf"), {"type": "path-pattern", "values": ["/deaf"]}), rule(0, forward("good"))])
    with Frames(node.address) as client:
        client.send(frame(SETTINGS, ACK))  # now their windows count
        client.sock.settimeout(0.5)
        windows = {0: 65535}
        for stream in range(1, 17, 2):
            upload(client, windows, stream, "/deaf", 64 << 20)
        upload(client, windows, 17, "/", 1 << 20)
        client.sock.settimeout(5)
        client.send(frame(DATA, END_STREAM, 17))
        while (got := client.read())[0] != HEADERS:
            pass
        assert got[2] == 17 and status_of(got[3]) == 200
    is_over.set()


def test_node_ends_in_order_while_a_head_is_coming(stage, tmp_path):
    node = secured(stage, tmp_path, stage.target())
    with Frames(node.address) as client:
        client.send(frame(HEADERS, END_STREAM, 1, GET))
        assert not ends_within(client, 0.2)
        node.stop()


def test_streams_that_are_under_way_when_the_time_to_drain_is_over_are_503(stage, tmp_path):
    is_over = threading.Event()
    target = stage.target(lambda *_: is_over.wait(20) and None, takes_socket=True)
    node = secured(stage, tmp_path, target, options=["--drain-seconds", "1"])
    with Frames(node.address) as client:
        client.send(get(1) + get(3))
        eventually(lambda: len(target.requests) == 2, 5)
        node.stop()
        heads = []
        while (got := client.read()) is not None:
            heads += [got] if got[0] == HEADERS else []
        assert {stream for _, _, stream, _ in heads} == {1, 3}
        assert status_of(heads[0][3]) == 503
    is_over.set()


# ---- the load balancer's own answers ----------------------------------------------------------

def raw(node, path, *options):
    """The head's lines and the body, as curl shows them."""
    done = subprocess.run(["curl", "-sSki", "--http2", "--max-time", "10", *options,
                           f"https://{node.address[0]}:{node.address[1]}{path}"], capture_output=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return head.decode().split("\r\n"), body


def without_date(lines):
    return [line for line in lines if not line.startswith("date: ")]


def page(title):
    return (f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
            f"</body>\r\n</html>\r\n").encode()


def test_own_answers_over_http2(stage, tmp_path):
    """The same fields in the same order as over HTTP/1.1, in lower case and without Connection."""
    def at(priority, path, action):
        return rule(priority, action, {"type": "path-pattern", "values": [path]})
    node = secured(stage, tmp_path, groups=[], rules=[
        at(1, "/moved/*", redirect(301, host="www.#{host}", port="444", path="/new/#{path}", query="#{query}&h=#{host}&p=#{port}&s=#{protocol}")),
        at(2, "/found", redirect(302, protocol="HTTPS", port="443", host="b.test", path="/#{path}", query="")),
        at(3, "/long/*", redirect(301, host="b.test", path="/#{path}", query="#{query}#{query}")),
        at(4, "/plain", fixed(418 + 82, "no tea", content_type="text/plain")),
        at(5, "/json", fixed(200, "{}", content_type="application/json")),
        rule(0, fixed(404))])
    ip, port = node.address
    lines, body = raw(node, "/moved/x?a=b")
    assert without_date(lines) == [
        "HTTP/2 301 ", "server: awselb/2.0", "content-type: text/html", "content-length: 134",
        f"location: https://www.{ip}:444/new/moved/x?a=b&h={ip}&p={port}&s=https"]
    assert body == page("301 Moved Permanently")
    lines, body = raw(node, "/found?a=b")
    assert lines[0] == "HTTP/2 302 " and lines[-1] == "location: https://b.test:443/found"
    assert body == page("302 Found") and "content-length: 110" in lines
    query = "q" * 4090
    assert raw(node, f"/long/x?{query}")[0][0] == "HTTP/2 507 "
    assert raw(node, f"/long/x?{query[:4000]}")[0][0] == "HTTP/2 301 "
    assert (without_date(raw(node, "/plain")[0]), raw(node, "/plain")[1]) == ([
        "HTTP/2 500 ", "server: awselb/2.0", "content-type: text/plain; charset=utf-8", "content-length: 6"], b"no tea")
    assert (without_date(raw(node, "/json")[0]), raw(node, "/json")[1]) == ([
        "HTTP/2 200 ", "server: awselb/2.0", "content-type: application/json", "content-length: 2"], b"{}")
    assert (without_date(raw(node, "/")[0]), raw(node, "/")[1]) == ([
        "HTTP/2 404 ", "server: awselb/2.0", "content-type: text/plain; charset=utf-8", "content-length: 0"], b"")
    lines, body = raw(node, "/moved/x", "-I")
    assert "content-length: 134" in lines and body == b""


def test_client_that_does_not_fit_the_group_is_464_without_a_body(stage, tmp_path):
    place = {"id": "127.0.0.1", "port": 9}  # nobody is asked
    node = secured(stage, tmp_path, groups=[group("grpc", place, version="GRPC")], rules=[rule(0, forward("grpc"))],
                   healthy=False)
    node.wait_logged("target is unhealthy")  # fails open
    lines, body = raw(node, "/")
    assert (without_date(lines), body) == (["HTTP/2 464 ", "server: awselb/2.0", "content-length: 0"], b"")



def test_names_of_a_request_that_becomes_http1(stage, tmp_path):
    """AWS ALB: all lower case but seven."""
    target = stage.target()
    node = secured(stage, tmp_path, target, tls_fields=True)
    options = ["-H", "X-Forwarded-For: 192.0.2.1", "-H", "Cookie: a=1", "-H", "X-Own: 1", "-H", "TE: trailers",
               "-H", "Expect: 100-continue", "--data", "x"]
    assert curl(node, "/", *options) == ("2", "200", b"ok")
    names = target.requests[0].names()
    assert {name for name in names if name != name.lower()} == {
        "Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id"}
    assert "expect" not in names and "te" not in names
    assert {"cookie", "x-own", "content-length", "content-type", "user-agent", "x-amzn-tls-version"} <= set(names)


def test_client_certificate_is_told_in_lower_case(stage, tmp_path):
    target = stage.target()
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(target, port=8443, listener={"protocol": "HTTPS", "certificates": [certificate.arn],
                                                     "client_auth": "passthrough"})
    node = stage.node({**document, "certificates": [certificate.row]})
    own = Certificate(tmp_path, "client")
    assert curl(node, "/", "--cert", own.file, "--key", own.key_file)[:2] == ("2", "200")
    assert "x-amzn-mtls-clientcert" in target.requests[0].names()
