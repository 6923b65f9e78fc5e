# SPDX-License-Identifier: Apache-2.0
"""snapshot: the document of docs/snapshot.md, with little to type."""
from .wait import free_address

QUICK_HEALTH = {"interval_ms": 50, "timeout_ms": 40, "healthy_threshold": 1, "unhealthy_threshold": 2}


def group(name, *targets, health=None, **members):
    """A target group. A target is a stage.Target or a dict as in the document."""
    rows = [t if isinstance(t, dict) else {"id": t.address, "port": t.port} for t in targets]
    return {"name": name, "targets": rows, "health": {**QUICK_HEALTH, **(health or {})}, **members}


def forward(*groups, **members):
    """forward("blue") or forward(("blue", 9), ("green", 1))."""
    rows = [{"group": g} if isinstance(g, str) else {"group": g[0], "weight": g[1]} for g in groups]
    return {"type": "forward", "forward": {"groups": rows, **members}}


def fixed(status, body="", **members):
    return {"type": "fixed-response", "fixed": {"status": status, "body": body, **members}}


def redirect(status=301, **members):
    return {"type": "redirect", "redirect": {"status": status, **members}}


def rule(priority, action, *conditions):
    """rule(10, fixed(200), {"type": "path-pattern", "values": ["/a*"]}); priority 0: default."""
    return {"priority": priority, "conditions": list(conditions), "actions": [action]}


def snapshot(*targets, groups=None, rules=None, port=8080, health=None, group_members=None,
             listener=None, revision=1, **balancer):
    """One load balancer with one listener. Without `groups` and `rules`: everything goes to a
    group of `targets`."""
    if groups is None:
        groups = [group("targets", *targets, health=health, **(group_members or {}))]
    if rules is None:
        rules = [rule(0, forward(groups[0]["name"]))]
    listeners = [{"port": port, "rules": rules, **(listener or {})}]
    address = balancer.pop("address", None) or free_address()
    return {"revision": revision, "groups": groups,
            "balancers": [{"name": "alb", "dns_name": "alb-1.us-east-1.elb.internal",
                           "addresses": [{"zone": "us-east-1a", "ip": address}],
                           "listeners": listeners, **balancer}]}
