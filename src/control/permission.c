/* SPDX-License-Identifier: Apache-2.0 */
#include "control/permission.h"

#include "control/block.h"
#include "control/resource.h"

#include <stdio.h>

static enum rc set_protocol(struct turn *turn, struct text given, struct security_rule_row *row);
static enum rc set_ports(struct turn *turn, const struct permission *permission,
                         struct security_rule_row *row);
static enum rc set_tcp_ports(struct turn *turn, const struct permission *permission,
                             struct security_rule_row *row);
static enum rc set_icmp_type(struct turn *turn, const struct permission *permission,
                             struct security_rule_row *row);
static enum rc set_peer(struct turn *turn, const struct security_group_row *group,
                        const struct permission *permission, struct security_rule_row *row);
static enum rc find_peer(struct turn *turn, const struct security_group_row *group,
                         const struct permission *permission, struct security_group_row *out);
static enum rc refuse_value(struct turn *turn, const char *what, int64_t value);
static bool is_icmp(const struct security_rule_row *row);

enum rc permission_to_row(struct turn *turn, const struct security_group_row *group, bool is_egress,
                          const struct permission *permission, struct security_rule_row *out)
{
    struct security_rule_row row = {
        .group_id = group->id,
        .is_egress = is_egress,
        .from_port = -1,
        .to_port = -1,
        .description = permission->description,
    };

    TRY(set_protocol(turn, permission->protocol, &row));
    TRY(set_ports(turn, permission, &row));
    TRY(set_peer(turn, group, permission, &row));
    TRY(permission_check_description(turn, row.description));
    *out = row;
    return RC_OK;
}

enum rc permission_refuse_duplicate(struct turn *turn, const struct security_rule_row *row)
{
    struct text peer = text_is_empty(row->cidr4) ? row->cidr6 : row->cidr4;
    char what[128];
    char type[24] = "ALL";
    char code[24] = "ALL";

    if (text_eq(row->protocol, TEXT("-1"))) {
        (void)snprintf(what, sizeof(what), "ALL");
    } else if (is_icmp(row)) {
        if (row->from_port >= 0) {
            (void)snprintf(type, sizeof(type), "%lld", (long long)row->from_port);
        }
        if (row->to_port >= 0) {
            (void)snprintf(code, sizeof(code), "%lld", (long long)row->to_port);
        }
        (void)snprintf(what, sizeof(what), "%s, type: %s, code: %s",
                       text_eq(row->protocol, TEXT("icmp")) ? "ICMP" : "ICMPv6", type, code);
    } else if (row->from_port >= 0) {
        (void)snprintf(what, sizeof(what), "%s, from port: %lld, to port: %lld",
                       text_eq(row->protocol, TEXT("tcp")) ? "TCP" : "UDP",
                       (long long)row->from_port, (long long)row->to_port);
    } else {
        (void)snprintf(what, sizeof(what), "protocol: %.*s", TEXT_ARG(row->protocol));
    }
    if (text_is_empty(peer)) {
        peer = row->peer_group_id;
    }
    return refuse(&turn->refusal, RC_CONFLICT, "InvalidPermission.Duplicate",
                  "the specified rule \"peer: %.*s, %s, ALLOW\" already exists", TEXT_ARG(peer),
                  what);
}

enum rc permission_check_description(struct turn *turn, struct text description)
{
    if (permission_text_is_valid(description)) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                  "Invalid rule description. Valid descriptions are strings less than 256 "
                  "characters from the following set:  " PERMISSION_TEXT_SET);
}

bool permission_text_is_valid(struct text text)
{
    static const char marks[] = ". _-:/()#,@[]+=&;{}!$*";

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        char lower = ascii_lower(c);

        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || !strchr(marks, c))) {
            return false;
        }
    }
    return text.len < 256;
}

/* EC2 answers four protocols by name, whichever way they were given, and the others by number. */
static enum rc set_protocol(struct turn *turn, struct text given, struct security_rule_row *row)
{
    static const struct {
        const char *name;
        int64_t number;
    } named[] = {{"tcp", 6}, {"udp", 17}, {"icmp", 1}, {"icmpv6", 58}, {"-1", -1}};
    int64_t number = -2;

    if (text_is_empty(given)) {
        return refuse(&turn->refusal, RC_BAD, "MissingParameter",
                      "The request must contain the parameter ipProtocol");
    }
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (text_eq_nocase(given, text_of(named[i].name))) {
            row->protocol = text_of(named[i].name);
            return RC_OK;
        }
    }
    if (text_to_int(given, 0, 255, &number) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Invalid value '%.*s' for IP protocol. Unknown protocol.", TEXT_ARG(given));
    }
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        if (number == named[i].number) {
            row->protocol = text_of(named[i].name);
            return RC_OK;
        }
    }
    row->protocol = arena_printf(turn->arena, "%d", (int)number);
    return row->protocol.at ? RC_OK : RC_LIMIT;
}

/* Protocols other than TCP, UDP and ICMP have no ports, and -1 means all of them: what was given is
 * of no account (so that -1 with ports 0 to 0, as Terraform revokes it, finds the default rule). */
static enum rc set_ports(struct turn *turn, const struct permission *permission,
                         struct security_rule_row *row)
{
    if (text_eq(row->protocol, TEXT("tcp")) || text_eq(row->protocol, TEXT("udp"))) {
        return set_tcp_ports(turn, permission, row);
    }
    if (is_icmp(row)) {
        return set_icmp_type(turn, permission, row);
    }
    return RC_OK;
}

static enum rc set_tcp_ports(struct turn *turn, const struct permission *permission,
                             struct security_rule_row *row)
{
    if (!permission->has_from_port || !permission->has_to_port) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for "
                      "portRange.");
    }
    if (permission->from_port < 0 || permission->from_port > 65535) {
        return refuse_value(turn, "TCP/UDP (from) port", permission->from_port);
    }
    if (permission->to_port < 0 || permission->to_port > 65535) {
        return refuse_value(turn, "TCP/UDP (to) port", permission->to_port);
    }
    if (permission->from_port > permission->to_port) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Invalid TCP/UDP port range (%lld:%lld)", (long long)permission->from_port,
                      (long long)permission->to_port);
    }
    row->from_port = permission->from_port;
    row->to_port = permission->to_port;
    return RC_OK;
}

static enum rc set_icmp_type(struct turn *turn, const struct permission *permission,
                             struct security_rule_row *row)
{
    bool has_both = permission->has_from_port && permission->has_to_port;

    if (!has_both && text_eq(row->protocol, TEXT("icmp"))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Invalid value 'Must specify both from and to ports with ICMP.' for "
                      "portRange.");
    }
    if (!has_both) {
        return RC_OK; /* icmpv6: all types */
    }
    if (permission->from_port < -1 || permission->from_port > 255) {
        return refuse_value(turn, "ICMP type", permission->from_port);
    }
    if (permission->to_port < -1 || permission->to_port > 255) {
        return refuse_value(turn, "ICMP code", permission->to_port);
    }
    row->from_port = permission->from_port;
    row->to_port = permission->to_port;
    return RC_OK;
}

static enum rc set_peer(struct turn *turn, const struct security_group_row *group,
                        const struct permission *permission, struct security_rule_row *row)
{
    struct refusal *why = &turn->refusal;
    struct security_group_row peer;

    switch (permission->peer_kind) {
    case PEER_CIDR4:
        if (block_canonical(turn->arena, permission->peer, &row->cidr4) != RC_OK) {
            break;
        }
        return RC_OK;
    case PEER_CIDR6:
        if (block6_canonical(turn->arena, permission->peer, &row->cidr6) != RC_OK) {
            break;
        }
        return RC_OK;
    case PEER_GROUP:
        TRY(find_peer(turn, group, permission, &peer));
        row->peer_group_id = peer.id;
        return RC_OK;
    case PEER_PREFIX_LIST:
        /* OURS: there are no prefix lists here, so none exists. */
        return refuse(why, RC_ABSENT, "InvalidPrefixListID.NotFound",
                      "The prefix list ID '%.*s' does not exist", TEXT_ARG(permission->peer));
    case PEER_NONE:
        return refuse(why, RC_BAD, "MissingParameter",
                      "The request must contain a CIDR block or a security group");
    }
    return refuse(why, RC_BAD, "InvalidParameterValue", "CIDR block %.*s is malformed",
                  TEXT_ARG(permission->peer));
}

static enum rc find_peer(struct turn *turn, const struct security_group_row *group,
                         const struct permission *permission, struct security_group_row *out)
{
    bool is_ours = text_is_empty(permission->peer_owner) ||
                   text_eq(permission->peer_owner, turn->config->account);
    struct text asked = permission->peer.at ? permission->peer : permission->peer_name;
    enum rc rc;

    if (permission->peer.at) {
        TRY(resource_check_id(turn, RESOURCE_GROUP, permission->peer));
        rc = security_group_row_get(turn->store, turn->arena, permission->peer, out);
    } else {
        rc = security_group_row_get_named(turn->store, turn->arena, group->vpc_id, asked, out);
    }
    if (rc == RC_ABSENT || (rc == RC_OK && !is_ours)) {
        return resource_refuse_absent(turn, RESOURCE_GROUP, asked);
    }
    TRY(rc);
    if (!text_eq(out->vpc_id, group->vpc_id)) {
        return refuse(&turn->refusal, RC_ABSENT, "InvalidGroup.NotFound",
                      "You have specified two resources that belong to different networks.");
    }
    return RC_OK;
}

static enum rc refuse_value(struct turn *turn, const char *what, int64_t value)
{
    return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue", "%s (%lld) out of range", what,
                  (long long)value);
}

static bool is_icmp(const struct security_rule_row *row)
{
    return text_eq(row->protocol, TEXT("icmp")) || text_eq(row->protocol, TEXT("icmpv6"));
}
