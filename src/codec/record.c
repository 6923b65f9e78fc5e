/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/record.h"

#include "base/limits.h"
#include "codec/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { PATH_MAX_BYTES = 512, TREE_BLOCK_BYTES = 16 * 1024 };

static enum rc read_value(struct record_reader *reader, const struct record_member *member,
                          const struct json *value, void *at);
static enum rc read_record(struct record_reader *reader, const struct record *record,
                           const struct json *value, void *out);
static void set_presets(const struct record *record, void *out);

/* ---- where we are ------------------------------------------------------------------------- */

static void add_path(struct buf *out, const struct record_path *path)
{
    if (!path) {
        return;
    }
    add_path(out, path->parent);
    if (!path->name) {
        buf_printf(out, "[%zu]", path->index);
    } else {
        buf_printf(out, "%s%s", out->len ? "." : "", path->name);
    }
}

struct text record_path_text(const struct record_reader *reader)
{
    struct buf path;

    buf_init(&path, PATH_MAX_BYTES);
    add_path(&path, reader->path);
    const struct text kept = arena_text(reader->arena, buf_text(&path));
    buf_done(&path);
    return kept;
}

enum rc record_refuse(const struct record_reader *reader, const char *member, const char *format,
                      ...)
{
    struct buf path;
    char rule[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(rule, sizeof(rule), format, args);
    va_end(args);

    buf_init(&path, PATH_MAX_BYTES);
    add_path(&path, reader->path);
    if (member) {
        buf_printf(&path, "%s%s", path.len ? "." : "", member);
    }
    (void)snprintf(reader->why, reader->why_size, "%.*s%s%s", TEXT_ARG(buf_text(&path)),
                   path.len ? ": " : "", rule);
    buf_done(&path);
    return RC_BAD;
}

static enum rc refuse_size(const struct record_reader *reader)
{
    (void)record_refuse(reader, NULL, "the document is too large");
    return RC_LIMIT;
}

enum rc record_read(struct record_reader *reader, const struct record *record, struct text document,
                    void *out)
{
    /* The tree is gone after reading; what is kept of it is copied. */
    AUTO(arena) struct arena *scratch = arena_new(TREE_BLOCK_BYTES, LIMIT_SNAPSHOT_ARENA_BYTES);
    const struct json *root;

    TRY(json_parse(document, scratch, &root, reader->why, reader->why_size));
    return read_record(reader, record, root, out);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Integers of any width in one pair of functions; little-endian or not. */
static void store_number(void *at, size_t width, int64_t value)
{
    switch (width) {
    case 1:
        *(uint8_t *)at = (uint8_t)value;
        return;
    case 2:
        *(uint16_t *)at = (uint16_t)value;
        return;
    case 4:
        *(uint32_t *)at = (uint32_t)value;
        return;
    default:
        ASSERT(width == 8);
        *(uint64_t *)at = (uint64_t)value;
    }
}

static int64_t load_number(const void *at, size_t width)
{
    switch (width) {
    case 1:
        return *(const uint8_t *)at;
    case 2:
        return *(const uint16_t *)at;
    case 4:
        return *(const int32_t *)at;
    default:
        ASSERT(width == 8);
        return *(const int64_t *)at;
    }
}

static enum rc read_text(struct record_reader *reader, const struct record_member *member,
                         const struct json *value, void *at)
{
    if (value->type != JSON_IS_TEXT) {
        return record_refuse(reader, NULL, "must be a string");
    }
    if (member->is_required && text_is_empty(value->text)) {
        return record_refuse(reader, NULL, "must not be empty");
    }
    const struct text text = arena_text(reader->arena, value->text);
    if (!text.at) {
        return refuse_size(reader);
    }
    if (member->kind == RECORD_STRING) {
        *(const char **)at = text.at;
    } else {
        *(struct text *)at = text;
    }
    return RC_OK;
}

static enum rc read_number(struct record_reader *reader, const struct record_member *member,
                           const struct json *value, void *at)
{
    if (value->type != JSON_IS_INTEGER) {
        return record_refuse(reader, NULL, "must be a whole number");
    }
    const int64_t number = value->integer;
    if (number < member->min || number > member->max) {
        return record_refuse(reader, NULL, "%" PRId64 " is not %" PRId64 " to %" PRId64, number,
                             member->min, member->max);
    }
    store_number(at, member->width, number);
    return RC_OK;
}

static enum rc read_word(struct record_reader *reader, const struct record_member *member,
                         const struct json *value, void *at)
{
    char words[200] = "";
    size_t len = 0;

    for (int i = 0; member->words[i]; i++) {
        if (value->type == JSON_IS_TEXT && text_eq(value->text, text_of(member->words[i]))) {
            store_number(at, member->width, i);
            return RC_OK;
        }
        const int added =
            snprintf(words + len, sizeof(words) - len, "%s%s", i ? ", " : "", member->words[i]);
        len += (size_t)added < sizeof(words) - len ? (size_t)added : 0;
    }
    return record_refuse(reader, NULL, "is not one of: %s", words);
}

static enum rc read_printed(struct record_reader *reader, const struct record_member *member,
                            const struct json *value, void *at)
{
    return value->type == JSON_IS_TEXT && member->parse(value->text, at) == RC_OK
               ? RC_OK
               : record_refuse(reader, NULL, "%s", member->rule);
}

static enum rc read_named(struct record_reader *reader, const struct record_member *member,
                          const struct json *value, void *at)
{
    const void *thing = NULL;

    if (value->type != JSON_IS_TEXT) {
        return record_refuse(reader, NULL, "must be a string");
    }
    thing = member->find(reader, value->text);
    if (!thing) {
        return record_refuse(reader, NULL, "names nothing in this document: \"%.*s\"",
                             TEXT_ARG(text_slice(value->text, 0, 128)));
    }
    *(const void **)at = thing;
    return RC_OK;
}

static enum rc read_list(struct record_reader *reader, const struct record_member *member,
                         const struct json *value, void *at)
{
    const size_t count = value->type == JSON_IS_LIST ? value->count : 0;
    size_t *count_at = (size_t *)((char *)at - member->offset + member->count_offset);

    if (value->type != JSON_IS_LIST) {
        return record_refuse(reader, NULL, "must be a list");
    }
    if (count > member->count_max) {
        return record_refuse(reader, NULL, "has %zu elements, more than %zu", count,
                             member->count_max);
    }
    /* A list that is present and empty is not NULL: some defaults tell the two apart. */
    char *items = arena_take_array(reader->arena, count ? count : 1, member->element_size);
    if (!items) {
        return refuse_size(reader);
    }
    *(void **)at = items;
    for (size_t i = 0; i < count; i++) {
        const struct record_path here = {.parent = reader->path, .index = i};
        reader->path = &here;
        const enum rc rc =
            read_value(reader, member->element, &value->items[i], items + i * member->element_size);
        reader->path = here.parent;
        TRY(rc);
        *count_at = i + 1; /* so that find() sees what is complete */
    }
    return RC_OK;
}

static enum rc read_value(struct record_reader *reader, const struct record_member *member,
                          const struct json *value, void *at)
{
    switch (member->kind) {
    case RECORD_TEXT:
    case RECORD_STRING:
        return read_text(reader, member, value, at);
    case RECORD_NUMBER:
        return read_number(reader, member, value, at);
    case RECORD_BOOL:
        if (value->type != JSON_IS_BOOL) {
            return record_refuse(reader, NULL, "must be true or false");
        }
        *(bool *)at = value->boolean;
        return RC_OK;
    case RECORD_WORD:
        return read_word(reader, member, value, at);
    case RECORD_PRINTED:
        return read_printed(reader, member, value, at);
    case RECORD_STRUCT:
        return read_record(reader, member->record, value, at);
    case RECORD_LIST:
        return read_list(reader, member, value, at);
    case RECORD_NAMED:
        return read_named(reader, member, value, at);
    }
    ASSERT(false);
}

static void set_preset(const struct record_member *member, void *at)
{
    if (member->kind == RECORD_TEXT) {
        *(struct text *)at = text_of(member->preset_text);
    } else if (member->kind == RECORD_BOOL) {
        *(bool *)at = member->preset != 0;
    } else if (member->kind == RECORD_NUMBER || member->kind == RECORD_WORD) {
        store_number(at, member->width, member->preset);
    } else if (member->kind == RECORD_STRUCT) {
        set_presets(member->record, at);
    }
}

static void set_presets(const struct record *record, void *out)
{
    for (size_t i = 0; i < record->member_count; i++) {
        set_preset(&record->members[i], (char *)out + record->members[i].offset);
    }
}

void record_defaults(const struct record *record, void *out)
{
    memset(out, 0, record->size);
    set_presets(record, out);
}

static enum rc read_absent(struct record_reader *reader, const struct record_member *member,
                           void *at)
{
    if (member->is_required) {
        return record_refuse(reader, NULL, "is missing");
    }
    if (member->kind == RECORD_STRUCT) {
        return read_record(reader, member->record, NULL, at); /* so that its finish() is called */
    }
    set_preset(member, at);
    return RC_OK;
}

static bool has_member(const struct record *record, struct text name)
{
    for (size_t i = 0; i < record->member_count; i++) {
        if (text_eq(name, text_of(record->members[i].name))) {
            return true;
        }
    }
    return false;
}

static enum rc refuse_unknown(const struct record_reader *reader, const struct record *record,
                              const struct json *object)
{
    for (size_t i = 0; i < object->count; i++) {
        if (!has_member(record, object->names[i])) {
            return record_refuse(reader, NULL, "has no member \"%.*s\"",
                                 TEXT_ARG(text_slice(object->names[i], 0, 100)));
        }
    }
    return RC_OK;
}

static enum rc read_record(struct record_reader *reader, const struct record *record,
                           const struct json *value, void *out)
{
    if (value && value->type != JSON_IS_OBJECT) {
        return record_refuse(reader, NULL, "must be an object");
    }
    if (value) {
        TRY(refuse_unknown(reader, record, value));
    }
    for (size_t i = 0; i < record->member_count; i++) {
        const struct record_member *member = &record->members[i];
        const struct record_path here = {.parent = reader->path, .name = member->name};
        const struct json *found = json_get(value, text_of(member->name));
        void *at = (char *)out + member->offset;

        reader->path = &here;
        const enum rc rc =
            found ? read_value(reader, member, found, at) : read_absent(reader, member, at);
        reader->path = here.parent;
        TRY(rc);
    }
    return record->finish ? record->finish(reader, out) : RC_OK;
}

/* ---- writing ------------------------------------------------------------------------------ */

static void write_value(const struct record_member *member, const void *at,
                        struct json_writer *writer);
static void write_record(const struct record *record, const void *item, struct json_writer *writer);

static bool is_zero(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (at[i]) {
            return false;
        }
    }
    return true;
}

static bool is_all_default(const struct record *record, const void *item);

static bool is_default(const struct record_member *member, const void *item)
{
    const void *at = (const char *)item + member->offset;

    if (member->is_required || member->is_always_written) {
        return false;
    }
    switch (member->kind) {
    case RECORD_TEXT:
        return text_eq(*(const struct text *)at, text_of(member->preset_text));
    case RECORD_STRING:
        return *(const char *const *)at == NULL;
    case RECORD_NUMBER:
    case RECORD_WORD:
        return load_number(at, member->width) == member->preset;
    case RECORD_BOOL:
        return *(const bool *)at == (member->preset != 0);
    case RECORD_PRINTED:
        return is_zero(at, member->width);
    case RECORD_STRUCT:
        return is_all_default(member->record, at);
    case RECORD_LIST:
        return *(const size_t *)(const void *)((const char *)item + member->count_offset) == 0;
    case RECORD_NAMED:
        return *(const void *const *)at == NULL;
    }
    ASSERT(false);
}

static bool is_all_default(const struct record *record, const void *item)
{
    for (size_t i = 0; i < record->member_count; i++) {
        if (!is_default(&record->members[i], item)) {
            return false;
        }
    }
    return true;
}

static void write_list(const struct record_member *member, const void *at,
                       struct json_writer *writer)
{
    const char *items = *(const char *const *)at;
    const size_t count =
        *(const size_t *)(const void *)((const char *)at - member->offset + member->count_offset);

    json_write_list(writer);
    for (size_t i = 0; i < count; i++) {
        write_value(member->element, items + i * member->element_size, writer);
    }
    json_write_list_end(writer);
}

static void write_printed(const struct record_member *member, const void *at,
                          struct json_writer *writer)
{
    struct buf text;

    buf_init(&text, PATH_MAX_BYTES);
    member->print(at, &text);
    json_write_text(writer, buf_text(&text));
    buf_done(&text);
}

static void write_value(const struct record_member *member, const void *at,
                        struct json_writer *writer)
{
    switch (member->kind) {
    case RECORD_TEXT:
        json_write_text(writer, *(const struct text *)at);
        return;
    case RECORD_STRING:
        json_write_text(writer, text_of(*(const char *const *)at));
        return;
    case RECORD_NUMBER:
        json_write_integer(writer, load_number(at, member->width));
        return;
    case RECORD_BOOL:
        json_write_bool(writer, *(const bool *)at);
        return;
    case RECORD_WORD:
        json_write_text(writer, text_of(member->words[load_number(at, member->width)]));
        return;
    case RECORD_PRINTED:
        write_printed(member, at, writer);
        return;
    case RECORD_STRUCT:
        write_record(member->record, at, writer);
        return;
    case RECORD_LIST:
        write_list(member, at, writer);
        return;
    case RECORD_NAMED:
        json_write_text(writer, member->name_of(*(const void *const *)at));
        return;
    }
}

static void write_record(const struct record *record, const void *item, struct json_writer *writer)
{
    json_write_object(writer);
    for (size_t i = 0; i < record->member_count; i++) {
        const struct record_member *member = &record->members[i];
        if (!is_default(member, item)) {
            json_write_key(writer, text_of(member->name));
            write_value(member, (const char *)item + member->offset, writer);
        }
    }
    json_write_object_end(writer);
}

void record_write(const struct record *record, const void *item, struct buf *out)
{
    struct json_writer writer;

    json_writer_init(&writer, out);
    write_record(record, item, &writer);
}
