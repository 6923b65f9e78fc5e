# SPDX-License-Identifier: Apache-2.0
"""authority: a CA made with openssl, the certificates it gives out, and those it takes back."""
import subprocess
from pathlib import Path


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class Authority:
    """A CA; an intermediate one when it has a `parent`."""

    def __init__(self, folder, name, parent=None, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), digest="sha256",
                 days=30, subject=""):
        self.folder, self.name, self.parent, self.digest = Path(folder) / name.replace(" ", "-"), name, parent, digest
        self.folder.mkdir()
        self.file, self.key_file = self.folder / "ca.pem", self.folder / "ca.key"
        issuer = ("-CA", parent.file, "-CAkey", parent.key_file) if parent else ()
        openssl("req", "-x509", "-newkey", *key, "-nodes", "-keyout", self.key_file, "-out", self.file,
                "-subj", f"/O=Tests{subject}/CN={name}", "-days", days, f"-{digest}", "-addext", "keyUsage=keyCertSign,cRLSign",
                *issuer)
        self.revoked = []

    @property
    def pem(self):
        return self.file.read_text()

    def issue(self, name, days=30, subject=None, usage="clientAuth", key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
              chain=(), serial=None):
        """A client's certificate and key as files; `chain`: authorities that it shows besides. `days` below 0:
        it has expired."""
        stem = self.folder / name.replace(" ", "-")
        request = stem.with_suffix(".csr")
        openssl("req", "-newkey", *key, "-nodes", "-keyout", stem.with_suffix(".key"), "-out", request,
                "-subj", subject or f"/CN={name}")
        extensions = stem.with_suffix(".ext")
        extensions.write_text(f"basicConstraints=critical,CA:FALSE\nextendedKeyUsage={usage}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key_file, "-days", days,
                "-extfile", extensions, "-out", stem.with_suffix(".pem"), f"-{self.digest}",
                "-set_serial", serial or hex(1000 + abs(hash(name)) % 10**9))
        stem.with_suffix(".chain").write_text(stem.with_suffix(".pem").read_text() + "".join(ca.pem for ca in chain))
        return Issued(stem)

    def list_revoked(self, *issued, days=30):
        """A revocation list of all that was ever revoked, as PEM."""
        self.revoked += issued
        config = self.folder / "ca.cnf"
        config.write_text(f"[ca]\ndefault_ca=own\n[own]\ndatabase={self.folder}/index\ndefault_md=sha256\n"
                          f"default_crl_days={days}\ncrlnumber={self.folder}/number\n")
        serials = [openssl("x509", "-in", one.file, "-noout", "-serial").strip().split("=")[1] for one in self.revoked]
        (self.folder / "index").write_text("".join(
            f"R\t400101000000Z\t250101000000Z\t{serial}\tunknown\t/CN=revoked\n" for serial in serials))
        (self.folder / "number").write_text("01\n")
        out = self.folder / "list.pem"
        openssl("ca", "-gencrl", "-config", config, "-cert", self.file, "-keyfile", self.key_file, "-out", out)
        return out.read_text()


class Issued:
    def __init__(self, stem):
        self.file, self.chain_file, self.key_file = (stem.with_suffix(end) for end in (".pem", ".chain", ".key"))

    @property
    def pem(self):
        return self.file.read_text()
