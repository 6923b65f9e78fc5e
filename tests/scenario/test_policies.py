# SPDX-License-Identifier: Apache-2.0
"""Every security policy, handshake by handshake: exactly its protocols and its suites.

The table is typed from AWS's own page once more, on purpose: the program has another one."""
import ssl
import subprocess
import warnings

import pytest

from stage import Certificate, Stage, fixed, rule, snapshot

GROUPS = {
    "T": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
    "T-": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"],
    "T256": ["TLS_AES_256_GCM_SHA384"],
    "G": ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-RSA-AES256-GCM-SHA384"],
    "G256": ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
    "C2": ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384",
           "ECDHE-RSA-AES256-SHA384"],
    "C1": ["ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"],
    "R2": ["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"],
    "R2G256": ["AES256-GCM-SHA384"],
    "R1": ["AES128-SHA", "AES256-SHA"],
}
OLD = "G C2 C1 R2 R1"
POLICIES = {  # name: (oldest and newest minor of TLS 1, groups)
    "2016-08": (0, 2, OLD), "2015-05": (0, 2, OLD), "TLS-1-0-2015-04": (0, 2, OLD),  # and DES, which libraries lost
    "TLS-1-1-2017-01": (1, 2, OLD), "TLS-1-2-2017-01": (2, 2, "G C2 R2"), "TLS-1-2-Ext-2018-06": (2, 2, OLD),
    "FS-2018-06": (0, 2, "G C2 C1"), "FS-1-1-2019-08": (1, 2, "G C2 C1"), "FS-1-2-2019-08": (2, 2, "G C2 C1"),
    "FS-1-2-Res-2019-08": (2, 2, "G C2"), "FS-1-2-Res-2020-10": (2, 2, "G"),
    "TLS13-1-0-2021-06": (0, 3, f"T {OLD}"), "TLS13-1-1-2021-06": (1, 3, f"T {OLD}"),
    "TLS13-1-2-2021-06": (2, 3, "T G C2"), "TLS13-1-2-Res-2021-06": (2, 3, "T G"),
    "TLS13-1-2-Ext1-2021-06": (2, 3, "T G C2 R2"), "TLS13-1-2-Ext2-2021-06": (2, 3, f"T {OLD}"),
    "TLS13-1-3-2021-06": (3, 3, "T"),
    "TLS13-1-0-FIPS-2023-04": (0, 3, f"T- {OLD}"), "TLS13-1-1-FIPS-2023-04": (1, 3, f"T- {OLD}"),
    "TLS13-1-2-FIPS-2023-04": (2, 3, "T- G C2"), "TLS13-1-2-Res-FIPS-2023-04": (2, 3, "T- G"),
    "TLS13-1-2-Ext0-FIPS-2023-04": (2, 3, "T- G C2 C1"), "TLS13-1-2-Ext1-FIPS-2023-04": (2, 3, "T- G C2 R2"),
    "TLS13-1-2-Ext2-FIPS-2023-04": (2, 3, f"T- {OLD}"), "TLS13-1-3-FIPS-2023-04": (3, 3, "T-"),
    "TLS13-1-3-RFC9151-FIPS-2023-07": (3, 3, "T256"), "TLS13-1-2-RFC9151-FIPS-2023-07": (2, 3, "T256 G256"),
    "TLS13-1-2-Ext0-RFC9151-FIPS-2023-07": (2, 3, "T256 G256 R2G256"),
    "TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07": (2, 3, "T- G"),
    "TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07": (2, 3, "T- G C2"),
    "TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07": (2, 3, "T- G C2 C1"),
    "TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07": (2, 3, f"T- {OLD}"),
}
VERSIONS = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
EVERY = list(dict.fromkeys(suite for suites in GROUPS.values() for suite in suites))


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A listener for each policy; both kinds of certificate have the name a.test."""
    folder = tmp_path_factory.mktemp("policies")
    stage = Stage(folder)
    certificates = [Certificate(folder, "default.test", rsa=True), Certificate(folder, "a.test", rsa=True),
                    Certificate(folder, "a.test")]
    document = snapshot(groups=[], rules=[rule(0, fixed(200))])
    document["certificates"] = [certificate.row for certificate in certificates]
    document["balancers"][0]["listeners"] = [
        {"port": port, "protocol": "HTTPS", "ssl_policy": f"ELBSecurityPolicy-{name}",
         "certificates": [certificate.arn for certificate in certificates], "rules": [rule(0, fixed(200))]}
        for port, name in enumerate(POLICIES, 8443)]
    yield stage.node(document)
    stage.end()


# A node that was just born makes the contexts of all policies first: seconds, when it is watched for races.
def shake(node, policy, version, suites="ALL"):
    """The suite that client and node agree on; None: they don't."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(f"{suites}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = context.maximum_version = version
    address = (node.address[0], 8443 + list(POLICIES).index(policy))
    try:
        with ssl.create_connection(address, timeout=60) as sock, context.wrap_socket(sock, server_hostname="a.test") as tls:
            return tls.cipher()[0]
    except (ssl.SSLError, ConnectionError):
        return None


def shake_tls13(node, policy, suite):
    port = 8443 + list(POLICIES).index(policy)
    done = subprocess.run(["openssl", "s_client", "-connect", f"{node.address[0]}:{port}", "-servername", "a.test",
                           "-tls1_3", "-ciphersuites", suite, "-brief"], input=b"", capture_output=True, timeout=60)
    return done.returncode == 0


@pytest.mark.parametrize("policy", POLICIES)
def test_policy(node, policy):
    oldest, newest, groups = POLICIES[policy]
    suites = [suite for group in groups.split() for suite in GROUPS[group]]
    for minor, version in enumerate(VERSIONS):
        assert bool(shake(node, policy, version)) == (oldest <= minor <= newest), version
    for suite in EVERY:
        if suite.startswith("TLS_"):
            assert shake_tls13(node, policy, suite) == (suite in suites), suite
        else:
            agreed = shake(node, policy, ssl.TLSVersion.TLSv1_2, suite)
            assert agreed == (suite if suite in suites else None), suite


@pytest.mark.parametrize("policy, offered, agreed", [
    ("2016-08", "AES256-SHA:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"),
    ("2016-08", "AES256-SHA:AES128-GCM-SHA256", "AES128-GCM-SHA256"),
    ("2016-08", "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07", "AES128-GCM-SHA256:AES256-SHA", "AES256-SHA"),
])
def test_order_is_the_server_s(node, policy, offered, agreed):
    assert shake(node, policy, ssl.TLSVersion.TLSv1_2, offered) == agreed
