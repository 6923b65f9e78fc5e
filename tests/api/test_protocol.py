# SPDX-License-Identifier: Apache-2.0
"""The wire protocols: operations, parameters, constraints, and the form of every refusal."""
import json

import pytest
from botocore.exceptions import ClientError

from server import FORM, aws_programs

ELB = "elasticloadbalancing"


@pytest.mark.parametrize("service, action, version, code, message", [
    (ELB, "MakeCoffee", None, "InvalidAction", "Could not find operation MakeCoffee for version 2015-12-01"),
    (ELB, "DescribeLoadBalancers", "2012-06-01", "InvalidAction",
     "Could not find operation DescribeLoadBalancers for version 2012-06-01"),
    ("ec2", "MakeCoffee", None, "InvalidAction", "The action MakeCoffee is not valid for this web service."),
    ("sts", "", None, "MissingAction", "The request must contain the parameter Action"),
])
def test_unknown_operations(server, service, action, version, code, message):
    answer = server.query(service, action, version)
    assert (answer.status, answer.code, answer.message) == (400, code, message)


def test_a_known_operation_that_is_not_there_is_named(server):
    answer = server.query(ELB, "ModifyIpPools&LoadBalancerArn=x")
    assert (answer.status, answer.code) == (400, "InvalidAction")
    assert answer.message == "openalb does not implement ModifyIpPools of elbv2"
    answer = server.json("acm", "CertificateManager.MakeCoffee")
    assert (answer.status, answer.code) == (400, "UnknownOperationException")


def test_parameters_may_come_in_the_query_string(server):
    path, headers = server.signed("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")
    assert server.send("GET", path, headers=headers).status == 200


def test_error_forms(server):
    elb = server.query(ELB, "MakeCoffee")
    assert elb.text.startswith('<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">'
                               '<Error><Type>Sender</Type><Code>')
    assert f"<RequestId>{elb.headers['x-amzn-RequestId']}</RequestId></ErrorResponse>" in elb.text
    assert elb.headers["Content-Type"] == "text/xml;charset=UTF-8"
    ec2 = server.query("ec2", "MakeCoffee")
    assert ec2.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>')
    assert ec2.text.endswith(f"</Errors><RequestID>{ec2.headers['x-amzn-RequestId']}</RequestID></Response>")
    acm = server.json("acm", "CertificateManager.ListCertificates", b"{")
    assert acm.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert json.loads(acm.text)["__type"] == "SerializationException"


@pytest.mark.parametrize("parameters, code, message", [
    ("CreateLoadBalancer", "ValidationError",
     "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"),
    ("CreateTargetGroup&Name=a&Protocol=FTP&Port=0", "ValidationError",
     "2 validation errors detected: Value 'FTP' at 'protocol' failed to satisfy constraint: Member must satisfy "
     "enum value set: "),
    ("CreateTargetGroup&Name=a&Port=x", "MalformedInput", "'x' at 'Port' is not of type integer"),
    ("DescribeLoadBalancers&Names=a", "MalformedInput", "Start of list found where not expected"),
    ("DescribeLoadBalancers&PageSize=401", "ValidationError",
     "1 validation error detected: Value '401' at 'pageSize' failed to satisfy constraint: Member must have value "
     "less than or equal to 400"),
    ("DescribeLoadBalancers&Names=%ff", "MalformedQueryString", "The query string or form contains a syntax error"),
])
def test_elbv2_constraints(server, parameters, code, message):
    answer = server.query(ELB, parameters)
    assert (answer.status, answer.code) == (400, code)
    assert answer.message.startswith(message)


@pytest.mark.parametrize("parameters, code, message", [
    ("CreateSecurityGroup&GroupName=a", "MissingParameter",
     "The request must contain the parameter GroupDescription"),
    ("DescribeVpcs&Colour=red", "UnknownParameter", "The parameter Colour is not recognized"),
    ("DescribeVpcs&MaxResults=1001", "InvalidParameterValue",
     "Value ( 1001 ) for parameter MaxResults is invalid. Expecting a value less than or equal to 1000."),
    ("DescribeVpcs&NextToken=x", "InvalidNextToken", "The token 'x' is invalid"),
])
def test_ec2_constraints(server, parameters, code, message):
    answer = server.query("ec2", parameters)
    assert (answer.status, answer.code, answer.message) == (400, code, message)


@pytest.mark.parametrize("program", aws_programs())
def test_the_cli_prints_a_refusal_and_fails(server, program):
    refused = server.aws("elbv2", "describe-load-balancers", "--page-size", "401", check=False, program=program)
    assert refused.returncode in (254, 255)
    assert "An error occurred (ValidationError) when calling the DescribeLoadBalancers operation: 1 validation " \
        "error detected: Value '401' at 'pageSize'" in refused.stderr


def test_boto3_reads_a_refusal(acm):
    with pytest.raises(ClientError) as caught:
        acm.list_certificates(MaxItems=1001)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_body_beyond_one_mebibyte_is_refused(server):
    answer = server.send("POST", "/", b"a" * (1024 * 1024 + 1), {"Content-Type": FORM})
    assert (answer.status, answer.code) == (413, "RequestEntityTooLarge")


def test_health_and_metrics_need_no_signature(server):
    assert server.get("/health").status == 200
    assert server.get("/ready").status == 200
    metrics = server.get("/metrics")
    assert metrics.status == 200
    assert "# TYPE openalb_" in metrics.text
