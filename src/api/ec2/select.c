/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ec2/select.h"

#include "api/filter.h"
#include "base/limits.h"

#define FILTERS_MAX 50 /* EC2 user guide, "Filter resources": of one request */

/* The list of items in the answer. */
struct items {
    struct shape_items *list;
    const struct shape *shape; /* of an item */
};

static struct items items_of(const struct call *call, const char *list, void *out);
static void *item_at(const struct items *items, size_t i);
static void keep(const struct items *items, size_t i, size_t *kept);
static const struct member *member_named(const struct shape *shape, struct text name);
static bool is_among(const struct text_list *texts, struct text text);
static enum rc check_filters(struct call *call, const struct ec2_filter_list *filters,
                             const struct select_filter *known);
static bool accepts(const struct ec2_filter *filter, const struct select_filter *known,
                    const struct shape *shape, const void *item);
static bool has_value(const struct shape *shape, const void *at, struct text path,
                      const struct text_list *values);
static bool has_tag(const struct ec2_filter *filter, const struct shape *shape, const void *item);

enum rc select_ids(struct call *call, enum resource_kind kind, const struct text_list *ids,
                   const char *id_member, const char *list, void *out)
{
    struct text absent;
    enum rc rc;

    for (size_t i = 0; i < ids->count; i++) {
        TRY(resource_check_id(&call->turn, kind, ids->items[i]));
    }
    rc = select_names(call, ids, id_member, list, out, &absent);
    return rc == RC_ABSENT ? resource_refuse_absent(&call->turn, kind, absent) : rc;
}

enum rc select_names(struct call *call, const struct text_list *names, const char *name_member,
                     const char *list, void *out, struct text *absent)
{
    struct items items = items_of(call, list, out);
    const struct member *member = member_named(items.shape, text_of(name_member));
    size_t kept = 0;

    if (names->count == 0) {
        return RC_OK;
    }
    for (size_t i = 0; i < names->count; i++) {
        bool is_there = false;

        for (size_t j = 0; j < items.list->count && !is_there; j++) {
            const struct text *name = member_value(member, item_at(&items, j));

            is_there = text_eq(*name, names->items[i]);
        }
        if (!is_there) {
            *absent = names->items[i];
            return RC_ABSENT;
        }
    }
    for (size_t i = 0; i < items.list->count; i++) {
        const struct text *name = member_value(member, item_at(&items, i));

        if (is_among(names, *name)) {
            keep(&items, i, &kept);
        }
    }
    items.list->count = kept;
    return RC_OK;
}

enum rc select_filters(struct call *call, const struct ec2_filter_list *filters,
                       const struct select_filter *known, const char *list, void *out)
{
    struct items items = items_of(call, list, out);
    size_t kept = 0;

    TRY(check_filters(call, filters, known));
    for (size_t i = 0; i < items.list->count; i++) {
        bool is_accepted = true;

        for (size_t j = 0; j < filters->count && is_accepted; j++) {
            is_accepted = accepts(&filters->items[j], known, items.shape, item_at(&items, i));
        }
        if (is_accepted) {
            keep(&items, i, &kept);
        }
    }
    items.list->count = kept;
    return RC_OK;
}

static struct items items_of(const struct call *call, const char *list, void *out)
{
    const struct member *member = member_named(call->operation->output, text_of(list));

    ASSERT(member && member->shape->type == SHAPE_LIST);
    return (struct items){(struct shape_items *)((char *)out + member->offset),
                          member->shape->members[0].shape};
}

static void *item_at(const struct items *items, size_t i)
{
    return (char *)items->list->items + i * items->shape->size;
}

static void keep(const struct items *items, size_t i, size_t *kept)
{
    if (i != *kept) {
        memcpy(item_at(items, *kept), item_at(items, i), items->shape->size);
    }
    (*kept)++;
}

static const struct member *member_named(const struct shape *shape, struct text name)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        if (text_eq(name, text_of(shape->members[i].name))) {
            return &shape->members[i];
        }
    }
    return NULL;
}

static bool is_among(const struct text_list *texts, struct text text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (text_eq(texts->items[i], text)) {
            return true;
        }
    }
    return false;
}

static const struct select_filter *find_known(const struct select_filter *known, struct text name)
{
    for (; known->name; known++) {
        if (text_eq(name, text_of(known->name))) {
            return known;
        }
    }
    return NULL;
}

static bool is_tag_filter(struct text name)
{
    return text_starts(name, TEXT("tag:")) || text_eq(name, TEXT("tag-key"));
}

static enum rc check_filters(struct call *call, const struct ec2_filter_list *filters,
                             const struct select_filter *known)
{
    if (filters->count > FILTERS_MAX) {
        return call_refuse(call, "FilterLimitExceeded",
                           "The maximum number of filters specified in a single call (%d) has "
                           "been exceeded.",
                           FILTERS_MAX);
    }
    for (size_t i = 0; i < filters->count; i++) {
        struct text name = filters->items[i].name;

        if (!is_tag_filter(name) && !find_known(known, name)) {
            return call_refuse(call, "InvalidParameterValue", "The filter '%.*s' is invalid",
                               TEXT_ARG(name.at ? name : TEXT("null")));
        }
        if (filters->items[i].values.count > LIMIT_FILTER_VALUES) {
            return call_refuse(call, "FilterLimitExceeded",
                               "The maximum number of filter values specified in a single call "
                               "(%d) has been exceeded.",
                               LIMIT_FILTER_VALUES);
        }
    }
    return RC_OK;
}

static bool accepts(const struct ec2_filter *filter, const struct select_filter *known,
                    const struct shape *shape, const void *item)
{
    const struct select_filter *found = find_known(known, filter->name);

    if (!found) {
        return has_tag(filter, shape, item);
    }
    return has_value(shape, item, text_of(found->path), &filter->values);
}

/* Follows the path; a list is every one of its items. */
static bool has_value(const struct shape *shape, const void *at, struct text path,
                      const struct text_list *values)
{
    struct text step;

    switch (shape->type) {
    case SHAPE_STRUCTURE: {
        const struct member *member;

        if (!text_next(&path, '.', &step)) {
            return false;
        }
        member = member_named(shape, step);
        ASSERT(member);
        return member_is_given(member, at) &&
               has_value(member->shape, member_value(member, at), path, values);
    }
    case SHAPE_LIST: {
        const struct shape_items *list = at;
        const struct shape *item = shape->members[0].shape;

        for (size_t i = 0; i < list->count; i++) {
            if (has_value(item, (const char *)list->items + i * shape->size, path, values)) {
                return true;
            }
        }
        return false;
    }
    case SHAPE_TEXT:
    case SHAPE_BLOB:
        return filter_text(values, *(const struct text *)at);
    case SHAPE_BOOLEAN:
        return filter_bool(values, *(const bool *)at);
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        return filter_int(values, *(const int64_t *)at);
    case SHAPE_DOUBLE:
    case SHAPE_TIME:
    case SHAPE_MAP:
        break; /* no filter of EC2's that we know looks at one */
    }
    return false;
}

static bool has_tag(const struct ec2_filter *filter, const struct shape *shape, const void *item)
{
    const struct member *member = member_named(shape, TEXT("Tags"));
    const struct ec2_tag_list *tags;

    if (!member) {
        member = member_named(shape, TEXT("TagSet"));
    }
    if (!member) {
        return false;
    }
    tags = member_value(member, item);
    for (size_t i = 0; i < tags->count; i++) {
        const struct ec2_tag *tag = &tags->items[i];

        if (text_eq(filter->name, TEXT("tag-key"))
                ? filter_text(&filter->values, tag->key)
                : text_eq(text_slice(filter->name, 4, filter->name.len), tag->key) &&
                      filter_text(&filter->values, tag->value)) {
            return true;
        }
    }
    return false;
}
