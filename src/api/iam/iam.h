/* SPDX-License-Identifier: Apache-2.0 */
/* iam: the handlers of the service, by operations.def. */
#pragma once
#include "api/handler.h"
#include "api/iam_shapes.h"

#define OPERATION(NAME, name, access) HANDLER_PROTOTYPE(iam, name)
#include "api/iam/operations.def"
#undef OPERATION

extern const struct handler iam_handlers[IAM_OPERATIONS];

/* Sets tags of a certificate in the service's words; gives them for answers. */
MUST_USE enum rc iam_put_tags(struct call *call, struct text arn,
                              const struct iam_tag_list_type *tags);
MUST_USE enum rc iam_fill_tags(struct call *call, struct text arn, struct iam_tag_list_type *out);
