# SPDX-License-Identifier: Apache-2.0
"""Terraform's aws_lb* resources: applied, a second plan is empty, changed, destroyed. Takes minutes, which
the provider spends waiting. Skipped where terraform or a mirror of its provider is missing."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from authority import Authority
from server import Server

PLUGINS = [os.environ.get("OPENALB_TF_PLUGINS", ""), "~/.terraform.d/plugins", "/usr/local/share/terraform/plugins",
           "/usr/share/terraform/plugins", "/opt/tf-plugins"]
CONFIGURATIONS = Path(__file__).parent / "terraform"


def mirror():
    for place in filter(None, PLUGINS):
        if (Path(place).expanduser() / "registry.terraform.io/hashicorp/aws").is_dir():
            return Path(place).expanduser()
    return None


@pytest.fixture
def terraform(tmp_path, request):
    if not shutil.which("terraform") or not mirror():
        pytest.skip("terraform, or a mirror of hashicorp/aws (OPENALB_TF_PLUGINS), is not on this machine")
    server = Server(tmp_path)
    work = tmp_path / "terraform"
    work.mkdir()
    shutil.copy(CONFIGURATIONS / getattr(request, "param", "elbv2.tf"), work / "main.tf")
    (work / "rc").write_text(f'provider_installation {{ filesystem_mirror {{ path = "{mirror()}" }} }}\n')
    environment = {**server.environment(), "AWS_ENDPOINT_URL": server.url, "TF_CLI_CONFIG_FILE": str(work / "rc"),
                   "CHECKPOINT_DISABLE": "1"}

    def run(*arguments):
        return subprocess.run(["terraform", *arguments, "-no-color"], cwd=work, env=environment, text=True,
                              capture_output=True, timeout=400)
    run.work, run.server = work, server
    yield run
    server.end()


def succeeded(done):
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def test_apply_plan_change_destroy(terraform):
    succeeded(terraform("init"))
    assert "9 added" in succeeded(terraform("apply", "-auto-approve"))
    empty = terraform("plan", "-detailed-exitcode")  # 2: there is something to do
    assert empty.returncode == 0, empty.stdout[-3000:] + empty.stderr

    text = (terraform.work / "main.tf").read_text()
    (terraform.work / "main.tf").write_text(text.replace('values = ["/a/*", "/b"]', 'values = ["/c"]')
                                            .replace("priority     = 10", "priority     = 20")
                                            .replace("interval = 10", "interval = 15"))
    assert "0 added, 2 changed, 0 destroyed" in succeeded(terraform("apply", "-auto-approve"))
    empty = terraform("plan", "-detailed-exitcode")
    assert empty.returncode == 0, empty.stdout[-3000:] + empty.stderr
    assert "9 destroyed" in succeeded(terraform("destroy", "-auto-approve"))
    elbv2 = terraform.server.client("elbv2")
    assert elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert elbv2.describe_target_groups()["TargetGroups"] == []


@pytest.mark.parametrize("terraform", ["trust.tf"], indirect=True)
def test_mutual_tls_apply_plan_change_destroy(terraform, tmp_path):
    ca = Authority(tmp_path, "partner ca")
    bucket = terraform.server.folder / "state" / "s3" / "tf-trust"
    (bucket / "bundles").mkdir(parents=True)
    (bucket / "bundles" / "partners.pem").write_text(ca.pem)
    (bucket / "lost.crl").write_text(ca.list_revoked(ca.issue("lost")))
    own = ca.issue("own", usage="serverAuth")
    shutil.copy(own.file, terraform.work / "own.pem")
    shutil.copy(own.key_file, terraform.work / "own.key")

    succeeded(terraform("init"))
    assert "6 added" in succeeded(terraform("apply", "-auto-approve"))
    empty = terraform("plan", "-detailed-exitcode")  # 2: there is something to do
    assert empty.returncode == 0, empty.stdout[-3000:] + empty.stderr

    text = (terraform.work / "main.tf").read_text()
    (terraform.work / "main.tf").write_text(text.replace('mutual_authentication { mode = "passthrough" }', "")
                                            .replace("ignore_client_certificate_expiry = true",
                                                     "ignore_client_certificate_expiry = false")
                                            .replace('stage = "test"', 'stage = "changed"'))
    succeeded(terraform("apply", "-auto-approve"))
    shown = terraform.server.query("elasticloadbalancing", "DescribeTrustStores").text
    assert "<TotalRevokedEntries>1</TotalRevokedEntries>" in shown
    empty = terraform("plan", "-detailed-exitcode")
    assert empty.returncode == 0, empty.stdout[-3000:] + empty.stderr
    assert "6 destroyed" in succeeded(terraform("destroy", "-auto-approve"))
    assert "<member>" not in terraform.server.query("elasticloadbalancing", "DescribeTrustStores").text
