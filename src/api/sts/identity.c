/* SPDX-License-Identifier: Apache-2.0 */
/* Who is calling. Every key that this installation knows acts for the account's root user. */
#include "api/sts/sts.h"

enum rc sts_get_caller_identity(struct call *call, const struct sts_get_caller_identity_input *in,
                                struct sts_get_caller_identity_output *out)
{
    const struct text account = call->turn.config->account;

    (void)in; /* has no members */
    out->user_id = account;
    out->account = account;
    out->arn = call_printf(call, "arn:aws:iam::%.*s:root", TEXT_ARG(account));
    return RC_OK;
}
