# SPDX-License-Identifier: Apache-2.0
"""Who may call: signatures in all their forms, and what is said to everyone else."""
import shutil
import subprocess

import pytest

from server import FORM, KEY, SECRET, aws_programs

IDENTITY = "GetCallerIdentity"
ACM_LIST = "CertificateManager.ListCertificates"


@pytest.mark.parametrize("program", aws_programs())
def test_every_aws_cli_is_let_in(server, program):
    identity = server.aws("sts", "get-caller-identity", "--output", "text", program=program).stdout
    assert identity.split() == ["123456789012", "arn:aws:iam::123456789012:root", "123456789012"]


def test_boto3_is_let_in(sts):
    identity = sts.get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert len(identity["ResponseMetadata"]["RequestId"]) == 36
    assert identity["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] == \
        identity["ResponseMetadata"]["RequestId"]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("request_line", [
    ["-d", "Action=GetCallerIdentity&Version=2011-06-15", "{url}/"],
    ["{url}/?Action=GetCallerIdentity&Version=2011-06-15"],
])
def test_curl_is_let_in(server, request_line):
    """It signs no more than host and date."""
    done = subprocess.run(
        ["curl", "-s", "-w", "%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:sts", "-u", f"{KEY}:{SECRET}",
         *[part.format(url=server.url) for part in request_line]], capture_output=True, text=True, timeout=30)
    assert "<Arn>arn:aws:iam::123456789012:root</Arn>" in done.stdout
    assert done.stdout.endswith("200")


def test_lower_case_header_names_are_let_in(server):
    """As the JavaScript SDK sends them."""
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    path, headers = server.signed("POST", "/", body, headers={"Content-Type": FORM})
    assert server.send("POST", path, body, {name.lower(): value for name, value in headers.items()}).status == 200


def test_a_presigned_url_is_let_in_until_it_expires(server, sts):
    url = sts.generate_presigned_url("get_caller_identity", HttpMethod="GET", ExpiresIn=60)
    assert "<Account>123456789012</Account>" in server.get(url[len(server.url):]).text
    path = f"/?Action={IDENTITY}&Version=2011-06-15"
    signed, headers = server.signed("GET", path, expires=60, skew_minutes=-2)
    late = server.send("GET", signed, headers=headers)
    assert (late.status, late.code) == (403, "SignatureDoesNotMatch")
    assert "Signature expired: " in late.message
    forged, headers = server.signed("GET", path, expires=60)
    assert server.send("GET", forged.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), headers=headers).code == \
        "SignatureDoesNotMatch"


def test_without_a_signature(server):
    bare = server.send("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", {"Content-Type": FORM})
    assert (bare.status, bare.code, bare.message) == \
        (403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    ec2 = server.send("POST", "/", b"Action=DescribeVpcs&Version=2016-11-15", {"Content-Type": FORM})
    assert ec2.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>Missing')
    acm = server.send("POST", "/", b"{}", {"X-Amz-Target": ACM_LIST})
    assert (acm.status, acm.code) == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize("signing, query, ec2, json", [
    ({"key": "AKIDNOBODY"}, (403, "InvalidClientTokenId"), (401, "AuthFailure"),
     (400, "UnrecognizedClientException")),
    ({"secret": "wrong"}, (403, "SignatureDoesNotMatch"), (401, "AuthFailure"), (400, "InvalidSignatureException")),
    ({"skew_minutes": -16}, (403, "SignatureDoesNotMatch"), (400, "RequestExpired"),
     (400, "InvalidSignatureException")),
    ({"skew_minutes": 16}, (403, "SignatureDoesNotMatch"), (400, "RequestExpired"),
     (400, "InvalidSignatureException")),
])
def test_refusals_have_each_protocols_code(server, signing, query, ec2, json):
    for answer, expected in ((server.query("elasticloadbalancing", "DescribeLoadBalancers", **signing), query),
                             (server.query("ec2", "DescribeVpcs", **signing), ec2),
                             (server.json("acm", ACM_LIST, **signing), json)):
        assert (answer.status, answer.code) == expected


def test_a_clock_may_be_fifteen_minutes_off(server):
    assert server.query("sts", IDENTITY, skew_minutes=-14).status == 200
    assert server.query("sts", IDENTITY, skew_minutes=14).status == 200


def test_a_wrong_secret_is_shown_what_should_have_been_signed(server):
    refused = server.query("sts", IDENTITY, secret="wrong")
    assert refused.message.startswith(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
        "Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String "
        f"for this request should have been\n'POST\n/\n\ncontent-type:{FORM}\nhost:127.0.0.1:{server.port}\n")


def test_a_changed_request_is_refused(server):
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    path, headers = server.signed("POST", "/", body, headers={"Content-Type": FORM})
    assert server.send("POST", path, body + b"&x=1", headers).code == "SignatureDoesNotMatch"
    assert server.send("POST", path + "?x=1", body, headers).code == "SignatureDoesNotMatch"
    assert server.send("PUT", path, body, headers).code == "SignatureDoesNotMatch"
    assert server.send("POST", path, body, headers).status == 200


def test_scope(server):
    """Regional services want our region; sts takes any, as its global endpoint does."""
    elsewhere = server.query("ec2", "DescribeVpcs", region="eu-west-1")
    assert elsewhere.code == "AuthFailure"
    elsewhere = server.query("elasticloadbalancing", "DescribeLoadBalancers", region="eu-west-1")
    assert (elsewhere.status, elsewhere.code) == (403, "SignatureDoesNotMatch")
    assert elsewhere.message.startswith("Credential should be scoped to a valid region, not 'eu-west-1'.")
    assert server.query("sts", IDENTITY, region="eu-west-1").status == 200


@pytest.mark.parametrize("authorization, message", [
    ("Basic Zm9vOmJhcg==", "Unsupported AWS 'algorithm': 'Basic'"),
    ("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=x", "Authorization header requires 'Credential' parameter."),
    ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x", "Authorization header requires existence"),
])
def test_an_incomplete_signature(server, authorization, message):
    answer = server.send("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15",
                         {"Content-Type": FORM, "Authorization": authorization})
    assert (answer.status, answer.code) == (400, "IncompleteSignature")
    assert answer.message.startswith(message)


def test_a_session_token_is_none_of_ours(server):
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Content-Type": FORM, "X-Amz-Security-Token": "token"}
    path, headers = server.signed("POST", "/", body, headers=headers)
    assert server.send("POST", path, body, headers).code == "InvalidClientTokenId"
