/* SPDX-License-Identifier: Apache-2.0 */
#include "api/elbv2/elbv2.h"

#define OPERATION(NAME, name, access) HANDLER_THUNK(elbv2, name)
#include "api/elbv2/operations.def"
#undef OPERATION

const struct handler elbv2_handlers[ELBV2_OPERATIONS] = {
#define OPERATION(NAME, name, access) [ELBV2_OP_##NAME] = {run_##name, HANDLER_##access},
#include "api/elbv2/operations.def"
#undef OPERATION
};
