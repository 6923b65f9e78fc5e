# SPDX-License-Identifier: Apache-2.0
"""Everything at once, for some seconds; `tools/soak` alone does it a million times."""
import os
import subprocess
from pathlib import Path

from stage.node import OPENALB

SOAK = Path(__file__).resolve().parents[2] / "tools/soak"


def test_twenty_thousand_requests_of_every_kind_lose_nothing_and_leave_nothing():
    done = subprocess.run([SOAK, "--requests", "20000"], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "OPENALB": OPENALB})
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
