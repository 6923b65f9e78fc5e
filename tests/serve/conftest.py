# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(TESTS / "api"), str(TESTS / "scenario")]

from server import Server  # noqa: E402
from world import World  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what its server said."""
    report = (yield).get_result()
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and server:
        report.sections.append(("openalb", "".join(server.log[-80:])))


@pytest.fixture
def server(tmp_path):
    """A server of the test's own, with debug logs."""
    started = Server(tmp_path, "--log-level", "debug")
    yield started
    started.end()


@pytest.fixture
def world(server):
    made = World(server)
    yield made
    made.end()
