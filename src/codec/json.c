/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include "base/limits.h"

#include <jansson.h>
#include <math.h>

static enum rc convert(json_t *from, struct arena *arena, struct json *to, int depth);

/* Deep nesting is refused before jansson recurses into it. */
static bool is_too_deep(struct text document)
{
    int depth = 0;
    bool is_in_text = false;

    for (size_t i = 0; i < document.len; i++) {
        const char c = document.at[i];

        if (is_in_text) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                is_in_text = false;
            }
        } else if (c == '"') {
            is_in_text = true;
        } else if (c == '[' || c == '{') {
            if (++depth > LIMIT_JSON_DEPTH) {
                return true;
            }
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

enum rc json_parse(struct text document, struct arena *arena, const struct json **out, char *why,
                   size_t why_size)
{
    json_error_t error;
    json_t *root;
    struct json *json;
    enum rc rc;

    if (is_too_deep(document)) {
        if (why != NULL) {
            (void)snprintf(why, why_size, "nested deeper than %d levels", LIMIT_JSON_DEPTH);
        }
        return RC_LIMIT;
    }
    root = json_loadb(document.at != NULL ? document.at : "", document.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (root == NULL) {
        if (why != NULL) {
            (void)snprintf(why, why_size, "line %d: %s", error.line, error.text);
        }
        return RC_BAD;
    }
    json = ARENA_NEW(arena, struct json);
    rc = json == NULL ? RC_LIMIT : convert(root, arena, json, 0);
    json_decref(root);
    if (rc == RC_OK) {
        *out = json;
    } else if (why != NULL) {
        (void)snprintf(why, why_size, "the document is too large");
    }
    return rc;
}

static enum rc copy_text(struct arena *arena, const char *at, size_t len, struct text *out)
{
    *out = arena_text(arena, (struct text){at, len});
    return out->at != NULL ? RC_OK : RC_LIMIT;
}

static enum rc convert_list(json_t *from, struct arena *arena, struct json *to, int depth)
{
    to->count = json_array_size(from);
    to->items = ARENA_ARRAY(arena, struct json, to->count + 1);
    if (to->items == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < to->count; i++) {
        TRY(convert(json_array_get(from, i), arena, &to->items[i], depth + 1));
    }
    return RC_OK;
}

static enum rc convert_object(json_t *from, struct arena *arena, struct json *to, int depth)
{
    const char *name;
    json_t *value;
    size_t i = 0;

    to->count = json_object_size(from);
    to->items = ARENA_ARRAY(arena, struct json, to->count + 1);
    to->names = ARENA_ARRAY(arena, struct text, to->count + 1);
    if (to->items == NULL || to->names == NULL) {
        return RC_LIMIT;
    }
    json_object_foreach(from, name, value)
    {
        TRY(copy_text(arena, name, strlen(name), &to->names[i]));
        TRY(convert(value, arena, &to->items[i], depth + 1));
        i++;
    }
    return RC_OK;
}

static enum rc convert(json_t *from, struct arena *arena, struct json *to, int depth)
{
    ASSERT(depth <= LIMIT_JSON_DEPTH); /* is_too_deep refused it */
    switch (json_typeof(from)) {
    case JSON_NULL:
        to->type = JSON_IS_NULL;
        return RC_OK;
    case JSON_TRUE:
    case JSON_FALSE:
        to->type = JSON_IS_BOOL;
        to->boolean = json_is_true(from);
        return RC_OK;
    case JSON_INTEGER:
        to->type = JSON_IS_INTEGER;
        to->integer = json_integer_value(from);
        return RC_OK;
    case JSON_REAL:
        to->type = JSON_IS_REAL;
        to->real = json_real_value(from);
        return RC_OK;
    case JSON_STRING:
        to->type = JSON_IS_TEXT;
        return copy_text(arena, json_string_value(from), json_string_length(from), &to->text);
    case JSON_ARRAY:
        to->type = JSON_IS_LIST;
        return convert_list(from, arena, to, depth);
    case JSON_OBJECT:
        to->type = JSON_IS_OBJECT;
        return convert_object(from, arena, to, depth);
    }
    return RC_BAD;
}

const struct json *json_get(const struct json *json, struct text name)
{
    if (json == NULL || json->type != JSON_IS_OBJECT) {
        return NULL;
    }
    for (size_t i = 0; i < json->count; i++) {
        if (text_eq(json->names[i], name)) {
            return &json->items[i];
        }
    }
    return NULL;
}

/* The member of the wanted type; a null counts as absent. */
static enum rc get_typed(const struct json *json, const char *name, enum json_type type,
                         const struct json **out)
{
    const struct json *member = json_get(json, text_of(name));

    if (member == NULL || member->type == JSON_IS_NULL) {
        return RC_ABSENT;
    }
    if (member->type != type) {
        return RC_BAD;
    }
    *out = member;
    return RC_OK;
}

enum rc json_get_text(const struct json *json, const char *name, struct text *out)
{
    const struct json *member;

    TRY(get_typed(json, name, JSON_IS_TEXT, &member));
    *out = member->text;
    return RC_OK;
}

enum rc json_get_integer(const struct json *json, const char *name, int64_t *out)
{
    const struct json *member;

    TRY(get_typed(json, name, JSON_IS_INTEGER, &member));
    *out = member->integer;
    return RC_OK;
}

enum rc json_get_real(const struct json *json, const char *name, double *out)
{
    const struct json *member;

    if (get_typed(json, name, JSON_IS_INTEGER, &member) == RC_OK) {
        *out = (double)member->integer;
        return RC_OK;
    }
    TRY(get_typed(json, name, JSON_IS_REAL, &member));
    *out = member->real;
    return RC_OK;
}

enum rc json_get_bool(const struct json *json, const char *name, bool *out)
{
    const struct json *member;

    TRY(get_typed(json, name, JSON_IS_BOOL, &member));
    *out = member->boolean;
    return RC_OK;
}

enum rc json_get_list(const struct json *json, const char *name, const struct json **out)
{
    return get_typed(json, name, JSON_IS_LIST, out);
}

enum rc json_get_object(const struct json *json, const char *name, const struct json **out)
{
    return get_typed(json, name, JSON_IS_OBJECT, out);
}
