# SPDX-License-Identifier: Apache-2.0
"""stage: what a scenario plays on. A node, targets behind it, clients before it.

    def test_a_request_reaches_the_target(stage):
        target = stage.target(Answer(200, b"hello"))
        node = stage.node(snapshot(target))
        answer = node.get("/greeting?lang=en")
        assert (answer.status, answer.body) == (200, b"hello")
        assert target.requests[0].target == "/greeting?lang=en"

Everything is on addresses of its own in 127/8, so scenarios run side by side.
"""
from .certificate import Certificate, client_context
from .client import Client, read_response
from .message import Message, chunked
from .node import Node, Stage
from .snapshot import forward, group, redirect, fixed, rule, snapshot
from .target import Answer, Target
from .wait import eventually, free_address

__all__ = ["Answer", "Certificate", "Client", "Message", "Node", "Stage", "Target", "chunked", "client_context", "eventually", "fixed",
           "forward", "free_address", "group", "read_response", "redirect", "rule", "snapshot"]
