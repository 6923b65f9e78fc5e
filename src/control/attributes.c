/* SPDX-License-Identifier: Apache-2.0 */
#include "control/attributes.h"

#include "store/attribute.h"

enum rc attributes_load(struct turn *turn, struct text arn, const struct attribute_scope *scope,
                        struct attribute_set *out)
{
    struct attribute_rows rows;
    struct attribute *items;

    TRY(attribute_row_list(turn->store, turn->arena, arn, &rows));
    items = ARENA_ARRAY(turn->arena, struct attribute, rows.count);
    if (items == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        items[i] = (struct attribute){rows.at[i].key, rows.at[i].value};
    }
    return attribute_set_make(scope, items, rows.count, turn->arena, out);
}

enum rc attributes_save(struct turn *turn, struct text arn, const struct attribute *changes,
                        size_t count, struct attribute_set *set)
{
    TRY(attribute_set_change(set, changes, count, &turn->refusal));
    for (size_t i = 0; i < set->count; i++) {
        if (attribute_is_default(set, i)) {
            TRY(attribute_row_remove(turn->store, arn, set->items[i].key));
        } else {
            TRY(attribute_row_put(turn->store, arn, set->items[i].key, set->items[i].value));
        }
    }
    return RC_OK;
}
