# SPDX-License-Identifier: Apache-2.0
"""node: `openalb node` and `openalb dns` on a snapshot file: started, changed, ended, and asked for
their logs."""
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

from .client import Client
from .target import Target
from .wait import eventually, free_address

ROOT = Path(__file__).resolve().parents[3]
OPENALB = os.environ.get("OPENALB", str(ROOT / "build" / "openalb"))

IS_SANITIZED = any(name in Path(OPENALB).read_bytes() for name in (b"__asan_init", b"__tsan_init"))
WORKERS = os.environ.get("OPENALB_WORKERS", "1")


class Process:
    """A role that works from a snapshot file."""

    def __init__(self, folder, document, *command, prefix=()):
        self.file = Path(folder) / "snapshot.json"
        self.log = []
        self.write(document)
        self.process = subprocess.Popen([*prefix, OPENALB, *command, "--snapshot", str(self.file)],
                                        stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()

    def write(self, document):
        self.document = document
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(document, indent=1))
        new.replace(self.file)

    def read_log(self):
        for line in self.process.stderr:
            self.log.append(line)

    def logged(self, pattern):
        return [line for line in list(self.log) if re.search(pattern, line)]

    def wait_logged(self, pattern, count=1, seconds=5.0):
        def found():
            assert self.process.poll() is None or self.logged(pattern), self.ended()
            return len(self.logged(pattern)) >= count
        eventually(found, seconds, f"{count} times {pattern!r} in the log:\n{''.join(self.log)}")

    def wait_ready(self):
        self.wait_logged(f"snapshot accepted.*\"{self.document['revision']}\"")
        return self

    def apply(self, document):
        """A new snapshot; its revision follows the last one's."""
        document["revision"] = self.document["revision"] + 1
        self.write(document)
        self.process.send_signal(signal.SIGHUP)
        return self.wait_ready()

    def memory_kib(self, name):
        """0 under sanitizers, whose own memory would be measured; then nothing seems to grow."""
        if IS_SANITIZED:
            return 0
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", status).group(1))

    def resident_kib(self):
        """Now; the peak begins anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.memory_kib("VmRSS")

    def grown_kib(self, before):
        """At its peak, since it was `before`."""
        return self.memory_kib("VmHWM") - before

    def ended(self):
        return f"{self.process.args[1]} ended with {self.process.poll()}:\n{''.join(self.log)}"

    def stop(self):
        """Ends it in an orderly way; its exit code must be 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(15)  # longer than it drains
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it does not end on SIGTERM:\n{''.join(self.log)}")
        self.reader.join(5)
        assert code == 0, self.ended()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Node(Process):
    def __init__(self, folder, document, *options, prefix=()):
        super().__init__(folder, document, "node", "--zone", "us-east-1a", "--workers", WORKERS, *options,
                         prefix=prefix)

    def write(self, document):
        super().write(document)
        balancer = document["balancers"][0]
        self.address = (balancer["addresses"][0]["ip"], balancer["listeners"][0]["port"])

    def wait_healthy(self):
        """Until every target that answers health checks has passed as many as it must."""
        for group in self.document["groups"]:
            for target in group["targets"]:
                self.wait_logged(f"target is healthy.*{re.escape(target['id'])}:{target['port']}\"")
        return self

    def connect(self, **options):
        return Client(self.address, **options)

    def ask(self, method, target="/", body=None, **fields):
        """One request on a connection of its own."""
        with self.connect() as client:
            return client.ask(method, target, body, **fields)

    def get(self, target="/", **fields):
        return self.ask("GET", target, **fields)


class NameServer(Process):
    PORT = 5353

    def __init__(self, folder, document, *options, prefix=()):
        self.address = free_address()
        super().__init__(folder, document, "dns", "--dns", f"{self.address}:{self.PORT}", *options)

    def dig(self, *words):
        """What dig prints, without the lines that only dig knows."""
        command = ["dig", f"@{self.address}", "-p", str(self.PORT), "+tries=1", "+time=3", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout


class Stage:
    """Makes what a scenario needs, and cleans up behind it."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes = []
        self.targets = []

    def target(self, answers=None, **options):
        self.targets.append(Target(answers, **options))
        return self.targets[-1]

    def node(self, document, *options, healthy=True, prefix=()):
        """A node that is ready; with `healthy`, also its targets are. `prefix`: a command
        that starts it, as prlimit."""
        folder = Path(self.folder) / f"node{len(self.nodes)}"
        folder.mkdir()
        self.nodes.append(Node(folder, document, *options, prefix=prefix))
        self.nodes[-1].wait_ready()
        return self.nodes[-1].wait_healthy() if healthy else self.nodes[-1]

    def name_server(self, document, *options):
        folder = Path(self.folder) / f"dns{len(self.nodes)}"
        folder.mkdir()
        self.nodes.append(NameServer(folder, document, *options))
        return self.nodes[-1].wait_ready()

    def logs(self):
        return "\n".join(f"--- node {i}\n{''.join(n.log)}" for i, n in enumerate(self.nodes))

    def end(self):
        try:
            for node in self.nodes:
                node.stop()
        finally:
            for node in self.nodes:
                node.kill()
            for target in self.targets:
                target.stop()
