terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
}
data "aws_vpc" "default" { default = true }
data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}
resource "aws_lb" "mutual" {
  name               = "tf-mutual"
  load_balancer_type = "application"
  subnets            = data.aws_subnets.default.ids
}
resource "aws_acm_certificate" "own" {
  certificate_body = file("own.pem")
  private_key      = file("own.key")
}
resource "aws_lb_trust_store" "partners" {
  name                             = "tf-partners"
  ca_certificates_bundle_s3_bucket = "tf-trust"
  ca_certificates_bundle_s3_key    = "bundles/partners.pem"
  tags                             = { stage = "test" }
}
resource "aws_lb_trust_store_revocation" "lost" {
  trust_store_arn       = aws_lb_trust_store.partners.arn
  revocations_s3_bucket = "tf-trust"
  revocations_s3_key    = "lost.crl"
}
resource "aws_lb_listener" "verify" {
  load_balancer_arn = aws_lb.mutual.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate.own.arn
  mutual_authentication {
    mode                             = "verify"
    trust_store_arn                  = aws_lb_trust_store.partners.arn
    ignore_client_certificate_expiry = true
    advertise_trust_store_ca_names   = "on"
  }
  routing_http_request_x_amzn_mtls_clientcert_subject_header_name = "X-Who"
  routing_http_response_strict_transport_security_header_value    = "max-age=600"
  routing_http_response_server_enabled                            = false
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
    }
  }
}
resource "aws_lb_listener" "passthrough" {
  load_balancer_arn = aws_lb.mutual.arn
  port              = 444
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate.own.arn
  mutual_authentication { mode = "passthrough" }
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
    }
  }
}
