/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/mem.h"
#include "codec/gzip.h"

#include <zlib.h>

enum { CEILING = 4 << 20, WINDOW_BITS = 15 + 16 };

/* All members, by the library's other half. */
static size_t unpack(struct text packed, char *out, size_t size)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)packed.at,
                       .avail_in = (unsigned)packed.len,
                       .next_out = (unsigned char *)out,
                       .avail_out = (unsigned)size};

    while (stream.avail_in > 0) {
        assert_int_equal(inflateInit2(&stream, WINDOW_BITS), Z_OK);
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        assert_int_equal(inflateEnd(&stream), Z_OK);
    }
    return size - stream.avail_out;
}

TEST(gzip_add, members_read_back_as_one)
{
    char out[64];
    struct buf packed;

    buf_init(&packed, CEILING);
    assert_int_equal(gzip_add(TEXT("one\n"), &packed), RC_OK);
    assert_int_equal(gzip_add(TEXT(""), &packed), RC_OK);
    assert_int_equal(gzip_add(TEXT("two\n"), &packed), RC_OK);
    assert_memory_equal(packed.at, "\x1f\x8b\x08", 3);
    const size_t len = unpack(buf_text(&packed), out, sizeof(out));
    assert_text_equal(((struct text){out, len}), TEXT("one\ntwo\n"));
    buf_done(&packed);
}

TEST(gzip_add, packs_what_cannot_be_made_smaller)
{
    enum { SIZE = 1 << 20 };
    char *noise = mem_take(SIZE);
    char *out = mem_take(SIZE);
    uint32_t state = 1;
    struct buf packed;

    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1664525 + 1013904223;
        noise[i] = (char)(state >> 24);
    }
    buf_init(&packed, CEILING);
    assert_int_equal(gzip_add((struct text){noise, SIZE}, &packed), RC_OK);
    assert_true(packed.len > SIZE * 9 / 10);
    assert_int_equal(unpack(buf_text(&packed), out, SIZE), SIZE);
    assert_memory_equal(out, noise, SIZE);
    buf_done(&packed);
    mem_give(noise);
    mem_give(out);
}

TEST(gzip_add, leaves_a_full_buffer_as_it_was)
{
    struct buf packed;

    buf_init(&packed, 30);
    buf_add(&packed, TEXT("abc"));
    assert_int_equal(gzip_add(TEXT("something that does not fit"), &packed), RC_LIMIT);
    assert_text_equal(buf_text(&packed), TEXT("abc"));
    buf_done(&packed);
}

TESTS({
    CASE(gzip_add__members_read_back_as_one),
    CASE(gzip_add__packs_what_cannot_be_made_smaller),
    CASE(gzip_add__leaves_a_full_buffer_as_it_was),
})
