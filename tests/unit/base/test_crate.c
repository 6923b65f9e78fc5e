/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crate.h"

#include "test.h"

#include <sys/mman.h>

enum { BYTES = 40000 };

/* Pages of the crate's that are in memory; `first` is its first object. */
static int resident_pages(void *first)
{
    unsigned char pages[BYTES / 4096 + 1];
    int count = 0;

    assert_int_equal(mincore(first, BYTES, pages), 0);
    for (size_t i = 0; i < sizeof(pages); i++) {
        count += pages[i] & 1;
    }
    return count;
}

TEST(crate_take, gives_zeroed_objects_until_it_is_full)
{
    AUTO(crate) struct crate *crate = crate_new(4096);
    char *a = crate_take(crate, 17);
    char *b = crate_take(crate, 4096 - 32);

    assert_int_equal(a[16], 0);
    assert_ptr_equal(b, a + 32);
    assert_null(crate_take(crate, 1));
    assert_true(crate_holds(crate, a));
    assert_true(crate_holds(crate, b + 4096 - 33));
    assert_false(crate_holds(crate, a + 4096));
    assert_false(crate_holds(crate, &crate));
}

TEST(crate_unpack, puts_every_byte_back_where_it_was)
{
    AUTO(crate) struct crate *crate = crate_new(BYTES);
    unsigned char *bytes = crate_take(crate, BYTES);
    unsigned char before[BYTES];

    for (size_t i = 0; i < BYTES; i += 397) {
        bytes[i] = (unsigned char)(i % 251 + 1);
    }
    memset(bytes + 5000, 0xff, 600);
    bytes[BYTES - 1] = 7;
    memcpy(before, bytes, BYTES);
    assert_true(crate_pack(crate));
    assert_true(crate_is_packed(crate));
    assert_int_equal(bytes[BYTES - 1], 0);
    crate_unpack(crate);
    assert_false(crate_is_packed(crate));
    assert_memory_equal(bytes, before, BYTES);
    crate_unpack(crate); /* once more is nothing */
    assert_memory_equal(bytes, before, BYTES);
}

TEST(crate_pack, gives_the_pages_back)
{
    AUTO(crate) struct crate *crate = crate_new(BYTES);
    char *bytes = crate_take(crate, BYTES);

    bytes[0] = 1;
    bytes[9000] = 1;
    assert_int_equal(resident_pages(bytes), 2); /* what was not touched is not there either */
    assert_true(crate_pack(crate));
    assert_int_equal(resident_pages(bytes), 0);
}

TEST(crate_pack, leaves_one_alone_that_is_full)
{
    AUTO(crate) struct crate *crate = crate_new(BYTES);
    char *bytes = crate_take(crate, BYTES);

    memset(bytes, 1, BYTES);
    assert_false(crate_pack(crate));
    assert_false(crate_is_packed(crate));
    assert_int_equal(bytes[BYTES - 1], 1);
}

TEST(crate_pack, of_an_empty_one_is_undone_as_well)
{
    AUTO(crate) struct crate *crate = crate_new(BYTES);
    char *bytes = crate_take(crate, 100);

    assert_true(crate_pack(crate));
    crate_unpack(crate);
    assert_int_equal(bytes[99], 0);
    assert_non_null(crate_take(crate, 100));
}

TEST(crate_clear, leaves_nothing_to_the_next_objects)
{
    AUTO(crate) struct crate *crate = crate_new(BYTES);
    static const char nothing[BYTES];

    assert_true(crate_is_empty(crate));
    for (int i = 0; i < 4; i++) {
        char *bytes = crate_take(crate, BYTES - 1000);

        assert_memory_equal(bytes, nothing, BYTES - 1000);
        assert_false(crate_is_empty(crate));
        memset(bytes + 3000, 'k', 100);
        bytes[BYTES - 1001] = 1;
        if (i & 1) {
            assert_true(crate_pack(crate));
        }
        crate_clear(crate);
        assert_true(crate_is_empty(crate));
        assert_false(crate_is_packed(crate));
    }
}

TESTS({
    CASE(crate_clear__leaves_nothing_to_the_next_objects),
    CASE(crate_take__gives_zeroed_objects_until_it_is_full),
    CASE(crate_unpack__puts_every_byte_back_where_it_was),
    CASE(crate_pack__gives_the_pages_back),
    CASE(crate_pack__leaves_one_alone_that_is_full),
    CASE(crate_pack__of_an_empty_one_is_undone_as_well),
})
