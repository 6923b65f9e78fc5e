# SPDX-License-Identifier: Apache-2.0
"""message: HTTP/1.1 as a test reads it: strictly, and keeping every byte. Independent of the code
under test on purpose."""


class Broken(AssertionError):
    """What came is not HTTP/1.1."""


class Message:
    """A request or a response. `fields` are (name, value) as they came; `raw` is the whole head."""

    def __init__(self, raw):
        self.raw = raw
        self.body = b""
        self.trailers = []
        lines = raw[:-4].split(b"\r\n")
        self.start = lines[0].decode("latin-1")
        self.fields = [parse_field(line) for line in lines[1:]]
        words = self.start.split(" ", 2)
        if len(words) < 2:
            raise Broken(f"start line {self.start!r}")
        self.is_response = words[0].startswith("HTTP/")
        if self.is_response:
            self.status, self.reason = int(words[1]), words[2] if len(words) > 2 else ""
        else:
            self.method, self.target, self.version = words

    def get(self, name, default=None):
        """The value of the only field with this name; more than one is a failure."""
        values = self.all(name)
        assert len(values) < 2, f"{name} came {len(values)} times: {values}"
        return values[0] if values else default

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def names(self):
        return [name for name, _ in self.fields]

    def __repr__(self):
        return f"<{self.start} {self.fields} {self.body[:80]!r}>"


def parse_field(line):
    name, colon, value = line.partition(b":")
    if not colon or not name or name != name.strip():
        raise Broken(f"field {line!r}")
    return name.decode("latin-1"), value.strip(b" \t").decode("latin-1")


class Reader:
    """Bytes of a socket by head, count, line."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""

    def more(self):
        """False at the end."""
        got = self.sock.recv(65536)
        self.data += got
        return bool(got)

    def take(self, count):
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def until(self, mark):
        """Up to and including `mark`; None when the end comes before the first byte."""
        while mark not in self.data:
            if not self.more():
                if not self.data:
                    return None
                raise Broken(f"the end inside {self.data[:200]!r}")
        return self.take(self.data.index(mark) + len(mark))

    def exactly(self, count):
        while len(self.data) < count:
            if not self.more():
                raise Broken(f"the end {count - len(self.data)} bytes too early")
        return self.take(count)

    def rest(self):
        while self.more():
            pass
        return self.take(len(self.data))

    def chunks(self, message):
        body = b""
        while True:
            line = self.until(b"\r\n")
            if line is None:
                raise Broken("the end between two chunks")
            size = int(line[:-2].split(b";")[0], 16)
            if size == 0:
                break
            body += self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise Broken("a chunk that does not end with CRLF")
        while True:
            line = self.until(b"\r\n")
            if line == b"\r\n":
                return body
            message.trailers.append(parse_field(line[:-2]))

    def head(self):
        raw = self.until(b"\r\n\r\n")
        return None if raw is None else Message(raw)

    def body(self, message, has_body_until_close=False):
        """Reads it by the framing of `message` (RFC 9112 §6.3)."""
        codings = message.all("transfer-encoding")
        length = message.get("content-length")
        if codings:
            if codings != ["chunked"] or length is not None:
                raise Broken(f"framing {codings} with length {length}")
            message.body = self.chunks(message)
        elif length is not None:
            message.body = self.exactly(int(length))
        elif has_body_until_close:
            message.body = self.rest()
        return message


def chunked(*parts, trailers=b""):
    """The wire form of a chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n" + trailers + b"\r\n"
