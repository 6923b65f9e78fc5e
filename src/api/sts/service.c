/* SPDX-License-Identifier: Apache-2.0 */
#include "api/sts/sts.h"

#define OPERATION(NAME, name, access) HANDLER_THUNK(sts, name)
#include "api/sts/operations.def"
#undef OPERATION

const struct handler sts_handlers[STS_OPERATIONS] = {
#define OPERATION(NAME, name, access) [STS_OP_##NAME] = {run_##name, HANDLER_##access},
#include "api/sts/operations.def"
#undef OPERATION
};
