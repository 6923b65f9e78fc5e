# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage import Stage  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed scenario shows what the nodes said."""
    report = (yield).get_result()
    played = getattr(item, "funcargs", {}).get("stage")
    if report.failed and played:
        report.sections.append(("nodes", played.logs()))


@pytest.fixture
def stage(tmp_path):
    played = Stage(tmp_path)
    yield played
    played.end()
