# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from server import Server  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what the server said meanwhile."""
    report = (yield).get_result()
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and server:
        report.sections.append(("openalb", "".join(server.log[-60:])))


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One for all tests of a process: each leaves it as it found it, or uses names of its own."""
    started = Server(tmp_path_factory.mktemp("openalb"))
    yield started
    started.end()


@pytest.fixture
def own_server(tmp_path):
    """For tests that kill it, fill it, or need it empty."""
    started = Server(tmp_path)
    yield started
    started.end()


@pytest.fixture
def aws(server):
    return server.aws


@pytest.fixture(scope="session")
def client(server):
    """client("elbv2"): a boto3 client, made once."""
    made = {}

    def get(service):
        if service not in made:
            made[service] = server.client(service)
        return made[service]
    return get


@pytest.fixture
def ec2(client):
    return client("ec2")


@pytest.fixture
def elbv2(client):
    return client("elbv2")


@pytest.fixture
def sts(client):
    return client("sts")


@pytest.fixture
def acm(client):
    return client("acm")


@pytest.fixture
def iam(client):
    return client("iam")
