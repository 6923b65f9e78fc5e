/* SPDX-License-Identifier: Apache-2.0 */
/* record: C structs to JSON and back, by tables. A table says once what a member is called, where
 * it is kept, what it may hold and what it is when left out; reading and writing both follow it, so
 * they cannot disagree.
 *
 * Reading is strict: unknown members, wrong types and values out of range are refused, with the
 * path of the member: "balancers[0].listeners[1].port: 70000 is not 1 to 65535". Members are read
 * in the order of their table, whatever the document's order, so a member may refer to what stands
 * before it. Writing leaves out what equals its default.
 *
 * Texts that are written must be UTF-8 (codec/utf8). */
#pragma once
#include "base/arena.h"
#include "base/buf.h"

#include <stdint.h>

enum record_kind {
    RECORD_TEXT,   /* struct text */
    RECORD_STRING, /* const char *, terminated */
    RECORD_NUMBER, /* any integer type of 1 to 8 bytes, min to max */
    RECORD_BOOL,
    RECORD_WORD,    /* an enum, by its words */
    RECORD_PRINTED, /* anything that has a text form, by parse() and print() */
    RECORD_STRUCT,  /* nested in place */
    RECORD_LIST,    /* a pointer to elements, and a size_t count */
    RECORD_NAMED,   /* a pointer to something that stands in the document already, by its name */
};

struct record_reader;

struct record_member {
    const char *name;
    enum record_kind kind;
    size_t offset;
    size_t width;                        /* of the member; LIST and NAMED: not used */
    size_t count_offset;                 /* LIST: of its size_t */
    size_t count_max;                    /* LIST */
    size_t element_size;                 /* LIST */
    const struct record_member *element; /* LIST: its offset is 0 */
    const struct record *record;         /* STRUCT */
    const char *const *words;            /* WORD: by value, ends with NULL */
    int64_t min, max, preset;            /* NUMBER; preset of BOOL and WORD too */
    const char *preset_text;             /* TEXT */
    bool is_required;                    /* no default; a text may not be empty */
    bool is_always_written;              /* its absence means something else than its default */
    /* PRINTED: its text form, and the rule in words for whoever broke it. All zero: left out. */
    enum rc (*parse)(struct text text, void *out);
    void (*print)(const void *value, struct buf *out);
    const char *rule;
    /* NAMED: the thing, or NULL; and back: the name of a thing. */
    const void *(*find)(const struct record_reader *reader, struct text name);
    struct text (*name_of)(const void *thing);
};

struct record {
    size_t size;
    const struct record_member *members;
    size_t member_count;
    /* Called when all members are read: fills what follows from others and refuses what does not go
     * together, with record_refuse(). May be NULL. */
    enum rc (*finish)(struct record_reader *reader, void *item);
};

/* Where we are in the document; frames live on the stack of the reading functions. */
struct record_path {
    const struct record_path *parent;
    const char *name; /* NULL: an element, by index */
    size_t index;
};

struct record_reader {
    struct arena *arena; /* borrowed; all that is read points into it */
    char *why;
    size_t why_size;
    const struct record_path *path;
    void *context; /* for find() and finish() */
};

#define RECORD(type, members_, finish_)                                                   \
    {                                                                                     \
        .size = sizeof(type), .members = (members_), .member_count = ARRAY_LEN(members_), \
        .finish = (finish_)                                                               \
    }
/* Where a member stands: {"port", RECORD_NUMBER, AT(struct snap_target, port), ...} */
#define AT(type, member) .offset = offsetof(type, member), .width = sizeof(((type *)NULL)->member)
/* Of pointers: a list's elements and count, and NAMED. */
#define POINTER_AT(type, member) .offset = offsetof(type, member)
#define LIST_AT(type, member, count, element_, max_)                                        \
    POINTER_AT(type, member), .count_offset = offsetof(type, count), .element = (element_), \
                              .element_size = sizeof(*((type *)NULL)->member), .count_max = (max_)

/* Reads a whole document. RC_BAD, RC_LIMIT (too deep, or the arena is full): `why` tells; `out` is
 * partly filled then. */
MUST_USE enum rc record_read(struct record_reader *reader, const struct record *record,
                             struct text document, void *out);
/* What record_read() makes of an empty object, without finish() and whether or not members are
 * required: numbers, words and texts preset, all else zero. */
void record_defaults(const struct record *record, void *out);
/* Appends `item` with its defaults left out. */
void record_write(const struct record *record, const void *item, struct buf *out);

/* RC_BAD, for `return record_refuse(...)`. `member`: below the current path, or NULL for itself. */
enum rc record_refuse(const struct record_reader *reader, const char *member, const char *format,
                      ...) PRINTF_LIKE(3, 4);
/* The current path, kept in the arena: "balancers[0].listeners[1]". */
struct text record_path_text(const struct record_reader *reader);
