/* SPDX-License-Identifier: Apache-2.0 */
#include "control/security_rule.h"

#include "control/quota.h"
#include "control/resource.h"
#include "control/tags.h"

static bool is_same(const struct security_rule_row *a, const struct security_rule_row *b);
static const struct security_rule_row *find_same(const struct security_rule_rows *rows,
                                                 const struct security_rule_row *wanted);
static const struct security_rule_row *find_id(const struct security_rule_rows *rows,
                                               struct text id);
static enum rc refuse_absent_rule(struct turn *turn);
static enum rc make_rows(struct turn *turn, const struct security_group_row *group, bool is_egress,
                         const struct permission *permissions, size_t count,
                         struct security_rule_rows *out);
static enum rc check_quota(struct turn *turn, const struct security_rule_rows *old,
                           const struct security_rule_rows *added, bool is_egress);
static enum rc delete_rows(struct turn *turn, const struct security_rule_rows *rows);

enum rc security_rule_authorize(struct turn *turn, const struct security_group_row *group,
                                bool is_egress, const struct permission *permissions, size_t count,
                                const struct tag_row *tags, size_t tag_count,
                                struct security_rule_rows *out)
{
    struct security_rule_rows old;
    struct security_rule_rows added;

    TRY(make_rows(turn, group, is_egress, permissions, count, &added));
    TRY(security_rule_row_list(turn->store, turn->arena, group->id, &old));
    for (size_t i = 0; i < added.count; i++) {
        if (find_same(&old, &added.at[i])) {
            return permission_refuse_duplicate(turn, &added.at[i]);
        }
    }
    TRY(check_quota(turn, &old, &added, is_egress));
    for (size_t i = 0; i < added.count; i++) {
        added.at[i].id = resource_id(turn, RESOURCE_RULE);
        TRY(security_rule_row_insert(turn->store, &added.at[i]));
        TRY(tags_put_ec2(turn, added.at[i].id, tags, tag_count));
    }
    *out = added;
    return RC_OK;
}

enum rc security_rule_revoke(struct turn *turn, const struct security_group_row *group,
                             bool is_egress, const struct permission *permissions, size_t count,
                             struct security_rule_rows *out)
{
    struct security_rule_rows old;
    struct security_rule_rows wanted;

    TRY(make_rows(turn, group, is_egress, permissions, count, &wanted));
    TRY(security_rule_row_list(turn->store, turn->arena, group->id, &old));
    for (size_t i = 0; i < wanted.count; i++) {
        const struct security_rule_row *found = find_same(&old, &wanted.at[i]);

        if (!found) {
            return refuse_absent_rule(turn);
        }
        wanted.at[i] = *found;
    }
    *out = wanted;
    return delete_rows(turn, out);
}

enum rc security_rule_revoke_ids(struct turn *turn, const struct security_group_row *group,
                                 bool is_egress, const struct text *ids, size_t count,
                                 struct security_rule_rows *out)
{
    struct security_rule_rows old;

    *out =
        (struct security_rule_rows){ARENA_ARRAY(turn->arena, struct security_rule_row, count), 0};
    if (!out->at) {
        return RC_LIMIT;
    }
    TRY(security_rule_row_list(turn->store, turn->arena, group->id, &old));
    for (size_t i = 0; i < count; i++) {
        const struct security_rule_row *found = find_id(&old, ids[i]);

        TRY(resource_check_id(turn, RESOURCE_RULE, ids[i]));
        if (!found || found->is_egress != is_egress) {
            return resource_refuse_absent(turn, RESOURCE_RULE, ids[i]);
        }
        out->at[out->count++] = *found;
    }
    return delete_rows(turn, out);
}

enum rc security_rule_modify(struct turn *turn, const struct security_group_row *group,
                             struct text id, const struct permission *permission)
{
    const struct security_rule_row *found;
    struct security_rule_rows old;
    struct security_rule_row row;
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_RULE, id));
    TRY(security_rule_row_list(turn->store, turn->arena, group->id, &old));
    found = find_id(&old, id);
    if (!found) {
        return resource_refuse_absent(turn, RESOURCE_RULE, id);
    }
    TRY(permission_to_row(turn, group, found->is_egress, permission, &row));
    row.id = id;
    rc = security_rule_row_update(turn->store, &row);
    return rc == RC_CONFLICT ? permission_refuse_duplicate(turn, &row) : rc;
}

enum rc security_rule_describe(struct turn *turn, const struct security_group_row *group,
                               bool is_egress, const struct permission *permissions, size_t count)
{
    struct security_rule_rows old;
    struct security_rule_rows wanted;

    TRY(make_rows(turn, group, is_egress, permissions, count, &wanted));
    TRY(security_rule_row_list(turn->store, turn->arena, group->id, &old));
    for (size_t i = 0; i < wanted.count; i++) {
        const struct security_rule_row *found = find_same(&old, &wanted.at[i]);

        if (!found) {
            return refuse_absent_rule(turn);
        }
        wanted.at[i].id = found->id;
        TRY(security_rule_row_update(turn->store, &wanted.at[i]));
    }
    return RC_OK;
}

enum rc security_rule_describe_id(struct turn *turn, const struct security_group_row *group,
                                  bool is_egress, struct text id, struct text description)
{
    const struct security_rule_row *found;
    struct security_rule_rows old;
    struct security_rule_row row;

    TRY(resource_check_id(turn, RESOURCE_RULE, id));
    TRY(security_rule_row_list(turn->store, turn->arena, group->id, &old));
    found = find_id(&old, id);
    if (!found || found->is_egress != is_egress) {
        return resource_refuse_absent(turn, RESOURCE_RULE, id);
    }
    row = *found;
    row.description = description;
    TRY(permission_check_description(turn, description));
    return security_rule_row_update(turn->store, &row);
}

/* The description is no part of what makes a rule. */
static bool is_same(const struct security_rule_row *a, const struct security_rule_row *b)
{
    return a->is_egress == b->is_egress && text_eq(a->protocol, b->protocol) &&
           a->from_port == b->from_port && a->to_port == b->to_port &&
           text_eq(a->cidr4, b->cidr4) && text_eq(a->cidr6, b->cidr6) &&
           text_eq(a->peer_group_id, b->peer_group_id);
}

static const struct security_rule_row *find_same(const struct security_rule_rows *rows,
                                                 const struct security_rule_row *wanted)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (is_same(&rows->at[i], wanted)) {
            return &rows->at[i];
        }
    }
    return NULL;
}

static const struct security_rule_row *find_id(const struct security_rule_rows *rows,
                                               struct text id)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (text_eq(rows->at[i].id, id)) {
            return &rows->at[i];
        }
    }
    return NULL;
}

static enum rc refuse_absent_rule(struct turn *turn)
{
    return refuse(&turn->refusal, RC_ABSENT, "InvalidPermission.NotFound",
                  "The specified rule does not exist in this security group.");
}

static enum rc make_rows(struct turn *turn, const struct security_group_row *group, bool is_egress,
                         const struct permission *permissions, size_t count,
                         struct security_rule_rows *out)
{
    *out =
        (struct security_rule_rows){ARENA_ARRAY(turn->arena, struct security_rule_row, count), 0};
    if (!out->at && count > 0) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        struct security_rule_row row;

        TRY(permission_to_row(turn, group, is_egress, &permissions[i], &row));
        if (find_same(out, &row)) {
            return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                          "The same permission must not appear multiple times");
        }
        out->at[out->count++] = row;
    }
    return RC_OK;
}

/* AWS counts IPv4 and IPv6 apart; a rule for a group counts for both. */
static size_t count_family(const struct security_rule_rows *rows, bool is_egress, bool is_ipv6)
{
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct text other_family = is_ipv6 ? rows->at[i].cidr4 : rows->at[i].cidr6;

        count += rows->at[i].is_egress == is_egress && text_is_empty(other_family);
    }
    return count;
}

static enum rc check_quota(struct turn *turn, const struct security_rule_rows *old,
                           const struct security_rule_rows *added, bool is_egress)
{
    for (int is_ipv6 = 0; is_ipv6 <= 1; is_ipv6++) {
        size_t more = count_family(added, is_egress, is_ipv6);

        if (more > 0 && count_family(old, is_egress, is_ipv6) + more > QUOTA_SECURITY_RULES) {
            return refuse(&turn->refusal, RC_LIMIT, "RulesPerSecurityGroupLimitExceeded",
                          "The maximum number of rules per security group has been reached.");
        }
    }
    return RC_OK;
}

static enum rc delete_rows(struct turn *turn, const struct security_rule_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        TRY(security_rule_row_delete(turn->store, rows->at[i].id));
        TRY(tag_row_delete_all(turn->store, rows->at[i].id));
    }
    return RC_OK;
}
