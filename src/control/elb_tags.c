/* SPDX-License-Identifier: Apache-2.0 */
#include "control/elb_tags.h"

#include "control/elb_arn.h"
#include "control/tags.h"
#include "store/balancer.h"
#include "store/listener.h"
#include "store/rule.h"
#include "store/target_group.h"
#include "store/trust_store.h"

#define DESCRIBE_MAX 20 /* AWS ELBv2 API, DescribeTags */

static enum rc check_resources(struct turn *turn, const struct text *arns, size_t count);
static enum rc refuse_tag(struct turn *turn, enum tag_fault fault, struct text key);

enum rc elb_tags_put(struct turn *turn, struct text arn, const struct tag_row *tags, size_t count)
{
    enum tag_fault fault = TAG_FINE;
    size_t index = 0;
    const enum rc rc = tags_put(turn, arn, tags, count, &fault, &index);

    if (rc == RC_BAD && fault != TAG_FINE) {
        return refuse_tag(turn, fault, index < count ? tags[index].key : TEXT(""));
    }
    return rc;
}

enum rc elb_tags_add(struct turn *turn, const struct text *arns, size_t arn_count,
                     const struct tag_row *tags, size_t count)
{
    TRY(check_resources(turn, arns, arn_count));
    for (size_t i = 0; i < arn_count; i++) {
        TRY(elb_tags_put(turn, arns[i], tags, count));
    }
    return RC_OK;
}

enum rc elb_tags_remove(struct turn *turn, const struct text *arns, size_t arn_count,
                        const struct text *keys, size_t count)
{
    TRY(check_resources(turn, arns, arn_count));
    for (size_t i = 0; i < arn_count; i++) {
        for (size_t j = 0; j < count; j++) {
            TRY(tag_row_delete(turn->store, arns[i], keys[j]));
        }
    }
    return RC_OK;
}

enum rc elb_tags_describe(struct turn *turn, const struct text *arns, size_t arn_count,
                          struct tag_rows *out)
{
    if (arn_count > DESCRIBE_MAX) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "You can specify at most '%d' resource ARNs", DESCRIBE_MAX);
    }
    TRY(check_resources(turn, arns, arn_count));
    for (size_t i = 0; i < arn_count; i++) {
        TRY(tag_row_list(turn->store, turn->arena, arns[i], &out[i]));
    }
    return RC_OK;
}

static enum rc refuse_tag(struct turn *turn, enum tag_fault fault, struct text key)
{
    switch (fault) {
    case TAG_DUPLICATE:
        return refuse(&turn->refusal, RC_BAD, "DuplicateTagKeys",
                      "Tag key was specified more than once: %.*s", TEXT_ARG(key));
    case TAG_TOO_MANY:
        return refuse(&turn->refusal, RC_LIMIT, "TooManyTags",
                      "You've reached the limit on the number of tags per resource: '50'");
    case TAG_RESERVED:
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Tag keys starting with 'aws:' are reserved for system use: %.*s",
                      TEXT_ARG(key));
    case TAG_KEY_EMPTY:
    case TAG_KEY_LONG:
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Tag keys must have between '1' and '128' characters");
    case TAG_VALUE_LONG:
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Tag values must have at most '256' characters");
    case TAG_FINE:
        break;
    }
    return RC_BAD;
}

static enum rc is_there(struct turn *turn, struct text arn, enum elb_kind kind)
{
    struct store *store = turn->store;
    struct balancer_row balancer;
    struct listener_row listener;
    struct rule_row rule;
    struct target_group_row group;
    struct trust_store_row trust_store;

    switch (kind) {
    case ELB_BALANCER:
        return balancer_row_get(store, turn->arena, arn, &balancer);
    case ELB_LISTENER:
        return listener_row_get(store, turn->arena, arn, &listener);
    case ELB_RULE:
        return rule_row_get(store, turn->arena, arn, &rule);
    case ELB_TARGET_GROUP:
        return target_group_row_get(store, turn->arena, arn, &group);
    case ELB_TRUST_STORE:
        return trust_store_row_get(store, turn->arena, arn, &trust_store);
    }
    return RC_BAD;
}

static enum rc check_resource(struct turn *turn, struct text arn)
{
    static const enum elb_kind kinds[] = {ELB_BALANCER, ELB_LISTENER, ELB_RULE, ELB_TARGET_GROUP,
                                          ELB_TRUST_STORE};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (elb_arn_is(turn, arn, kinds[i])) {
            const enum rc rc = is_there(turn, arn, kinds[i]);

            return rc == RC_ABSENT ? elb_refuse_absent(turn, kinds[i]) : rc;
        }
    }
    return refuse(&turn->refusal, RC_BAD, "ValidationError", "'%.*s' is not a valid resource ARN",
                  TEXT_ARG(arn));
}

static enum rc check_resources(struct turn *turn, const struct text *arns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(check_resource(turn, arns[i]));
    }
    return RC_OK;
}
