/* SPDX-License-Identifier: Apache-2.0 */
#include "control/resource.h"

#include "control/id.h"
#include "store/resource.h"

struct resource {
    const char *prefix;
    const char *type;
    const char *malformed;
    const char *not_found;
    const char *name;
};

static const struct resource resources[RESOURCE_KINDS] = {
#define RESOURCE(KIND, prefix, type, malformed, not_found, name) \
    [RESOURCE_##KIND] = {prefix, type, malformed, not_found, name},
#include "control/resource.def"
#undef RESOURCE
};

const char *resource_type(enum resource_kind kind)
{
    return resources[kind].type;
}

enum rc resource_kind_of_id(struct text id, enum resource_kind *out)
{
    struct text prefix = text_slice(id, 0, text_find(id, '-'));

    for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
        if (text_eq(prefix, text_of(resources[i].prefix))) {
            *out = (enum resource_kind)i;
            return RC_OK;
        }
    }
    return RC_ABSENT;
}

struct text resource_id(struct turn *turn, enum resource_kind kind)
{
    return id_ec2(turn, resources[kind].prefix);
}

struct text resource_arn(struct turn *turn, enum resource_kind kind, struct text id)
{
    return arn_of(turn, "ec2", "%s/%.*s", resources[kind].type, TEXT_ARG(id));
}

enum rc resource_check_id(struct turn *turn, enum resource_kind kind, struct text id)
{
    const struct resource *resource = &resources[kind];

    if (id_is_ec2(id, resource->prefix)) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, resource->malformed,
                  "Invalid id: \"%.*s\" (expecting \"%s-...\")", TEXT_ARG(id), resource->prefix);
}

enum rc resource_refuse_absent(struct turn *turn, enum resource_kind kind, struct text id)
{
    return refuse(&turn->refusal, RC_ABSENT, resources[kind].not_found,
                  "The %s '%.*s' does not exist", resources[kind].name, TEXT_ARG(id));
}

enum rc resource_check_exists(struct turn *turn, enum resource_kind kind, struct text id)
{
    bool exists;

    TRY(resource_check_id(turn, kind, id));
    TRY(resource_row_exists(turn->store, resources[kind].prefix, id, &exists));
    return exists ? RC_OK : resource_refuse_absent(turn, kind, id);
}
