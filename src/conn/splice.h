/* SPDX-License-Identifier: Apache-2.0 */
/* splice: long bodies of known length from one plain connection to the other without their bytes
 * ever being in this process.
 *
 * To be tried before reading and writing, in the same places and as often: it finds out by itself
 * whether this body, now, is one for it.
 *
 * RC_OK      *moved >= 0 bytes went on; try again.
 * RC_ABSENT  not for splice (too short, chunked, encrypted, bytes still in buffers, over): read and
 *            write. Nothing of this body is on its way any more.
 * RC_AGAIN   nothing now; the wake functions come. *waits_for_to: the receiving side is slow.
 * RC_IO      one side failed; the fault of the sending side is set if it was that one.
 * RC_LATE    the client made no progress for the idle timeout. */
#pragma once
#include "conn/client.h"
#include "conn/server.h"

MUST_USE enum rc splice_answer(struct client_req *from, struct server_req *to, size_t *moved,
                               bool *waits_for_to);
MUST_USE enum rc splice_body(struct server_req *from, struct client_req *to, size_t *moved,
                             bool *waits_for_to);
