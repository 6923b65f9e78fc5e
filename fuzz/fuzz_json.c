/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "codec/json.h"

static void write_tree(struct json_writer *writer, const struct json *json)
{
    switch (json->type) {
    case JSON_IS_NULL:
        json_write_null(writer);
        return;
    case JSON_IS_BOOL:
        json_write_bool(writer, json->boolean);
        return;
    case JSON_IS_INTEGER:
        json_write_integer(writer, json->integer);
        return;
    case JSON_IS_REAL:
        json_write_real(writer, json->real);
        return;
    case JSON_IS_TEXT:
        json_write_text(writer, json->text);
        return;
    case JSON_IS_LIST:
        json_write_list(writer);
        for (size_t i = 0; i < json->count; i++) {
            write_tree(writer, &json->items[i]);
        }
        json_write_list_end(writer);
        return;
    case JSON_IS_OBJECT:
        json_write_object(writer);
        for (size_t i = 0; i < json->count; i++) {
            json_write_key(writer, json->names[i]);
            write_tree(writer, &json->items[i]);
        }
        json_write_object_end(writer);
        return;
    }
}

/* What was read can be written, is read again, and is then written the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena *arena = arena_new(4096, 64 * 1024 * 1024);
    struct json_writer writer;
    const struct json *tree;
    struct buf first, second;

    if (json_parse((struct text){(const char *)data, size}, arena, &tree, NULL, 0) != RC_OK) {
        return 0;
    }
    buf_init(&first, 64 * 1024 * 1024);
    buf_init(&second, 64 * 1024 * 1024);
    json_writer_init(&writer, &first);
    write_tree(&writer, tree);
    ASSERT(json_parse(buf_text(&first), arena, &tree, NULL, 0) == RC_OK);
    json_writer_init(&writer, &second);
    write_tree(&writer, tree);
    ASSERT(text_eq(buf_text(&first), buf_text(&second)));
    buf_done(&first);
    buf_done(&second);
    return 0;
}
