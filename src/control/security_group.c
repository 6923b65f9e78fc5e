/* SPDX-License-Identifier: Apache-2.0 */
#include "control/security_group.h"

#include "control/quota.h"
#include "control/resource.h"
#include "control/security_rule.h"
#include "control/tags.h"
#include "control/vpc.h"

static enum rc check_new(struct turn *turn, const struct security_group_new *wanted);
static enum rc insert(struct turn *turn, const struct security_group_row *row);
static enum rc delete_rule_tags(struct turn *turn, struct text group_id);

enum rc security_group_create(struct turn *turn, const struct security_group_new *wanted,
                              struct security_group_row *out)
{
    struct vpc_row vpc;
    int64_t count;

    TRY(check_new(turn, wanted));
    TRY(vpc_choose(turn, wanted->vpc_id, &vpc));
    *out = (struct security_group_row){
        .id = resource_id(turn, RESOURCE_GROUP),
        .vpc_id = vpc.id,
        .name = wanted->name,
        .description = wanted->description,
    };
    TRY(security_group_row_count(turn->store, &count));
    if (count >= QUOTA_SECURITY_GROUPS) {
        return refuse(&turn->refusal, RC_LIMIT, "SecurityGroupLimitExceeded",
                      "The maximum number of security groups has been reached.");
    }
    TRY(insert(turn, out));
    return tags_put_ec2(turn, out->id, wanted->tags, wanted->tag_count);
}

enum rc security_group_create_default(struct turn *turn, struct text vpc_id)
{
    struct security_group_row row = {
        .id = resource_id(turn, RESOURCE_GROUP),
        .vpc_id = vpc_id,
        .name = TEXT("default"),
        .description = TEXT("default VPC security group"),
    };
    struct permission from_itself = {
        .protocol = TEXT("-1"), .peer_kind = PEER_GROUP, .peer = row.id};
    struct security_rule_rows made;

    TRY(insert(turn, &row));
    return security_rule_authorize(turn, &row, false, &from_itself, 1, NULL, 0, &made);
}

enum rc security_group_find(struct turn *turn, struct text id, struct text name,
                            struct security_group_row *out)
{
    struct vpc_row vpc;
    enum rc rc;

    if (!text_is_empty(id) && !text_is_empty(name)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterCombination",
                      "The parameter 'groupName' may not be used in combination with 'groupId'");
    }
    if (text_is_empty(name)) {
        if (!id.at) {
            return refuse(&turn->refusal, RC_BAD, "MissingParameter",
                          "The request must contain the parameter groupName or groupId");
        }
        TRY(resource_check_id(turn, RESOURCE_GROUP, id));
        rc = security_group_row_get(turn->store, turn->arena, id, out);
        return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_GROUP, id) : rc;
    }
    TRY(vpc_choose(turn, (struct text){NULL, 0}, &vpc));
    rc = security_group_row_get_named(turn->store, turn->arena, vpc.id, name, out);
    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "InvalidGroup.NotFound",
                      "The security group '%.*s' does not exist in default VPC '%.*s'",
                      TEXT_ARG(name), TEXT_ARG(vpc.id));
    }
    return rc;
}

enum rc security_group_delete(struct turn *turn, const struct security_group_row *group)
{
    enum rc rc;

    if (text_eq(group->name, TEXT("default"))) {
        return refuse(&turn->refusal, RC_CONFLICT, "CannotDelete",
                      "the specified group: \"%.*s\" name: \"%.*s\" cannot be deleted by a user",
                      TEXT_ARG(group->id), TEXT_ARG(group->name));
    }
    TRY(delete_rule_tags(turn, group->id));
    rc = security_group_row_delete(turn->store, group->id);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "DependencyViolation",
                      "resource %.*s has a dependent object", TEXT_ARG(group->id));
    }
    TRY(rc);
    return tag_row_delete_all(turn->store, group->id);
}

static enum rc check_new(struct turn *turn, const struct security_group_new *wanted)
{
    struct refusal *why = &turn->refusal;

    if (text_is_empty(wanted->name)) {
        return refuse(why, RC_BAD, "MissingParameter",
                      "The request must contain the parameter GroupName");
    }
    if (text_is_empty(wanted->description)) {
        return refuse(why, RC_BAD, "MissingParameter",
                      "The request must contain the parameter GroupDescription");
    }
    if (text_starts(wanted->name, TEXT("sg-"))) {
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Group names may not be in the format sg-*.");
    }
    if (text_eq(wanted->name, TEXT("default"))) {
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Cannot use reserved security group name: default");
    }
    if (!permission_text_is_valid(wanted->name)) {
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Invalid security group name. Valid names are strings less than 256 "
                      "characters from the following set:  " PERMISSION_TEXT_SET);
    }
    if (!permission_text_is_valid(wanted->description)) {
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Invalid security group description. Valid descriptions are strings less "
                      "than 256 characters from the following set:  " PERMISSION_TEXT_SET);
    }
    return RC_OK;
}

static enum rc insert(struct turn *turn, const struct security_group_row *row)
{
    struct permission to_anywhere = {
        .protocol = TEXT("-1"), .peer_kind = PEER_CIDR4, .peer = TEXT("0.0.0.0/0")};
    struct security_rule_rows made;
    enum rc rc = security_group_row_insert(turn->store, row);

    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "InvalidGroup.Duplicate",
                      "The security group '%.*s' already exists for VPC '%.*s'",
                      TEXT_ARG(row->name), TEXT_ARG(row->vpc_id));
    }
    TRY(rc);
    return security_rule_authorize(turn, row, true, &to_anywhere, 1, NULL, 0, &made);
}

static enum rc delete_rule_tags(struct turn *turn, struct text group_id)
{
    struct security_rule_rows rules;

    TRY(security_rule_row_list(turn->store, turn->arena, group_id, &rules));
    for (size_t i = 0; i < rules.count; i++) {
        TRY(tag_row_delete_all(turn->store, rules.at[i].id));
    }
    return RC_OK;
}
