# SPDX-License-Identifier: Apache-2.0
"""proxies: openalb, nginx and HAProxy, each configured at its best for the case, one worker each."""
import json
import re
import signal
import subprocess
from pathlib import Path

from cases import IDLE_CONNECTIONS

ROOT = Path(__file__).resolve().parent.parent
OPENALB = ROOT / "build/release/src/main/openalb"
TARGET = ("127.0.99.1", 9000)
STOP_SECONDS = 5

# What serves each case best, found by trying; README.md has figures. Buffers of nginx:
SMALL = "proxy_buffer_size 8k; proxy_buffers 8 8k; proxy_busy_buffers_size 16k;"
LARGE = "proxy_buffer_size 64k; proxy_buffers 8 256k; proxy_busy_buffers_size 512k;"
STRAIGHT = "proxy_buffering off; proxy_buffer_size {}; proxy_busy_buffers_size 512k; proxy_buffers 8 256k;"
NGINX = {"answers-64k": LARGE, "uploads-64k": LARGE, "answers-1m": STRAIGHT.format("256k"),
         "tls-answers-1m": STRAIGHT.format("128k")}
# HAProxy's splicing: `splice-auto` rarely decides for it, and both ways at once cost more than one.
HAPROXY = {"answers-64k": "option splice-response", "answers-1m": "option splice-response",
           "uploads-64k": "option splice-request"}


class Failure(Exception):
    """A case could not be measured; says why."""


class Proxy:
    """Writes its configuration into `folder`; `address` is where it listens. The folder
    holds cert.pem and key.pem, and both in pair.pem."""

    def __init__(self, folder, case):
        self.folder = Path(folder)
        self.case = case
        self.port = 8443 if case.is_tls else 8080

    def start(self, preexec):
        self.log = self.folder / f"{self.name}.log"
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(self.command(), preexec_fn=preexec, start_new_session=True,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def check(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.name} ended: {self.log.read_text()[-400:].strip()}")

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.process.send_signal(number)
            try:
                return self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass

    def pids(self):
        """Of the processes that work: itself and its children."""
        self.check()
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def times_ns(self):
        """User and system time of all threads, as the scheduler accounts it; and how long they
        waited for their core."""
        lines = [task.read_text().split() for pid in self.pids()
                 for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
        return sum(int(line[0]) for line in lines), sum(int(line[1]) for line in lines)

    def resident_bytes(self):
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in self.pids())

    def crypto_libraries(self):
        """Which libcrypto it runs with."""
        maps = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in self.pids())
        return set(re.findall(r"\S*/libcrypto\.so\S*", maps))


class Openalb(Proxy):
    name, address = "openalb", "127.0.99.11"

    def rules(self):
        rules = [{"priority": i + 1, "conditions": [{"type": "host-header", "values": [f"host{i}.example"]},
                                                    {"type": "path-pattern", "values": [f"/path{i}/*"]}]}
                 for i in range(self.case.rules)]
        return [{**rule, "actions": [{"type": "forward", "forward": {"groups": [{"group": "bench"}]}}]}
                for rule in [*rules, {"priority": 0}]]

    def command(self):
        listener = {"port": self.port, "rules": self.rules()}
        document = {
            "groups": [{"name": "bench", "targets": [{"id": TARGET[0], "port": TARGET[1]}],
                        "health": {"interval_ms": 300000, "timeout_ms": 5000, "healthy_threshold": 1}}],
            "balancers": [{"name": "bench", "idle_timeout_ms": 600000,
                           "addresses": [{"zone": "us-east-1a", "ip": self.address}], "listeners": [listener]}]}
        if self.case.is_tls:
            listener |= {"protocol": "HTTPS", "certificates": ["bench"], "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}
            document["ticket_keys"] = ["5a" * 80] if self.case.has_tickets else []
            document["certificates"] = [{"arn": "bench", "names": ["bench.example"],
                                         "chain_pem": (self.folder / "cert.pem").read_text(),
                                         "key_pem": (self.folder / "key.pem").read_text()}]
        file = self.folder / f"{self.name}.json"
        file.write_text(json.dumps(document))
        return [OPENALB, "node", "--snapshot", file, "--zone", "us-east-1a", "--workers", "1",
                "--connections-max", "16000"]  # as nginx; by itself it keeps descriptors for connections to targets


class OpenalbWithoutRules(Openalb):
    name, address = "openalb-without-rules", "127.0.99.14"

    def rules(self):
        return super().rules()[-1:]


class Nginx(Proxy):
    name, address = "nginx", "127.0.99.12"

    def listen(self, more=""):
        """The word http2 became a directive in 1.25.1."""
        version = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr
        is_old = tuple(map(int, re.findall(r"\d+", version)[:3])) < (1, 25, 1)
        words = (" ssl" if self.case.is_tls else "") + (" http2" if self.case.is_h2 and is_old else "")
        return f"listen {self.address}:{self.port}{words}{more};" + (" http2 on;" if self.case.is_h2 and not is_old else "")

    def tls(self):
        if not self.case.is_tls:
            return ""
        sessions = "ssl_session_cache off; ssl_session_tickets off;"
        if self.case.has_tickets:  # its cache is cheaper than its tickets, but holds memory
            sessions = ("ssl_session_cache shared:bench:20m; ssl_session_tickets off;" if self.case.figure == "cpu" else
                        "ssl_session_cache off; ssl_session_tickets on;")
        return f"""
    ssl_certificate {self.folder}/cert.pem; ssl_certificate_key {self.folder}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519;
    {sessions} ssl_buffer_size 16k;
    http2_max_concurrent_streams 128;"""

    def command(self):
        servers = "".join(
            f"server {{ {self.listen()} server_name host{i}.example;"
            f" location /path{i}/ {{ proxy_pass http://bench; }} location / {{ proxy_pass http://bench; }} }}\n"
            for i in range(self.case.rules))
        file = self.folder / "nginx.conf"
        file.write_text(f"""
daemon off; worker_processes 1; pid {self.folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 16000; use epoll; multi_accept on; }}
http {{
    access_log off; server_tokens off; tcp_nodelay on;
    keepalive_requests 1000000000; keepalive_timeout 600s;
    client_body_temp_path {self.folder}; proxy_temp_path {self.folder}; fastcgi_temp_path {self.folder};
    uwsgi_temp_path {self.folder}; scgi_temp_path {self.folder};
    client_body_buffer_size 128k; client_max_body_size 0;
    server_names_hash_max_size 4096; server_names_hash_bucket_size 128;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port;
    {NGINX.get(self.case.name, SMALL)} proxy_max_temp_file_size 0;{self.tls()}
    upstream bench {{ server {TARGET[0]}:{TARGET[1]}; keepalive 1024; keepalive_requests 1000000000; }}
    {servers}
    server {{ {self.listen(" default_server")} location / {{ proxy_pass http://bench; }} }}
}}
""")
        return ["nginx", "-c", file]


class Haproxy(Proxy):
    name, address = "haproxy", "127.0.99.13"

    def bind(self):
        if not self.case.is_tls:
            return f"bind {self.address}:{self.port}"
        return (f"bind {self.address}:{self.port} ssl crt {self.folder}/pair.pem curves X25519"
                f" alpn {'h2,http/1.1' if self.case.is_h2 else 'http/1.1'}"
                f"{'' if self.case.has_tickets else ' no-tls-tickets'}")

    def command(self):
        splice = HAPROXY.get(self.case.name, "")
        rules = "".join(f"    use_backend bench if {{ hdr(host) -i host{i}.example }} {{ path_beg /path{i}/ }}\n"
                        for i in range(self.case.rules))
        file = self.folder / "haproxy.cfg"
        file.write_text(f"""
global
    nbthread 1
    maxconn {2000 if splice else IDLE_CONNECTIONS + 1000}
    tune.bufsize 16384
    tune.pipesize 1048576
    tune.ssl.cachesize 0
defaults
    mode http
    timeout client 600s
    timeout server 600s
    timeout connect 5s
    timeout http-keep-alive 600s
    http-reuse always
    option http-keep-alive
    {splice}
frontend front
    {self.bind()}
    option forwardfor
    http-request set-header X-Forwarded-Proto {"https" if self.case.is_tls else "http"}
    http-request set-header X-Forwarded-Port {self.port}
{rules}    default_backend bench
backend bench
    server target {TARGET[0]}:{TARGET[1]} pool-max-conn 2048
""")
        return ["haproxy", "-db", "-f", file]


PEERS = [Nginx, Haproxy]


def contestants(folder, case):
    own = [Openalb, OpenalbWithoutRules] if case.rules else [Openalb]
    return [make(folder, case) for make in own + PEERS]
