# SPDX-License-Identifier: Apache-2.0
"""wait: for what takes a moment, and where there is room to play."""
import random
import socket
import time


def eventually(condition, seconds=5.0, what=None):
    """Polls until `condition()` is true and gives its value; fails when it never is."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(0.005)


def free_address():
    """An address of 127/8 that nobody else plays on: one of four million, tried."""
    while True:
        address = f"127.{random.randint(160, 223)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        with socket.socket() as probe:
            try:
                probe.bind((address, 8080))
                return address
            except OSError:
                continue
