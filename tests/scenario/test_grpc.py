# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 and gRPC targets, with the gRPC library's own client and server."""
import subprocess
import threading
import time
from concurrent import futures

import grpc
import pytest

from stage import Certificate, eventually, group, snapshot

MIB = 1 << 20
OPTIONS = [("grpc.max_receive_message_length", 64 * MIB), ("grpc.max_send_message_length", 64 * MIB),
           ("grpc.ssl_target_name_override", "a.test"), ("grpc.enable_retries", 0)]


def echo(message, context):
    return message[::-1]


def count(messages, context):
    return b"%d" % sum(len(message) for message in messages)


def split(message, context):
    for byte in message:
        yield bytes([byte])


def converse(messages, context):
    for message in messages:
        yield b"got " + message


def refuse(message, context):
    context.set_trailing_metadata([("why", "because")])
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not today")


def tell(message, context):
    """What the target was told."""
    context.send_initial_metadata([("first", "1")])
    context.set_trailing_metadata([("last", "2")])
    return "\n".join(f"{k}: {v}" for k, v in context.invocation_metadata()).encode()


def who(message, context):
    return context.peer().encode()


def nap(message, context):
    while context.is_active():
        time.sleep(0.01)
    return b""


METHODS = {"/t.T/echo": grpc.unary_unary_rpc_method_handler(echo),
           "/t.T/count": grpc.stream_unary_rpc_method_handler(count),
           "/t.T/split": grpc.unary_stream_rpc_method_handler(split),
           "/t.T/converse": grpc.stream_stream_rpc_method_handler(converse),
           "/t.T/refuse": grpc.unary_unary_rpc_method_handler(refuse),
           "/t.T/tell": grpc.unary_unary_rpc_method_handler(tell),
           "/t.T/who": grpc.unary_unary_rpc_method_handler(who),
           "/t.T/nap": grpc.unary_unary_rpc_method_handler(nap)}


class Server(grpc.GenericRpcHandler):
    """A gRPC target; it keeps the paths of its health checks."""

    def __init__(self, certificate=None, port=0):
        self.checks = []
        self.server = grpc.server(futures.ThreadPoolExecutor(40), options=OPTIONS + [("grpc.so_reuseport", 0)])
        self.server.add_generic_rpc_handlers((self,))
        if certificate:
            row = certificate.row
            credentials = grpc.ssl_server_credentials([(row["key_pem"].encode(), row["chain_pem"].encode())])
            self.port = self.server.add_secure_port(f"127.0.0.1:{port}", credentials)
        else:
            self.port = self.server.add_insecure_port(f"127.0.0.1:{port}")
        self.address = "127.0.0.1"
        self.server.start()

    def service(self, details):
        fields = dict(details.invocation_metadata)
        if "ELB-HealthChecker/2.0" in fields.get("user-agent", ""):
            self.checks.append(details.method)
        return METHODS.get(details.method)

    def stop(self):
        self.server.stop(0).wait()


class Play:
    """A node with an HTTPS listener in front of gRPC targets, and a client."""

    def __init__(self, stage, folder, *targets, health=None, healthy=True, version="GRPC", protocol="HTTP", **members):
        self.certificate = Certificate(folder, "a.test")
        document = snapshot(port=8443, groups=[group("g", *targets, version=version, protocol=protocol,
                                                     health={"interval_ms": 200, "timeout_ms": 150,
                                                             "protocol": protocol, **(health or {})})],
                            listener={"protocol": "HTTPS", "certificates": [self.certificate.arn]}, **members)
        self.node = stage.node({**document, "certificates": [self.certificate.row]}, healthy=healthy)
        self.channel = grpc.secure_channel(
            "ipv4:%s:%d" % self.node.address,
            grpc.ssl_channel_credentials(self.certificate.row["chain_pem"].encode()), OPTIONS)

    def call(self, name, message=b"", timeout_s=10):
        return self.channel.unary_unary(f"/t.T/{name}").with_call(message, timeout=timeout_s)

    def curl(self, *options):
        done = subprocess.run(["curl", "-sSk", "--max-time", "10", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
                               "https://%s:%d/" % self.node.address, *options], capture_output=True, text=True)
        return done.stdout


@pytest.fixture
def servers():
    started = []

    def start(*words, **options):
        started.append(Server(*words, **options))
        return started[-1]
    yield start
    for server in started:
        server.stop()


@pytest.fixture
def play(stage, tmp_path, servers):
    played = Play(stage, tmp_path, servers())
    yield played
    played.channel.close()


def test_unary_call_with_metadata_both_ways(play):
    answer, call = play.call("tell")
    told = dict(line.split(": ", 1) for line in answer.decode().split("\n"))
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-port"] == "8443"
    assert told["x-amzn-trace-id"].startswith("Root=1-")
    assert ("first", "1") in call.initial_metadata()
    assert ("last", "2") in call.trailing_metadata()
    assert call.code() is grpc.StatusCode.OK


def test_client_streaming(play):
    pieces = [bytes([i]) * 10000 for i in range(200)]
    assert play.channel.stream_unary("/t.T/count")(iter(pieces), timeout=10) == b"2000000"


def test_server_streaming(play):
    assert b"".join(play.channel.unary_stream("/t.T/split")(b"abc" * 100, timeout=10)) == b"abc" * 100


def test_bidirectional_streaming_answers_before_the_request_ends(play):
    turn = threading.Semaphore(1)

    def messages():
        for i in range(20):
            turn.acquire()  # the next one only after the answer to the last
            yield b"%d" % i
    got = []
    for answer in play.channel.stream_stream("/t.T/converse")(messages(), timeout=10):
        got.append(answer)
        turn.release()
    assert got == [b"got %d" % i for i in range(20)]


def test_large_messages_pass_whole_both_ways(play):
    message = bytes(range(256)) * (8 * MIB // 256)
    assert play.call("echo", message, timeout_s=30)[0] == message[::-1]


def test_status_and_details_of_the_target_reach_the_client(play):
    with pytest.raises(grpc.RpcError) as refused:
        play.call("refuse")
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert refused.value.details() == "not today"
    assert ("why", "because") in refused.value.trailing_metadata()


def test_cancelled_call_ends_at_the_target_and_harms_no_other(play):
    with pytest.raises(grpc.RpcError) as late:
        play.call("nap", timeout_s=0.3)
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert play.call("echo", b"abc")[0] == b"cba"


def test_many_calls_share_few_connections(play):
    naps = [play.channel.unary_unary("/t.T/nap").future(b"", timeout=20) for _ in range(20)]
    calls = [play.channel.unary_unary("/t.T/who").future(b"", timeout=20) for _ in range(300)]
    assert len({call.result() for call in calls}) <= 3  # the client has one of its own, so one worker serves it
    for sleeper in naps:
        sleeper.cancel()


def test_target_that_ends_is_unavailable_and_then_used_again(stage, tmp_path, servers):
    server = servers()
    play = Play(stage, tmp_path, server, health={"interval_ms": 20000, "timeout_ms": 5000})
    assert play.call("echo", b"ab")[0] == b"ba"
    server.stop()
    with pytest.raises(grpc.RpcError) as gone:
        play.call("echo", b"ab")
    assert gone.value.code() is grpc.StatusCode.UNAVAILABLE
    assert gone.value.details() == "unavailable"
    servers(port=server.port)
    assert play.call("echo", b"ab")[0] == b"ba"
    play.channel.close()


def test_targets_behind_tls_speak_http2_by_alpn(stage, tmp_path, servers):
    play = Play(stage, tmp_path, servers(Certificate(tmp_path, "target.test")), protocol="HTTPS")
    assert play.call("echo", b"abc")[0] == b"cba"
    play.channel.close()


def test_grpc_health_check_matches_the_status(stage, tmp_path, servers):
    """AWS ALB: /AWS.ALB/healthcheck, which nobody serves, gives 12; and 12 is healthy."""
    good, bad = servers(), servers()
    play = Play(stage, tmp_path, good)
    assert good.checks[0] == "/AWS.ALB/healthcheck"
    play.channel.close()
    play = Play(stage, tmp_path, bad, health={"matcher": "0"}, healthy=False)
    play.node.wait_logged("target is unhealthy")
    play.channel.close()
    play = Play(stage, tmp_path, servers(), health={"matcher": "0-1", "path": "/t.T/echo"})
    play.channel.close()


def test_who_cannot_talk_to_whom_gets_464(stage, tmp_path, servers, play):
    assert play.curl("--http1.1") == "1.1 464"
    assert play.curl("--http2") == "2 464"  # GET
    http2 = Play(stage, tmp_path, servers(), version="HTTP2", health={"matcher": "200-499"})
    assert http2.curl("--http1.1") == "1.1 464"
    assert http2.call("echo", b"ab")[0] == b"ba"
    http2.channel.close()
    http1 = Play(stage, tmp_path, stage.target(), version="HTTP1")
    with pytest.raises(grpc.RpcError) as refused:
        http1.call("echo")
    assert "464" in refused.value.details()
    http1.channel.close()



def test_slow_client_holds_the_target_back(stage, tmp_path, servers):
    """Flow control end to end: what nobody reads is not kept in the node."""
    server = servers()
    play = Play(stage, tmp_path, server)
    message = b"x" * (1 * MIB)
    before = play.node.resident_kib()
    stream = play.channel.stream_stream("/t.T/converse")(iter([message] * 64), timeout=30)
    assert len(next(stream)) == MIB + 4
    time.sleep(1)
    assert play.node.grown_kib(before) < 16 * 1024
    assert play.call("echo", b"ab")[0] == b"ba"  # on the same two connections
    assert sum(1 for _ in stream) == 63
    play.channel.close()
    eventually(lambda: play.node.grown_kib(before) < 16 * 1024)
