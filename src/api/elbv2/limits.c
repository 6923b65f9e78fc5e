/* SPDX-License-Identifier: Apache-2.0 */
/* What an account may have, and which security policies there are. */
#include "api/elbv2/elbv2.h"
#include "control/elb_quota.h"
#include "tls/policy.h"

enum rc elbv2_describe_account_limits(struct call *call,
                                      const struct elbv2_describe_account_limits_input *in,
                                      struct elbv2_describe_account_limits_output *out)
{
    (void)in; /* only its page */
    TRY(CALL_LIST(call, &out->limits, ELB_QUOTA_COUNT));
    for (size_t i = 0; i < ELB_QUOTA_COUNT; i++) {
        const enum elb_quota quota = (enum elb_quota)i;

        out->limits.items[i].name = text_of(elb_quota_name(quota));
        out->limits.items[i].max = call_printf(call, "%lld", (long long)elb_quota_max(quota));
    }
    return RC_OK;
}

static enum rc write_policy(struct call *call, const struct tls_policy *policy,
                            struct elbv2_ssl_policy *out)
{
    const char *ciphers[TLS_CIPHERS_MAX];
    const size_t count = tls_policy_ciphers(policy, ciphers);

    out->name = policy->name;
    TRY(CALL_LIST(call, &out->ssl_protocols, policy->newest - policy->oldest + 1));
    for (int minor = policy->newest; minor >= policy->oldest; minor--) {
        out->ssl_protocols.items[policy->newest - minor] = text_of(tls_version_name(minor));
    }
    TRY(CALL_LIST(call, &out->ciphers, count));
    for (size_t i = 0; i < count; i++) {
        out->ciphers.items[i].name = text_of(ciphers[i]);
        CALL_SET(&out->ciphers.items[i], priority, (int64_t)i + 1);
    }
    TRY(CALL_LIST(call, &out->supported_load_balancer_types, 1));
    out->supported_load_balancer_types.items[0] = TEXT("application");
    return RC_OK;
}

static enum rc write_named(struct call *call, const struct text_list *names,
                           struct elbv2_ssl_policies *out)
{
    TRY(CALL_LIST(call, out, names->count));
    for (size_t i = 0; i < names->count; i++) {
        const struct tls_policy *policy = tls_policy_find(names->items[i]);

        if (policy == NULL) {
            return call_refuse(call, "SSLPolicyNotFound", "SSL policy '%.*s' not found",
                               TEXT_ARG(names->items[i]));
        }
        TRY(write_policy(call, policy, &out->items[i]));
    }
    return RC_OK;
}

enum rc elbv2_describe_ssl_policies(struct call *call,
                                    const struct elbv2_describe_ssl_policies_input *in,
                                    struct elbv2_describe_ssl_policies_output *out)
{
    const struct tls_policy *policies;
    size_t count;

    if (in->names.count > 0) {
        return write_named(call, &in->names, &out->ssl_policies);
    }
    if (!text_is_empty(in->load_balancer_type) &&
        !text_eq(in->load_balancer_type, TEXT("application"))) {
        return CALL_LIST(call, &out->ssl_policies, 0);
    }
    policies = tls_policies(&count);
    TRY(CALL_LIST(call, &out->ssl_policies, count));
    for (size_t i = 0; i < count; i++) {
        TRY(write_policy(call, &policies[i], &out->ssl_policies.items[i]));
    }
    return RC_OK;
}
