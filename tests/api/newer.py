# SPDX-License-Identifier: Apache-2.0
"""newer: clients for operations that are younger than Debian 12's boto3 (1.26) and aws CLI (2.9): the newest
description of a service that is on this machine, for the boto3 that runs the tests."""
import gzip
import shutil
import subprocess
from pathlib import Path

import boto3
import botocore.session
import pytest
from botocore.config import Config
from server import KEY, SECRET, aws_programs


def described(folder, service, operation):
    """Copies the description that the first python3 of the PATH has, in the form that old readers read."""
    asked = subprocess.run(["python3", "-c", "import botocore, pathlib; print(pathlib.Path(botocore.__file__).parent)"],
                           capture_output=True, text=True)
    for source in sorted(Path(asked.stdout.strip() or "/nowhere").glob(f"data/{service}/*/*")):
        copy = folder / service / source.parent.name / source.name.removesuffix(".gz")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(gzip.decompress(source.read_bytes()) if source.suffix == ".gz" else source.read_bytes())
    found = list(folder.glob(f"{service}/*/service-2.json"))
    return bool(found) and f'"{operation}"' in found[0].read_text()


def client(server, folder, service, operation):
    """Skips the test where no client knows the operation."""
    if not described(folder, service, operation):
        pytest.skip(f"no botocore on this machine knows {operation}")
    session = botocore.session.Session()
    session.get_component("data_loader").search_paths.insert(0, str(folder))
    return boto3.session.Session(aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1",
                                 botocore_session=session) \
        .client(service, endpoint_url=server.url, config=Config(retries={"total_max_attempts": 1}))


def programs(command):
    """The aws CLIs that know "elbv2 create-trust-store"."""
    def knows(program):
        shown = subprocess.run([program, *command.split(), "--no-such-option"], capture_output=True, text=True)
        return "nvalid choice" not in shown.stderr
    return [program for program in aws_programs() if shutil.which(program) and knows(program)]
