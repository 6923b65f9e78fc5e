/* SPDX-License-Identifier: Apache-2.0 */
/* h2_wire: the machine of http/h2 joined to a stream: what both sides of HTTP/2 have in common.
 *
 * Whatever the requests of one turn of the loop write is collected in one buffer and leaves
 * together at its end, so that many messages share TLS records and system calls. Private to this
 * room.
 *
 * Owner    embedded in a connection; holds a buffer only while frames wait in it. */
#pragma once
#include "conn/buffers.h"
#include "http/h2.h"
#include "net/stream.h"

struct h2_wire {
    struct stream *stream;   /* borrowed */
    struct buffers *buffers; /* borrowed */
    struct h2 *session;      /* own */
    struct h2_output output; /* own: a buffer, while frames wait in it */
    uint32_t output_size;
    size_t sent;      /* of the output */
    uint64_t carried; /* bytes that left since the output was opened */
    bool is_bulky;    /* they were more than fit into a small buffer, the last time */
};

void h2_wire_init(struct h2_wire *wire, struct stream *stream, struct buffers *buffers,
                  const struct h2_config *config);
void h2_wire_done(struct h2_wire *wire); /* the streams must be finished */

/* A buffer to write frames into, with some room; to be called before whatever writes. */
void h2_wire_open(struct h2_wire *wire);
/* Gives the buffer back; it must be empty. */
void h2_wire_rest(struct h2_wire *wire);
/* Nothing waits to be sent. */
bool h2_wire_is_flushed(const struct h2_wire *wire);

/* Reads what is there. RC_OK: there is more, which waits for the next turn. RC_AGAIN: that was all.
 * RC_END, RC_IO: the other side is gone. RC_BAD, RC_LIMIT: the session is over. */
MUST_USE enum rc h2_wire_receive(struct h2_wire *wire, int64_t now_ms);
/* RC_OK: everything is sent, and streams that waited for room know. RC_AGAIN: the socket is full,
 * its edge goes on. RC_IO. */
MUST_USE enum rc h2_wire_flush(struct h2_wire *wire);
