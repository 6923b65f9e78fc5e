/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tags.h"
#include "api/iam/iam.h"
#include "control/certificate.h"

enum rc iam_put_tags(struct call *call, struct text arn, const struct iam_tag_list_type *tags)
{
    static const struct tag_codes codes = {"InvalidInput", "InvalidInput", "LimitExceeded"};

    return api_tags_put(call, arn, API_TAGS(iam_tag, tags->items), tags->count, &codes);
}

enum rc iam_fill_tags(struct call *call, struct text arn, struct iam_tag_list_type *out)
{
    struct api_tag *tags = NULL;

    TRY(api_tags_list(call, arn, &tags, &out->count));
    out->items = (struct iam_tag *)tags; /* API_TAGS has checked that they are alike */
    return RC_OK;
}

enum rc iam_tag_server_certificate(struct call *call,
                                   const struct iam_tag_server_certificate_input *in,
                                   struct iam_tag_server_certificate_output *out)
{
    struct certificate_row row;

    (void)out; /* has no members */
    TRY(certificate_get_iam(&call->turn, in->server_certificate_name, &row));
    return iam_put_tags(call, row.arn, &in->tags);
}

enum rc iam_untag_server_certificate(struct call *call,
                                     const struct iam_untag_server_certificate_input *in,
                                     struct iam_untag_server_certificate_output *out)
{
    struct certificate_row row;

    (void)out; /* has no members */
    TRY(certificate_get_iam(&call->turn, in->server_certificate_name, &row));
    for (size_t i = 0; i < in->tag_keys.count; i++) {
        TRY(tag_row_delete(call->turn.store, row.arn, in->tag_keys.items[i]));
    }
    return RC_OK;
}

enum rc iam_list_server_certificate_tags(struct call *call,
                                         const struct iam_list_server_certificate_tags_input *in,
                                         struct iam_list_server_certificate_tags_output *out)
{
    struct certificate_row row;

    TRY(certificate_get_iam(&call->turn, in->server_certificate_name, &row));
    return iam_fill_tags(call, row.arn, &out->tags);
}
