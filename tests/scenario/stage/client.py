# SPDX-License-Identifier: Apache-2.0
"""client: a raw connection to a listener."""
import socket

from .message import Reader


def read_response(reader, method="GET"):
    """The next final response; 1xx before it are in .interim. None when the connection ended."""
    interim = []
    while True:
        head = reader.head()
        if head is None:
            return None
        head.interim = interim
        if 100 <= head.status < 200 and head.status != 101:
            interim.append(head)
            continue
        if method == "HEAD" or head.status in (101, 204, 304):
            return head
        return reader.body(head, has_body_until_close=True)


class Client:
    """`tls`: an ssl.SSLContext; `name`: for SNI; `session`: to be resumed."""

    def __init__(self, address, timeout_s=5.0, source=None, tls=None, name=None, session=None):
        self.sock = socket.create_connection(address, timeout=timeout_s,
                                             source_address=(source, 0) if source else None)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=name, session=session)
        self.reader = Reader(self.sock)

    def send(self, *parts):
        """Text is sent as it stands, with LF made CRLF where no CR is."""
        for part in parts:
            if isinstance(part, str):
                part = part.replace("\r\n", "\n").replace("\n", "\r\n").encode("latin-1")
            self.sock.sendall(part)
        return self

    def request(self, method, target="/", body=None, **fields):
        """Sends a well-formed request. Fields: x_name="v" is X-Name: v."""
        lines = [f"{method} {target} HTTP/1.1"]
        names = {name.replace("_", "-").title(): value for name, value in fields.items()}
        names.setdefault("Host", "test.example")
        if body is not None:
            names.setdefault("Content-Length", len(body))
        lines += [f"{name}: {value}" for name, value in names.items()]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b""))
        return self

    def answer(self, method="GET"):
        response = read_response(self.reader, method)
        assert response is not None, "the connection was closed without an answer"
        return response

    def ask(self, method, target="/", body=None, **fields):
        return self.request(method, target, body, **fields).answer(method)

    def finish(self):
        """No more bytes from us."""
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def is_closed(self, within_s=2.0):
        """Whether the other side ends the connection without one more byte."""
        self.sock.settimeout(within_s)
        try:
            return self.reader.data == b"" and self.sock.recv(1) == b""
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False

    def is_open(self, for_s=0.1):
        """Whether nothing comes, neither bytes nor the end."""
        self.sock.settimeout(for_s)
        try:
            self.sock.recv(1, socket.MSG_PEEK)
            return False
        except socket.timeout:
            return True
        finally:
            self.sock.settimeout(5.0)

    def reset(self):
        """Goes away with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
