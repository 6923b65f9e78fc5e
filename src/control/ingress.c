/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ingress.h"

#include "snapshot/address.h"
#include "store/network_interface.h"
#include "store/security_rule.h"

static enum rc add_group(struct turn *turn, struct text group_id, struct ingress_list *out);
static enum rc add_members(struct turn *turn, const struct security_rule_row *rule,
                           struct ingress_list *out);
static enum rc add(struct turn *turn, const struct security_rule_row *rule, struct text cidr,
                   struct ingress_list *out);
static bool is_same(const struct snap_ingress *a, const struct snap_ingress *b);

enum rc ingress_resolve(struct turn *turn, const struct text *group_ids, size_t count,
                        struct ingress_list *out)
{
    *out = (struct ingress_list){NULL, 0};
    for (size_t i = 0; i < count; i++) {
        TRY(add_group(turn, group_ids[i], out));
    }
    return RC_OK;
}

static enum rc add_group(struct turn *turn, struct text group_id, struct ingress_list *out)
{
    struct security_rule_rows rules;

    TRY(security_rule_row_list(turn->store, turn->arena, group_id, &rules));
    for (size_t i = 0; i < rules.count; i++) {
        const struct security_rule_row *rule = &rules.at[i];
        bool is_tcp = text_eq(rule->protocol, TEXT("tcp")) || text_eq(rule->protocol, TEXT("-1"));

        if (rule->is_egress || !is_tcp) {
            continue;
        }
        if (!text_is_empty(rule->cidr4)) {
            TRY(add(turn, rule, rule->cidr4, out));
        } else if (!text_is_empty(rule->peer_group_id)) {
            TRY(add_members(turn, rule, out));
        }
    }
    return RC_OK;
}

/* Both addresses of a member: which of them it speaks from is the route's affair. */
static enum rc add_members(struct turn *turn, const struct security_rule_row *rule,
                           struct ingress_list *out)
{
    struct network_interface_rows members;

    TRY(network_interface_row_list_with(turn->store, turn->arena, rule->peer_group_id, &members));
    for (size_t i = 0; i < members.count; i++) {
        struct text addresses[] = {members.at[i].private_ip, members.at[i].public_ip};

        for (size_t j = 0; j < ARRAY_LEN(addresses); j++) {
            if (!text_is_empty(addresses[j])) {
                TRY(add(turn, rule, arena_printf(turn->arena, "%.*s/32", TEXT_ARG(addresses[j])),
                        out));
            }
        }
    }
    return RC_OK;
}

static enum rc add(struct turn *turn, const struct security_rule_row *rule, struct text cidr,
                   struct ingress_list *out)
{
    bool has_ports = rule->from_port >= 0;
    struct snap_ingress ingress = {
        .from_port = (uint16_t)(has_ports ? rule->from_port : 0),
        .to_port = (uint16_t)(has_ports ? rule->to_port : 65535),
    };

    TRY(cidr_parse(cidr, &ingress.source));
    for (size_t i = 0; i < out->count; i++) {
        if (is_same(&out->at[i], &ingress)) {
            return RC_OK; /* by another group, or another rule */
        }
    }
    /* Grows when the count reaches a power of two; the outgrown copy stays in the arena. */
    if ((out->count & (out->count - 1)) == 0) {
        struct snap_ingress *grown =
            ARENA_ARRAY(turn->arena, struct snap_ingress, out->count ? out->count * 2 : 1);

        if (!grown) {
            return RC_LIMIT;
        }
        if (out->count > 0) {
            memcpy(grown, out->at, out->count * sizeof(*grown));
        }
        out->at = grown;
    }
    out->at[out->count++] = ingress;
    return RC_OK;
}

static bool is_same(const struct snap_ingress *a, const struct snap_ingress *b)
{
    return a->source.network == b->source.network && a->source.prefix_len == b->source.prefix_len &&
           a->from_port == b->from_port && a->to_port == b->to_port;
}
