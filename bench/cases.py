# SPDX-License-Identifier: Apache-2.0
"""cases: what is measured, with which load, and the goal for each."""
import dataclasses
import resource

FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # what this machine allows a process
IDLE_CONNECTIONS = min(10000, FILES * 2 // 5)  # HAProxy wants two descriptors for each


@dataclasses.dataclass
class Case:
    name: str
    goal: float  # our figure over the better peer's, or, with is_absolute, our figure
    load: list  # arguments of the tool
    tool: str = "load"  # load, load_tls or h2load
    figure: str = "cpu"  # cpu: microseconds a request; memory: KiB a connection; latency: us
    is_absolute: bool = False
    is_tls: bool = False
    is_h2: bool = False
    has_tickets: bool = False  # sessions can be resumed
    rules: int = 0
    note: str = ""


def tls(name, goal, load, tool="load_tls", **more):
    return Case(name, goal, load, tool, is_tls=True, **more)


KEEP_ALIVE = ["--path", "/1024", "--connections", "64"]
NEW = ["--path", "/1024", "--connections", "32"]
HOLD = ["--path", "/0", "--connections", str(IDLE_CONNECTIONS), "--hold", "--sources", "4"]
IDLE_NOTE = f"KiB of resident memory for each of {IDLE_CONNECTIONS} idle connections"

CASES = [
    Case("keep-alive-64", 0.80, KEEP_ALIVE, note="1 KiB answers, 64 connections"),
    Case("keep-alive-1000", 0.65, ["--path", "/1024", "--connections", "1000"], note="the same, 1000 connections"),
    Case("new-connections", 0.90, [*NEW, "--new"], note="a connection a request"),
    Case("answers-64k", 0.90, ["--path", "/65536", "--connections", "32"]),
    Case("answers-1m", 0.80, ["--path", "/1048576", "--connections", "16"]),
    Case("uploads-64k", 0.95, ["--path", "/0", "--upload", "65536", "--connections", "32"]),
    Case("rules-100", 1.05, ["--path", "/path99/1024", "--host", "host99.example", "--connections", "64"], rules=100,
         note="the last of 100 rules matches; the ratio is to our own figure without rules, same requests"),
    tls("tls-keep-alive", 0.75, KEEP_ALIVE, note="1 KiB answers over TLS 1.3, 64 connections"),
    tls("tls-full-handshakes", 0.90, [*NEW, "--new"], note="a TLS connection a request"),
    tls("tls-resumed", 0.90, [*NEW, "--resume"], has_tickets=True, note="the same, each resumes a session"),
    tls("h2-tls", 0.60, ["-c10", "-m32", "/1024"], "h2load", is_h2=True,
        note="HTTP/2, 10 connections with 32 streams each, 1 KiB answers"),
    tls("tls-answers-1m", 0.95, ["--path", "/1048576", "--connections", "16"]),
    Case("idle-memory", 0.5, HOLD, figure="memory", is_absolute=True, note=IDLE_NOTE),
    tls("idle-memory-tls", 12, HOLD, figure="memory", is_absolute=True, has_tickets=True, note=IDLE_NOTE + ", TLS 1.3"),
    tls("idle-memory-h2", 14, [*HOLD, "--h2"], figure="memory", is_absolute=True, is_h2=True, has_tickets=True,
        note=IDLE_NOTE + ", HTTP/2 over TLS"),
    Case("p99-half-load", 1.0, KEEP_ALIVE, figure="latency",
         note="99th percentile in us, all at half of the slowest one's capacity"),
]
