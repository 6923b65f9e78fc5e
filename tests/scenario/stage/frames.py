# SPDX-License-Identifier: Apache-2.0
"""frames: an HTTP/2 client that sends whatever frames it is given, well-behaved or not."""
import socket
import struct

from .certificate import client_context

(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE,
 CONTINUATION) = range(10)
END_STREAM, END_HEADERS, PADDED, HAS_PRIORITY, ACK = 1, 4, 8, 32, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ENHANCE_YOUR_CALM = 11


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def string(value):
    """RFC 7541 §5.2, not compressed."""
    length, rest = bytes([min(len(value), 127)]), len(value) - 127
    while rest >= 0:
        length += bytes([rest % 128 | (128 if rest >= 128 else 0)])
        rest = rest // 128 if rest >= 128 else -1
    return length + value


def field(name, value):
    """A literal without indexing (RFC 7541 §6.2.2)."""
    return b"\0" + string(name) + string(value)


def block(*fields):
    return b"".join(field(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields)


STATIC_STATUS = {0x88: 200, 0x89: 204, 0x8a: 206, 0x8b: 304, 0x8c: 400, 0x8d: 404, 0x8e: 500}
DIGITS = {**{f"{digit:05b}": digit for digit in range(3)}, **{f"{digit + 22:06b}": digit for digit in range(3, 10)}}


def status_of(head):
    """Of a block that begins with :status: from the static table, or three digits in Huffman's code or not."""
    while head[0] & 0xe0 == 0x20 and head[0] != 0x3f:
        head = head[1:]  # a small size of the dynamic table
    if head[0] in STATIC_STATUS:
        return STATIC_STATUS[head[0]]
    size, is_huffman = head[1] & 0x7f, head[1] & 0x80
    value = head[2:2 + size]
    if not is_huffman:
        return int(value)
    bits, digits, at = "".join(f"{byte:08b}" for byte in value), [], 0
    while len(digits) < 3:
        size = 5 if bits[at:at + 5] in DIGITS else 6
        digits.append(str(DIGITS[bits[at:at + size]]))
        at += size
    return int("".join(digits))


GET = b"\x82\x87\x84" + b"\x41\x06a.test"  # GET https / a.test
POST = b"\x83\x87\x84" + b"\x41\x06a.test"


def get(stream):
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)


class Frames:
    """A connection after the preface. Reads nothing by itself."""

    def __init__(self, address, preface=PREFACE + frame(SETTINGS)):
        plain = socket.create_connection(address, timeout=10)
        self.sock = client_context(alpn=["h2"]).wrap_socket(plain)
        assert self.sock.selected_alpn_protocol() == "h2"
        self.buffer = b""
        self.sock.sendall(preface)

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
