/* SPDX-License-Identifier: Apache-2.0 */
/* handler: from an operation to the function that does it.
 *
 * A service lists what it implements in api/<service>/operations.def, one line an operation:
 *
 *   OPERATION(CREATE_LISTENER, create_listener, WRITES)
 *
 * Its header makes the prototypes of that list, its service.c the table; see api/sts. */
#pragma once
#include "api/call.h"

enum handler_access {
    HANDLER_READS = STORE_READ, /* what the turn's transaction may do */
    HANDLER_WRITES = STORE_WRITE,
};

typedef enum rc handler_fn(struct call *call, const void *in, void *out);

struct handler {
    handler_fn *run; /* NULL: known to the facts, not implemented */
    enum handler_access access;
};

/* A service and what of it is done: a row of api/services.c. */
struct service_entry {
    const struct service *service;
    const struct handler *handlers; /* service->operation_count of them */
};

#define HANDLER_PROTOTYPE(service, name)                                                   \
    enum rc service##_##name(struct call *call, const struct service##_##name##_input *in, \
                             struct service##_##name##_output *out);

/* The typed handler behind the untyped pointer of the table. */
#define HANDLER_THUNK(service, name)                                        \
    static enum rc run_##name(struct call *call, const void *in, void *out) \
    {                                                                       \
        return service##_##name(call, in, out);                             \
    }
