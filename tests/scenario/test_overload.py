# SPDX-License-Identifier: Apache-2.0
"""More clients than there is room for: the rest is told so at once, and nobody takes it all."""
import os
import time

import pytest
from stage import Answer, eventually, snapshot

DESCRIPTORS = 600
CONNECTIONS = (DESCRIPTORS - 256) // 2  # of all clients; LIMIT_RESERVED_DESCRIPTORS are kept
SOURCE = CONNECTIONS * 80 // 100  # of one client; LIMIT_SOURCE_SHARE_PERCENT

pytestmark = pytest.mark.skipif(os.environ.get("OPENALB_WORKERS", "1") != "1",
                                reason="limits are counted per worker")


def small(stage, document):
    """A node that may hold few descriptors."""
    return stage.node(document, prefix=("prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"))


def test_one_source_cannot_take_every_connection(stage):
    node = small(stage, snapshot(stage.target()))
    held = [node.connect() for _ in range(SOURCE)]
    assert held[0].ask("GET").status == held[-1].ask("GET").status == 200
    with node.connect() as over:
        answer = over.ask("GET")
        assert answer.status == 503 and answer.get("Connection") == "close"
        assert over.is_closed()
    with node.connect(source="127.9.9.1") as other:
        assert other.ask("GET").status == 200
    held.pop().close()
    eventually(lambda: node.get().status == 200, 2)
    for client in held:
        client.close()


def test_far_too_many_are_closed_and_the_others_and_the_checks_go_on(stage):
    target = stage.target()
    node = small(stage, snapshot(target))
    with node.connect(source="127.9.9.1") as good:
        assert good.ask("GET").status == 200
        flood = [node.connect() for _ in range(SOURCE * 2 + 50)]
        eventually(lambda: flood[-1].is_closed(0.1), 3)
        assert good.ask("GET").status == 200
        checks = len(target.checks)
        eventually(lambda: len(target.checks) > checks + 3, 3)
        assert not node.logged("target is unhealthy")
        for client in flood:
            client.close()
    eventually(lambda: node.get().status == 200, 3)


def test_refusals_are_quick_while_targets_are_slow(stage):
    node = small(stage, snapshot(stage.target(Answer(200, b"late", delay_s=1))))
    busy = [node.connect().request("GET") for _ in range(SOURCE)]
    start = time.monotonic()
    assert node.get().status == 503
    assert time.monotonic() - start < 0.5
    assert {client.answer().status for client in busy} == {200}
