/* SPDX-License-Identifier: Apache-2.0 */
#include "api/elbv2/elbv2.h"
#include "api/elbv2/tagging.h"
#include "control/balancer.h"

static enum rc write_zones(struct call *call, const struct balancer *balancer,
                           struct elbv2_availability_zones *out)
{
    TRY(CALL_LIST(call, out, balancer->zones.count));
    for (size_t i = 0; i < balancer->zones.count; i++) {
        struct elbv2_availability_zone *zone = &out->items[i];

        zone->zone_name = balancer->zones.at[i].zone;
        zone->subnet_id = balancer->zones.at[i].subnet_id;
        /* An Application Load Balancer's list is empty, and there. */
        TRY(CALL_LIST(call, &zone->load_balancer_addresses, 0));
    }
    return RC_OK;
}

static enum rc write_groups(struct call *call, const struct balancer *balancer,
                            struct text_list *out)
{
    TRY(CALL_LIST(call, out, balancer->groups.count));
    for (size_t i = 0; i < balancer->groups.count; i++) {
        out->items[i] = balancer->groups.at[i].security_group_id;
    }
    return RC_OK;
}

static enum rc write_balancer(struct call *call, const struct balancer *balancer,
                              struct elbv2_load_balancer *out)
{
    const struct balancer_row *row = &balancer->row;

    out->load_balancer_arn = row->arn;
    out->dns_name = row->dns_name;
    out->canonical_hosted_zone_id = balancer_hosted_zone(call->turn.config->region);
    CALL_SET_TIME(out, created_time, row->created_ms);
    out->load_balancer_name = row->name;
    out->scheme = row->scheme;
    out->vpc_id = row->vpc_id;
    TRY(CALL_NEW(call, &out->state));
    out->state->code = TEXT("active");
    out->type = TEXT("application");
    out->ip_address_type = row->ip_address_type;
    out->enable_prefix_for_ipv6_source_nat = TEXT("off");
    TRY(write_zones(call, balancer, &out->availability_zones));
    return write_groups(call, balancer, &out->security_groups);
}

/* Subnets come by id, or as mappings of which an ALB takes no more than the id. */
static enum rc read_subnets(struct call *call, const struct text_list *subnets,
                            const struct elbv2_subnet_mappings *mappings, struct text_list *out)
{
    if (mappings->count == 0) {
        *out = *subnets;
        return RC_OK;
    }
    if (subnets->count > 0) {
        return call_refuse(call, "ValidationError",
                           "Subnets and subnet mappings cannot be specified at the same time");
    }
    out->items = ARENA_ARRAY(call->arena, struct text, mappings->count);
    if (out->items == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < mappings->count; i++) {
        const struct elbv2_subnet_mapping *mapping = &mappings->items[i];

        if (!text_is_empty(mapping->allocation_id) ||
            !text_is_empty(mapping->private_ipv4_address) ||
            !text_is_empty(mapping->ipv6_address)) {
            return call_refuse(call, "InvalidConfigurationRequest",
                               "Addresses cannot be specified for load balancers of type "
                               "'application'");
        }
        out->items[i] = mapping->subnet_id;
    }
    out->count = mappings->count;
    return RC_OK;
}

/* What is AWS's alone. */
static enum rc refuse_foreign(struct call *call, const struct elbv2_create_load_balancer_input *in)
{
    if (!text_is_empty(in->customer_owned_ipv4_pool)) {
        return call_refuse(call, "InvalidConfigurationRequest",
                           "A customer-owned address pool can be used only on Outposts");
    }
    if (in->ipam_pools != NULL && !text_is_empty(in->ipam_pools->ipv4_ipam_pool_id)) {
        return call_refuse(call, "InvalidConfigurationRequest", "IPAM pool '%.*s' does not exist",
                           TEXT_ARG(in->ipam_pools->ipv4_ipam_pool_id));
    }
    if (text_eq(in->enable_prefix_for_ipv6_source_nat, TEXT("on"))) {
        return call_refuse(call, "InvalidConfigurationRequest",
                           "EnablePrefixForIpv6SourceNat is not supported on load balancers with "
                           "type 'application'");
    }
    return RC_OK;
}

enum rc elbv2_create_load_balancer(struct call *call,
                                   const struct elbv2_create_load_balancer_input *in,
                                   struct elbv2_create_load_balancer_output *out)
{
    struct balancer_new wanted = {
        .name = in->name,
        .scheme = in->scheme,
        .type = in->type,
        .ip_address_type = in->ip_address_type,
        .security_groups = in->security_groups.items,
        .security_group_count = in->security_groups.count,
    };
    struct balancer balancer;
    struct text_list subnets;

    TRY(refuse_foreign(call, in));
    TRY(read_subnets(call, &in->subnets, &in->subnet_mappings, &subnets));
    wanted.subnets = subnets.items;
    wanted.subnet_count = subnets.count;
    TRY(tagging_read_elbv2(call, &in->tags, &wanted.tags, &wanted.tag_count));
    TRY(balancer_create(&call->turn, &wanted, &balancer));
    TRY(CALL_LIST(call, &out->load_balancers, 1));
    return write_balancer(call, &balancer, &out->load_balancers.items[0]);
}

enum rc elbv2_describe_load_balancers(struct call *call,
                                      const struct elbv2_describe_load_balancers_input *in,
                                      struct elbv2_describe_load_balancers_output *out)
{
    struct balancers balancers;

    TRY(balancer_find_all(&call->turn, in->load_balancer_arns.items, in->load_balancer_arns.count,
                          in->names.items, in->names.count, &balancers));
    TRY(CALL_LIST(call, &out->load_balancers, balancers.count));
    for (size_t i = 0; i < balancers.count; i++) {
        TRY(write_balancer(call, &balancers.at[i], &out->load_balancers.items[i]));
    }
    return RC_OK;
}

enum rc elbv2_delete_load_balancer(struct call *call,
                                   const struct elbv2_delete_load_balancer_input *in,
                                   struct elbv2_delete_load_balancer_output *out)
{
    (void)out; /* has no members */
    return balancer_delete(&call->turn, in->load_balancer_arn);
}

enum rc elbv2_set_security_groups(struct call *call,
                                  const struct elbv2_set_security_groups_input *in,
                                  struct elbv2_set_security_groups_output *out)
{
    struct balancer balancer;

    TRY(balancer_set_security_groups(&call->turn, in->load_balancer_arn, in->security_groups.items,
                                     in->security_groups.count, &balancer));
    return write_groups(call, &balancer, &out->security_group_ids);
}

enum rc elbv2_set_subnets(struct call *call, const struct elbv2_set_subnets_input *in,
                          struct elbv2_set_subnets_output *out)
{
    struct text_list subnets;
    struct balancer balancer;

    TRY(read_subnets(call, &in->subnets, &in->subnet_mappings, &subnets));
    TRY(balancer_set_subnets(&call->turn, in->load_balancer_arn, subnets.items, subnets.count,
                             &balancer));
    if (!text_is_empty(in->ip_address_type)) {
        TRY(balancer_set_ip_address_type(&call->turn, in->load_balancer_arn, in->ip_address_type,
                                         &balancer));
    }
    out->ip_address_type = balancer.row.ip_address_type;
    out->enable_prefix_for_ipv6_source_nat = TEXT("off");
    return write_zones(call, &balancer, &out->availability_zones);
}

enum rc elbv2_set_ip_address_type(struct call *call,
                                  const struct elbv2_set_ip_address_type_input *in,
                                  struct elbv2_set_ip_address_type_output *out)
{
    struct balancer balancer;

    TRY(balancer_set_ip_address_type(&call->turn, in->load_balancer_arn, in->ip_address_type,
                                     &balancer));
    out->ip_address_type = balancer.row.ip_address_type;
    return RC_OK;
}
