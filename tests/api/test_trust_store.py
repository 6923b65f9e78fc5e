# SPDX-License-Identifier: Apache-2.0
"""Trust stores and their revocation lists, whose contents are objects of buckets: files of the state's folder."""
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request

import newer
import pytest
from authority import Authority
from elb import ARN, name, refused
from test_ec2_durability import kill_control, wait_for_another_control

BUCKET = "trust-tests"


@pytest.fixture(scope="module")
def elbv2(server, tmp_path_factory):
    return newer.client(server, tmp_path_factory.mktemp("model"), "elbv2", "CreateTrustStore")


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "first ca")


@pytest.fixture(scope="module")
def other_ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "other ca")


def put(server, key, content):
    """An object of the bucket, put there as a person would."""
    file = server.folder / "state" / "s3" / BUCKET / key
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return {"CaCertificatesBundleS3Bucket": BUCKET, "CaCertificatesBundleS3Key": key}


def revocation(server, key, content):
    put(server, key, content)
    return {"S3Bucket": BUCKET, "S3Key": key}


@pytest.fixture
def made(server, elbv2, ca):
    stores = []

    def make(content=None, **more):
        place = put(server, "bundle.pem", content or ca.pem)
        store = elbv2.create_trust_store(Name=name("trust"), **place, **more)["TrustStores"][0]
        stores.append(store["TrustStoreArn"])
        return store
    yield make
    for arn in stores:
        if any(arn == store["TrustStoreArn"] for store in elbv2.describe_trust_stores()["TrustStores"]):
            elbv2.delete_trust_store(TrustStoreArn=arn)


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def fetch_refused(url):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=10)
    text = caught.value.read().decode()
    return caught.value.code, text.split("<Code>")[1].split("<")[0], text.split("<Message>")[1].split("<")[0]


# ---- trust stores -----------------------------------------------------------------------------

def test_it_is_created_described_and_deleted(elbv2, made, ca, other_ca):
    store = made(ca.pem + other_ca.pem, Tags=[{"Key": "stage", "Value": "test"}])
    arn = store["TrustStoreArn"]
    assert arn.startswith(ARN + f"truststore/{store['Name']}/") and len(arn.rsplit("/", 1)[1]) == 16
    assert store == {"Name": store["Name"], "TrustStoreArn": arn, "Status": "ACTIVE", "NumberOfCaCertificates": 2,
                     "TotalRevokedEntries": 0}
    assert elbv2.describe_trust_stores(TrustStoreArns=[arn])["TrustStores"] == [store]
    assert elbv2.describe_trust_stores(Names=[store["Name"]])["TrustStores"] == [store]
    assert store in elbv2.describe_trust_stores()["TrustStores"]
    assert elbv2.describe_trust_store_associations(TrustStoreArn=arn)["TrustStoreAssociations"] == []
    tags = elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    assert tags == [{"Key": "stage", "Value": "test"}]
    elbv2.delete_trust_store(TrustStoreArn=arn)
    refused("TrustStoreNotFound", "One or more trust stores not found", elbv2.describe_trust_stores,
            TrustStoreArns=[arn])
    refused("TrustStoreNotFound", "One or more trust stores not found", elbv2.delete_trust_store, TrustStoreArn=arn)
    refused("TrustStoreNotFound", "One or more trust stores not found", elbv2.describe_tags, ResourceArns=[arn])


def test_what_makes_no_sense_is_refused(server, elbv2, made, ca):
    store, place = made(), put(server, "bundle.pem", ca.pem)
    refused("DuplicateTrustStoreName", f"A trust store with the same name '{store['Name']}' exists",
            elbv2.create_trust_store, Name=store["Name"], **place)
    refused("CaCertificatesBundleNotFound",
            f"The specified ca certificate bundle does not exist: s3://{BUCKET}/no/such.pem", elbv2.create_trust_store,
            Name=name("trust"), CaCertificatesBundleS3Bucket=BUCKET, CaCertificatesBundleS3Key="no/such.pem")
    refused("CaCertificatesBundleNotFound",
            "The specified ca certificate bundle does not exist: s3://../../etc/passwd", elbv2.create_trust_store,
            Name=name("trust"), CaCertificatesBundleS3Bucket="..", CaCertificatesBundleS3Key="../etc/passwd")
    refused("CaCertificatesBundleNotFound",
            f"The specified ca certificate bundle does not exist: s3://{BUCKET}/bundle.pem", elbv2.modify_trust_store,
            TrustStoreArn=store["TrustStoreArn"], CaCertificatesBundleS3ObjectVersion="older", **place)
    elbv2.modify_trust_store(TrustStoreArn=store["TrustStoreArn"], CaCertificatesBundleS3ObjectVersion="null", **place)
    refused("ValidationError", "Trust store names and trust store ARNs cannot be specified at the same time",
            elbv2.describe_trust_stores, Names=["a"], TrustStoreArns=[store["TrustStoreArn"]])
    refused("ValidationError", "'arn:aws:s3:::b' is not a valid trust store ARN", elbv2.delete_trust_store,
            TrustStoreArn="arn:aws:s3:::b")
    refused("TrustStoreNotFound", "One or more trust stores not found", elbv2.describe_trust_stores, Names=["no-such"])


BAD = "The specified ca certificate bundle is in an invalid format, or corrupt: "


def test_bundle_is_pem_of_cas_and_comments(server, elbv2, made, ca, other_ca):
    made("# the first\n" + ca.pem + "# and the other\r\n" + other_ca.pem.replace("\n", "\r\n"))
    leaf = ca.issue("leaf")
    lines = ca.pem.splitlines(keepends=True)
    for content, why in {
        "": "it holds no certificate",
        "# nothing but this\n": "it holds no certificate",
        ca.pem + "\n" + other_ca.pem: f"line {len(lines) + 1} is blank",
        "# with a - in it\n" + ca.pem: "line 1 is neither of a CERTIFICATE nor a comment",
        ca.pem + ca.key_file.read_text(): f"line {len(lines) + 1} is neither of a CERTIFICATE nor a comment",
        lines[0] + "AAAA\n" + lines[-1]: "certificate 1 cannot be read",
        lines[0] + "no base64!\n" + lines[-1]: "line 2 is no PEM",
        "".join(lines[:-1]): "the last block has no end",
        ca.pem + leaf.pem: "certificate 2 is not of a certificate authority",
    }.items():
        refused("InvalidCaCertificatesBundle", BAD + why, elbv2.create_trust_store, Name=name("trust"),
                **put(server, "bad.pem", content))


@pytest.mark.parametrize("options, why", [
    ({"key": ("rsa:1024",)}, "the key of certificate 1 is of a type or size that is not supported"),
    ({"key": ("ed25519",)}, "the key of certificate 1 is of a type or size that is not supported"),
    ({"digest": "sha1"}, "the signature algorithm of certificate 1 is not supported"),
])
def test_weak_cas_are_refused(server, elbv2, tmp_path, options, why):
    weak = Authority(tmp_path, "weak", **options)
    refused("InvalidCaCertificatesBundle", BAD + why, elbv2.create_trust_store, Name=name("trust"),
            **put(server, "weak.pem", weak.pem))


def test_quotas(own_server, ca, tmp_path):
    elbv2 = newer.client(own_server, tmp_path / "model", "elbv2", "CreateTrustStore")
    refused("InvalidCaCertificatesBundle", BAD + "it has 26 certificates, of which there may be 25",
            elbv2.create_trust_store, Name="many", **put(own_server, "many.pem", ca.pem * 26))
    wordy = Authority(tmp_path, "wordy", subject="".join(f"/OU={i}{'x' * 60}" for i in range(6)))
    refused("InvalidCaCertificatesBundle",
            BAD + "it has 11700 bytes in the subjects of its certificates, of which there may be 10000",
            elbv2.create_trust_store, Name="wordy", **put(own_server, "wordy.pem", wordy.pem * 25))
    elbv2.create_trust_store(Name="as-many-as-may-be", **put(own_server, "most.pem", ca.pem * 25))
    for i in range(19):
        elbv2.create_trust_store(Name=f"trust-{i}", **put(own_server, "bundle.pem", ca.pem))
    refused("TooManyTrustStores", "You have reached the maximum number of trust stores: [20]",
            elbv2.create_trust_store, Name="one-more", **put(own_server, "bundle.pem", ca.pem))
    limits = {limit["Name"]: limit["Max"] for limit in elbv2.describe_account_limits()["Limits"]}
    assert limits["trust-stores"] == "20"
    pages = list(elbv2.get_paginator("describe_trust_stores").paginate(PaginationConfig={"PageSize": 8}))
    assert [len(page["TrustStores"]) for page in pages] == [8, 8, 4]


def test_the_bundle_is_fetched_by_whoever_has_the_url(server, elbv2, made, ca, other_ca):
    arn = made()["TrustStoreArn"]
    url = elbv2.get_trust_store_ca_certificates_bundle(TrustStoreArn=arn)["Location"]
    assert url.startswith(server.url + "/truststore/") and "X-Amz-Expires=600" in url
    assert fetch(url) == ca.pem
    put(server, "bundle.pem", other_ca.pem)
    assert fetch(url) == ca.pem, "the object was copied"
    elbv2.modify_trust_store(TrustStoreArn=arn, **put(server, "bundle.pem", ca.pem + other_ca.pem))
    assert fetch(url) == ca.pem + other_ca.pem
    elbv2.delete_trust_store(TrustStoreArn=arn)
    assert fetch_refused(url) == (404, "NoSuchKey", "The specified key does not exist.")


def test_a_url_is_for_its_object_and_its_ten_minutes(server, elbv2, made):
    first, second = made(), made()
    url = elbv2.get_trust_store_ca_certificates_bundle(TrustStoreArn=first["TrustStoreArn"])["Location"]
    assert fetch_refused(url.split("?")[0]) == (403, "AccessDenied", "Access Denied")
    for changed in (url.replace(first["Name"], second["Name"]), url.replace("Expires=600", "Expires=6000"), url[:-1]):
        assert fetch_refused(changed)[:2] == (403, "SignatureDoesNotMatch")
    path = url.split("?")[0][len(server.url):]
    for minutes, expected in ((9, 200), (11, 403)):
        signed, headers = server.signed("GET", path, service="s3", expires=600, skew_minutes=-minutes)
        answer = server.send("GET", signed, headers=headers)
        assert answer.status == expected
    assert (answer.code, answer.message) == ("AccessDenied", "Request has expired")
    signed, headers = server.signed("GET", path, service="s3", expires=600, key="AKIDNOBODY")
    assert server.send("GET", signed, headers=headers).code == "InvalidAccessKeyId"
    signed, headers = server.signed("GET", "/truststore/x", service="s3", expires=600)
    assert server.send("GET", signed, headers=headers).status == 404


# ---- revocation lists -------------------------------------------------------------------------

def test_lists_are_added_described_and_removed(server, elbv2, made, ca):
    arn = made()["TrustStoreArn"]
    content = ca.list_revoked(ca.issue("one"), ca.issue("two"))
    added = elbv2.add_trust_store_revocations(TrustStoreArn=arn, RevocationContents=[
        {**revocation(server, "a.crl", content), "RevocationType": "CRL"},
        revocation(server, "b.crl", "# again\n" + content)])["TrustStoreRevocations"]
    assert added == [{"TrustStoreArn": arn, "RevocationId": i, "RevocationType": "CRL", "NumberOfRevokedEntries": 2}
                     for i in (1, 2)]
    assert elbv2.describe_trust_store_revocations(TrustStoreArn=arn)["TrustStoreRevocations"] == added
    assert elbv2.describe_trust_store_revocations(TrustStoreArn=arn, RevocationIds=[2])["TrustStoreRevocations"] == \
        added[1:]
    assert elbv2.describe_trust_stores(TrustStoreArns=[arn])["TrustStores"][0]["TotalRevokedEntries"] == 4
    url = elbv2.get_trust_store_revocation_content(TrustStoreArn=arn, RevocationId=2)["Location"]
    assert fetch(url) == "# again\n" + content

    elbv2.remove_trust_store_revocations(TrustStoreArn=arn, RevocationIds=[2])
    assert fetch_refused(url)[0] == 404
    again = elbv2.add_trust_store_revocations(TrustStoreArn=arn, RevocationContents=[
        revocation(server, "a.crl", content)])["TrustStoreRevocations"]
    assert again[0]["RevocationId"] == 3, "no id comes twice"
    assert elbv2.describe_trust_stores(TrustStoreArns=[arn])["TrustStores"][0]["TotalRevokedEntries"] == 4


def test_lists_that_are_none_are_refused_and_nothing_is_added(server, elbv2, made, ca, other_ca):
    arn = made()["TrustStoreArn"]
    good = revocation(server, "good.crl", ca.list_revoked(ca.issue("gone")))
    bad = "The provided revocation file is in an invalid format, or uses an incorrect algorithm: "

    def add(*contents):
        elbv2.add_trust_store_revocations(TrustStoreArn=arn, RevocationContents=list(contents))
    for content, why in {
        ca.pem: "line 1 is neither of a X509 CRL nor a comment",
        "": "it holds no revocation list",
        other_ca.list_revoked(): "list 1 was not signed by a certificate authority of the trust store",
    }.items():
        refused("InvalidRevocationContent", bad + why, elbv2.add_trust_store_revocations, TrustStoreArn=arn,
                RevocationContents=[good, revocation(server, "bad.crl", content)])
    refused("RevocationContentNotFound",
            f"The specified revocation file does not exist: s3://{BUCKET}/none.crl", elbv2.add_trust_store_revocations,
            TrustStoreArn=arn, RevocationContents=[good, {"S3Bucket": BUCKET, "S3Key": "none.crl"}])
    assert elbv2.describe_trust_store_revocations(TrustStoreArn=arn)["TrustStoreRevocations"] == []
    for call in (elbv2.describe_trust_store_revocations, elbv2.remove_trust_store_revocations):
        refused("RevocationIdNotFound", "The specified revocation ID does not exist: '7'", call, TrustStoreArn=arn,
                RevocationIds=[7])
    refused("RevocationIdNotFound", "The specified revocation ID does not exist: '7'",
            elbv2.get_trust_store_revocation_content, TrustStoreArn=arn, RevocationId=7)
    add(*[good] * 30)
    refused("TooManyTrustStoreRevocationEntries",
            "The specified revocation file would give too many revocation lists per trust store: [30] are allowed",
            elbv2.add_trust_store_revocations, TrustStoreArn=arn, RevocationContents=[good])


def test_nothing_is_shared(elbv2, made):
    arn = made()["TrustStoreArn"]
    refused("ResourceNotFound", f"The resource '{arn}' has no resource policy", elbv2.get_resource_policy,
            ResourceArn=arn)
    refused("AssociationNotFound", "The specified association does not exist.",
            elbv2.delete_shared_trust_store_association, TrustStoreArn=arn, ResourceArn=arn)


# ---- clients and time -------------------------------------------------------------------------

@pytest.mark.parametrize("program", newer.programs("elbv2 create-trust-store"))
def test_the_cli(server, ca, program):
    put(server, "cli.pem", ca.pem)
    put(server, "cli.crl", ca.list_revoked(ca.issue("cli")))

    def aws(*arguments):
        return server.aws("elbv2", *arguments, "--output", "json", program=program).stdout
    arn = json.loads(aws("create-trust-store", "--name", name("cli"), "--ca-certificates-bundle-s3-bucket", BUCKET,
                         "--ca-certificates-bundle-s3-key", "cli.pem"))["TrustStores"][0]["TrustStoreArn"]
    added = json.loads(aws("add-trust-store-revocations", "--trust-store-arn", arn, "--revocation-contents",
                           f"S3Bucket={BUCKET},S3Key=cli.crl,RevocationType=CRL"))
    assert added["TrustStoreRevocations"][0]["RevocationId"] == 1
    url = json.loads(aws("get-trust-store-ca-certificates-bundle", "--trust-store-arn", arn))["Location"]
    assert subprocess.run(["curl", "-sSf", url], capture_output=True, text=True, check=True).stdout == ca.pem
    aws("remove-trust-store-revocations", "--trust-store-arn", arn, "--revocation-ids", "1")
    aws("delete-trust-store", "--trust-store-arn", arn)


def test_it_survives_kill_9(own_server, ca, tmp_path):
    elbv2 = newer.client(own_server, tmp_path / "model", "elbv2", "CreateTrustStore")
    store = elbv2.create_trust_store(Name="kept", **put(own_server, "bundle.pem", ca.pem))["TrustStores"][0]
    elbv2.add_trust_store_revocations(TrustStoreArn=store["TrustStoreArn"], RevocationContents=[
        revocation(own_server, "a.crl", ca.list_revoked(ca.issue("kept")))])
    (own_server.folder / "state" / "s3" / BUCKET / "bundle.pem").unlink()
    wait_for_another_control(own_server, kill_control(own_server))
    after = elbv2.describe_trust_stores()["TrustStores"][0]
    assert (after["TrustStoreArn"], after["NumberOfCaCertificates"]) == (store["TrustStoreArn"], 1)
    assert after["TotalRevokedEntries"] >= 1
    url = elbv2.get_trust_store_ca_certificates_bundle(TrustStoreArn=store["TrustStoreArn"])["Location"]
    assert fetch(url) == ca.pem
    own_server.process.send_signal(signal.SIGTERM)
    own_server.process.wait(timeout=20)
    assert os.stat(own_server.folder / "state" / "openalb.db").st_mode & 0o777 == 0o600
