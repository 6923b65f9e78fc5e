# SPDX-License-Identifier: Apache-2.0
"""proxies: openalb, nginx and HAProxy, each configured at its best for the case, one worker each."""
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPENALB = ROOT / "build/release/src/main/openalb"
TARGET = ("127.0.99.1", 9000)


class Proxy:
    """Writes its configuration into `folder`; `address` is where it listens."""

    def __init__(self, folder, case):
        self.folder = Path(folder)
        self.case = case

    def start(self, preexec):
        self.process = subprocess.Popen(self.command(), preexec_fn=preexec, stdout=subprocess.DEVNULL,
                                        stderr=open(self.folder / f"{self.name}.log", "w"))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def pids(self):
        """Of the processes that work: itself and its children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu_ns(self):
        """User and system time of all threads, as the scheduler accounts it."""
        return sum(int(task.read_text().split()[0]) for pid in self.pids()
                   for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))

    def resident_bytes(self):
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 for pid in self.pids())


class Openalb(Proxy):
    name, address = "openalb", "127.0.99.11"

    def command(self):
        rules = [{"priority": i + 1, "actions": [{"type": "forward", "forward": {"groups": [{"group": "bench"}]}}],
                  "conditions": [{"type": "host-header", "values": [f"host{i}.example"]},
                                 {"type": "path-pattern", "values": [f"/path{i}/*"]}]}
                 for i in range(self.case.rules)]
        rules.append({"priority": 0,
                      "actions": [{"type": "forward", "forward": {"groups": [{"group": "bench"}]}}]})
        document = {
            "groups": [{"name": "bench", "targets": [{"id": TARGET[0], "port": TARGET[1]}],
                        "health": {"interval_ms": 300000, "timeout_ms": 5000, "healthy_threshold": 1}}],
            "balancers": [{"name": "bench", "idle_timeout_ms": 600000,
                           "addresses": [{"zone": "us-east-1a", "ip": self.address}],
                           "listeners": [{"port": 8080, "rules": rules}]}]}
        file = self.folder / "snapshot.json"
        file.write_text(json.dumps(document))
        return [OPENALB, "node", "--snapshot", file, "--zone", "us-east-1a", "--workers", "1"]


class Nginx(Proxy):
    name, address = "nginx", "127.0.99.12"

    def command(self):
        large = self.case.is_large
        locations = "".join(
            f"server {{ listen {self.address}:8080; server_name host{i}.example;"
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
    proxy_buffer_size {"64k" if large else "8k"}; proxy_buffers {"8 256k" if large else "8 8k"};
    proxy_busy_buffers_size {"512k" if large else "16k"}; proxy_max_temp_file_size 0;
    upstream bench {{ server {TARGET[0]}:{TARGET[1]}; keepalive 1024; keepalive_requests 1000000000; }}
    {locations}
    server {{ listen {self.address}:8080 default_server; location / {{ proxy_pass http://bench; }} }}
}}
""")
        return ["nginx", "-c", file]


class Haproxy(Proxy):
    name, address = "haproxy", "127.0.99.13"

    def command(self):
        large = self.case.is_large
        rules = "".join(f"    use_backend bench if {{ hdr(host) -i host{i}.example }} {{ path_beg /path{i}/ }}\n"
                        for i in range(self.case.rules))
        file = self.folder / "haproxy.cfg"
        file.write_text(f"""
global
    nbthread 1
    maxconn {2000 if large else 9850}
    tune.bufsize {65536 if large else 16384}
    tune.pipesize 1048576
defaults
    mode http
    timeout client 600s
    timeout server 600s
    timeout connect 5s
    timeout http-keep-alive 600s
    http-reuse always
    option http-keep-alive
    {"option splice-auto" if large else ""}
frontend front
    bind {self.address}:8080
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Port 8080
{rules}    default_backend bench
backend bench
    server target {TARGET[0]}:{TARGET[1]} pool-max-conn 2048
""")
        return ["haproxy", "-db", "-f", file]


PROXIES = [Openalb, Nginx, Haproxy]
