/* SPDX-License-Identifier: Apache-2.0 */
/* ticket_keys: what resumes TLS sessions on every node alike, also after restarts. A key encrypts
 * tickets until the next one comes, and goes on decrypting until its tickets are out of date.
 *
 * Source   RFC 5077 §5.5: keys are changed often and wiped when their tickets are over. */
#pragma once
#include "control/control.h"
#include "store/ticket_key.h"

enum {
    TICKET_KEY_BYTES = 80,                   /* tls/context.h: name, HMAC key, AES key */
    TICKET_KEY_ROTATE_MS = 12 * 3600 * 1000, /* OURS: a new one twice a day */
    TICKET_KEY_KEEP_MS = 3 * TICKET_KEY_ROTATE_MS,
};

/* Makes a key when there is none or the newest is due, removes what is out of date; usually does
 * nothing at all. */
MUST_USE enum rc ticket_keys_rotate(struct turn *turn);

/* When ticket_keys_rotate() has something to do next. */
MUST_USE enum rc ticket_keys_due(struct turn *turn, int64_t *unix_ms);
