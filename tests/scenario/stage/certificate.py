# SPDX-License-Identifier: Apache-2.0
"""certificate: made on the spot with openssl, so that no key lies in the tree."""
import ssl
import subprocess
from pathlib import Path


class Certificate:
    """For the names given; issued by `ca` or self-signed. `rsa`: True or bits; else ECDSA with `curve`. `.row`
    is its place in a snapshot."""

    def __init__(self, folder, *names, ca=None, is_ca=False, rsa=False, curve="P-256", digest="sha256", days=30):
        bits = 2048 if rsa is True else rsa
        kind = f"rsa{bits}" if rsa else curve
        stem = Path(folder) / f"{names[0].replace('*', 'any').replace(' ', '-')}-{kind}-{digest}-{days}"
        self.key_file, self.file = Path(f"{stem}.key"), Path(f"{stem}.pem")
        self.arn = f"arn:aws:acm:us-east-1:123456789012:certificate/{stem.name}"
        key = [f"rsa:{bits}"] if rsa else ["ec", "-pkeyopt", f"ec_paramgen_curve:{curve}"]
        command = ["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-keyout", self.key_file, "-out",
                   self.file, "-subj", f"/CN={names[0]}", "-days", str(days), f"-{digest}"]
        if is_ca:
            command += ["-addext", "keyUsage=keyCertSign,cRLSign"]
        else:
            command += ["-addext", "basicConstraints=critical,CA:FALSE",
                        "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)]
        if ca:
            command += ["-CA", ca.file, "-CAkey", ca.key_file]
        subprocess.run(command, check=True, capture_output=True)

    @property
    def row(self):
        return {"arn": self.arn, "chain_pem": self.file.read_text(), "key_pem": self.key_file.read_text()}

    def context(self):
        """For a target that speaks TLS, or a client that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key_file)
        return context


def client_context(shows=None, newest=None, alpn=None):
    """A client that takes any certificate; `shows` one of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if shows:
        context.load_cert_chain(shows.file, shows.key_file)
    if newest:
        context.maximum_version = newest
    if alpn:
        context.set_alpn_protocols(alpn)
    return context
