/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes of load balancers, target groups and listeners: three shapes of one form. */
#include "api/elbv2/elbv2.h"
#include "control/balancer.h"
#include "control/listener.h"
#include "control/target_group.h"

/* A call's list of {key, value} as control takes it. */
#define READ_ATTRIBUTES(call, list, out)                                                        \
    ({                                                                                          \
        struct attribute *items_ = ARENA_ARRAY((call)->arena, struct attribute, (list)->count); \
        for (size_t i_ = 0; items_ != NULL && i_ < (list)->count; i_++) {                       \
            items_[i_] = (struct attribute){(list)->items[i_].key, (list)->items[i_].value};    \
        }                                                                                       \
        *(out) = items_;                                                                        \
        (enum rc)(items_ != NULL ? RC_OK : RC_LIMIT);                                           \
    })

#define WRITE_ATTRIBUTES(call, set, list)                              \
    ({                                                                 \
        enum rc rc_ = CALL_LIST((call), (list), (set)->count);         \
        for (size_t i_ = 0; rc_ == RC_OK && i_ < (set)->count; i_++) { \
            (list)->items[i_].key = (set)->items[i_].key;              \
            (list)->items[i_].value = (set)->items[i_].value;          \
        }                                                              \
        rc_;                                                           \
    })

enum rc elbv2_describe_load_balancer_attributes(
    struct call *call, const struct elbv2_describe_load_balancer_attributes_input *in,
    struct elbv2_describe_load_balancer_attributes_output *out)
{
    struct attribute_set set;

    TRY(balancer_attributes(&call->turn, in->load_balancer_arn, &set));
    return WRITE_ATTRIBUTES(call, &set, &out->attributes);
}

enum rc
elbv2_modify_load_balancer_attributes(struct call *call,
                                      const struct elbv2_modify_load_balancer_attributes_input *in,
                                      struct elbv2_modify_load_balancer_attributes_output *out)
{
    struct attribute *changes;
    struct attribute_set set;

    TRY(READ_ATTRIBUTES(call, &in->attributes, &changes));
    TRY(balancer_set_attributes(&call->turn, in->load_balancer_arn, changes, in->attributes.count,
                                &set));
    return WRITE_ATTRIBUTES(call, &set, &out->attributes);
}

enum rc elbv2_describe_target_group_attributes(
    struct call *call, const struct elbv2_describe_target_group_attributes_input *in,
    struct elbv2_describe_target_group_attributes_output *out)
{
    struct attribute_set set;

    TRY(target_group_attributes(&call->turn, in->target_group_arn, &set));
    return WRITE_ATTRIBUTES(call, &set, &out->attributes);
}

enum rc
elbv2_modify_target_group_attributes(struct call *call,
                                     const struct elbv2_modify_target_group_attributes_input *in,
                                     struct elbv2_modify_target_group_attributes_output *out)
{
    struct attribute *changes;
    struct attribute_set set;

    TRY(READ_ATTRIBUTES(call, &in->attributes, &changes));
    TRY(target_group_set_attributes(&call->turn, in->target_group_arn, changes,
                                    in->attributes.count, &set));
    return WRITE_ATTRIBUTES(call, &set, &out->attributes);
}

enum rc
elbv2_describe_listener_attributes(struct call *call,
                                   const struct elbv2_describe_listener_attributes_input *in,
                                   struct elbv2_describe_listener_attributes_output *out)
{
    struct attribute_set set;

    TRY(listener_attributes(&call->turn, in->listener_arn, &set));
    return WRITE_ATTRIBUTES(call, &set, &out->attributes);
}

enum rc elbv2_modify_listener_attributes(struct call *call,
                                         const struct elbv2_modify_listener_attributes_input *in,
                                         struct elbv2_modify_listener_attributes_output *out)
{
    struct attribute *changes;
    struct attribute_set set;

    TRY(READ_ATTRIBUTES(call, &in->attributes, &changes));
    TRY(listener_set_attributes(&call->turn, in->listener_arn, changes, in->attributes.count,
                                &set));
    return WRITE_ATTRIBUTES(call, &set, &out->attributes);
}
