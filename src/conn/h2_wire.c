/* SPDX-License-Identifier: Apache-2.0 */
#include "conn/h2_wire.h"

#include "base/limits.h"

enum { READS_MAX = 16 }; /* in one go, before other connections have their turn */

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

void h2_wire_open(struct h2_wire *wire)
{
    if (!wire->output.at) {
        const size_t wanted = wire->is_bulky ? LIMIT_LARGE_BUFFER_BYTES : LIMIT_SMALL_BUFFER_BYTES;

        wire->output.at = buffers_take(wire->buffers, wanted, &wire->output_size);
        wire->output.size = wire->output_size;
        wire->output.len = 0;
        wire->sent = 0;
        h2_output(wire->session, &wire->output);
    }
}

void h2_wire_rest(struct h2_wire *wire)
{
    ASSERT(wire->output.len == 0);
    h2_output(wire->session, NULL);
    buffers_give(wire->buffers, wire->output.at, wire->output_size);
    wire->output.at = NULL;
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
        wire->sent_bytes += len;
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

        wire->is_bulky |= left == RC_AGAIN;
        if (wire->output.len == 0) {
            return left == RC_LIMIT ? RC_IO : RC_OK;
        }
        TRY(send_output(wire));
    }
}
