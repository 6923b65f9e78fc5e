/* SPDX-License-Identifier: Apache-2.0 */
/* ec2: the handlers of the service, by operations.def. */
#pragma once
#include "api/ec2_shapes.h"
#include "api/handler.h"

#define OPERATION(NAME, name, access) HANDLER_PROTOTYPE(ec2, name)
#include "api/ec2/operations.def"
#undef OPERATION

extern const struct handler ec2_handlers[EC2_OPERATIONS];
