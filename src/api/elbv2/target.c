/* SPDX-License-Identifier: Apache-2.0 */
#include "control/target.h"
#include "api/elbv2/elbv2.h"

static enum rc read_names(struct call *call, const struct elbv2_target_descriptions *in,
                          struct target_name **out)
{
    struct target_name *names = ARENA_ARRAY(call->arena, struct target_name, in->count);

    if (names == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->count; i++) {
        names[i] = (struct target_name){in->items[i].id, in->items[i].port,
                                        in->items[i].availability_zone};
    }
    *out = names;
    return RC_OK;
}

enum rc elbv2_register_targets(struct call *call, const struct elbv2_register_targets_input *in,
                               struct elbv2_register_targets_output *out)
{
    struct target_name *names;

    (void)out; /* has no members */
    TRY(read_names(call, &in->targets, &names));
    return target_register(&call->turn, in->target_group_arn, names, in->targets.count);
}

enum rc elbv2_deregister_targets(struct call *call, const struct elbv2_deregister_targets_input *in,
                                 struct elbv2_deregister_targets_output *out)
{
    struct target_name *names;

    (void)out; /* has no members */
    TRY(read_names(call, &in->targets, &names));
    return target_deregister(&call->turn, in->target_group_arn, names, in->targets.count);
}

static enum rc write_health(struct call *call, const struct target_health *health,
                            struct elbv2_target_health_description *out)
{
    TRY(CALL_NEW(call, &out->target));
    out->target->id = health->id;
    CALL_SET(out->target, port, health->port);
    if (!text_is_empty(health->zone)) {
        out->target->availability_zone = health->zone;
    }
    out->health_check_port = health->health_port;
    TRY(CALL_NEW(call, &out->target_health));
    out->target_health->state = text_of(target_state_word(health->state));
    if (!text_is_empty(health->reason)) {
        out->target_health->reason = health->reason;
        out->target_health->description = health->description;
    }
    return RC_OK;
}

/* AWS ELBv2 API, DescribeTargetHealth, Include. Nothing shifts zones, and anomaly detection is of
 * the weighted random algorithm: neither finds anything. */
static enum rc write_more(struct call *call, const struct text_list *include,
                          struct elbv2_target_health_description *out)
{
    bool is_all = false;

    for (size_t i = 0; i < include->count; i++) {
        is_all = is_all || text_eq(include->items[i], TEXT("All"));
    }
    if (include->count > 0) {
        TRY(CALL_NEW(call, &out->anomaly_detection));
        out->anomaly_detection->result = TEXT("normal");
        out->anomaly_detection->mitigation_in_effect = TEXT("no");
    }
    if (is_all) {
        TRY(CALL_NEW(call, &out->administrative_override));
        out->administrative_override->state = TEXT("no_override");
        out->administrative_override->reason = TEXT("AdministrativeOverride.NoOverride");
        out->administrative_override->description =
            TEXT("No override is currently active on target");
    }
    return RC_OK;
}

enum rc elbv2_describe_target_health(struct call *call,
                                     const struct elbv2_describe_target_health_input *in,
                                     struct elbv2_describe_target_health_output *out)
{
    struct target_healths healths;
    struct target_name *names;

    TRY(read_names(call, &in->targets, &names));
    TRY(target_describe(&call->turn, in->target_group_arn, names, in->targets.count, &healths));
    TRY(CALL_LIST(call, &out->target_health_descriptions, healths.count));
    for (size_t i = 0; i < healths.count; i++) {
        struct elbv2_target_health_description *item = &out->target_health_descriptions.items[i];

        TRY(write_health(call, &healths.at[i], item));
        TRY(write_more(call, &in->include, item));
    }
    return RC_OK;
}
