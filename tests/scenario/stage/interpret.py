# SPDX-License-Identifier: Apache-2.0
"""interpret: what a stream of bytes says as HTTP/1.1 requests, read by RFC 9112 and the tolerances
of docs/decisions/0004, and by nothing else. Independent of the code under test on purpose, slow and
obvious."""
import re

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
AUTHORITY = re.compile(rb"(?:\[[0-9A-Fa-f:.]*\]|[-._~%!$&'()*+,;=0-9A-Za-z]+)(?::[0-9]{0,5})?")
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
HOP = {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization",
       b"te", b"trailer", b"upgrade", b"http2-settings"}
FRAMING = {b"content-length", b"transfer-encoding"}


class Unreadable(Exception):
    """Nobody should act on these bytes."""


class Request:
    def __init__(self):
        self.method = self.target = self.host = b""
        self.version = 11
        self.fields = []  # (name, value), cleaned
        self.body = b""
        self.is_complete = False
        self.is_compliant = True  # in the sense of the desync classes
        self.closes = False  # nothing behind it may be served

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name]

    def elements(self, name):
        return [e.strip(b" \t").lower() for value in self.all(name) for e in value.split(b",")]

    def __repr__(self):
        return f"<{self.method} {self.target} {self.fields} {self.body[:60]!r} complete={self.is_complete}>"


class Stream:
    """The bytes, and how far they are read."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def line(self):
        """The next line without its CRLF; None: it is not complete. Any other line end: Unreadable."""
        end = self.data.find(b"\n", self.at)
        if end < 0:
            return None
        line = self.data[self.at:end]
        if not line.endswith(b"\r") or b"\r" in line[:-1] or b"\0" in line:
            raise Unreadable(f"line {line[:80]!r}")
        self.at = end + 1
        return line[:-1]

    def take(self, count):
        taken = self.data[self.at:self.at + count]
        self.at += len(taken)
        return taken


def encode(target):
    return re.sub(rb"[\x00-\x20\x7f]", lambda m: b"%%%02X" % m.group()[0], target)


def read_start(request, line):
    method, _, rest = line.partition(b" ")
    if not TOKEN.fullmatch(method):
        raise Unreadable(f"method {method!r}")
    request.method = method
    bare = rest.strip(b" \t")
    target, space, version = bare.rpartition(b" ")
    if not space and method == b"GET" and bare and not bare.startswith(b"HTTP/"):
        if re.search(rb"[\x00-\x20\x7f]", bare):
            raise Unreadable("a control in an HTTP/0.9 request")
        request.version, request.target, request.is_compliant = 9, bare, False
        request.closes = True
        return
    if not re.fullmatch(rb"HTTP/1\.[0-9]", version):
        raise Unreadable(f"version {version!r}")
    target = target.strip(b" \t")
    if not target:
        raise Unreadable("no target")
    request.version = 10 if version == b"HTTP/1.0" else 11
    request.target = encode(target)
    request.is_compliant = request.target == target and version <= b"HTTP/1.1" and \
        line == method + b" " + target + b" " + version


def read_field(request, line):
    name, colon, value = line.partition(b":")
    if not colon or not TOKEN.fullmatch(name):
        raise Unreadable(f"field {line[:80]!r}")
    value = value.strip(b" \t")
    if CONTROL.search(value):
        if name.lower() in FRAMING | HOP | {b"host"} or is_suspicious(name):
            raise Unreadable(f"a control in {line!r}")
        value = re.sub(rb"[\x00-\x1f\x7f]", b" ", value).strip(b" \t")
        request.is_compliant = False
    if is_suspicious(name):
        request.is_compliant = False
        return
    request.fields.append((name, value))


def is_suspicious(name):
    """The same letters with others between them; a name that lacks the hyphen is just another name
    (aws/http-desync-guardian)."""
    letters = re.sub(rb"[^0-9a-z]", b"", name.lower())
    return any(letters == real.replace(b"-", b"") and len(name) >= len(real) and name.lower() != real for real in FRAMING)


def judge_target(request):
    """RFC 9112 §3.2: sets .host, and the target to its origin form."""
    target, hosts = request.target, request.all(b"host")
    if len(hosts) > 1 or (not hosts and request.version == 11):
        raise Unreadable(f"{len(hosts)} hosts")
    if hosts and hosts[0] and not AUTHORITY.fullmatch(hosts[0]):
        raise Unreadable(f"host {hosts[0]!r}")
    request.host = hosts[0] if hosts else b""
    if b"#" in target or request.method in (b"CONNECT", b"TRACE"):
        raise Unreadable(f"target {target!r}")
    absolute = re.fullmatch(rb"https?://([^/?]*)(.*)", target, re.I | re.S)
    if absolute:
        if not AUTHORITY.fullmatch(absolute.group(1)):
            raise Unreadable(f"authority {target!r}")
        request.host = absolute.group(1)
        rest = absolute.group(2)
        if not rest and request.method == b"OPTIONS":
            rest = b"*"
        request.target = rest if rest.startswith((b"/", b"*")) else b"/" + rest
    elif not target.startswith(b"/") and not (target == b"*" and request.method == b"OPTIONS"):
        raise Unreadable(f"target {target!r}")


def judge_connection(request):
    options = request.elements(b"connection")
    is_old = request.version == 10 and b"keep-alive" not in options
    request.closes |= b"close" in options or is_old


def judge_framing(request):
    """RFC 9112 §6.3: "chunked", a length, or None."""
    codings = [coding.lower() for coding in request.all(b"transfer-encoding")]
    lengths = request.all(b"content-length")
    if any(not re.fullmatch(rb"[0-9]{1,20}", length) for length in lengths) or len(set(map(int, lengths))) > 1 or \
            any(int(length) >= 1 << 64 for length in lengths):
        raise Unreadable(f"lengths {lengths}")
    if codings not in ([], [b"chunked"], [b"identity"]) or (codings == [b"identity"] and lengths):
        raise Unreadable(f"codings {codings} and lengths {lengths}")
    if len(lengths) > 1 or (codings and (lengths or request.version != 11)) or \
            ((codings or lengths) and request.method in (b"GET", b"HEAD")):
        request.is_compliant = False
    if codings == [b"chunked"]:
        request.closes |= bool(lengths) or request.version != 11
        return "chunked"
    return int(lengths[0]) if lengths else None


def read_body(request, stream):
    framing = judge_framing(request)
    if framing is None:
        request.is_complete = True
    elif framing == "chunked":
        try:
            read_chunks(request, stream)
        except Unreadable:
            pass  # incomplete for ever; its head may have gone on
    else:
        request.body = stream.take(framing)
        request.is_complete = len(request.body) == framing


def read_chunks(request, stream):
    while (line := stream.line()) is not None:
        match = re.fullmatch(rb"([0-9A-Fa-f]+)[ \t]*(;[^\x00-\x08\x0a-\x1f\x7f]*)?", line)
        if not match or int(match.group(1), 16) >= 1 << 64:
            raise Unreadable(f"chunk line {line!r}")
        size = int(match.group(1), 16)
        if size == 0:
            return read_trailers(request, stream)
        data = stream.take(size)
        request.body += data
        if len(data) < size or len(stream.data) - stream.at < 2:
            if stream.data[stream.at:] not in (b"", b"\r"):
                raise Unreadable("a chunk without its end")
            return None
        if stream.take(2) != b"\r\n":
            raise Unreadable("a chunk without its end")
    return None


def read_trailers(request, stream):
    while (line := stream.line()) is not None:
        if not line:
            request.is_complete = True
            return
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.fullmatch(name) or CONTROL.search(value) or is_suspicious(name):
            raise Unreadable(f"trailer {line!r}")


def read_request(stream):
    """The next one; its body may be incomplete. None: not even the head is complete."""
    request = Request()
    if stream.data.startswith(b"\r\n", stream.at):
        stream.at += 2
    line = stream.line()
    if line is None:
        return None
    read_start(request, line)
    if request.version != 9:
        while (line := stream.line()) != b"":
            if line is None:
                return None
            read_field(request, line)
    judge_target(request)
    judge_connection(request)
    read_body(request, stream)
    return request


def requests_in(data):
    """What may be served of a connection's bytes, in order; the last one may be incomplete."""
    stream, found = Stream(data), []
    try:
        while stream.at < len(data):
            request = read_request(stream)
            if request is None:
                break
            found.append(request)
            if not request.is_complete or request.closes:
                break
    except Unreadable:
        pass
    return found
