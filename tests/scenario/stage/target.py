# SPDX-License-Identifier: Apache-2.0
"""target: a small threaded HTTP/1.1 server with scripted answers. It keeps every request it got;
health checks are kept and answered apart."""
import socket
import threading
import time

from .message import Broken, Reader


class Answer:
    """What to answer. `raw` is sent as it is and replaces everything else; a generator as `body`
    is sent chunked, piece by piece, as it yields."""

    def __init__(self, status=200, body=b"", fields=(), raw=None, delay_s=0.0, close=False, length=True):
        self.status, self.body, self.fields, self.raw = status, body, list(fields), raw
        self.delay_s, self.close, self.length = delay_s, close, length

    def send(self, sock, request):
        time.sleep(self.delay_s)
        if self.raw is not None:
            sock.sendall(self.raw)
            return
        lines = [f"HTTP/1.1 {self.status} Scripted"] + [f"{n}: {v}" for n, v in self.fields]
        is_stream = not isinstance(self.body, bytes)
        if is_stream:
            lines.append("Transfer-Encoding: chunked")
        elif self.length and self.status >= 200 and self.status not in (204, 304):
            lines.append(f"Content-Length: {len(self.body)}")
        if self.close:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if request.method == "HEAD":
            sock.sendall(head)
        elif not is_stream:
            sock.sendall(head + self.body)
        else:
            sock.sendall(head)
            for piece in self.body:
                sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            sock.sendall(b"0\r\n\r\n")


class Target:
    """answers: an Answer for every request, a list of them (the last one stays), a function of the
    request, or a function of (request, sock) with `takes_socket`, which then owns the connection.
    `tls`: an ssl.SSLContext to speak with."""

    def __init__(self, answers=None, address="127.0.0.1", takes_socket=False, reads_body=True, tls=None):
        self.answers = answers if answers is not None else Answer(200, b"ok")
        self.takes_socket, self.reads_body = takes_socket, reads_body
        self.tls = tls
        self.health = Answer(200)
        self.requests = []
        self.checks = []
        self.broken = []  # what came that was not HTTP
        self.connections = 0  # that carried something else than health checks
        self.lock = threading.Lock()
        self.open = set()
        self.start(address, 0)

    def start(self, address, port):
        self.listener = socket.create_server((address, port), backlog=1024)
        self.address, self.port = self.listener.getsockname()
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        """As a process that dies: the port refuses, connections end."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.lock:
            for sock in self.open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def restart(self):
        self.start(self.address, self.port)

    def accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.open.add(sock)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        is_counted = False
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            reader = Reader(sock)
            while True:
                request = reader.head()
                if request is None:
                    return
                request.sock = sock
                is_check = request.get("user-agent", "").startswith("ELB-HealthChecker")
                if not is_check and not is_counted:
                    is_counted = True
                    with self.lock:
                        self.connections += 1
                if self.reads_body or is_check:
                    if request.get("expect", "").lower() == "100-continue":
                        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    reader.body(request)
                if not self.answer(sock, request, is_check):
                    return
        except Broken as broken:
            self.broken.append(str(broken))
        except OSError:
            pass  # the node went away, or we were stopped
        finally:
            with self.lock:
                self.open.discard(sock)
            sock.close()

    def answer(self, sock, request, is_check):
        """False: the connection is over."""
        if is_check:
            health = self.health(request) if callable(self.health) else self.health
            self.checks.append(request)
            health.send(sock, request)
            return not health.close
        with self.lock:
            self.requests.append(request)
            answer = self.answers
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(request, sock) if self.takes_socket else answer(request)
        if answer is None:
            return False
        answer.send(sock, request)
        return not answer.close and request.get("connection", "").lower() != "close"
