/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ec2/tagging.h"

static size_t first_of(const struct tag_rows *rows, struct text id);

enum rc tagging_read(struct call *call, const struct ec2_tag_specification_list *specifications,
                     const char *type, struct tag_rows *out)
{
    size_t count = 0;

    for (size_t i = 0; i < specifications->count; i++) {
        const struct ec2_tag_specification *specification = &specifications->items[i];

        if (text_is_empty(specification->resource_type)) {
            return call_refuse(call, "InvalidParameterValue",
                               "Tag specification resource type must have a value");
        }
        if (!text_eq(specification->resource_type, text_of(type))) {
            return call_refuse(call, "InvalidParameterValue",
                               "'%.*s' is not a valid taggable resource type for this operation.",
                               TEXT_ARG(specification->resource_type));
        }
        count += specification->tags.count;
    }
    *out = (struct tag_rows){ARENA_ARRAY(call->arena, struct tag_row, count), 0};
    if (!out->at && count > 0) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < specifications->count; i++) {
        const struct ec2_tag_list *tags = &specifications->items[i].tags;

        for (size_t j = 0; j < tags->count; j++) {
            out->at[out->count++] =
                (struct tag_row){.key = tags->items[j].key, .value = tags->items[j].value};
        }
    }
    return RC_OK;
}

enum rc tagging_load(struct call *call, const char *prefix, struct tag_rows *out)
{
    return tag_row_list_all(call->turn.store, call->arena, text_of(prefix), out);
}

enum rc tagging_write(struct call *call, const struct tag_rows *loaded, struct text id,
                      bool is_always, struct ec2_tag_list *out)
{
    size_t first = first_of(loaded, id);
    size_t end = first;

    while (end < loaded->count && text_eq(loaded->at[end].resource, id)) {
        end++;
    }
    if (first == end && !is_always) {
        return RC_OK;
    }
    TRY(CALL_LIST(call, out, end - first));
    for (size_t i = first; i < end; i++) {
        out->items[i - first] =
            (struct ec2_tag){.key = loaded->at[i].key, .value = loaded->at[i].value};
    }
    return RC_OK;
}

/* They are sorted by resource, bytewise as the store compares. */
static size_t first_of(const struct tag_rows *rows, struct text id)
{
    size_t low = 0;
    size_t high = rows->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (text_compare(rows->at[middle].resource, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}
