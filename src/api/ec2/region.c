/* SPDX-License-Identifier: Apache-2.0 */
/* Regions, zones and what an account may. There is one region: the one that was configured. */
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "control/quota.h"
#include "control/zone.h"
#include "store/vpc.h"

static enum rc write_zone(struct call *call, struct text name, struct ec2_availability_zone *out);
static enum rc write_attribute(struct call *call, struct ec2_account_attribute *out,
                               const char *name, struct text value);

enum rc ec2_describe_regions(struct call *call, const struct ec2_describe_regions_input *in,
                             struct ec2_describe_regions_output *out)
{
    static const struct select_filter filters[] = {
        {"endpoint", "Endpoint"},
        {"opt-in-status", "OptInStatus"},
        {"region-name", "RegionName"},
        {NULL, NULL},
    };
    struct text absent;
    enum rc rc;

    TRY(CALL_LIST(call, &out->regions, 1));
    out->regions.items[0] = (struct ec2_region){
        .region_name = call->turn.config->region,
        .endpoint =
            call_printf(call, "ec2.%.*s.amazonaws.com", TEXT_ARG(call->turn.config->region)),
        .opt_in_status = TEXT("opt-in-not-required"),
    };
    rc = select_names(call, &in->region_names, "RegionName", "Regions", out, &absent);
    if (rc == RC_ABSENT) {
        return call_refuse(call, "InvalidParameterValue", "Invalid region names: [%.*s]",
                           TEXT_ARG(absent));
    }
    TRY(rc);
    return select_filters(call, &in->filters, filters, "Regions", out);
}

enum rc ec2_describe_availability_zones(struct call *call,
                                        const struct ec2_describe_availability_zones_input *in,
                                        struct ec2_describe_availability_zones_output *out)
{
    static const struct select_filter filters[] = {
        {"group-long-name", "GroupLongName"},
        {"group-name", "GroupName"},
        {"message", "Messages.Message"},
        {"opt-in-status", "OptInStatus"},
        {"parent-zone-id", "ParentZoneId"},
        {"parent-zone-name", "ParentZoneName"},
        {"region-name", "RegionName"},
        {"state", "State"},
        {"zone-id", "ZoneId"},
        {"zone-name", "ZoneName"},
        {"zone-type", "ZoneType"},
        {NULL, NULL},
    };
    const struct control_config *config = call->turn.config;
    struct text absent;
    enum rc rc;

    TRY(CALL_LIST(call, &out->availability_zones, config->zone_count));
    for (size_t i = 0; i < config->zone_count; i++) {
        TRY(write_zone(call, config->zones[i], &out->availability_zones.items[i]));
    }
    rc = select_names(call, &in->zone_names, "ZoneName", "AvailabilityZones", out, &absent);
    if (rc == RC_OK) {
        rc = select_names(call, &in->zone_ids, "ZoneId", "AvailabilityZones", out, &absent);
    }
    if (rc == RC_ABSENT) {
        return call_refuse(call, "InvalidParameterValue", "Invalid availability zone: [%.*s]",
                           TEXT_ARG(absent));
    }
    TRY(rc);
    return select_filters(call, &in->filters, filters, "AvailabilityZones", out);
}

enum rc ec2_describe_account_attributes(struct call *call,
                                        const struct ec2_describe_account_attributes_input *in,
                                        struct ec2_describe_account_attributes_output *out)
{
    struct vpc_row vpc = {.id = TEXT("none")};
    struct ec2_account_attribute *items;
    enum rc rc = vpc_row_get_default(call->turn.store, call->arena, &vpc);
    struct text absent;

    if (rc != RC_OK && rc != RC_ABSENT) {
        return rc;
    }
    TRY(CALL_LIST(call, &out->account_attributes, 6));
    items = out->account_attributes.items;
    TRY(write_attribute(call, &items[0], "supported-platforms", TEXT("VPC")));
    TRY(write_attribute(call, &items[1], "vpc-max-security-groups-per-interface",
                        call_printf(call, "%d", QUOTA_INTERFACE_GROUPS)));
    TRY(write_attribute(call, &items[2], "max-elastic-ips", TEXT("5")));
    TRY(write_attribute(call, &items[3], "max-instances", TEXT("20")));
    TRY(write_attribute(call, &items[4], "vpc-max-elastic-ips", TEXT("5")));
    TRY(write_attribute(call, &items[5], "default-vpc", vpc.id));
    rc = select_names(call, &in->attribute_names, "AttributeName", "AccountAttributes", out,
                      &absent);
    ASSERT(rc != RC_ABSENT); /* the facts let only names through that we have */
    return rc;
}

static enum rc write_zone(struct call *call, struct text name, struct ec2_availability_zone *out)
{
    *out = (struct ec2_availability_zone){
        .opt_in_status = TEXT("opt-in-not-required"),
        .region_name = call->turn.config->region,
        .zone_name = name,
        .zone_id = zone_id(&call->turn, name),
        .group_name = call_printf(call, "%.*s-zg-1", TEXT_ARG(call->turn.config->region)),
        .network_border_group = call->turn.config->region,
        .zone_type = TEXT("availability-zone"),
        .state = TEXT("available"),
    };
    return CALL_LIST(call, &out->messages, 0);
}

static enum rc write_attribute(struct call *call, struct ec2_account_attribute *out,
                               const char *name, struct text value)
{
    out->attribute_name = text_of(name);
    TRY(CALL_LIST(call, &out->attribute_values, 1));
    out->attribute_values.items[0].attribute_value = value;
    return RC_OK;
}
