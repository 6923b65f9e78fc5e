/* SPDX-License-Identifier: Apache-2.0 */
#include "control/subnet.h"

#include "control/block.h"
#include "control/resource.h"
#include "control/tags.h"
#include "control/vpc.h"
#include "control/zone.h"

#define SUBNET_RESERVED_COUNT 5 /* Amazon VPC user guide, "Subnet sizing" */

static enum rc check_cidr(struct turn *turn, const struct vpc_row *vpc, struct text given,
                          struct text *out);
static enum rc check_overlap(struct turn *turn, const struct vpc_row *vpc, struct text cidr);
static enum rc refuse_zone(struct turn *turn, const char *parameter, struct text zone);

enum rc subnet_find(struct turn *turn, struct text id, struct subnet_row *out)
{
    enum rc rc;

    TRY(resource_check_id(turn, RESOURCE_SUBNET, id));
    rc = subnet_row_get(turn->store, turn->arena, id, out);
    return rc == RC_ABSENT ? resource_refuse_absent(turn, RESOURCE_SUBNET, id) : rc;
}

enum rc subnet_create(struct turn *turn, const struct subnet_new *wanted, struct subnet_row *out)
{
    struct vpc_row vpc;

    TRY(vpc_find(turn, wanted->vpc_id, &vpc));
    *out = (struct subnet_row){.id = resource_id(turn, RESOURCE_SUBNET), .vpc_id = vpc.id};
    TRY(check_cidr(turn, &vpc, wanted->cidr, &out->cidr));
    TRY(subnet_choose_zone(turn, wanted->zone, wanted->zone_id, &out->zone));
    TRY(subnet_row_insert(turn->store, out));
    return tags_put_ec2(turn, out->id, wanted->tags->at, wanted->tags->count);
}

enum rc subnet_delete(struct turn *turn, struct text id)
{
    struct subnet_row subnet;
    enum rc rc;

    TRY(subnet_find(turn, id, &subnet));
    rc = subnet_row_delete(turn->store, id);
    if (rc == RC_CONFLICT) {
        return refuse(&turn->refusal, rc, "DependencyViolation",
                      "The subnet '%.*s' has dependencies and cannot be deleted.", TEXT_ARG(id));
    }
    TRY(rc);
    return tag_row_delete_all(turn->store, id);
}

enum rc subnet_choose_zone(struct turn *turn, struct text zone, struct text id, struct text *out)
{
    const struct control_config *config = turn->config;

    if (!text_is_empty(zone) && !text_is_empty(id)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterCombination",
                      "Only one of availabilityZone and availabilityZoneId may be specified.");
    }
    if (text_is_empty(zone) && text_is_empty(id)) {
        *out = config->zones[0];
        return RC_OK;
    }
    for (size_t i = 0; i < config->zone_count; i++) {
        if (text_eq(zone, config->zones[i]) || text_eq(id, zone_id(turn, config->zones[i]))) {
            *out = config->zones[i];
            return RC_OK;
        }
    }
    return text_is_empty(zone) ? refuse_zone(turn, "availabilityZoneId", id)
                               : refuse_zone(turn, "availabilityZone", zone);
}

int64_t subnet_free_addresses(const struct subnet_row *subnet)
{
    struct snap_cidr cidr;

    if (cidr_parse(subnet->cidr, &cidr) != RC_OK) {
        return 0;
    }
    return (int64_t)block_size(cidr) - SUBNET_RESERVED_COUNT - subnet->interface_count;
}

static enum rc check_cidr(struct turn *turn, const struct vpc_row *vpc, struct text given,
                          struct text *out)
{
    struct snap_cidr whole;
    struct snap_cidr part;

    if (text_is_empty(given)) {
        return refuse(&turn->refusal, RC_BAD, "MissingParameter",
                      "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.");
    }
    if (block_canonical(turn->arena, given, out) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                      "Value (%.*s) for parameter cidrBlock is invalid. This is not a valid CIDR "
                      "block.",
                      TEXT_ARG(given));
    }
    TRY(cidr_parse(vpc->cidr, &whole));
    TRY(cidr_parse(*out, &part));
    if (part.prefix_len < 16 || part.prefix_len > 28 || part.prefix_len < whole.prefix_len ||
        !cidr_holds(&whole, part.network)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidSubnet.Range", "The CIDR '%.*s' is invalid.",
                      TEXT_ARG(given));
    }
    return check_overlap(turn, vpc, *out);
}

static enum rc check_overlap(struct turn *turn, const struct vpc_row *vpc, struct text cidr)
{
    struct subnet_rows others;
    struct snap_cidr mine;

    TRY(cidr_parse(cidr, &mine));
    TRY(subnet_row_list(turn->store, turn->arena, &others));
    for (size_t i = 0; i < others.count; i++) {
        struct snap_cidr other;

        TRY(cidr_parse(others.at[i].cidr, &other));
        if (text_eq(others.at[i].vpc_id, vpc->id) &&
            (cidr_holds(&mine, other.network) || cidr_holds(&other, mine.network))) {
            return refuse(&turn->refusal, RC_CONFLICT, "InvalidSubnet.Conflict",
                          "The CIDR '%.*s' conflicts with another subnet", TEXT_ARG(cidr));
        }
    }
    return RC_OK;
}

static enum rc refuse_zone(struct turn *turn, const char *parameter, struct text zone)
{
    struct text names = TEXT("");

    for (size_t i = 0; i < turn->config->zone_count; i++) {
        names = arena_printf(turn->arena, "%.*s%s%.*s", TEXT_ARG(names), i > 0 ? ", " : "",
                             TEXT_ARG(turn->config->zones[i]));
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidParameterValue",
                  "Value (%.*s) for parameter %s is invalid. Subnets can currently only be created "
                  "in the following availability zones: %.*s.",
                  TEXT_ARG(zone), parameter, TEXT_ARG(names));
}
