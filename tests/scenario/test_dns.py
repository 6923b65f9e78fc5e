# SPDX-License-Identifier: Apache-2.0
"""openalb dns, asked by dig."""
import re

from stage import snapshot

NAME = "alb-1.us-east-1.elb.internal"
TWO_ZONES = [{"zone": "us-east-1a", "ip": "127.0.80.10"}, {"zone": "us-east-1b", "ip": "127.0.80.11"}]


def document(addresses=TWO_ZONES):
    return snapshot(addresses=addresses, groups=[], rules=[], listeners=[])


def records(answer):
    return re.findall(r"^(\S+)\s+(\d+)\s+IN\s+(\w+)\s+(.*)$", answer, re.M)


def test_a_load_balancer_has_both_zones_for_a_minute(stage):
    dns = stage.name_server(document())
    answer = dns.dig(NAME)
    assert "status: NOERROR" in answer and re.search(r"flags: qr aa", answer)
    assert sorted(records(answer)) == [(f"{NAME}.", "60", "A", "127.0.80.10"), (f"{NAME}.", "60", "A", "127.0.80.11")]


def test_the_first_address_takes_turns(stage):
    dns = stage.name_server(document())
    firsts = [dns.dig("+short", NAME).split()[0] for _ in range(4)]
    assert sorted(firsts) == ["127.0.80.10"] * 2 + ["127.0.80.11"] * 2


def test_zonal_and_dualstack_names(stage):
    dns = stage.name_server(document())
    assert dns.dig("+short", f"us-east-1b.{NAME}") == "127.0.80.11\n"
    assert sorted(dns.dig("+short", f"dualstack.{NAME}").split()) == ["127.0.80.10", "127.0.80.11"]
    assert dns.dig("+short", f"us-east-1c.{NAME}") == ""


def test_letter_case_is_kept_and_ignored(stage):
    dns = stage.name_server(document())
    assert records(dns.dig("ALB-1.us-EAST-1.elb.INTERNAL"))[0][0] == "ALB-1.us-EAST-1.elb.INTERNAL."


def test_no_comes_with_the_soa_and_a_reason(stage):
    dns = stage.name_server(document())
    absent, no_data, foreign = dns.dig("gone.elb.internal"), dns.dig(NAME, "AAAA"), dns.dig("example.com")
    assert "status: NXDOMAIN" in absent and records(absent)[0][2] == "SOA"
    assert "status: NOERROR" in no_data and records(no_data)[0][2] == "SOA"
    assert "status: REFUSED" in foreign and records(foreign) == []


def test_a_long_answer_comes_by_tcp(stage):
    many = [{"zone": f"us-east-1{chr(97 + i % 26)}", "ip": f"127.0.81.{i + 1}"} for i in range(60)]
    dns = stage.name_server(document(many))
    assert re.search(r"flags: qr.* tc", dns.dig("+noedns", "+ignore", NAME))
    assert len(dns.dig("+short", "+noedns", NAME).split()) == 60  # dig came again by TCP
    assert len(dns.dig("+short", "+tcp", NAME).split()) == 60


def test_a_new_snapshot_is_answered_from_at_once(stage):
    dns = stage.name_server(document())
    dns.apply(document(TWO_ZONES[1:]))
    assert dns.dig("+short", NAME) == "127.0.80.11\n"
