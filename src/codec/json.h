/* SPDX-License-Identifier: Apache-2.0 */
/* json: documents in, as a tree in an arena; documents out, by a small writer.
 *
 * Reading is strict: valid UTF-8, no duplicate names, no NUL characters, nothing behind the
 * document, at most LIMIT_JSON_DEPTH levels.
 *
 * Thread   any; nothing is shared.
 * Sources  RFC 8259. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

enum json_type {
    JSON_IS_NULL,
    JSON_IS_BOOL,
    JSON_IS_INTEGER,
    JSON_IS_REAL,
    JSON_IS_TEXT,
    JSON_IS_LIST,
    JSON_IS_OBJECT,
};

struct json {
    enum json_type type;
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct text text; /* UTF-8; terminated */
        struct {
            size_t count;
            struct json *items;
            struct text *names; /* of an object: items[i] is called names[i]; else NULL */
        };
    };
};

/* `why` (at least 128 bytes, NULL is fine) says in a sentence what is wrong, with the line.
 * RC_BAD: no valid document. RC_LIMIT: too deep, or more than the arena holds. */
MUST_USE enum rc json_parse(struct text document, struct arena *arena, const struct json **out,
                            char *why, size_t why_size);

/* Of an object; NULL when it has no such member, or `json` is no object (or NULL). */
const struct json *json_get(const struct json *json, struct text name);

/* The member's value when it is there and of that kind; else RC_ABSENT (not there, or null) or
 * RC_BAD. An integer is also accepted where a real is asked for. */
MUST_USE enum rc json_get_text(const struct json *json, const char *name, struct text *out);
MUST_USE enum rc json_get_integer(const struct json *json, const char *name, int64_t *out);
MUST_USE enum rc json_get_real(const struct json *json, const char *name, double *out);
MUST_USE enum rc json_get_bool(const struct json *json, const char *name, bool *out);
MUST_USE enum rc json_get_list(const struct json *json, const char *name, const struct json **out);
MUST_USE enum rc json_get_object(const struct json *json, const char *name,
                                 const struct json **out);

/* ---- writing ------------------------------------------------------------------------------ */

/* Commas and quotes are the writer's affair. `key` names the next value inside an object; in a list
 * and at the top there is none. */
struct json_writer {
    struct buf *buf; /* borrowed; its result tells whether all fitted */
    bool needs_comma;
};

void json_writer_init(struct json_writer *writer, struct buf *buf);
void json_write_key(struct json_writer *writer, struct text key);
void json_write_object(struct json_writer *writer); /* { */
void json_write_object_end(struct json_writer *writer);
void json_write_list(struct json_writer *writer); /* [ */
void json_write_list_end(struct json_writer *writer);
void json_write_text(struct json_writer *writer, struct text value);
void json_write_integer(struct json_writer *writer, int64_t value);
void json_write_real(struct json_writer *writer, double value); /* must be finite */
/* `value` / 10^places, exactly: (1500, 3) is 1.500. At most 9 places. */
void json_write_decimal(struct json_writer *writer, int64_t value, int places);
void json_write_bool(struct json_writer *writer, bool value);
void json_write_null(struct json_writer *writer);

/* A member in one line. */
void json_put_text(struct json_writer *writer, const char *key, struct text value);
void json_put_integer(struct json_writer *writer, const char *key, int64_t value);
void json_put_bool(struct json_writer *writer, const char *key, bool value);
