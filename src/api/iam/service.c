/* SPDX-License-Identifier: Apache-2.0 */
#include "api/iam/iam.h"

#define OPERATION(NAME, name, access) HANDLER_THUNK(iam, name)
#include "api/iam/operations.def"
#undef OPERATION

const struct handler iam_handlers[IAM_OPERATIONS] = {
#define OPERATION(NAME, name, access) [IAM_OP_##NAME] = {run_##name, HANDLER_##access},
#include "api/iam/operations.def"
#undef OPERATION
};
