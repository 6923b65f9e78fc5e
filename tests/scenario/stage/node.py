# SPDX-License-Identifier: Apache-2.0
"""node: `openalb node --snapshot FILE`, started, changed, ended, and asked for its log."""
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

from .client import Client
from .target import Target
from .wait import eventually

ROOT = Path(__file__).resolve().parents[3]
OPENALB = os.environ.get("OPENALB", str(ROOT / "build" / "openalb"))

WORKERS = os.environ.get("OPENALB_WORKERS", "1")


class Node:
    def __init__(self, folder, document, *options):
        self.file = Path(folder) / "snapshot.json"
        self.log = []
        self.write(document)
        command = [OPENALB, "node", "--snapshot", str(self.file), "--zone", "us-east-1a", "--workers", WORKERS]
        self.process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()

    def write(self, document):
        self.document = document
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(document, indent=1))
        new.replace(self.file)
        balancer = document["balancers"][0]
        self.address = (balancer["addresses"][0]["ip"], balancer["listeners"][0]["port"])

    def read_log(self):
        for line in self.process.stderr:
            self.log.append(line)

    def logged(self, pattern):
        return [line for line in list(self.log) if re.search(pattern, line)]

    def wait_logged(self, pattern, count=1, seconds=5.0):
        def found():
            assert self.process.poll() is None or self.logged(pattern), self.ended()
            return len(self.logged(pattern)) >= count
        eventually(found, seconds, f"{count} times {pattern!r} in the node's log:\n{''.join(self.log)}")

    def wait_ready(self):
        self.wait_logged(f"snapshot accepted.*\"{self.document['revision']}\"")
        return self

    def wait_healthy(self):
        """Until every target that answers health checks has passed as many as it must."""
        for group in self.document["groups"]:
            for target in group["targets"]:
                self.wait_logged(f"target is healthy.*{re.escape(target['id'])}:{target['port']}\"")
        return self

    def apply(self, document):
        """A new snapshot; its revision follows the last one's."""
        document["revision"] = self.document["revision"] + 1
        self.write(document)
        self.process.send_signal(signal.SIGHUP)
        return self.wait_ready()

    def connect(self, **options):
        return Client(self.address, **options)

    def ask(self, method, target="/", body=None, **fields):
        """One request on a connection of its own."""
        with self.connect() as client:
            return client.ask(method, target, body, **fields)

    def get(self, target="/", **fields):
        return self.ask("GET", target, **fields)

    def resident_kib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def ended(self):
        return f"the node ended with {self.process.poll()}:\n{''.join(self.log)}"

    def stop(self):
        """Ends it in an orderly way; its exit code must be 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the node does not end on SIGTERM:\n{''.join(self.log)}")
        self.reader.join(5)
        assert code == 0, self.ended()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Stage:
    """Makes what a scenario needs, and cleans up behind it."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes = []
        self.targets = []

    def target(self, answers=None, **options):
        self.targets.append(Target(answers, **options))
        return self.targets[-1]

    def node(self, document, *options, healthy=True):
        """A node that is ready; with `healthy`, also its targets are."""
        folder = Path(self.folder) / f"node{len(self.nodes)}"
        folder.mkdir()
        self.nodes.append(Node(folder, document, *options))
        self.nodes[-1].wait_ready()
        return self.nodes[-1].wait_healthy() if healthy else self.nodes[-1]

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
