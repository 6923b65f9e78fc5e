# SPDX-License-Identifier: Apache-2.0
"""recorder: a target that reads requests to the letter of RFC 9112 and keeps them, incomplete ones
too. It has no thread: whoever uses it takes turns, so that what was sent before is seen before."""
import re
import selectors
import socket

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
START = re.compile(rb"(%s) ([^\x00-\x20\x7f#]+) HTTP/1\.1" % TOKEN)
FIELD = re.compile(rb"(%s): ?((?:[^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)?)" % TOKEN)
CHUNK = re.compile(rb"[0-9A-Fa-f]{1,16}")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Arrival:
    """A request as it came. `fields` are (name, value)."""

    def __init__(self, head):
        lines = head.split(b"\r\n")
        start = START.fullmatch(lines[0])
        assert start, f"no request line: {lines[0]!r}"
        self.method, self.target = start.groups()
        self.fields = []
        for line in lines[1:]:
            field = FIELD.fullmatch(line)
            assert field, f"no field: {line!r}"
            self.fields.append(field.groups())
        self.body = b""
        self.is_complete = False
        self.framing = self.judge_framing()
        assert len(self.all(b"host")) == 1, f"hosts: {self.all(b'host')}"

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name]

    def judge_framing(self):
        codings, lengths = self.all(b"transfer-encoding"), self.all(b"content-length")
        assert len(codings) + len(lengths) <= 1, f"framed twice: {self.fields}"
        assert codings in ([], [b"chunked"]), codings
        assert all(re.fullmatch(rb"[0-9]{1,20}", length) for length in lengths), lengths
        return "chunked" if codings else int(lengths[0]) if lengths else 0

    def __repr__(self):
        return f"<{self.method} {self.target} {self.fields} {self.body[:60]!r} complete={self.is_complete}>"


class Link:
    """One connection: its bytes, and the request that they are part of."""

    def __init__(self, sock):
        self.sock, self.data, self.arrival = sock, b"", None

    def read_on(self, keep, answer):
        """Reads as far as the bytes go; `keep` is called for each head, `answer` for each whole request.
        False: the connection is over."""
        while True:
            if self.arrival is None:
                head, end, rest = self.data.partition(b"\r\n\r\n")
                if not end:
                    return True
                self.arrival, self.data = Arrival(head), rest
                keep(self.arrival)
            if not self.read_body():
                return True
            arrival, self.arrival = self.arrival, None
            arrival.is_complete = True
            if not answer(self, arrival):
                return False

    def read_body(self):
        """True at its end."""
        arrival = self.arrival
        if arrival.framing != "chunked":
            missing = arrival.framing - len(arrival.body)
            arrival.body += self.data[:missing]
            self.data = self.data[missing:]
            return len(arrival.body) == arrival.framing
        while True:
            line, end, rest = self.data.partition(b"\r\n")
            if not end:
                return False
            assert CHUNK.fullmatch(line), f"chunk line {line!r}"
            size = int(line, 16)
            if len(rest) < size + 2:
                return False
            assert rest[size:size + 2] == b"\r\n", f"chunk end {rest[size:size + 2]!r}"
            arrival.body += rest[:size]
            self.data = rest[size + 2:]
            if size == 0:
                return True  # and no trailers: those of HTTP/1.1 clients end at the node


class Recorder:
    def __init__(self, address="127.0.0.1"):
        self.listener = socket.create_server((address, 0), backlog=1024)
        self.address, self.port = self.listener.getsockname()
        self.listener.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.arrivals = []

    def turn(self, timeout_s=0.0, until=None):
        """Serves what is there. Whether `until`, a socket, is readable, too."""
        if until:
            self.selector.register(until, selectors.EVENT_READ)
        events = self.selector.select(timeout_s)
        if until:
            self.selector.unregister(until)
        for key, _ in events:
            if key.fileobj is self.listener:
                sock, _ = self.listener.accept()
                sock.setblocking(True)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each piece leaves as it is written
                self.selector.register(sock, selectors.EVENT_READ, Link(sock))
            elif key.data:
                self.serve(key.data)
        return any(key.fileobj is until for key, _ in events), bool(events)

    def serve(self, link):
        try:
            got = link.sock.recv(1 << 20)
        except OSError:
            got = b""
        link.data += got
        try:
            goes_on = link.read_on(self.arrivals.append, self.answer) and got
        except OSError:
            goes_on = False
        if not goes_on:
            self.selector.unregister(link.sock)
            link.sock.close()

    def answer(self, link, arrival):
        """False: and the connection ends."""
        link.sock.sendall(ANSWER)
        return True

    def settle(self):
        """Reads until nothing is there any more; gives what came since the last time."""
        while self.turn()[1]:
            pass
        came, self.arrivals = self.arrivals, []
        return came

    def stop(self):
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
