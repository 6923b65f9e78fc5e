/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/h2_wire.h"

#include "base/limits.h"

enum {
    READS_MAX = 16,    /* in one go, before other connections have their turn */
    ROOM_BYTES = 4096, /* with less, a small output becomes a large one */
};

void h2_wire_init(struct h2_wire *wire, struct stream *stream, struct buffers *buffers,
                  const struct h2_config *config)
{
    *wire = (struct h2_wire){.stream = stream, .buffers = buffers, .session = h2_new(config)};
}

void h2_wire_done(struct h2_wire *wire)
{
    h2_output(wire->session, NULL);
    buffers_give(wire->buffers, wire->output.at, wire->output_size);
    h2_free(wire->session);
}

static bool allows_large(const struct h2_wire *wire)
{
    return buffers_allow(wire->buffers, LIMIT_LARGE_BUFFER_BYTES);
}

static void take_output(struct h2_wire *wire, size_t bytes)
{
    wire->output.at = buffers_take(wire->buffers, bytes, &wire->output_size);
    wire->output.size = wire->output_size;
}

/* What many streams say in one turn leaves in one call, as long as the socket takes it all. */
static void grow_output(struct h2_wire *wire)
{
    char *small = wire->output.at;
    const uint32_t small_size = wire->output_size;

    take_output(wire, LIMIT_LARGE_BUFFER_BYTES);
    memcpy(wire->output.at, small, wire->output.len);
    buffers_give(wire->buffers, small, small_size);
}

void h2_wire_open(struct h2_wire *wire)
{
    if (!wire->output.at) {
        take_output(wire, wire->is_bulky && allows_large(wire) ? LIMIT_LARGE_BUFFER_BYTES
                                                               : LIMIT_SMALL_BUFFER_BYTES);
        wire->output.len = 0;
        wire->sent = 0;
        wire->carried = 0;
        h2_output(wire->session, &wire->output);
    } else if (wire->output.size - wire->output.len < ROOM_BYTES && wire->stream->is_writable &&
               wire->sent == 0 && wire->output_size < LIMIT_LARGE_BUFFER_BYTES &&
               allows_large(wire)) {
        grow_output(wire);
    }
}

void h2_wire_rest(struct h2_wire *wire)
{
    ASSERT(wire->output.len == 0);
    h2_output(wire->session, NULL);
    buffers_give(wire->buffers, wire->output.at, wire->output_size);
    wire->output.at = NULL;
    if (wire->carried > 0) {
        wire->is_bulky = wire->carried > LIMIT_SMALL_BUFFER_BYTES - ROOM_BYTES;
    }
}

bool h2_wire_is_flushed(const struct h2_wire *wire)
{
    return wire->output.len == 0 && !h2_wants_output(wire->session);
}

enum rc h2_wire_receive(struct h2_wire *wire, int64_t now_ms)
{
    uint32_t size;
    char *bytes = buffers_take(wire->buffers, LIMIT_SMALL_BUFFER_BYTES, &size);
    enum rc rc = RC_OK;
    struct fault fault;
    size_t len;

    for (int i = 0; i < READS_MAX && rc == RC_OK && wire->stream->is_readable; i++) {
        rc = stream_read(wire->stream, bytes, size, &len);
        if (rc == RC_OK) {
            rc = h2_receive(wire->session, (struct text){bytes, len}, now_ms, &fault);
        }
    }
    buffers_give(wire->buffers, bytes, size);
    return rc == RC_OK && !wire->stream->is_readable ? RC_AGAIN : rc;
}

static enum rc send_output(struct h2_wire *wire)
{
    while (wire->sent < wire->output.len) {
        const struct iovec part = {wire->output.at + wire->sent, wire->output.len - wire->sent};
        size_t len;

        TRY(stream_write(wire->stream, &part, 1, &len));
        wire->sent += len;
        wire->carried += len;
    }
    wire->sent = 0;
    wire->output.len = 0;
    return RC_OK;
}

enum rc h2_wire_flush(struct h2_wire *wire)
{
    for (;;) {
        h2_wire_open(wire);
        const enum rc left = h2_flush(wire->session);

        if (wire->output.len == 0) {
            return left == RC_LIMIT ? RC_IO : RC_OK;
        }
        TRY(send_output(wire));
    }
}
