# SPDX-License-Identifier: Apache-2.0
"""frames: an HTTP/2 client that sends whatever frames it is given, well-behaved or not."""
import socket
import struct

from .certificate import client_context

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
ENHANCE_YOUR_CALM = 11


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def field(name, value):
    """A literal without indexing (RFC 7541 §6.2.2), both shorter than 127 bytes."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


GET = b"\x82\x87\x84" + b"\x41\x06a.test"  # GET https / a.test
POST = b"\x83\x87\x84" + b"\x41\x06a.test"


def get(stream):
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)


class Frames:
    """A connection after the preface. Reads nothing by itself."""

    def __init__(self, address):
        plain = socket.create_connection(address, timeout=10)
        self.sock = client_context(alpn=["h2"]).wrap_socket(plain)
        assert self.sock.selected_alpn_protocol() == "h2"
        self.buffer = b""
        self.sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.sock.close()

    def send(self, data):
        """False: the other side has closed."""
        try:
            self.sock.sendall(data)
            return True
        except TimeoutError:
            raise
        except OSError:
            return False

    def read(self):
        """(type, flags, stream, payload); None: the end."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                more = self.sock.recv(65536)
            except TimeoutError:
                raise
            except OSError:
                return None
            if not more:
                return None
            self.buffer += more
        size = int.from_bytes(self.buffer[:3], "big")
        kind, flags, stream = struct.unpack(">BBI", self.buffer[3:9])
        payload, self.buffer = self.buffer[9:9 + size], self.buffer[9 + size:]
        return kind, flags, stream, payload

    def goaway(self):
        """Reads to the end: the code of the last GOAWAY, None without one."""
        code = None
        while (got := self.read()) is not None:
            if got[0] == GOAWAY:
                code = int.from_bytes(got[3][4:8], "big")
        return code
