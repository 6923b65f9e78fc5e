/* SPDX-License-Identifier: Apache-2.0 */
#include "api/ec2/ec2.h"

#define OPERATION(NAME, name, access) HANDLER_THUNK(ec2, name)
#include "api/ec2/operations.def"
#undef OPERATION

const struct handler ec2_handlers[EC2_OPERATIONS] = {
#define OPERATION(NAME, name, access) [EC2_OP_##NAME] = {run_##name, HANDLER_##access},
#include "api/ec2/operations.def"
#undef OPERATION
};
