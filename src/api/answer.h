/* SPDX-License-Identifier: Apache-2.0 */
/* answer: what goes back, in the form of the service's protocol. */
#pragma once
#include "api/call.h"
#include "base/buf.h"

#define ANSWER_ID_BYTES 37 /* of a request id, with the NUL */

struct answer {
    int status;
    const char *content_type; /* static */
    struct buf body;          /* own */
    char request_id[ANSWER_ID_BYTES];
    const char *error_code; /* static or of the facts; NULL: none */
};

/* An empty answer with a fresh request id. */
void answer_init(struct answer *answer);
void answer_done(struct answer *answer);

/* The operation's output. RC_LIMIT: larger than LIMIT_ANSWER_BYTES. */
MUST_USE enum rc answer_write(struct answer *answer, const struct service *service,
                              const struct operation *operation, const void *out);

/* An error instead of whatever was written, in the form of the protocol. The status is that of the
 * service's facts, of api/errors.def, or 400. `service` NULL: nobody knows which. */
void answer_refuse(struct answer *answer, enum protocol protocol, const struct service *service,
                   const char *code, struct text message);
