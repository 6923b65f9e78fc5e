/* SPDX-License-Identifier: Apache-2.0 */
#include "control/vpc.h"

#include "control/block.h"
#include "control/id.h"
#include "control/quota.h"
#include "control/resource.h"
#include "control/security_group.h"
#include "control/tags.h"
#include "store/network_acl.h"
#include "store/route_table.h"
#include "store/security_rule.h"

static enum rc check_cidr(struct turn *turn, struct text given, struct text *out);
static enum rc delete_main_table(struct turn *turn, struct text vpc_id);
static enum rc delete_acl(struct turn *turn, struct text vpc_id);
static enum rc delete_default_group(struct turn *turn, struct text vpc_id);

enum rc vpc_find(struct turn *turn, struct text id, struct vpc_row *out)
{
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_VPC, id));
    rc = vpc_row_get(turn->store, turn->arena, id, out);
    return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_VPC, id) : rc;
}

enum rc vpc_choose(struct turn *turn, struct text id, struct vpc_row *out)
{
    enum rc rc;

    if (!text_is_empty(id)) {
        return vpc_find(turn, id, out);
    }
    rc = vpc_row_get_default(turn->store, turn->arena, out);
    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, rc, "VPCIdNotSpecified", "No default VPC for this user");
    }
    return rc;
}

enum rc vpc_create(struct turn *turn, struct text cidr, struct text tenancy,
                   const struct tag_rows *tags, struct vpc_row *out)
{
    struct vpc_rows others;

    *out = (struct vpc_row){
        .id = resource_id(turn, RESOURCE_VPC),
        .association_id = id_ec2(turn, "vpc-cidr-assoc"),
        .tenancy = text_is_empty(tenancy) ? TEXT("default") : tenancy,
        .has_dns_support = true,
    };
    TRY(check_cidr(turn, cidr, &out->cidr));
    TRY(vpc_row_list(turn->store, turn->arena, &others));
    if (others.count >= QUOTA_VPCS) {
        return refuse(&turn->refusal, RC_LIMIT, "VpcLimitExceeded",
                      "The maximum number of VPCs has been reached.");
    }
    /* DHCP options are the account's: all VPCs have the same. */
    out->dhcp_options_id = others.count > 0 ? others.at[0].dhcp_options_id : id_ec2(turn, "dopt");
    TRY(vpc_insert(turn, out));
    return tags_put_ec2(turn, out->id, tags->at, tags->count);
}

enum rc vpc_insert(struct turn *turn, const struct vpc_row *row)
{
    const struct route_table_row table = {
        .id = resource_id(turn, RESOURCE_ROUTE_TABLE),
        .vpc_id = row->id,
        .main_association_id = id_ec2(turn, "rtbassoc"),
    };
    const struct network_acl_row acl = {
        .id = resource_id(turn, RESOURCE_NETWORK_ACL),
        .vpc_id = row->id,
    };

    TRY(vpc_row_insert(turn->store, row));
    TRY(route_table_row_insert(turn->store, &table));
    TRY(network_acl_row_insert(turn->store, &acl));
    return security_group_create_default(turn, row->id);
}

enum rc vpc_delete(struct turn *turn, struct text id)
{
    struct vpc_row vpc;
    enum rc rc;

    TRY(vpc_find(turn, id, &vpc));
    rc = delete_default_group(turn, id);
    if (rc == RC_OK) {
        rc = delete_main_table(turn, id);
    }
    if (rc == RC_OK) {
        rc = delete_acl(turn, id);
    }
    if (rc == RC_OK) {
        rc = vpc_row_delete(turn->store, id);
    }
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "DependencyViolation",
                      "The vpc '%.*s' has dependencies and cannot be deleted.", TEXT_ARG(id));
    }
    TRY(rc);
    return tag_row_delete_all(turn->store, id);
}

static enum rc check_cidr(struct turn *turn, struct text given, struct text *out)
{
    struct snap_cidr cidr;

    if (text_is_empty(given)) {
        return refuse(&turn->refusal, RC_BAD, "MissingParameter",
                      "Either 'cidrBlock' or 'ipv4IpamPoolId' must be provided.");
    }
    if (block_canonical(turn->arena, given, out) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Value (%.*s) for parameter cidrBlock is invalid. This is not a valid CIDR "
                      "block.",
                      TEXT_ARG(given));
    }
    TRY(cidr_parse(*out, &cidr));
    if (cidr.prefix_len < 16 || cidr.prefix_len > 28) {
        return refuse(&turn->refusal, RC_BAD, "InvalidVpc.Range", "The CIDR '%.*s' is invalid.",
                      TEXT_ARG(given));
    }
    return RC_OK;
}

static enum rc delete_main_table(struct turn *turn, struct text vpc_id)
{
    struct route_table_rows tables;

    TRY(route_table_row_list(turn->store, turn->arena, &tables));
    for (size_t i = 0; i < tables.count; i++) {
        const struct route_table_row *table = &tables.at[i];

        if (text_eq(table->vpc_id, vpc_id) && !text_is_empty(table->main_association_id)) {
            TRY(tag_row_delete_all(turn->store, table->id));
            return route_table_row_delete(turn->store, table->id);
        }
    }
    return RC_OK;
}

static enum rc delete_acl(struct turn *turn, struct text vpc_id)
{
    struct network_acl_rows acls;

    TRY(network_acl_row_list(turn->store, turn->arena, &acls));
    for (size_t i = 0; i < acls.count; i++) {
        if (text_eq(acls.at[i].vpc_id, vpc_id)) {
            TRY(tag_row_delete_all(turn->store, acls.at[i].id));
            return network_acl_row_delete(turn->store, acls.at[i].id);
        }
    }
    return RC_OK;
}

static enum rc delete_default_group(struct turn *turn, struct text vpc_id)
{
    struct security_group_row group;
    struct security_rule_rows rules;

    TRY(security_group_row_get_named(turn->store, turn->arena, vpc_id, TEXT("default"), &group));
    TRY(security_rule_row_list(turn->store, turn->arena, group.id, &rules));
    for (size_t i = 0; i < rules.count; i++) {
        TRY(tag_row_delete_all(turn->store, rules.at[i].id));
    }
    TRY(tag_row_delete_all(turn->store, group.id));
    return security_group_row_delete(turn->store, group.id);
}
