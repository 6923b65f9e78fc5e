/* SPDX-License-Identifier: Apache-2.0 */
/* elbv2: the handlers of the service, by operations.def. */
#pragma once
#include "api/elbv2_shapes.h"
#include "api/handler.h"

#define OPERATION(NAME, name, access) HANDLER_PROTOTYPE(elbv2, name)
#include "api/elbv2/operations.def"
#undef OPERATION

extern const struct handler elbv2_handlers[ELBV2_OPERATIONS];
