# SPDX-License-Identifier: Apache-2.0
"""server: `openalb serve` with a state folder, a port and address pools of its own, and the ways to
talk to it: the aws CLI, boto3, and requests signed by hand."""
import datetime
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from unittest import mock

import boto3
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[2]
OPENALB = os.environ.get("OPENALB", str(ROOT / "build" / "openalb"))
WORKERS = os.environ.get("OPENALB_WORKERS", "1")
KEY, SECRET = "AKIDOPENALBTESTS", "a/secret+of=the-tests"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSIONS = {"sts": "2011-06-15", "ec2": "2016-11-15", "elasticloadbalancing": "2015-12-01", "iam": "2010-05-08"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def free_networks():
    """Two neighbouring /24 of loopback that no other test has: held by binding an address of them."""
    for number in range(os.getpid(), os.getpid() + 4000):
        prefix = f"127.{100 + number // 100 % 100}.{number % 100 * 2}"
        guard = socket.socket()
        try:
            guard.bind((f"{prefix}.255", 4566))
        except OSError:
            guard.close()
            continue
        octets = prefix.split(".")
        return guard, f"{prefix}.0/24", f"{octets[0]}.{octets[1]}.{int(octets[2]) + 1}.0/24"
    raise RuntimeError("no loopback network is free")


class Clock(datetime.datetime):
    """What botocore takes for the time while it signs."""
    offset = datetime.timedelta()

    @classmethod
    def utcnow(cls):
        return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + cls.offset


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def code(self):
        found = re.search(r"<Code>([^<]*)</Code>|\"__type\":\"([^\"]*)\"", self.text)
        return found and (found[1] or found[2])

    @property
    def message(self):
        found = re.search(r"<Message>([^<]*)</Message>|\"message\":\"((?:[^\"\\]|\\.)*)\"", self.text)
        return found and (found[1] if found[1] is not None else found[2])


class Server:
    def __init__(self, folder, *options):
        self.folder = Path(folder)
        self.options = options
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.guard, self.public, self.private = free_networks()
        self.port_offset = 0 if os.geteuid() == 0 else 20000
        self.log = []
        self.start()

    def start(self):
        """Begins, or goes on with the state that is there."""
        self.process = subprocess.Popen(
            [OPENALB, "serve", "--state", str(self.folder / "state"), "--api", f"127.0.0.1:{self.port}",
             "--public-addresses", self.public, "--private-addresses", self.private,
             "--port-offset", str(self.port_offset), "--workers", WORKERS,
             "--access-key", f"{KEY}:{SECRET}", "--no-hosts-file", *self.options],
            stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.read_log, args=(self.process.stderr,), daemon=True).start()
        self.wait_ready()

    def read_log(self, stream):
        for line in stream:
            self.log.append(line)

    def wait_ready(self, seconds=20):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{''.join(self.log)}"
            try:
                if self.get("/ready").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"not ready after {seconds} s:\n{''.join(self.log)}")

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode

    def end(self):
        self.stop()
        self.guard.close()

    # ---- the clients -----------------------------------------------------------------------------

    def environment(self, key=KEY, secret=SECRET, region="us-east-1"):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**clean, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_DEFAULT_REGION": region, "AWS_PAGER": "",
                "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_EC2_METADATA_DISABLED": "true"}

    def aws(self, *arguments, check=True, program="aws", **environment):
        """The aws CLI; without `check`, whoever calls looks at .returncode and .stderr."""
        done = subprocess.run([program, "--endpoint-url", self.url, *arguments], text=True,
                              capture_output=True, timeout=120, env=self.environment(**environment))
        assert not check or done.returncode == 0, f"aws {' '.join(arguments)}: {done.stderr}"
        return done

    def client(self, service, key=KEY, secret=SECRET, region="us-east-1", **more):
        return boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region) \
            .client(service, endpoint_url=self.url,
                    config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60), **more)

    # ---- by hand ---------------------------------------------------------------------------------

    def signed(self, method, path, body=b"", service="sts", headers=None, key=KEY, secret=SECRET,
               region="us-east-1", skew_minutes=0, expires=None):
        """(path, headers) with a signature, presigned if it `expires`."""
        clock = type("ShiftedClock", (Clock,), {"offset": datetime.timedelta(minutes=skew_minutes)})
        request = AWSRequest(method=method, url=self.url + path, data=body, headers=headers or {})
        credentials = Credentials(key, secret)
        signer = botocore.auth.SigV4Auth(credentials, service, region) if expires is None else \
            botocore.auth.SigV4QueryAuth(credentials, service, region, expires=expires)
        with mock.patch("botocore.auth.datetime", mock.Mock(datetime=clock)), \
                mock.patch("botocore.auth.get_current_datetime", clock.utcnow, create=True):
            signer.add_auth(request)
        prepared = request.prepare()
        headers = {name: value for name, value in prepared.headers.items() if name.lower() != "content-length"}
        return prepared.url[len(self.url):], headers

    def send(self, method, path, body=b"", headers=None):
        """As it stands, without a signature."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body or None, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path):
        return self.send("GET", path)

    def query(self, service, action, version=None, **signing):
        """A signed form: action is "Name" or "Name&Parameter=value"."""
        body = f"Version={version or VERSIONS[service]}&Action={action}".encode()
        path, headers = self.signed("POST", "/", body, service, {"Content-Type": FORM}, **signing)
        return self.send("POST", path, body, headers)

    def json(self, service, target, body=b"{}", **signing):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        path, headers = self.signed("POST", "/", body, service, headers, **signing)
        return self.send("POST", path, body, headers)


def aws_programs():
    """Every aws CLI of this machine: Debian's, and another one that comes first on the PATH."""
    found = dict.fromkeys(path for path in (shutil.which("aws"), "/usr/bin/aws") if path and os.path.exists(path))
    return list(found)
