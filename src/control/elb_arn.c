/* SPDX-License-Identifier: Apache-2.0 */
#include "control/elb_arn.h"

#define ID_DIGITS    16
#define NAME_MAX_LEN 32

static const struct {
    struct text prefix;
    size_t id_count; /* behind the name */
    const char *noun, *plural, *code;
} kinds[] = {
    [ELB_BALANCER] = {TEXT_INIT("loadbalancer/app/"), 1, "load balancer", "load balancers",
                      "LoadBalancerNotFound"},
    [ELB_LISTENER] = {TEXT_INIT("listener/app/"), 2, "listener", "listeners", "ListenerNotFound"},
    [ELB_RULE] = {TEXT_INIT("listener-rule/app/"), 3, "listener rule", "rules", "RuleNotFound"},
    [ELB_TARGET_GROUP] = {TEXT_INIT("targetgroup/"), 1, "target group", "target groups",
                          "TargetGroupNotFound"},
    [ELB_TRUST_STORE] = {TEXT_INIT("truststore/"), 1, "trust store", "trust stores",
                         "TrustStoreNotFound"},
};

static bool is_name(struct text name);
static bool is_id(struct text id);
static bool take_prefix(struct text *rest, struct text prefix);

bool elb_arn_is(const struct turn *turn, struct text arn, enum elb_kind kind)
{
    struct text rest = arn;
    struct text part;

    if (!take_prefix(&rest, TEXT("arn:aws:elasticloadbalancing:")) ||
        !take_prefix(&rest, turn->config->region) || !take_prefix(&rest, TEXT(":")) ||
        !take_prefix(&rest, turn->config->account) || !take_prefix(&rest, TEXT(":")) ||
        !take_prefix(&rest, kinds[kind].prefix)) {
        return false;
    }
    if (!text_next(&rest, '/', &part) || !is_name(part)) {
        return false;
    }
    for (size_t i = 0; i < kinds[kind].id_count; i++) {
        if (!text_next(&rest, '/', &part) || !is_id(part)) {
            return false;
        }
    }
    return text_is_empty(rest) && arn.at[arn.len - 1] != '/';
}

enum rc elb_arn_check(struct turn *turn, struct text arn, enum elb_kind kind)
{
    if (elb_arn_is(turn, arn, kind)) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "ValidationError", "'%.*s' is not a valid %s ARN",
                  TEXT_ARG(arn), kinds[kind].noun);
}

enum rc elb_refuse_absent(struct turn *turn, enum elb_kind kind)
{
    return refuse(&turn->refusal, RC_ABSENT, kinds[kind].code, "One or more %s not found",
                  kinds[kind].plural);
}

struct text elb_arn_id(struct text arn)
{
    return text_slice(arn, text_find(arn, '/') + 1, arn.len);
}

enum rc elb_name_check(struct turn *turn, const char *noun, struct text name)
{
    if (name.len > NAME_MAX_LEN) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "%s name '%.*s' cannot be longer than '32' characters", noun, TEXT_ARG(name));
    }
    if (!is_name(name)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "%s name '%.*s' can only contain characters that are alphanumeric "
                      "characters or hyphens(-)",
                      noun, TEXT_ARG(name));
    }
    if (name.at[0] == '-' || name.at[name.len - 1] == '-') {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "%s name '%.*s' cannot begin or end with '-'", noun, TEXT_ARG(name));
    }
    return RC_OK;
}

static bool is_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        const char c = name.at[i];
        const char lower = ascii_lower(c);
        if (!(c >= '0' && c <= '9') && !(lower >= 'a' && lower <= 'z') && c != '-') {
            return false;
        }
    }
    return name.len > 0 && name.len <= NAME_MAX_LEN;
}

static bool is_id(struct text id)
{
    for (size_t i = 0; i < id.len; i++) {
        const char c = id.at[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return id.len == ID_DIGITS;
}

static bool take_prefix(struct text *rest, struct text prefix)
{
    if (!text_starts(*rest, prefix)) {
        return false;
    }
    *rest = text_slice(*rest, prefix.len, rest->len);
    return true;
}
