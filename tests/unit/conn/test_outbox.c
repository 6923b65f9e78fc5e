/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include "conn/outbox.h"

/* A stream that takes a given number of bytes a call, to split a message everywhere. */
struct narrow {
    struct stream stream;
    size_t takes; /* a call; when few, every third call takes nothing */
    char got[8192];
    size_t got_len;
    int calls;
    bool is_shut;
};

static enum rc narrow_write(struct stream *stream, const struct iovec *parts, int count,
                            size_t *len)
{
    struct narrow *narrow = CONTAINER_OF(stream, struct narrow, stream);
    size_t room = narrow->takes;

    narrow->calls++;
    if (narrow->calls % 3 == 0 && narrow->takes < 100) {
        return RC_AGAIN;
    }
    *len = 0;
    for (int i = 0; i < count && room > 0; i++) {
        const size_t part = parts[i].iov_len < room ? parts[i].iov_len : room;

        memcpy(narrow->got + narrow->got_len, parts[i].iov_base, part);
        narrow->got_len += part;
        *len += part;
        room -= part;
    }
    return RC_OK;
}

static enum rc narrow_shutdown(struct stream *stream)
{
    CONTAINER_OF(stream, struct narrow, stream)->is_shut = true;
    return RC_OK;
}

static const struct stream_ops narrow_ops = {.write = narrow_write, .shutdown = narrow_shutdown};

static void put(struct outbox *outbox, struct text text)
{
    memcpy(outbox_room(outbox, text.len), text.at, text.len);
    outbox_added(outbox, text.len);
}

static void write_all(struct outbox *outbox, struct narrow *narrow, struct text data)
{
    while (data.len) {
        size_t taken = 0;
        const enum rc rc = outbox_write(outbox, &narrow->stream, data, &taken);

        assert_true(rc == RC_OK || rc == RC_AGAIN);
        if (rc == RC_OK) {
            assert_true(taken >= 1 && taken <= data.len);
            data = text_slice(data, taken, data.len);
        }
    }
}

static void end(struct outbox *outbox, struct narrow *narrow)
{
    enum rc rc;

    do {
        rc = outbox_end(outbox, &narrow->stream, NULL);
        assert_true(rc == RC_OK || rc == RC_AGAIN);
    } while (rc == RC_AGAIN);
}

static void check(enum http_framing framing, struct text first, struct text second,
                  struct text expected)
{
    for (size_t takes = 1; takes < 200; takes++) {
        struct narrow narrow = {.stream.ops = &narrow_ops, .takes = takes};
        struct buffers buffers;
        struct outbox outbox;

        buffers_init(&buffers);
        outbox_init(&outbox, &buffers);
        put(&outbox, TEXT("HEAD "));
        outbox_begin(&outbox, framing, first.len + second.len);
        write_all(&outbox, &narrow, first);
        write_all(&outbox, &narrow, second);
        end(&outbox, &narrow);
        assert_text_equal(((struct text){narrow.got, narrow.got_len}), expected);
        assert_int_equal(outbox.sent_bytes, expected.len);
        outbox_done(&outbox);
        buffers_done(&buffers);
    }
}

TEST(outbox, however_little_is_taken_the_message_is_the_same)
{
    check(HTTP_LENGTH, TEXT("hello "), TEXT("world"), TEXT("HEAD hello world"));
    check(HTTP_CHUNKED, TEXT("hello "), TEXT("world"),
          TEXT("HEAD 6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"));
    check(HTTP_UNTIL_CLOSE, TEXT("hello "), TEXT("world"), TEXT("HEAD hello world"));
    check(HTTP_NO_BODY, TEXT("hello "), TEXT("world"), TEXT("HEAD "));
}

TEST(outbox, a_large_chunk_is_split_anywhere)
{
    static const size_t takes[] = {1, 7, 1000, 4096, 5000, 6005, 6006, 6007, 6008, 6009, 20000};
    static char big[6000];

    memset(big, 'x', sizeof(big));
    for (size_t i = 0; i < ARRAY_LEN(takes); i++) {
        struct narrow narrow = {.stream.ops = &narrow_ops, .takes = takes[i]};
        struct buffers buffers;
        struct outbox outbox;

        buffers_init(&buffers);
        outbox_init(&outbox, &buffers);
        outbox_begin(&outbox, HTTP_CHUNKED, 0);
        write_all(&outbox, &narrow, (struct text){big, sizeof(big)});
        end(&outbox, &narrow);
        assert_int_equal(narrow.got_len, 6 + sizeof(big) + 7);
        assert_memory_equal(narrow.got, "1770\r\n", 6);
        assert_memory_equal(narrow.got + 6, big, sizeof(big));
        assert_memory_equal(narrow.got + 6 + sizeof(big), "\r\n0\r\n\r\n", 7);
        outbox_done(&outbox);
        buffers_done(&buffers);
    }
}

TEST(outbox, head_and_body_leave_in_one_call)
{
    struct narrow narrow = {.stream.ops = &narrow_ops, .takes = 4096};
    struct buffers buffers;
    struct outbox outbox;
    size_t taken;

    buffers_init(&buffers);
    outbox_init(&outbox, &buffers);
    put(&outbox, TEXT("HEAD "));
    outbox_begin(&outbox, HTTP_LENGTH, 4);
    assert_int_equal(outbox_write(&outbox, &narrow.stream, TEXT("body"), &taken), RC_OK);
    end(&outbox, &narrow);
    assert_int_equal(narrow.calls, 1);
    assert_int_equal(buffers.small.count_taken, 0); /* nothing pending, nothing held */
    outbox_done(&outbox);
    buffers_done(&buffers);
}

TEST(outbox, small_chunks_and_the_end_leave_in_one_call)
{
    struct narrow narrow = {.stream.ops = &narrow_ops, .takes = 4096};
    struct buffers buffers;
    struct outbox outbox;
    size_t taken;

    buffers_init(&buffers);
    outbox_init(&outbox, &buffers);
    put(&outbox, TEXT("HEAD "));
    outbox_begin(&outbox, HTTP_CHUNKED, 0);
    assert_int_equal(outbox_write(&outbox, &narrow.stream, TEXT("ab"), &taken), RC_OK);
    assert_int_equal(outbox_write(&outbox, &narrow.stream, TEXT("c"), &taken), RC_OK);
    assert_int_equal(narrow.calls, 0);
    assert_int_equal(outbox_flush(&outbox, &narrow.stream), RC_OK);
    assert_int_equal(narrow.calls, 1);
    end(&outbox, &narrow);
    assert_int_equal(narrow.calls, 2);
    assert_text_equal(((struct text){narrow.got, narrow.got_len}),
                      TEXT("HEAD 2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
    outbox_done(&outbox);
    buffers_done(&buffers);
}

TEST(outbox, refuses_more_and_less_than_the_length_told)
{
    struct narrow narrow = {.stream.ops = &narrow_ops, .takes = 4096};
    struct buffers buffers;
    struct outbox outbox;
    size_t taken;

    buffers_init(&buffers);
    outbox_init(&outbox, &buffers);
    outbox_begin(&outbox, HTTP_LENGTH, 4);
    assert_int_equal(outbox_write(&outbox, &narrow.stream, TEXT("12345"), &taken), RC_BAD);
    assert_int_equal(outbox_write(&outbox, &narrow.stream, TEXT("123"), &taken), RC_OK);
    assert_int_equal(outbox_end(&outbox, &narrow.stream, NULL), RC_BAD);
    assert_false(outbox.is_ended);
    outbox_done(&outbox);
    buffers_done(&buffers);
}

TEST(outbox, a_tunnel_may_follow_an_ended_message_and_ends_by_shutdown)
{
    struct narrow narrow = {.stream.ops = &narrow_ops, .takes = 4096};
    struct buffers buffers;
    struct outbox outbox;

    buffers_init(&buffers);
    outbox_init(&outbox, &buffers);
    put(&outbox, TEXT("GET "));
    outbox_begin(&outbox, HTTP_NO_BODY, 0);
    end(&outbox, &narrow);
    assert_false(narrow.is_shut);
    outbox_begin_raw(&outbox);
    write_all(&outbox, &narrow, TEXT("raw"));
    end(&outbox, &narrow);
    assert_true(narrow.is_shut);
    assert_text_equal(((struct text){narrow.got, narrow.got_len}), TEXT("GET raw"));
    outbox_done(&outbox);
    buffers_done(&buffers);
}

TESTS({
    CASE(outbox__however_little_is_taken_the_message_is_the_same),
    CASE(outbox__a_large_chunk_is_split_anywhere),
    CASE(outbox__head_and_body_leave_in_one_call),
    CASE(outbox__small_chunks_and_the_end_leave_in_one_call),
    CASE(outbox__refuses_more_and_less_than_the_length_told),
    CASE(outbox__a_tunnel_may_follow_an_ended_message_and_ends_by_shutdown),
})
