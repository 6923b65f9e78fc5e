/* SPDX-License-Identifier: Apache-2.0 */
#include "control/balancer.h"

#include "control/attributes.h"
#include "control/balancer_log.h"
#include "control/balancer_place.h"
#include "control/elb_arn.h"
#include "control/elb_quota.h"
#include "control/elb_tags.h"
#include "control/id.h"
#include "control/listener.h"
#include "control/network_interface.h"
#include "store/attribute.h"

static enum rc check_settings(struct turn *turn, struct balancer_new *wanted);
static enum rc insert(struct turn *turn, const struct balancer_new *wanted,
                      const struct balancer_place *place, struct balancer_row *out);
static enum rc complete(struct turn *turn, struct balancer *balancer);
static bool is_same(const struct balancer *balancer, const struct balancer_new *wanted,
                    const struct balancer_place *place);

enum rc balancer_create(struct turn *turn, const struct balancer_new *wanted, struct balancer *out)
{
    struct balancer_new settings = *wanted;
    struct balancer_place place = {0};
    enum rc rc;

    TRY(check_settings(turn, &settings));
    TRY(balancer_place_subnets(turn, text_eq(settings.scheme, TEXT("internal")), settings.subnets,
                               settings.subnet_count, &place));
    TRY(balancer_place_groups(turn, settings.security_groups, settings.security_group_count,
                              &place));
    rc = balancer_row_get_named(turn->store, turn->arena, settings.name, &out->row);
    if (rc == RC_OK) {
        TRY(complete(turn, out));
        if (is_same(out, &settings, &place)) {
            return RC_OK;
        }
        return refuse(&turn->refusal, RC_CONFLICT, "DuplicateLoadBalancerName",
                      "A load balancer with the same name '%.*s' exists, but with different "
                      "settings",
                      TEXT_ARG(settings.name));
    }
    if (rc != RC_ABSENT) {
        return rc;
    }
    TRY(insert(turn, &settings, &place, &out->row));
    return complete(turn, out);
}

static enum rc check_name(struct turn *turn, struct text name)
{
    TRY(elb_name_check(turn, "Load balancer", name));
    if (text_starts(name, TEXT("internal-"))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Load balancer name '%.*s' cannot begin with 'internal-'", TEXT_ARG(name));
    }
    return RC_OK;
}

static enum rc check_ip_address_type(struct turn *turn, struct text type)
{
    if (text_eq(type, TEXT("ipv4"))) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                  "You must specify subnets with an associated IPv6 CIDR block for load balancers "
                  "with IP address type '%.*s'",
                  TEXT_ARG(type));
}

/* Fills in the defaults. */
static enum rc check_settings(struct turn *turn, struct balancer_new *wanted)
{
    if (text_is_empty(wanted->scheme)) {
        wanted->scheme = TEXT("internet-facing");
    }
    if (text_is_empty(wanted->ip_address_type)) {
        wanted->ip_address_type = TEXT("ipv4");
    }
    TRY(check_name(turn, wanted->name));
    if (!text_is_empty(wanted->type) && !text_eq(wanted->type, TEXT("application"))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Load balancers of type '%.*s' are not supported: openalb is an Application "
                      "Load Balancer",
                      TEXT_ARG(wanted->type));
    }
    return check_ip_address_type(turn, wanted->ip_address_type);
}

static struct text dns_name(struct turn *turn, const struct balancer_new *wanted)
{
    const char *prefix = text_eq(wanted->scheme, TEXT("internal")) ? "internal-" : "";

    /* AWS ELB, "DNS name": {name}-{up to ten digits}.{region}.elb.amazonaws.com (observed); names
     * are not case sensitive, and AWS gives the name as it was typed. */
    return arena_printf(turn->arena, "%s%.*s-%llu.%.*s.%.*s", prefix, TEXT_ARG(wanted->name),
                        (unsigned long long)id_number(), TEXT_ARG(turn->config->region),
                        TEXT_ARG(turn->config->domain));
}

static enum rc insert(struct turn *turn, const struct balancer_new *wanted,
                      const struct balancer_place *place, struct balancer_row *out)
{
    int64_t count = 0;

    TRY(balancer_row_count(turn->store, &count));
    if (count >= elb_quota_max(ELB_QUOTA_BALANCERS)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyLoadBalancers",
                      "The maximum number of load balancers has been reached");
    }
    struct balancer_row row = {
        .id = arena_printf(turn->arena, "app/%.*s/%.*s", TEXT_ARG(wanted->name),
                           TEXT_ARG(id_elb(turn))),
        .name = wanted->name,
        .dns_name = dns_name(turn, wanted),
        .scheme = wanted->scheme,
        .vpc_id = place->vpc_id,
        .ip_address_type = wanted->ip_address_type,
        .created_ms = turn->now_unix_ms,
    };
    row.arn = arn_of(turn, "elasticloadbalancing", "loadbalancer/%.*s", TEXT_ARG(row.id));
    TRY(balancer_row_insert(turn->store, &row));
    TRY(balancer_place_apply(turn, &row, place));
    TRY(balancer_place_apply_groups(turn, row.arn, place->groups, place->group_count));
    TRY(elb_tags_put(turn, row.arn, wanted->tags, wanted->tag_count));
    *out = row;
    return RC_OK;
}

static enum rc complete(struct turn *turn, struct balancer *balancer)
{
    TRY(balancer_zone_row_list(turn->store, turn->arena, balancer->row.arn, &balancer->zones));
    return balancer_member_row_list(turn->store, turn->arena, balancer->row.arn, &balancer->groups);
}

static bool has_subnet(const struct balancer *balancer, struct text id)
{
    for (size_t i = 0; i < balancer->zones.count; i++) {
        if (text_eq(balancer->zones.at[i].subnet_id, id)) {
            return true;
        }
    }
    return false;
}

static bool has_group(const struct balancer *balancer, struct text id)
{
    for (size_t i = 0; i < balancer->groups.count; i++) {
        if (text_eq(balancer->groups.at[i].security_group_id, id)) {
            return true;
        }
    }
    return false;
}

/* Tags are no settings. */
static bool is_same(const struct balancer *balancer, const struct balancer_new *wanted,
                    const struct balancer_place *place)
{
    bool same = text_eq(balancer->row.scheme, wanted->scheme) &&
                text_eq(balancer->row.ip_address_type, wanted->ip_address_type) &&
                balancer->zones.count == place->subnet_count &&
                balancer->groups.count == place->group_count;

    for (size_t i = 0; same && i < place->subnet_count; i++) {
        same = has_subnet(balancer, place->subnets[i].id);
    }
    for (size_t i = 0; same && i < place->group_count; i++) {
        same = has_group(balancer, place->groups[i]);
    }
    return same;
}

enum rc balancer_delete(struct turn *turn, struct text arn)
{
    struct attribute_set attributes;
    struct balancer_row row;
    enum rc rc;

    TRY(elb_arn_check(turn, arn, ELB_BALANCER));
    rc = balancer_row_get(turn->store, turn->arena, arn, &row);
    if (rc == RC_ABSENT) {
        return RC_OK; /* AWS ELBv2 API, DeleteLoadBalancer: succeeds */
    }
    TRY(rc);
    TRY(balancer_attributes(turn, arn, &attributes));
    if (attribute_is_true(&attributes, "deletion_protection.enabled")) {
        return refuse(&turn->refusal, RC_DENIED, "OperationNotPermitted",
                      "Load balancer '%.*s' cannot be deleted because deletion protection is "
                      "enabled",
                      TEXT_ARG(arn));
    }
    TRY(listener_delete_all(turn, arn));
    TRY(network_interface_delete(turn, arn, TEXT("")));
    TRY(attribute_row_remove_all(turn->store, arn));
    TRY(tag_row_delete_all(turn->store, arn));
    return balancer_row_remove(turn->store, arn);
}

enum rc balancer_find_row(struct turn *turn, struct text arn, struct balancer_row *out)
{
    enum rc rc;

    TRY(elb_arn_check(turn, arn, ELB_BALANCER));
    rc = balancer_row_get(turn->store, turn->arena, arn, out);
    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_BALANCER) : rc;
}

enum rc balancer_find(struct turn *turn, struct text arn, struct balancer *out)
{
    TRY(balancer_find_row(turn, arn, &out->row));
    return complete(turn, out);
}

static enum rc find_named(struct turn *turn, struct text name, struct balancer *out)
{
    const enum rc rc = balancer_row_get_named(turn->store, turn->arena, name, &out->row);

    if (rc == RC_ABSENT) {
        return refuse(&turn->refusal, RC_ABSENT, "LoadBalancerNotFound",
                      "Load balancers '[%.*s]' not found", TEXT_ARG(name));
    }
    TRY(rc);
    return complete(turn, out);
}

static enum rc find_every(struct turn *turn, struct balancers *out)
{
    struct balancer_rows rows;

    TRY(balancer_row_list(turn->store, turn->arena, &rows));
    out->at = ARENA_ARRAY(turn->arena, struct balancer, rows.count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        out->at[i].row = rows.at[i];
        TRY(complete(turn, &out->at[i]));
    }
    out->count = rows.count;
    return RC_OK;
}

enum rc balancer_find_all(struct turn *turn, const struct text *arns, size_t arn_count,
                          const struct text *names, size_t name_count, struct balancers *out)
{
    if (arn_count > 0 && name_count > 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Load balancer names and load balancer ARNs cannot be specified at the same "
                      "time");
    }
    if (arn_count == 0 && name_count == 0) {
        return find_every(turn, out);
    }
    out->count = arn_count + name_count;
    out->at = ARENA_ARRAY(turn->arena, struct balancer, out->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < arn_count; i++) {
        TRY(balancer_find(turn, arns[i], &out->at[i]));
    }
    for (size_t i = 0; i < name_count; i++) {
        TRY(find_named(turn, names[i], &out->at[i]));
    }
    return RC_OK;
}

static enum rc current_groups(struct turn *turn, const struct balancer *balancer,
                              struct balancer_place *place)
{
    struct text *ids = ARENA_ARRAY(turn->arena, struct text, balancer->groups.count);

    if (ids == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < balancer->groups.count; i++) {
        ids[i] = balancer->groups.at[i].security_group_id;
    }
    place->groups = ids;
    place->group_count = balancer->groups.count;
    return RC_OK;
}

enum rc balancer_set_subnets(struct turn *turn, struct text arn, const struct text *subnets,
                             size_t count, struct balancer *out)
{
    struct balancer_place place = {0};

    TRY(balancer_find(turn, arn, out));
    TRY(balancer_place_subnets(turn, text_eq(out->row.scheme, TEXT("internal")), subnets, count,
                               &place));
    if (!text_eq(place.vpc_id, out->row.vpc_id)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "The subnets must belong to the VPC '%.*s' of the load balancer",
                      TEXT_ARG(out->row.vpc_id));
    }
    TRY(current_groups(turn, out, &place));
    TRY(balancer_place_apply(turn, &out->row, &place));
    return complete(turn, out);
}

enum rc balancer_set_security_groups(struct turn *turn, struct text arn, const struct text *ids,
                                     size_t count, struct balancer *out)
{
    struct balancer_place place = {0};

    TRY(balancer_find(turn, arn, out));
    if (count == 0) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "At least one security group must be specified");
    }
    place.vpc_id = out->row.vpc_id;
    TRY(balancer_place_groups(turn, ids, count, &place));
    TRY(balancer_place_apply_groups(turn, arn, ids, count));
    return complete(turn, out);
}

enum rc balancer_set_ip_address_type(struct turn *turn, struct text arn, struct text type,
                                     struct balancer *out)
{
    TRY(balancer_find(turn, arn, out));
    return check_ip_address_type(turn, type);
}

/* ---- attributes --------------------------------------------------------------------------- */

enum rc balancer_attributes(struct turn *turn, struct text arn, struct attribute_set *out)
{
    struct balancer_row row;

    TRY(balancer_find_row(turn, arn, &row));
    const struct attribute_scope scope = {.of = ATTRIBUTE_OF_BALANCER,
                                          .is_internal = text_eq(row.scheme, TEXT("internal"))};
    return attributes_load(turn, arn, &scope, out);
}

enum rc balancer_set_attributes(struct turn *turn, struct text arn, const struct attribute *changes,
                                size_t count, struct attribute_set *out)
{
    TRY(balancer_attributes(turn, arn, out));
    TRY(attributes_save(turn, arn, changes, count, out));
    return balancer_log_prove(turn, out, changes, count);
}

struct text balancer_hosted_zone(struct text region)
{
    static const struct {
        const char *region, *id;
    } zones[] = {
#define HOSTED_ZONE(region, id) {region, id},
#include "control/hosted_zone.def"
#undef HOSTED_ZONE
    };

    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        if (text_eq(region, text_of(zones[i].region))) {
            return text_of(zones[i].id);
        }
    }
    return TEXT("Z35SXDOTRQ7X7K"); /* OURS: a region that AWS does not have gets us-east-1's */
}
