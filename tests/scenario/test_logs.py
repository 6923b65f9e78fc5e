# SPDX-License-Identifier: Apache-2.0
"""The access log and the connection log, line by line."""
import os
import re
import subprocess
import threading
import time
from datetime import datetime, timezone

import pytest

from stage import Answer, Certificate, client_context, eventually, fixed, forward, group, redirect, rule, snapshot

FIELDS = """type time elb client target request_time target_time response_time elb_status target_status received sent
 request user_agent cipher protocol group_arn trace_id domain certificate priority created actions redirect_url
 error_reason target_list target_status_list class class_reason conn_trace transformed_host transformed_uri
 transform_status ip target_error elb_error""".split()
CONNECTION_FIELDS = """time client_ip client_port listener_port protocol cipher latency subject validity serial status
 conn_trace key_exchange elb ip""".split()
CHECK_FIELDS = "type time latency target group result status reason elb ip".split()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")
SECONDS = re.compile(r"\d+\.\d{3}")
NO_TIMES = ("-1", "-1", "-1")
ON = {"access_log": True, "connection_log": True}


class Line:
    """A line's fields by name; quotes are off."""

    def __init__(self, text, names):
        parts = re.findall(r'"[^"]*"|[^ ]+', text)
        assert " ".join(parts) == text, text
        assert len(parts) == len(names), text
        self.text = text
        for name, part in zip(names, parts):
            setattr(self, name, part.strip('"'))

    @property
    def times(self):
        return self.request_time, self.target_time, self.response_time


class Logs:
    """A node's logs, as it writes them itself; in the order of their times, since each worker hands its lines over
    when it has some."""

    def __init__(self, folder):
        self.access_file, self.connection_file = folder / "access.log", folder / "connection.log"
        self.check_file = folder / "checks.log"
        self.options = ["--access-log", str(self.access_file), "--connection-log", str(self.connection_file)]

    def checks(self):
        return [Line(line, CHECK_FIELDS) for line in self.check_file.read_text().splitlines()]

    def read(self, file, names, count):
        def whole():
            return file.read_bytes().count(b"\n") >= count
        eventually(whole, 5, f"{count} lines in {file}")
        text = file.read_bytes().decode("ascii")
        assert text.endswith("\n") and text.count("\n") == count, text
        return sorted((Line(line, names) for line in text.splitlines()), key=lambda line: line.time)

    def access(self, count=1):
        return self.read(self.access_file, FIELDS, count)

    def connections(self, count=1):
        return self.read(self.connection_file, CONNECTION_FIELDS, count)


@pytest.fixture
def logs(tmp_path):
    return Logs(tmp_path)


def secured(*targets, certificates, listener=None, **members):
    document = snapshot(*targets, port=8443,
                        listener={"protocol": "HTTPS", "certificates": [c.arn for c in certificates],
                                  "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06", **(listener or {})}, **members)
    return {**document, "certificates": [c.row for c in certificates]}


def seconds(line):
    return datetime.strptime(line, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()


def test_a_forwarded_request_is_one_line_of_36_fields(stage, logs):
    target = stage.target(Answer(201, b"hello", delay_s=0.12))
    node = stage.node(snapshot(target), *logs.options)
    before = time.time()
    with node.connect() as client:
        answer = client.ask("POST", "/a/b?c=d%20e", b"body", User_Agent='agent "1" \\x')
        client_port = client.sock.getsockname()[1]
        line = logs.access()[0]
    assert line.type == "http" and line.elb == "app/alb/0000000000000000"
    assert TIME.fullmatch(line.time) and TIME.fullmatch(line.created)
    assert before - 0.05 <= seconds(line.created) <= seconds(line.time) - 0.1 <= time.time()
    assert line.client == f"127.0.0.1:{client_port}"
    assert line.target == line.target_list == f"127.0.0.1:{target.port}"
    assert all(SECONDS.fullmatch(t) for t in line.times)
    assert 0.1 <= float(line.target_time) < 2 and float(line.request_time) < 0.1 and line.response_time == "0.000"
    assert line.elb_status == line.target_status == line.target_status_list == "201"
    request = 'POST /a/b?c=d%20e HTTP/1.1\r\nUser-Agent: agent "1" \\x\r\nHost: test.example\r\nContent-Length: 4\r\n\r\n'
    assert int(line.received) == len(request) + 4
    head = answer.start + "\r\n" + "".join(f"{n}: {v}\r\n" for n, v in answer.fields) + "\r\n"
    assert int(line.sent) == len(head) + 5
    assert line.request == "POST http://test.example:8080/a/b?c=d%20e HTTP/1.1"
    assert line.user_agent == r"agent \x221\x22 \x5Cx"
    assert (line.cipher, line.protocol, line.domain, line.certificate) == ("-", "-", "-", "-")
    assert line.group_arn == "targets"
    assert TRACE.fullmatch(line.trace_id) and target.requests[0].get("x-amzn-trace-id") == line.trace_id
    assert (line.priority, line.actions, line.redirect_url, line.error_reason) == ("0", "forward", "-", "-")
    assert (line.class_reason, getattr(line, "class")) == ("-", "-")
    assert re.fullmatch(r"TID_[0-9a-f]{32}", line.conn_trace)
    assert (line.transformed_host, line.transformed_uri, line.transform_status) == ("-", "-", "-")
    assert (line.ip, line.target_error, line.elb_error) == (node.address[0], "-", "-")


def test_requests_of_one_connection_share_its_trace_with_its_own_line(stage, logs):
    target = stage.target()
    node = stage.node(snapshot(target), *logs.options)
    with node.connect() as client:
        for path in ("/1", "/2", "/3"):
            client.ask("GET", path)
        port = client.sock.getsockname()[1]
    node.get("/4")
    lines = logs.access(4)
    assert [line.request.split("8080")[1] for line in lines] == [f"/{n} HTTP/1.1" for n in (1, 2, 3, 4)]
    assert len({line.conn_trace for line in lines}) == 2 and len({line.trace_id for line in lines}) == 4
    mine, other = logs.connections(2)
    assert {mine.conn_trace} == {line.conn_trace for line in lines[:3]} and other.conn_trace == lines[3].conn_trace
    assert (mine.client_ip, mine.client_port, mine.listener_port) == ("127.0.0.1", str(port), "8080")
    assert (mine.protocol, mine.cipher, mine.latency, mine.subject, mine.validity, mine.serial, mine.status,
            mine.key_exchange) == ("-",) * 8
    assert (mine.elb, mine.ip) == ("app/alb/0000000000000000", node.address[0])


def test_what_the_balancer_answers_itself(stage, logs):
    node = stage.node(snapshot(groups=[group("empty")], rules=[
        rule(7, fixed(404, "no"), {"type": "path-pattern", "values": ["/fixed"]}),
        rule(50000, redirect(302, host="new.test", port="81", query="q"),
             {"type": "path-pattern", "values": ["/moved"]}),
        rule(0, forward("empty"))]), *logs.options)
    for path in ("/fixed", "/moved", "/empty"):
        node.get(path)
    one, two, three = logs.access(3)
    told = [(line.elb_status, line.target_status, line.target, line.priority, line.actions, line.redirect_url,
             line.group_arn) for line in (one, two, three)]
    assert told == [("404", "-", "-", "7", "fixed-response", "-", "-"),
                    ("302", "-", "-", "50000", "redirect", "http://new.test:81/moved?q", "-"),
                    ("503", "-", "-", "0", "forward", "-", "empty")]
    for line in (one, two, three):
        assert line.times == NO_TIMES and TRACE.fullmatch(line.trace_id)
        assert (line.target_list, line.target_status_list) == ("-", "-")


BROKEN = [  # what is sent, status, class, reason
    ("GET / HTTP/1.1\nHost: a\nContent-Length: x\n\n", 400, "Severe", "BadContentLength"),
    ("GET / HTTP/1.1\nHost: a\nA\x00B: x\n\n", 400, "Severe", "BadHeader"),
    ("G@T / HTTP/1.1\nHost: a\n\n", 400, "Severe", "BadMethod"),
    ("GET / HTTP/9.1\nHost: a\n\n", 505, "Severe", "BadVersion"),
    ("\x16\x03\x01 hello", 400, "-", "-"),
    ("GET /" + "x" * 17000 + " HTTP/1.1\nHost: a\n\n", 414, "-", "-"),
    ("GET / HTTP/1.1\n\n", 400, "-", "-"),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n\n", 501, "-", "-"),
]


@pytest.mark.parametrize("sent,status,desync,reason", BROKEN, ids=[f"{b[1]}-{b[3]}-{i}" for i, b in
                                                                               enumerate(BROKEN)])
def test_a_broken_head_is_a_line_of_dashes(stage, logs, sent, status, desync, reason):
    node = stage.node(snapshot(stage.target()), *logs.options)
    with node.connect() as client:
        assert client.send(sent).answer().status == status
        line = logs.access()[0]
    assert line.type == "http" and line.elb_status == str(status) and line.target_status == "-"
    assert line.request == "- http://alb-1.us-east-1.elb.internal:8080- -"
    assert (line.target, line.times, line.priority, line.actions) == ("-", NO_TIMES, "-", "-")
    assert (line.user_agent, line.trace_id) == ("-", "-")
    assert (getattr(line, "class"), line.class_reason) == (desync, reason)


DESYNC = [  # head, status in each of the three modes, class, reason
    ("GET /a b HTTP/1.1\nHost: a\n\n", "Acceptable", "SpaceInUri"),
    ("GET / HTTP/1.7\nHost: a\n\n", "Acceptable", "NonCompliantVersion"),
    ("GET / HTTP/1.1\nHost: a\nContent-Length: 0\n\n", "Acceptable", "GetHeadZeroContentLength"),
    ("GET / HTTP/1.1\nHost: a\nContent-Length: 1\n\nx", "Ambiguous", "UndefinedContentLengthSemantics"),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 1\n\nx", "Ambiguous", "DuplicateContentLength"),
    ("POST / HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n", "Ambiguous",
     "BothTeClPresent"),
]


@pytest.mark.parametrize("mode", ["monitor", "defensive", "strictest"])
def test_desync_class_and_reason_are_told_in_every_mode(stage, logs, mode):
    target = stage.target()
    node = stage.node(snapshot(target, desync_mode=mode), *logs.options)
    for head, _, _ in DESYNC:
        with node.connect() as client:
            assert client.send(head).answer().status == (400 if mode == "strictest" else 200)
    lines = logs.access(len(DESYNC))
    assert [(getattr(line, "class"), line.class_reason) for line in lines] == [row[1:] for row in DESYNC]
    assert {(line.elb_status, line.actions) for line in lines} == {("400", "-") if mode == "strictest" else
                                                                  ("200", "forward")}
    assert lines[0].request == "GET http://a:8080/a%20b HTTP/1.1"


def test_a_client_that_leaves_before_its_answer_is_460(stage, logs):
    leave = threading.Event()
    target = stage.target(lambda request: leave.wait(5) and Answer(200))
    node = stage.node(snapshot(target), *logs.options)
    client = node.connect()
    client.request("GET", "/slow")
    eventually(lambda: target.requests, 5, "the request arrives")
    client.reset()
    line = logs.access()[0]
    leave.set()
    assert (line.elb_status, line.target_status, line.times) == ("460", "-", NO_TIMES)
    assert line.target == f"127.0.0.1:{target.port}" and line.actions == "forward" and line.sent == "0"


def test_a_client_that_leaves_inside_its_body_is_400(stage, logs):
    target = stage.target(reads_body=False)
    target.answers = lambda request: time.sleep(0.5) or Answer(200)
    node = stage.node(snapshot(target), *logs.options)
    client = node.connect()
    client.send("POST / HTTP/1.1\nHost: a\nContent-Length: 10\n\nhalf")
    assert client.finish().answer().status == 400
    line = logs.access()[0]
    assert (line.elb_status, line.target_status, line.target, line.times) == ("400", "-", "-", NO_TIMES)


FAILING = [  # the target's way, status, whether it says how long dispatching took
    (lambda request, sock: None, "502", False),
    (lambda request, sock: sock.sendall(b"no http\r\n\r\n"), "502", True),
    (lambda request, sock: time.sleep(2), "504", True),
]


@pytest.mark.parametrize("way,status,is_dispatched", FAILING, ids=["closes", "no-http", "late"])
def test_a_target_that_fails(stage, logs, way, status, is_dispatched):
    target = stage.target(way, takes_socket=True)
    node = stage.node(snapshot(target, idle_timeout_ms=700), *logs.options)
    assert node.ask("POST", "/", b"x").status == int(status)
    line = logs.access()[0]
    assert (line.elb_status, line.target_status, line.target) == (status, "-", f"127.0.0.1:{target.port}")
    assert line.times[1:] == NO_TIMES[1:]
    assert SECONDS.fullmatch(line.request_time) if is_dispatched else line.request_time == "-1"


def test_a_target_that_refuses(stage, logs):
    target = stage.target()
    node = stage.node(snapshot(target, health={"interval_ms": 60000, "timeout_ms": 1000}), *logs.options)
    target.stop()
    assert node.get().status == 502
    line = logs.access()[0]
    assert (line.elb_status, line.times, line.target) == ("502", NO_TIMES, f"127.0.0.1:{target.port}")


OPENING = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
GET, UPGRADE = "GET / HTTP/1.1\nHost: a\n", "GET / HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n\n"
UNDER_WAY = [  # what is asked, what the target says before it is silent; the client's status and the line's two
    ("no answer", GET + "\n", b"", 503, "503", "-"),
    ("half a body", "POST / HTTP/1.1\nHost: a\nContent-Length: 9\n\nhalf", b"", 503, "503", "-"),
    ("half an answer", GET + "\n", OPENING, 200, "200", "200"),
    ("a tunnel", UPGRADE, SWITCHING, 101, "101", "101"),
]


@pytest.mark.parametrize("asked,said,status,elb_status,target_status", [row[1:] for row in UNDER_WAY],
                         ids=[row[0] for row in UNDER_WAY])
def test_what_is_under_way_when_the_time_to_drain_is_over_is_told_and_logged(stage, logs, asked, said, status, elb_status,
                                                                             target_status):
    is_over = threading.Event()

    def answer(request, sock):
        sock.sendall(said)
        is_over.wait(20)
    target = stage.target(answer, reads_body=False, takes_socket=True)
    node = stage.node(snapshot(target), "--drain-seconds", "1", *logs.options)
    with node.connect() as client:
        client.send(asked)
        eventually(lambda: target.requests, 3)
        if said:
            assert client.reader.head().status == status
        node.stop()
        if not said:
            answer = client.answer()
            assert (answer.status, answer.get("Connection")) == (status, "close")
    is_over.set()
    line = logs.access()[0]
    assert (line.elb_status, line.target_status, line.target) == (elb_status, target_status, f"127.0.0.1:{target.port}")


@pytest.mark.parametrize("is_tls", [False, True], ids=["ws", "wss"])
def test_a_websocket_is_one_line_when_it_ends(stage, logs, tmp_path, is_tls):
    def echo(request, sock):
        sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while data := sock.recv(65536):
            sock.sendall(data)
    target = stage.target(echo, takes_socket=True)
    document = secured(target, certificates=[Certificate(tmp_path, "a.test")]) if is_tls else snapshot(target)
    node = stage.node(document, *logs.options)
    client = node.connect(tls=client_context() if is_tls else None)
    client.send("GET /chat HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Key: eA==\n"
                "Sec-WebSocket-Version: 13\n\n")
    assert client.reader.head().status == 101
    client.sock.sendall(b"x" * 1000)
    assert client.reader.exactly(1000) == b"x" * 1000
    time.sleep(0.4)
    assert logs.access_file.read_bytes() == b""
    client.close()
    line = logs.access()[0]
    assert (line.type, line.elb_status, line.target_status) == ("wss" if is_tls else "ws", "101", "101")
    assert int(line.received) > 1100 and int(line.sent) > 1050
    assert seconds(line.time) - seconds(line.created) > 0.3
    assert line.request.startswith("GET " + ("https://a:8443/chat" if is_tls else "http://a:8080/chat"))


def test_https_tells_of_its_tls(stage, logs, tmp_path):
    certificates = [Certificate(tmp_path, "default.test"), Certificate(tmp_path, "*.b.test")]
    node = stage.node(secured(stage.target(), certificates=certificates), *logs.options)
    for name in ("www.B.test", "other.test", None):
        with node.connect(tls=client_context(), name=name) as client:
            client.ask("GET")
    lines = logs.access(3)
    assert [(line.domain, line.certificate) for line in lines] == [
        ("www.B.test", certificates[1].arn), ("-", certificates[0].arn), ("-", certificates[0].arn)]
    for line in lines:
        assert (line.type, line.cipher, line.protocol) == ("https", "TLS_AES_128_GCM_SHA256", "TLSv1.3")
        assert line.request == "GET https://test.example:8443/ HTTP/1.1"
    connection = logs.connections(3)[0]
    assert (connection.protocol, connection.cipher) == ("TLSv1.3", "TLS_AES_128_GCM_SHA256")
    assert SECONDS.fullmatch(connection.latency) and connection.key_exchange == "x25519"
    assert (connection.status, connection.subject) == ("-", "-")
    assert connection.conn_trace == lines[0].conn_trace


def test_http2_and_grpc_have_types_of_their_own(stage, logs, tmp_path):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")]), *logs.options)
    url = f"https://{node.address[0]}:{node.address[1]}"
    for options in ([], ["-H", "content-type: application/grpc", "--data", "x"]):
        subprocess.run(["curl", "-sk", "--http2", "-A", "agent", "-o", "/dev/null", f"{url}/p?q", *options])
    one, two = logs.access(2)
    assert (one.type, one.request) == ("h2", f"GET {url}/p?q HTTP/2.0")
    assert (one.elb_status, one.target_status, one.user_agent, one.protocol) == ("200", "200", "agent", "TLSv1.3")
    assert int(one.received) > 20 and 10 < int(one.sent) < 100 and one.elb_error == "-"
    assert (two.type, two.elb_status, two.target) == ("grpcs", "464", "-")


def test_an_http2_answer_that_breaks_off_tells_of_its_reset(stage, logs, tmp_path):
    target = stage.target(Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", close=True))
    node = stage.node(secured(target, certificates=[Certificate(tmp_path, "a.test")]), *logs.options)
    url = f"https://{node.address[0]}:{node.address[1]}"
    assert subprocess.run(["curl", "-sk", "--http2", "-o", "/dev/null", url]).returncode == 92
    line = logs.access()[0]
    assert (line.type, line.elb_status, line.target_status, line.elb_error) == ("h2", "200", "200", "0x2")


def test_handshakes_that_fail_are_connections_and_no_requests(stage, logs, tmp_path):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")]), *logs.options)
    with node.connect() as client:
        client.send("GET / HTTP/1.1\nHost: a\n\n").answer()
    with node.connect() as client:
        client.send("\x16\x03\x01\x00\x05hello")
        assert client.reader.exactly(7)[:1] == b"\x15"  # an alert, and nothing more
        assert client.is_closed()
    clear, garbage = logs.connections(2)
    for line in (clear, garbage):
        assert line.status == "Failed:UnmappedConnectionError"
        assert (line.protocol, line.cipher, line.latency, line.key_exchange) == ("-",) * 4
    assert logs.access_file.read_bytes() == b""


@pytest.mark.skipif(os.environ.get("OPENALB_WORKERS", "1") != "1", reason="limits are counted per worker")
def test_connection_that_is_one_too_many_has_a_line(stage, logs, tmp_path):
    node = stage.node(secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")]), *logs.options,
                      "--connections-max", "20")
    held = [node.connect(tls=client_context()) for _ in range(16)]  # as many as one source may have
    over = node.connect()
    port = over.sock.getsockname()[1]
    assert over.is_closed()
    # not always the last: a TLS 1.3 client is done before the node has read that it is
    [last] = [line for line in logs.connections(17) if line.client_port == str(port)]
    assert (last.listener_port, last.status) == ("8443", "Failed:UnmappedConnectionError")
    assert (last.protocol, last.cipher, last.latency, last.key_exchange, last.subject) == ("-",) * 5
    assert re.fullmatch("TID_[0-9a-f]{32}", last.conn_trace) and last.ip == node.address[0]
    for client in held:
        client.close()


def shows(node, certificate):
    """Whether a client that shows this certificate gets an answer."""
    try:
        with node.connect(tls=client_context(shows=certificate)) as client:
            return client.ask("GET").status == 200
    except OSError:
        return False
    except AssertionError:
        return False


def test_client_certificates_are_told_with_the_reason_when_they_are_refused(stage, logs, tmp_path):
    authority, stranger = (Certificate(tmp_path, name, is_ca=True) for name in ("authority", "stranger"))
    good, bad = Certificate(tmp_path, "good", ca=authority), Certificate(tmp_path, "bad", ca=stranger)
    document = secured(stage.target(), certificates=[Certificate(tmp_path, "a.test")],
                       listener={"client_auth": "verify", "trust_store": "trust"})
    node = stage.node({**document, "trust_stores": [{"arn": "trust", "bundle_pem": authority.file.read_text()}]},
                      *logs.options)
    assert shows(node, good)
    assert not shows(node, bad)
    assert not shows(node, None)
    fine, refused, none = logs.connections(3)
    assert (fine.status, fine.subject) == ("Success", "CN=good")
    assert re.fullmatch(r"NotBefore=\S+Z;NotAfter=\S+Z", fine.validity) and re.fullmatch("[0-9A-F]+", fine.serial)
    assert (refused.status, refused.subject, refused.latency) == ("Failed:ClientCertUntrusted", "CN=bad", "-")
    assert re.fullmatch("[0-9A-F]+", refused.serial)
    assert (none.status.split(":")[0], none.subject, none.serial) == ("Failed", "-", "-")
    assert len(logs.access(1)) == 1


CHECKS = [  # the answer to checks, verdict, status, reason
    (Answer(200), "PASS", "200", "-"),
    (Answer(404), "FAIL", "404", "ResponseCodeMismatch"),
    (Answer(503), "FAIL", "503", "TargetError"),
    (Answer(200, raw=b"", close=True), "FAIL", "-", "ConnectionReset"),
    (Answer(200, delay_s=0.7), "FAIL", "-", "TimedOut"),
]


@pytest.mark.parametrize("answer,verdict,status,reason", CHECKS, ids=[f"{c[2]}-{c[3]}" for c in CHECKS])
def test_every_health_check_is_a_line(stage, logs, answer, verdict, status, reason):
    target = stage.target()
    target.health = answer
    node = stage.node(snapshot(target, health={"interval_ms": 400, "timeout_ms": 350}), "--health-check-log",
                      str(logs.check_file), healthy=False)
    eventually(lambda: len(logs.checks()) >= 2, 10, "two lines")
    lines = logs.checks()
    for line in lines:
        assert (line.type, line.target, line.group) == ("http", f"127.0.0.1:{target.port}", "targets")
        assert (line.result, line.status, line.reason) == (verdict, status, reason)
        assert re.fullmatch(r"\d\.\d{9}", line.latency) and TIME.fullmatch(line.time)
        assert (line.elb, line.ip) == ("app/alb/0000000000000000", node.address[0])
        assert float(line.latency) >= 0.34 if reason == "TimedOut" else float(line.latency) < 0.35
    assert seconds(lines[1].time) > seconds(lines[0].time)


def test_health_checks_of_http2_and_https_have_types_of_their_own(stage, logs, tmp_path):
    target = stage.target(tls=Certificate(tmp_path, "a.test").context())
    stage.node(snapshot(target, health={"protocol": "HTTPS"}, group_members={"protocol": "HTTPS"}),
               "--health-check-log", str(logs.check_file))
    eventually(lambda: logs.checks(), 5, "a line")
    assert logs.checks()[0].type == "https"


def test_no_request_forges_a_line(stage, logs):
    node = stage.node(snapshot(stage.target()), *logs.options)
    forged = 'x" 1 2\r\nhttp 2026-01-01T00:00:00.000000Z'
    with node.connect() as client:
        client.ask("GET", '/"\\' + "%0a", User_Agent='"\\\x80\xff\t', Host='a')
    with node.connect() as client:
        client.send(f"GET /{forged}".encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n").answer()
    with node.connect() as client:
        client.send(b"GET /\x01\x7f\x0b HTTP/1.1\r\nHost: a\r\n\r\n").answer()
    one, two, three = logs.access(3)
    assert one.request == r"GET http://a:8080/\x22\x5C%0a HTTP/1.1"
    assert one.user_agent == r"\x22\x5C\x80\xFF\x09" or one.user_agent == r"\x22\x5C\x80\xFF"
    assert two.elb_status == "400" and three.elb_status in ("200", "400")


def test_only_balancers_that_want_it_are_logged_and_changes_count_at_once(stage, logs):
    """Without the options, a snapshot alone decides; nobody takes the lines then, and nothing breaks."""
    target = stage.target()
    node = stage.node(snapshot(target, **ON))
    assert [node.get().status for _ in range(3)] == [200] * 3
    node.apply(snapshot(target, address=node.address[0]))
    assert node.get().status == 200


def test_a_flood_of_lines_stays_within_its_limit(stage, tmp_path):
    """Into a pipe that nobody reads: requests are served on, lines are dropped aloud."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    node = stage.node(snapshot(stage.target(), rules=[rule(0, fixed(200, "x"))]), "--access-log", str(pipe), healthy=False)
    with node.connect() as client:
        for _ in range(100):  # of 32 KB each
            assert client.ask("GET", User_Agent='"' * 8000).status == 200
    node.wait_logged("log lines are dropped")
    os.set_blocking(end, True)
    got = []
    reader = threading.Thread(target=lambda: got.extend(iter(lambda: os.read(end, 65536), b"")))
    reader.start()
    node.stop()
    reader.join(5)
    os.close(end)
    text = b"".join(got)
    assert (1 << 20) // 2 < len(text) < (3 << 20) // 2 and text.endswith(b" - -\n")
    assert {Line(line, FIELDS).elb_status for line in text.decode().splitlines()} == {"200"}
