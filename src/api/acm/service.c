/* SPDX-License-Identifier: Apache-2.0 */
#include "api/acm/acm.h"

#define OPERATION(NAME, name, access) HANDLER_THUNK(acm, name)
#include "api/acm/operations.def"
#undef OPERATION

const struct handler acm_handlers[ACM_OPERATIONS] = {
#define OPERATION(NAME, name, access) [ACM_OP_##NAME] = {run_##name, HANDLER_##access},
#include "api/acm/operations.def"
#undef OPERATION
};
