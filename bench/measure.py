# SPDX-License-Identifier: Apache-2.0
"""measure: one case, in rounds. Every step has a deadline, and what was started is stopped whatever
happens."""
import contextlib
import ctypes
import json
import os
import re
import resource
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from cases import FILES, IDLE_CONNECTIONS
from proxies import ROOT, TARGET, Failure, contestants

TOOLS = ROOT / "build/release/bench"
SUITE = "TLS_AES_128_GCM_SHA256"
START_SECONDS = 15
HOLD_SECONDS = 120
H2_SECONDS = 1  # of one run: openalb ends a connection behind 10,000 requests, and h2load makes no new one
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def pin(index):
    core = sorted(os.sched_getaffinity(0))[index]

    def before_exec():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # nothing outlives us, not even when we are killed
        os.sched_setaffinity(0, {core})
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    return before_exec


def build(kind):
    """Installs what is missing, and makes openalb and the tools."""
    subprocess.run([ROOT / "tools/install-packages", "build", kind], check=True)
    subprocess.run(["make", "-s"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", TOOLS.parent, "bench/load", "bench/load_tls", "bench/target"], check=True,
                   stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def folder_with_certificate():
    """ECDSA P-256, for bench.example: the same for all. SIGTERM cleans up, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="openalb-bench.", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx reads it as another user
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "30",
                        "-subj", "/CN=bench.example", "-addext", "subjectAltName=DNS:bench.example"],
                       check=True, capture_output=True)
        (folder / "pair.pem").write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
        yield folder


def wait_for(proxy):
    """Until it forwards: our first health check takes its time."""
    anyone = ssl._create_unverified_context()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        proxy.check()
        try:
            url = f"{'https' if proxy.case.is_tls else 'http'}://{proxy.address}:{proxy.port}/0"
            with urllib.request.urlopen(url, timeout=1, context=anyone):
                return
        except OSError:
            time.sleep(0.05)
    raise Failure(f"{proxy.name} does not forward after {START_SECONDS} s")


@contextlib.contextmanager
def field(case, folder, make=contestants):
    """A target and the proxies of one case, started; stopped at the end, whatever happens."""
    with contextlib.ExitStack() as stack:
        target = subprocess.Popen([TOOLS / "target", "--listen", f"{TARGET[0]}:{TARGET[1]}"], preexec_fn=pin(1),
                                  start_new_session=True)
        stack.callback(target.wait)
        stack.callback(target.kill)
        proxies = make(folder, case)
        for proxy in proxies:
            proxy.start(pin(0))
            stack.callback(proxy.stop)
        for proxy in proxies:
            wait_for(proxy)
        libraries = set().union(*(proxy.crypto_libraries() for proxy in proxies))
        if case.is_tls and len(libraries) != 1:
            raise Failure(f"not all use the same OpenSSL: {', '.join(sorted(libraries))}")
        yield proxies


# ---- the load ----------------------------------------------------------------------------------

def load_command(proxy, case, seconds, more=()):
    where = f"{proxy.address}:{proxy.port}"
    if case.tool == "h2load":
        *options, path = case.load
        return ["h2load", "-t1", f"-D{int(min(seconds, H2_SECONDS) * 1000)}ms", f"--tls13-ciphers={SUITE}", "--groups=X25519",
                f"--connect-to={where}", *options, f"https://bench.example{path}"]
    return [TOOLS / case.tool, "--to", where, "--seconds", str(seconds), *case.load, *more]


def result_of_h2load(text):
    """As our own tools would say it."""
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text)
    if not counts or f"Cipher: {SUITE}" not in text or "Application protocol: h2\n" not in text:
        raise Failure(f"h2load: {text[-400:]}")
    succeeded, *bad = map(int, counts.groups())
    return {"requests": succeeded, "errors": sum(bad)}


def load(proxy, case, seconds, *more):
    """One run of the tool; the answers counted."""
    command = load_command(proxy, case, seconds, more)
    try:
        done = subprocess.run(command, preexec_fn=pin(1), capture_output=True, text=True, timeout=seconds + 30,
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Failure(f"{case.tool} against {proxy.name} did not end") from None
    proxy.check()
    try:
        result = result_of_h2load(done.stdout) if case.tool == "h2load" else json.loads(done.stdout)
    except ValueError:
        raise Failure(f"{case.tool} against {proxy.name}: {done.stderr.strip()}") from None
    check(proxy, case, result, done.stderr)
    return result


def check(proxy, case, result, said):
    """The load did what the case is about."""
    who = f"{proxy.name}, {case.name}"
    if not result["requests"] or result["errors"] > result["requests"] / 1000:
        raise Failure(f"{who}: {result['errors']} errors in {result['requests']} requests: {said.strip()}")
    if case.tool == "load_tls":
        full = result["handshakes"] - result["resumed"]
        firsts = int(case.load[case.load.index("--connections") + 1])  # nothing to resume yet
        if full > firsts if "--resume" in case.load else result["resumed"]:
            raise Failure(f"{who}: {result['resumed']} of {result['handshakes']} handshakes resumed a session")


# ---- the figures -------------------------------------------------------------------------------

def tick():
    sys.stderr.write(".")
    sys.stderr.flush()


def measure_cpu(case, folder, rounds, seconds):
    """CPU microseconds a request."""
    figures, waited_ns = {}, 0
    with field(case, folder) as proxies:
        for proxy in proxies:
            load(proxy, case, 0.5)  # warm
        for _ in range(rounds):
            for proxy in proxies:
                cpu_ns, wait_ns = proxy.times_ns()
                requests = load(proxy, case, seconds)["requests"]
                after_ns, wait_after_ns = proxy.times_ns()
                waited_ns += wait_after_ns - wait_ns
                figures.setdefault(proxy.name, []).append((after_ns - cpu_ns) / 1000 / requests)
            tick()
    share = waited_ns / 1e9 / (rounds * len(proxies) * seconds)
    if share > 0.1:
        sys.stderr.write(f" (busy machine: the proxies waited {share:.0%} of the time for their core)")
    return figures


def hold(proxy, case):
    """Resident KiB for each connection that is held."""
    before = proxy.resident_bytes()
    command = load_command(proxy, case, 1, ["--deadline", str(HOLD_SECONDS)])
    with subprocess.Popen(command, preexec_fn=pin(1), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as holder:
        try:
            if not holder.stdout.readline():  # it ends itself at its deadline
                raise Failure(f"{proxy.name}, {case.name}: {holder.communicate()[1].strip()}")
            time.sleep(1)
            resident = proxy.resident_bytes()
            said = holder.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            raise Failure(f"{proxy.name}, {case.name}: {case.tool} did not end") from None
        finally:
            holder.kill()
    if holder.returncode != 0:
        raise Failure(f"{proxy.name}, {case.name}: {said.strip()}")
    return (resident - before) / 1024 / IDLE_CONNECTIONS


def measure_memory(case, folder, rounds, seconds):
    """KiB a connection; in one round, since memory that was given back once is kept for more."""
    figures = {}
    with field(case, folder) as proxies:
        for proxy in proxies:
            load(proxy, case, 1, "--connections", "64")  # warm
            figures[proxy.name] = [hold(proxy, case)]
            tick()
    return figures


def measure_latency(case, folder, rounds, seconds):
    """The 99th percentile in microseconds at one rate for all."""
    figures = {}
    with field(case, folder) as proxies:
        rate = min(load(proxy, case, 1)["requests"] for proxy in proxies) / 2
        for _ in range(rounds):
            for proxy in proxies:
                p99_us = load(proxy, case, seconds, "--rate", f"{rate:.0f}")["p99_us"]
                figures.setdefault(proxy.name, []).append(p99_us)
            tick()
    return figures


MEASURES = {"cpu": measure_cpu, "memory": measure_memory, "latency": measure_latency}


def measure(case, folder, rounds, seconds):
    """{proxy: [a figure a round]}; raises Failure."""
    try:
        return MEASURES[case.figure](case, folder, rounds, seconds)
    except (OSError, subprocess.SubprocessError) as error:
        raise Failure(f"{type(error).__name__}: {error}") from error
