# SPDX-License-Identifier: Apache-2.0
"""Certificates brought along: ACM (json) and IAM (query), and the listener that uses one."""
import json
import subprocess

import pytest
from botocore.exceptions import ClientError

from server import aws_programs


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A self-signed certificate and its key, as files."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", key,
                    "-out", certificate, "-subj", "/CN=example.com", "-addext",
                    "subjectAltName=DNS:example.com,DNS:*.example.com"], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def imported(acm, pair):
    made = acm.import_certificate(Certificate=pair[0].read_bytes(), PrivateKey=pair[1].read_bytes(),
                                  Tags=[{"Key": "stage", "Value": "test"}])["CertificateArn"]
    yield made
    try:
        acm.delete_certificate(CertificateArn=made)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


@pytest.mark.parametrize("program", aws_programs())
def test_the_cli_imports_and_deletes(server, pair, program):
    arn = json.loads(server.aws("acm", "import-certificate", "--certificate", f"fileb://{pair[0]}", "--private-key",
                                f"fileb://{pair[1]}", program=program).stdout)["CertificateArn"]
    assert arn.startswith("arn:aws:acm:us-east-1:123456789012:certificate/")
    shown = server.aws("acm", "describe-certificate", "--certificate-arn", arn, "--query",
                       "Certificate.[DomainName,Status,Type]", "--output", "text", program=program).stdout
    assert shown.split() == ["example.com", "ISSUED", "IMPORTED"]
    server.aws("acm", "delete-certificate", "--certificate-arn", arn, program=program)
    gone = server.aws("acm", "describe-certificate", "--certificate-arn", arn, check=False, program=program)
    assert gone.returncode in (254, 255)
    assert "(ResourceNotFoundException)" in gone.stderr


def test_it_reads_back(acm, pair, imported):
    detail = acm.describe_certificate(CertificateArn=imported)["Certificate"]
    assert detail["SubjectAlternativeNames"] == ["example.com", "*.example.com"]
    assert (detail["KeyAlgorithm"], detail["InUseBy"]) == ("RSA-2048", [])
    assert (detail["NotAfter"] - detail["NotBefore"]).days == 30
    listed = acm.list_certificates()["CertificateSummaryList"]
    assert imported in [summary["CertificateArn"] for summary in listed]
    assert acm.get_certificate(CertificateArn=imported)["Certificate"].strip() == pair[0].read_text().strip()
    assert acm.list_tags_for_certificate(CertificateArn=imported)["Tags"] == [{"Key": "stage", "Value": "test"}]


def test_what_is_no_certificate_is_refused(acm, pair):
    before = acm.list_certificates()["CertificateSummaryList"]
    refused("ValidationException", acm.import_certificate, Certificate=b"no", PrivateKey=pair[1].read_bytes())
    refused("ValidationException", acm.import_certificate, Certificate=pair[0].read_bytes(), PrivateKey=b"no")
    other = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True).stdout
    message = refused("ValidationException", acm.import_certificate, Certificate=pair[0].read_bytes(),
                      PrivateKey=other)
    assert "PRIVATE KEY" not in message
    assert acm.list_certificates()["CertificateSummaryList"] == before


def test_a_certificate_in_use_stays(acm, elbv2, ec2, imported):
    ours = [{"Name": "default-for-az", "Values": ["true"]}]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=ours)["Subnets"]]
    balancer = elbv2.create_load_balancer(Name="certified", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    try:
        listener = elbv2.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": imported}],
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])["Listeners"][0]
        assert listener["Certificates"] == [{"CertificateArn": imported}]
        assert acm.describe_certificate(CertificateArn=imported)["Certificate"]["InUseBy"] == [balancer]
        refused("ResourceInUseException", acm.delete_certificate, CertificateArn=imported)
    finally:
        elbv2.delete_load_balancer(LoadBalancerArn=balancer)
    acm.delete_certificate(CertificateArn=imported)


def test_server_certificates_of_iam(iam, pair):
    made = iam.upload_server_certificate(ServerCertificateName="mine", CertificateBody=pair[0].read_text(),
                                         PrivateKey=pair[1].read_text())["ServerCertificateMetadata"]
    assert made["Arn"] == "arn:aws:iam::123456789012:server-certificate/mine"
    refused("EntityAlreadyExists", iam.upload_server_certificate, ServerCertificateName="mine",
            CertificateBody=pair[0].read_text(), PrivateKey=pair[1].read_text())
    body = iam.get_server_certificate(ServerCertificateName="mine")["ServerCertificate"]["CertificateBody"]
    assert body.strip() == pair[0].read_text().strip()
    iam.delete_server_certificate(ServerCertificateName="mine")
    refused("NoSuchEntity", iam.get_server_certificate, ServerCertificateName="mine")
