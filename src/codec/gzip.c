/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/gzip.h"

#include <zlib.h>

enum { GZIP_WINDOW_BITS = 15 + 16 /* zlib.h: with a gzip header */, MEMORY_LEVEL = 8 };

static void pack(z_stream *stream, struct text plain, char *room, size_t size)
{
    stream->next_in = (unsigned char *)(uintptr_t)plain.at; /* zlib does not write there */
    stream->avail_in = (unsigned)plain.len;
    stream->next_out = (unsigned char *)room;
    stream->avail_out = (unsigned)size;
    /* There is room for the worst, so one call is enough. */
    ASSERT(deflate(stream, Z_FINISH) == Z_STREAM_END);
}

enum rc gzip_add(struct text plain, struct buf *out)
{
    z_stream stream = {0};

    ASSERT(plain.len <= INT32_MAX);
    /* Lines of logs are much alike: the quickest level makes them small enough. */
    ASSERT(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
                        Z_DEFAULT_STRATEGY) == Z_OK);
    const size_t size = deflateBound(&stream, plain.len);
    char *room = buf_room(out, size);
    if (room) {
        pack(&stream, plain, room, size);
        buf_added(out, stream.total_out);
    }
    (void)deflateEnd(&stream);
    return room ? RC_OK : RC_LIMIT;
}
