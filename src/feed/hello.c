/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/hello.h"

#include "codec/record.h"

static const struct record_member hello_members[] = {
    {"role", RECORD_TEXT, AT(struct hello, role), .is_required = true},
    {"zone", RECORD_TEXT, AT(struct hello, zone)},
};
static const struct record hello_record = RECORD(struct hello, hello_members, NULL);

void hello_print(const struct hello *hello, struct buf *out)
{
    record_write(&hello_record, hello, out);
}

enum rc hello_parse(struct text json, struct arena *arena, struct hello *out)
{
    char why[256]; /* peers are ours: the code is enough */
    struct record_reader reader = {.arena = arena, .why = why, .why_size = sizeof(why)};
    struct hello hello = {0};

    TRY(record_read(&reader, &hello_record, json, &hello));
    *out = hello;
    return RC_OK;
}
