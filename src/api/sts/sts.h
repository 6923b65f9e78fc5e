/* SPDX-License-Identifier: Apache-2.0 */
/* sts: the handlers of the service, by operations.def. */
#pragma once
#include "api/handler.h"
#include "api/sts_shapes.h"

#define OPERATION(NAME, name, access) HANDLER_PROTOTYPE(sts, name)
#include "api/sts/operations.def"
#undef OPERATION

extern const struct handler sts_handlers[STS_OPERATIONS];
