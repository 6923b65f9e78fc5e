/* SPDX-License-Identifier: Apache-2.0 */
#include "api/elbv2/tagging.h"

#include "control/elb_tags.h"

enum rc tagging_read_elbv2(struct call *call, const struct elbv2_tag_list *in,
                           const struct tag_row **out, size_t *count)
{
    struct tag_row *rows = ARENA_ARRAY(call->arena, struct tag_row, in->count);

    if (rows == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->count; i++) {
        rows[i] = (struct tag_row){.key = in->items[i].key, .value = in->items[i].value};
    }
    *out = rows;
    *count = in->count;
    return RC_OK;
}

enum rc elbv2_add_tags(struct call *call, const struct elbv2_add_tags_input *in,
                       struct elbv2_add_tags_output *out)
{
    const struct tag_row *tags;
    size_t count;

    (void)out; /* has no members */
    TRY(tagging_read_elbv2(call, &in->tags, &tags, &count));
    return elb_tags_add(&call->turn, in->resource_arns.items, in->resource_arns.count, tags, count);
}

enum rc elbv2_remove_tags(struct call *call, const struct elbv2_remove_tags_input *in,
                          struct elbv2_remove_tags_output *out)
{
    (void)out; /* has no members */
    return elb_tags_remove(&call->turn, in->resource_arns.items, in->resource_arns.count,
                           in->tag_keys.items, in->tag_keys.count);
}

static enum rc write_tags(struct call *call, const struct tag_rows *rows,
                          struct elbv2_tag_list *out)
{
    TRY(CALL_LIST(call, out, rows->count));
    for (size_t i = 0; i < rows->count; i++) {
        out->items[i] = (struct elbv2_tag){rows->at[i].key, rows->at[i].value};
    }
    return RC_OK;
}

enum rc elbv2_describe_tags(struct call *call, const struct elbv2_describe_tags_input *in,
                            struct elbv2_describe_tags_output *out)
{
    const size_t count = in->resource_arns.count;
    struct tag_rows *rows = ARENA_ARRAY(call->arena, struct tag_rows, count);

    if (rows == NULL) {
        return RC_LIMIT;
    }
    TRY(elb_tags_describe(&call->turn, in->resource_arns.items, count, rows));
    TRY(CALL_LIST(call, &out->tag_descriptions, count));
    for (size_t i = 0; i < count; i++) {
        out->tag_descriptions.items[i].resource_arn = in->resource_arns.items[i];
        TRY(write_tags(call, &rows[i], &out->tag_descriptions.items[i].tags));
    }
    return RC_OK;
}
