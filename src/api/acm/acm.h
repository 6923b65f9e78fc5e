/* SPDX-License-Identifier: Apache-2.0 */
/* acm: the handlers of the service, by operations.def. */
#pragma once
#include "api/acm_shapes.h"
#include "api/handler.h"

#define OPERATION(NAME, name, access) HANDLER_PROTOTYPE(acm, name)
#include "api/acm/operations.def"
#undef OPERATION

extern const struct handler acm_handlers[ACM_OPERATIONS];

/* Sets tags of a certificate in the service's words; gives them for answers. */
MUST_USE enum rc acm_put_tags(struct call *call, struct text arn, const struct acm_tag_list *tags);
MUST_USE enum rc acm_fill_tags(struct call *call, struct text arn, struct acm_tag_list *out);
