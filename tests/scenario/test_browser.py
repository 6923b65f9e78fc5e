# SPDX-License-Identifier: Apache-2.0
"""A real browser: Debian's chromium, which the tests do without where it is missing, and say so."""
import base64
import hashlib
import json
import shutil
import subprocess
from urllib.parse import unquote

import pytest

from stage import Answer, Certificate, eventually, snapshot

pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium here: apt-get install chromium")

PAGE = b"""<!doctype html><link rel=stylesheet href=/style.css><p id=words>words</p><img src=/dot.svg>
<script src=/part.js></script><script>
const socket = new WebSocket(`wss://${location.host}/socket`);
const heard = new Promise(done => { socket.onopen = () => socket.send("hello"); socket.onmessage = it => done(it.data); });
const posted = fetch("/upload", {method: "POST", body: "x".repeat(300000)}).then(answer => answer.text());
onload = async () => {
  const many = await Promise.all([...Array(30).keys()].map(i => fetch(`/many/${i}`).then(answer => answer.text())));
  const told = {socket: await heard, posted: await posted, part: window.part, many: many.join(),
                color: getComputedStyle(document.getElementById("words")).color, image: document.images[0].naturalWidth,
                protocols: [...new Set(performance.getEntriesByType("resource").map(it => it.nextHopProtocol))]};
  fetch("/report?" + encodeURIComponent(JSON.stringify(told)));
};
</script>"""
FILES = {"/": ("text/html", PAGE), "/style.css": ("text/css", b"p { color: rgb(1, 2, 3) }"),
         "/part.js": ("text/javascript", b"window.part = 'parted'"),
         "/dot.svg": ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>')}


def greet(request, sock):
    """RFC 6455: accepts, reads one masked frame of five letters, answers it."""
    key = request.get("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    sock.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    head = b""
    while len(head) < 11:
        head += sock.recv(11 - len(head))
    words = bytes(byte ^ head[2 + i % 4] for i, byte in enumerate(head[6:]))
    sock.sendall(bytes([0x81, len(words) + 3]) + words + b"!!!")


def serve(request, sock):
    path = request.target.split("?")[0]
    if path == "/socket":
        return greet(request, sock)
    kind, body = FILES.get(path, ("text/plain", path.encode()))
    return Answer(200, b"%d" % len(request.body) if path == "/upload" else body, fields=[("Content-Type", kind)])


def test_page_with_many_parts_over_http2_and_a_websocket(stage, tmp_path):
    target = stage.target(serve, takes_socket=True)
    certificate = Certificate(tmp_path, "a.test")
    document = snapshot(target, port=8443, listener={
        "protocol": "HTTPS", "certificates": [certificate.arn], "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
    node = stage.node({**document, "certificates": [certificate.row]})
    process = subprocess.Popen(
        ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--no-first-run",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}",
         "https://%s:%d/" % node.address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        report = eventually(lambda: next((r for r in target.requests if r.target.startswith("/report?")), None), 60)
    finally:
        process.terminate()
        process.wait(20)
    told = json.loads(unquote(report.target.split("?", 1)[1]))
    assert told == {"socket": "hello!!!", "posted": "300000", "part": "parted", "color": "rgb(1, 2, 3)", "image": 7,
                    "many": ",".join(f"/many/{i}" for i in range(30)), "protocols": ["h2"]}
    socket = next(r for r in target.requests if r.target == "/socket")
    assert socket.get("x-forwarded-proto") == "https"
