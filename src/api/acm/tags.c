/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tags.h"
#include "api/acm/acm.h"
#include "control/certificate.h"

enum rc acm_put_tags(struct call *call, struct text arn, const struct acm_tag_list *tags)
{
    static const struct tag_codes codes = {"InvalidTagException", "InvalidTagException",
                                           "TooManyTagsException"};

    return api_tags_put(call, arn, API_TAGS(acm_tag, tags->items), tags->count, &codes);
}

enum rc acm_fill_tags(struct call *call, struct text arn, struct acm_tag_list *out)
{
    struct api_tag *tags = NULL;

    TRY(api_tags_list(call, arn, &tags, &out->count));
    out->items = (struct acm_tag *)tags; /* API_TAGS has checked that they are alike */
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
