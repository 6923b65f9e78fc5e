/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tags.h"

enum rc api_tags_put(struct call *call, struct text arn, const struct api_tag *tags, size_t count,
                     const struct tag_codes *codes)
{
    struct tag_row *rows = ARENA_ARRAY(call->arena, struct tag_row, count);

    if (!rows) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        rows[i] = (struct tag_row){.key = tags[i].key,
                                   .value = tags[i].value.at ? tags[i].value : TEXT("")};
    }
    return tags_put_coded(&call->turn, arn, rows, count, codes);
}

enum rc api_tags_list(struct call *call, struct text arn, struct api_tag **out, size_t *count)
{
    struct tag_rows rows;

    TRY(tag_row_list(call->turn.store, call->arena, arn, &rows));
    TRY(call_list(call, count, (void **)out, rows.count, sizeof(**out)));
    for (size_t i = 0; i < rows.count; i++) {
        (*out)[i] = (struct api_tag){rows.at[i].key, rows.at[i].value};
    }
    return RC_OK;
}
