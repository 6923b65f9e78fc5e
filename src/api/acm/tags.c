/* SPDX-License-Identifier: Apache-2.0 */
#include "control/tags.h"
#include "api/acm/acm.h"
#include "control/certificate.h"

enum rc acm_put_tags(struct call *call, struct text arn, const struct acm_tag_list *tags)
{
    static const struct tag_codes codes = {"InvalidTagException", "InvalidTagException",
                                           "TooManyTagsException"};
    struct tag_row *rows = ARENA_ARRAY(call->arena, struct tag_row, tags->count);

    if (!rows) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < tags->count; i++) {
        const struct text value = tags->items[i].value;
        rows[i] = (struct tag_row){.key = tags->items[i].key, .value = value.at ? value : TEXT("")};
    }
    return tags_put_coded(&call->turn, arn, rows, tags->count, &codes);
}

enum rc acm_fill_tags(struct call *call, struct text arn, struct acm_tag_list *out)
{
    struct tag_rows rows;

    TRY(tag_row_list(call->turn.store, call->arena, arn, &rows));
    TRY(CALL_LIST(call, out, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        out->items[i].key = rows.at[i].key;
        out->items[i].value = rows.at[i].value;
    }
    return RC_OK;
}

enum rc acm_add_tags_to_certificate(struct call *call,
                                    const struct acm_add_tags_to_certificate_input *in,
                                    struct acm_add_tags_to_certificate_output *out)
{
    struct certificate_row row;

    (void)out; /* has no members */
    TRY(certificate_get_acm(&call->turn, in->certificate_arn, &row));
    return acm_put_tags(call, row.arn, &in->tags);
}

/* A tag with a value goes only if it has that value. */
static bool names(const struct acm_tag *wanted, const struct tag_row *tag)
{
    return text_eq(wanted->key, tag->key) &&
           (!wanted->value.at || text_eq(wanted->value, tag->value));
}

enum rc acm_remove_tags_from_certificate(struct call *call,
                                         const struct acm_remove_tags_from_certificate_input *in,
                                         struct acm_remove_tags_from_certificate_output *out)
{
    struct certificate_row row;
    struct tag_rows rows;

    (void)out; /* has no members */
    TRY(certificate_get_acm(&call->turn, in->certificate_arn, &row));
    TRY(tag_row_list(call->turn.store, call->arena, row.arn, &rows));
    for (size_t i = 0; i < in->tags.count; i++) {
        for (size_t j = 0; j < rows.count; j++) {
            if (names(&in->tags.items[i], &rows.at[j])) {
                TRY(tag_row_delete(call->turn.store, row.arn, rows.at[j].key));
            }
        }
    }
    return RC_OK;
}

enum rc acm_list_tags_for_certificate(struct call *call,
                                      const struct acm_list_tags_for_certificate_input *in,
                                      struct acm_list_tags_for_certificate_output *out)
{
    struct certificate_row row;

    TRY(certificate_get_acm(&call->turn, in->certificate_arn, &row));
    return acm_fill_tags(call, row.arn, &out->tags);
}
