# SPDX-License-Identifier: Apache-2.0
"""MutualAuthentication of listeners, as the API takes and gives it."""
import subprocess

import newer
import pytest
from authority import Authority
from botocore.exceptions import ClientError
from elb import Place, answer, name, refused


@pytest.fixture(scope="module")
def elbv2(server, tmp_path_factory):
    return newer.client(server, tmp_path_factory.mktemp("model"), "elbv2", "CreateTrustStore")


@pytest.fixture(scope="module")
def certificate(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout",
                    folder / "key", "-out", folder / "pem", "-subj", "/CN=example.com"], check=True,
                   capture_output=True)
    return server.client("acm").import_certificate(
        Certificate=(folder / "pem").read_bytes(), PrivateKey=(folder / "key").read_bytes())["CertificateArn"]


@pytest.fixture
def place(ec2, elbv2):
    made = Place(ec2, elbv2)
    with made.undo:
        yield made


@pytest.fixture
def trust(server, elbv2, tmp_path, place):
    folder = server.folder / "state" / "s3" / "mutual"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca.pem").write_text(Authority(tmp_path, "ca").pem)
    arn = elbv2.create_trust_store(Name=name("trust"), CaCertificatesBundleS3Bucket="mutual",
                                   CaCertificatesBundleS3Key="ca.pem")["TrustStores"][0]["TrustStoreArn"]
    place.undo.callback(elbv2.delete_trust_store, TrustStoreArn=arn)
    return arn


@pytest.fixture
def balancer(place, trust):
    return place.balancer()  # goes before the trust store


def create(elbv2, balancer, certificate, port, auth):
    return elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTPS", Port=port,
                                 Certificates=[{"CertificateArn": certificate}], DefaultActions=answer(),
                                 MutualAuthentication=auth)["Listeners"][0]


def test_every_mode_reads_back(elbv2, balancer, certificate, trust):
    listener = create(elbv2, balancer, certificate, 443, {"Mode": "off"})
    arn = listener["ListenerArn"]
    assert listener["MutualAuthentication"] == {"Mode": "off"}

    def modified(**auth):
        made = elbv2.modify_listener(ListenerArn=arn, MutualAuthentication=auth)["Listeners"][0]
        assert elbv2.describe_listeners(ListenerArns=[arn])["Listeners"][0] == made
        return made["MutualAuthentication"]
    verify = {"Mode": "verify", "TrustStoreArn": trust, "IgnoreClientCertificateExpiry": False,
              "TrustStoreAssociationStatus": "active", "AdvertiseTrustStoreCaNames": "off"}
    assert modified(Mode="passthrough") == {"Mode": "passthrough"}
    assert modified(Mode="verify", TrustStoreArn=trust) == verify
    assert modified(Mode="verify", TrustStoreArn=trust, IgnoreClientCertificateExpiry=True,
                    AdvertiseTrustStoreCaNames="on") == \
        {**verify, "IgnoreClientCertificateExpiry": True, "AdvertiseTrustStoreCaNames": "on"}
    untouched = elbv2.modify_listener(ListenerArn=arn, Port=444)["Listeners"][0]["MutualAuthentication"]
    assert untouched["IgnoreClientCertificateExpiry"] is True
    assert modified(Mode="off") == {"Mode": "off"}


def test_associations_are_load_balancers_and_keep_the_trust_store(elbv2, balancer, certificate, trust):
    auth = {"Mode": "verify", "TrustStoreArn": trust}
    listener = create(elbv2, balancer, certificate, 443, auth)
    create(elbv2, balancer, certificate, 444, auth)
    users = elbv2.describe_trust_store_associations(TrustStoreArn=trust)["TrustStoreAssociations"]
    assert users == [{"ResourceArn": balancer["LoadBalancerArn"]}]
    refused("TrustStoreInUse", f"Trust store '{trust}' is currently in use by a listener", elbv2.delete_trust_store,
            TrustStoreArn=trust)
    refused("DeleteAssociationSameAccount", "The specified association can't be within the same account.",
            elbv2.delete_shared_trust_store_association, TrustStoreArn=trust, ResourceArn=balancer["LoadBalancerArn"])
    refused("InvalidConfigurationRequest", "You have reached the maximum number of listeners with mutual "
            "authentication mode 'verify' per load balancer: [2]", create, elbv2=elbv2, balancer=balancer,
            certificate=certificate, port=445, auth=auth)
    create(elbv2, balancer, certificate, 445, {"Mode": "passthrough"})
    elbv2.modify_listener(ListenerArn=listener["ListenerArn"], MutualAuthentication=auth)  # is one of the two
    elbv2.modify_listener(ListenerArn=listener["ListenerArn"], Protocol="HTTP", Port=80)
    create(elbv2, balancer, certificate, 446, auth)


def test_creating_again_compares_it(elbv2, balancer, certificate, trust):
    auth = {"Mode": "verify", "TrustStoreArn": trust}
    first = create(elbv2, balancer, certificate, 443, auth)
    assert create(elbv2, balancer, certificate, 443, auth) == first
    with pytest.raises(ClientError, match="DuplicateListener"):
        create(elbv2, balancer, certificate, 443, {"Mode": "passthrough"})


def test_what_does_not_go_together_is_refused(elbv2, balancer, certificate, trust):
    only_verify = "IgnoreClientCertificateExpiry and AdvertiseTrustStoreCaNames are supported only for mutual " \
        "authentication mode 'verify'"
    for auth, code, message in (
            ({"Mode": "verify"}, "ValidationError",
             "A trust store ARN must be specified for mutual authentication mode 'verify'"),
            ({"Mode": "verify", "TrustStoreArn": "x"}, "ValidationError", "'x' is not a valid trust store ARN"),
            ({"Mode": "verify", "TrustStoreArn": trust[:-16] + "0123456789abcdef"}, "TrustStoreNotFound",
             "One or more trust stores not found"),
            ({"Mode": "passthrough", "TrustStoreArn": trust}, "ValidationError",
             "A trust store ARN can be specified only for mutual authentication mode 'verify'"),
            ({"Mode": "passthrough", "IgnoreClientCertificateExpiry": True}, "ValidationError", only_verify),
            ({"Mode": "off", "AdvertiseTrustStoreCaNames": "on"}, "ValidationError", only_verify),
            ({"Mode": "strict"}, "ValidationError",
             "Mutual Authentication mode must be one of: 'off, passthrough, verify'")):
        refused(code, message, create, elbv2=elbv2, balancer=balancer, certificate=certificate, port=443, auth=auth)
    refused("ValidationError", "Mutual authentication is supported only on HTTPS listeners", elbv2.create_listener,
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=answer(),
            MutualAuthentication={"Mode": "passthrough"})
