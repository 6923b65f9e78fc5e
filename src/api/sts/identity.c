/* SPDX-License-Identifier: Apache-2.0 */
/* Who is calling. Every key that this installation knows acts for the account's root user. */
#include "api/sts/sts.h"

enum rc sts_get_caller_identity(struct call *call, const struct sts_get_caller_identity_input *in,
                                struct sts_get_caller_identity_output *out)
{
    (void)in; /* has no members */
    out->user_id = call->account;
    out->account = call->account;
    out->arn = call_printf(call, "arn:aws:iam::%.*s:root", TEXT_ARG(call->account));
    return RC_OK;
}
