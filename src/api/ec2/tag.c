/* SPDX-License-Identifier: Apache-2.0 */
/* CreateTags, DeleteTags, DescribeTags. */
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "control/tags.h"

static enum rc read_tags(struct call *call, const struct ec2_tag_list *tags, bool may_be_any,
                         struct tag_rows *out);
static enum rc split_filters(struct call *call, const struct ec2_filter_list *filters,
                             struct ec2_filter_list *out);

enum rc ec2_create_tags(struct call *call, const struct ec2_create_tags_input *in,
                        struct ec2_create_tags_output *out)
{
    struct tag_rows tags;

    (void)out; /* has no members */
    TRY(read_tags(call, &in->tags, false, &tags));
    return tags_create(&call->turn, in->resources.items, in->resources.count, tags.at, tags.count);
}

enum rc ec2_delete_tags(struct call *call, const struct ec2_delete_tags_input *in,
                        struct ec2_delete_tags_output *out)
{
    struct tag_rows tags;

    (void)out; /* has no members */
    TRY(read_tags(call, &in->tags, true, &tags));
    return tags_delete(&call->turn, in->resources.items, in->resources.count, tags.at, tags.count);
}

enum rc ec2_describe_tags(struct call *call, const struct ec2_describe_tags_input *in,
                          struct ec2_describe_tags_output *out)
{
    static const struct select_filter known[] = {
        {"key", "Key"},
        {"resource-id", "ResourceId"},
        {"resource-type", "ResourceType"},
        {"value", "Value"},
        {NULL, NULL},
    };
    struct ec2_filter_list filters;
    struct tag_rows rows;

    TRY(tag_row_list_all(call->turn.store, call->arena, TEXT(""), &rows));
    TRY(CALL_LIST(call, &out->tags, rows.count));
    out->tags.count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        enum resource_kind kind;

        if (resource_kind_of_id(rows.at[i].resource, &kind) != RC_OK) {
            continue; /* an ARN: of another service */
        }
        out->tags.items[out->tags.count++] = (struct ec2_tag_description){
            .key = rows.at[i].key,
            .value = rows.at[i].value,
            .resource_id = rows.at[i].resource,
            .resource_type = text_of(resource_type(kind)),
        };
    }
    TRY(split_filters(call, &in->filters, &filters));
    return select_filters(call, &filters, known, "Tags", out);
}

/* `may_be_any`: a value that was not given means any value, not an empty one. */
static enum rc read_tags(struct call *call, const struct ec2_tag_list *tags, bool may_be_any,
                         struct tag_rows *out)
{
    *out = (struct tag_rows){ARENA_ARRAY(call->arena, struct tag_row, tags->count), tags->count};
    if (!out->at && tags->count > 0) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < tags->count; i++) {
        out->at[i].key = tags->items[i].key;
        out->at[i].value = tags->items[i].value;
        if (!out->at[i].value.at && !may_be_any) {
            out->at[i].value = TEXT("");
        }
    }
    return RC_OK;
}

/* Here tag:<key> is short for key and value of the item itself. */
static enum rc split_filters(struct call *call, const struct ec2_filter_list *filters,
                             struct ec2_filter_list *out)
{
    TRY(CALL_LIST(call, out, filters->count * 2));
    out->count = 0;
    for (size_t i = 0; i < filters->count; i++) {
        struct ec2_filter filter = filters->items[i];

        if (text_starts(filter.name, TEXT("tag:"))) {
            struct ec2_filter key = {.name = TEXT("key")};

            TRY(CALL_LIST(call, &key.values, 1));
            key.values.items[0] = text_slice(filter.name, 4, filter.name.len);
            filter.name = TEXT("value");
            out->items[out->count++] = key;
        }
        out->items[out->count++] = filter;
    }
    return RC_OK;
}
