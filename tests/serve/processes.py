# SPDX-License-Identifier: Apache-2.0
"""processes: what /proc tells of a server's children."""
import os
import time
from pathlib import Path


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def arguments_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")


def children_of(pid):
    """{"control": pid, "node us-east-1a": pid, ...}"""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            arguments = arguments_of(child)
        except OSError:
            continue  # it ended meanwhile
        if arguments[0] == "openalb":
            name = arguments[1] + (" " + arguments[3] if "--zone" in arguments else "")
            found[name] = int(child)
    return found


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return status_of(pid)["State"][0] != "Z"


def until(condition, seconds=5.0, what="it"):
    """Gives the condition's truth; fails when it stays false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{what} did not happen within {seconds} s")
