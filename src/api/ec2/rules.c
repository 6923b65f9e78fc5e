/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ec2/rules.h"

#include "api/ec2/tagging.h"
#include "control/resource.h"

static enum rc read_flat(struct call *call, const struct rules_input *in, struct permissions *out);
static size_t count_peers(const struct ec2_ip_permission *permission);
static void read_peers(const struct ec2_ip_permission *permission, struct permissions *out);
static enum rc write_rule(struct call *call, const struct security_rule_row *row,
                          struct text vpc_id, const struct tag_rows *tags,
                          struct ec2_security_group_rule *out);
static enum rc write_permission(struct call *call, const struct security_rule_row *rows,
                                size_t count, const struct security_rule_row *first,
                                struct ec2_ip_permission *out);
static bool is_together(const struct security_rule_row *a, const struct security_rule_row *b);
static enum rc give_room(struct call *call, const struct security_rule_row *rows, size_t count,
                         const struct security_rule_row *first, struct ec2_ip_permission *out);
static void write_peer(struct call *call, const struct security_rule_row *row,
                       struct ec2_ip_permission *out);

enum rc rules_read(struct call *call, const struct rules_input *in, struct permissions *out)
{
    bool is_flat =
        in->protocol.at || in->cidr.at || in->peer_name.at || in->has_from_port || in->has_to_port;
    size_t count = 0;

    if (in->permissions->count > 0 && is_flat) {
        return call_refuse(call, "InvalidParameterCombination",
                           "The parameter 'ipPermissions' may not be used in combination with "
                           "'%s'",
                           in->protocol.at ? "ipProtocol" : "cidrIp");
    }
    if (is_flat) {
        return read_flat(call, in, out);
    }
    if (in->permissions->count == 0) {
        return call_refuse(call, "MissingParameter",
                           "The request must contain the parameter ipPermissions");
    }
    for (size_t i = 0; i < in->permissions->count; i++) {
        count += count_peers(&in->permissions->items[i]);
    }
    *out = (struct permissions){ARENA_ARRAY(call->arena, struct permission, count), 0};
    if (!out->at) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->permissions->count; i++) {
        read_peers(&in->permissions->items[i], out);
    }
    ASSERT(out->count == count);
    return RC_OK;
}

enum rc rules_write(struct call *call, const struct security_rule_row *rows, size_t count,
                    struct text vpc_id, const struct tag_rows *tags,
                    struct ec2_security_group_rule *out)
{
    for (size_t i = 0; i < count; i++) {
        TRY(write_rule(call, &rows[i], vpc_id, tags, &out[i]));
    }
    return RC_OK;
}

enum rc rules_write_permissions(struct call *call, const struct security_rule_row *rows,
                                size_t count, bool is_egress, struct ec2_ip_permission_list *out)
{
    TRY(CALL_LIST(call, out, count));
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_first = rows[i].is_egress == is_egress;

        for (size_t j = 0; j < i && is_first; j++) {
            is_first = !is_together(&rows[j], &rows[i]);
        }
        if (is_first) {
            TRY(write_permission(call, rows, count, &rows[i], &out->items[out->count++]));
        }
    }
    return RC_OK;
}

/* EC2 API reference, AuthorizeSecurityGroupIngress: a source group by name alone opens all of ICMP,
 * UDP and TCP, and can't be used together with a CIDR or a protocol. */
static enum rc read_flat(struct call *call, const struct rules_input *in, struct permissions *out)
{
    static const struct {
        struct text protocol;
        int64_t from_port, to_port;
    } whole[] = {
        {TEXT_INIT("tcp"), 0, 65535}, {TEXT_INIT("udp"), 0, 65535}, {TEXT_INIT("icmp"), -1, -1}};

    *out = (struct permissions){ARENA_ARRAY(call->arena, struct permission, ARRAY_LEN(whole)), 1};
    if (!out->at) {
        return RC_LIMIT;
    }
    if (!in->peer_name.at) {
        out->at[0] = (struct permission){
            .protocol = in->protocol,
            .has_from_port = in->has_from_port,
            .has_to_port = in->has_to_port,
            .from_port = in->from_port,
            .to_port = in->to_port,
            .peer_kind = in->cidr.at ? PEER_CIDR4 : PEER_NONE,
            .peer = in->cidr,
        };
        return RC_OK;
    }
    if (in->cidr.at || in->protocol.at) {
        return call_refuse(call, "InvalidParameterCombination",
                           "The parameter 'sourceSecurityGroupName' may not be used in combination "
                           "with '%s'",
                           in->cidr.at ? "cidrIp" : "ipProtocol");
    }
    out->count = ARRAY_LEN(whole);
    for (size_t i = 0; i < out->count; i++) {
        out->at[i] = (struct permission){
            .protocol = whole[i].protocol,
            .has_from_port = true,
            .has_to_port = true,
            .from_port = whole[i].from_port,
            .to_port = whole[i].to_port,
            .peer_kind = PEER_GROUP,
            .peer_name = in->peer_name,
            .peer_owner = in->peer_owner,
        };
    }
    return RC_OK;
}

/* A permission without any peer counts as one, which is then refused. */
static size_t count_peers(const struct ec2_ip_permission *permission)
{
    size_t count = permission->ip_ranges.count + permission->ipv6_ranges.count +
                   permission->user_id_group_pairs.count + permission->prefix_list_ids.count;

    return count > 0 ? count : 1;
}

static struct permission *add_peer(const struct ec2_ip_permission *permission,
                                   struct permissions *out, enum peer_kind kind, struct text peer,
                                   struct text description)
{
    struct permission *added = &out->at[out->count++];

    *added = (struct permission){
        .protocol = permission->ip_protocol,
        .has_from_port = permission->has_from_port,
        .has_to_port = permission->has_to_port,
        .from_port = permission->from_port,
        .to_port = permission->to_port,
        .peer_kind = kind,
        .peer = peer,
        .description = description,
    };
    return added;
}

static void read_peers(const struct ec2_ip_permission *permission, struct permissions *out)
{
    const size_t before = out->count;

    for (size_t i = 0; i < permission->ip_ranges.count; i++) {
        const struct ec2_ip_range *range = &permission->ip_ranges.items[i];

        (void)add_peer(permission, out, PEER_CIDR4, range->cidr_ip, range->description);
    }
    for (size_t i = 0; i < permission->ipv6_ranges.count; i++) {
        const struct ec2_ipv6_range *range = &permission->ipv6_ranges.items[i];

        (void)add_peer(permission, out, PEER_CIDR6, range->cidr_ipv6, range->description);
    }
    for (size_t i = 0; i < permission->prefix_list_ids.count; i++) {
        const struct ec2_prefix_list_id *list = &permission->prefix_list_ids.items[i];

        (void)add_peer(permission, out, PEER_PREFIX_LIST, list->prefix_list_id, list->description);
    }
    for (size_t i = 0; i < permission->user_id_group_pairs.count; i++) {
        const struct ec2_user_id_group_pair *pair = &permission->user_id_group_pairs.items[i];
        struct permission *added =
            add_peer(permission, out, PEER_GROUP, pair->group_id, pair->description);

        added->peer_name = pair->group_name;
        added->peer_owner = pair->user_id;
    }
    if (out->count == before) {
        (void)add_peer(permission, out, PEER_NONE, (struct text){NULL, 0}, (struct text){NULL, 0});
    }
}

static struct text or_absent(struct text text)
{
    return text_is_empty(text) ? (struct text){NULL, 0} : text;
}

static enum rc write_rule(struct call *call, const struct security_rule_row *row,
                          struct text vpc_id, const struct tag_rows *tags,
                          struct ec2_security_group_rule *out)
{
    out->security_group_rule_id = row->id;
    out->security_group_rule_arn = resource_arn(&call->turn, RESOURCE_RULE, row->id);
    out->group_id = row->group_id;
    out->group_owner_id = call->turn.config->account;
    out->ip_protocol = row->protocol;
    out->cidr_ipv4 = or_absent(row->cidr4);
    out->cidr_ipv6 = or_absent(row->cidr6);
    out->description = row->description;
    CALL_SET(out, is_egress, row->is_egress);
    CALL_SET(out, from_port, row->from_port);
    CALL_SET(out, to_port, row->to_port);
    if (!text_is_empty(row->peer_group_id)) {
        TRY(CALL_NEW(call, &out->referenced_group_info));
        out->referenced_group_info->group_id = row->peer_group_id;
        out->referenced_group_info->user_id = call->turn.config->account;
        out->referenced_group_info->vpc_id = vpc_id;
    }
    return tagging_write(call, tags, row->id, true, &out->tags);
}

static bool is_together(const struct security_rule_row *a, const struct security_rule_row *b)
{
    return a->is_egress == b->is_egress && text_eq(a->protocol, b->protocol) &&
           a->from_port == b->from_port && a->to_port == b->to_port;
}

/* All four lists are there, also when empty: clients read them without looking. */
static enum rc write_permission(struct call *call, const struct security_rule_row *rows,
                                size_t count, const struct security_rule_row *first,
                                struct ec2_ip_permission *out)
{
    out->ip_protocol = first->protocol;
    if (!text_eq(first->protocol, TEXT("-1"))) {
        CALL_SET(out, from_port, first->from_port);
        CALL_SET(out, to_port, first->to_port);
    }
    TRY(give_room(call, rows, count, first, out));
    out->ip_ranges.count = out->ipv6_ranges.count = out->user_id_group_pairs.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_together(&rows[i], first)) {
            write_peer(call, &rows[i], out);
        }
    }
    return RC_OK;
}

static enum rc give_room(struct call *call, const struct security_rule_row *rows, size_t count,
                         const struct security_rule_row *first, struct ec2_ip_permission *out)
{
    size_t cidr4_count = 0;
    size_t cidr6_count = 0;
    size_t group_count = 0;

    for (size_t i = 0; i < count; i++) {
        if (is_together(&rows[i], first)) {
            cidr4_count += !text_is_empty(rows[i].cidr4);
            cidr6_count += !text_is_empty(rows[i].cidr6);
            group_count += !text_is_empty(rows[i].peer_group_id);
        }
    }
    TRY(CALL_LIST(call, &out->ip_ranges, cidr4_count));
    TRY(CALL_LIST(call, &out->ipv6_ranges, cidr6_count));
    TRY(CALL_LIST(call, &out->user_id_group_pairs, group_count));
    return CALL_LIST(call, &out->prefix_list_ids, 0);
}

static void write_peer(struct call *call, const struct security_rule_row *row,
                       struct ec2_ip_permission *out)
{
    if (!text_is_empty(row->cidr4)) {
        out->ip_ranges.items[out->ip_ranges.count++] =
            (struct ec2_ip_range){.cidr_ip = row->cidr4, .description = row->description};
    } else if (!text_is_empty(row->cidr6)) {
        out->ipv6_ranges.items[out->ipv6_ranges.count++] =
            (struct ec2_ipv6_range){.cidr_ipv6 = row->cidr6, .description = row->description};
    } else {
        out->user_id_group_pairs.items[out->user_id_group_pairs.count++] =
            (struct ec2_user_id_group_pair){.group_id = row->peer_group_id,
                                            .user_id = call->turn.config->account,
                                            .description = row->description};
    }
}
