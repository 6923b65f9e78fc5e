/* SPDX-License-Identifier: Apache-2.0 */
#include "api/validate.h"

#include "api/scalar.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codec/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct validator {
    const struct service *service;
    pcre2_code **patterns; /* own */
    pcre2_match_context *limits;
    pcre2_match_data *match;
};

/* Where we are in the input: path is "actions.1.member.type". */
struct walk {
    struct validator *validator;
    struct call *call;
    struct buf path;
    struct buf found; /* the violations, "; " between them */
    size_t count;
};

static void check_structure(struct walk *walk, const struct shape *shape, const void *at);
static void check_value(struct walk *walk, const struct shape *shape, const void *at);

struct validator *validator_new(const struct service *service)
{
    struct validator *validator = MEM_NEW(struct validator);

    validator->service = service;
    validator->patterns = mem_take_array(service->pattern_count + 1, sizeof(pcre2_code *));
    validator->limits = pcre2_match_context_create(NULL);
    validator->match = pcre2_match_data_create(1, NULL);
    ASSERT(validator->limits != NULL);
    ASSERT(validator->match != NULL);
    (void)pcre2_set_match_limit(validator->limits, LIMIT_PATTERN_STEPS);
    (void)pcre2_set_depth_limit(validator->limits, LIMIT_PATTERN_STEPS);
    for (size_t i = 0; i < service->pattern_count; i++) {
        int error;
        size_t where;

        /* AWS's patterns must match the whole value, as Java's matches() does. */
        validator->patterns[i] =
            pcre2_compile((PCRE2_SPTR)service->patterns[i], PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY,
                          &error, &where, NULL);
        ASSERT(validator->patterns[i] != NULL); /* the facts are ours */
    }
    return validator;
}

void validator_free(struct validator *validator)
{
    if (validator == NULL) {
        return;
    }
    for (size_t i = 0; i < validator->service->pattern_count; i++) {
        pcre2_code_free(validator->patterns[i]);
    }
    mem_give(validator->patterns);
    pcre2_match_context_free(validator->limits);
    pcre2_match_data_free(validator->match);
    mem_give(validator);
}

enum rc validator_check(struct validator *validator, struct call *call, const void *in)
{
    struct walk walk = {.validator = validator, .call = call};

    buf_init(&walk.path, LIMIT_VIOLATIONS_BYTES);
    buf_init(&walk.found, LIMIT_VIOLATIONS_BYTES);
    check_structure(&walk, call->operation->input, in);
    if (walk.count > 0 && call->turn.refusal.code == NULL) {
        (void)call_refuse(call,
                          call->service->protocol == PROTOCOL_QUERY ? "ValidationError"
                                                                    : "ValidationException",
                          "%zu validation error%s detected: %.*s", walk.count,
                          walk.count == 1 ? "" : "s", TEXT_ARG(buf_text(&walk.found)));
    }
    buf_done(&walk.path);
    buf_done(&walk.found);
    return call->turn.refusal.code == NULL ? RC_OK : RC_DENIED;
}

static bool is_ec2(const struct walk *walk)
{
    return walk->call->service->protocol == PROTOCOL_EC2;
}

/* ---- what a value looks like in a message --------------------------------------------------- */

static void write_value(struct buf *out, const struct shape *shape, const void *at);

static void write_items(struct buf *out, const struct shape *shape, const struct shape_items *items)
{
    const bool is_map = shape->type == SHAPE_MAP;

    buf_add_byte(out, is_map ? '{' : '[');
    for (size_t i = 0; i < items->count; i++) {
        const char *item = (const char *)items->items + i * shape->size;

        if (i > 0) {
            buf_add(out, TEXT(", "));
        }
        if (is_map) {
            write_value(out, shape->members[0].shape, member_value(&shape->members[0], item));
            buf_add_byte(out, '=');
            write_value(out, shape->members[1].shape, member_value(&shape->members[1], item));
        } else {
            write_value(out, shape->members[0].shape, item);
        }
    }
    buf_add_byte(out, is_map ? '}' : ']');
}

static void add_lower_first(struct buf *out, const char *name)
{
    const char first = name[0];

    buf_add_byte(out, first >= 'A' && first <= 'Z' ? ascii_lower(first) : first);
    buf_add(out, text_of(name + 1));
}

static void write_structure(struct buf *out, const struct shape *shape, const void *at)
{
    bool is_first = true;

    buf_add(out, text_of(shape->name));
    buf_add_byte(out, '(');
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];

        if (!member_is_given(member, at)) {
            continue;
        }
        if (!is_first) {
            buf_add(out, TEXT(", "));
        }
        is_first = false;
        add_lower_first(out, member->name);
        buf_add_byte(out, '=');
        write_value(out, member->shape, member_value(member, at));
    }
    buf_add_byte(out, ')');
}

static void write_value(struct buf *out, const struct shape *shape, const void *at)
{
    if (shape->is_sensitive) {
        buf_add(out, TEXT("*** Sensitive Data Redacted ***"));
    } else if (shape->type == SHAPE_STRUCTURE) {
        write_structure(out, shape, at);
    } else if (shape_is_scalar(shape)) {
        scalar_write(out, shape, at);
    } else {
        write_items(out, shape, at);
    }
}

/* ---- violations ----------------------------------------------------------------------------- */

PRINTF_LIKE(4, 5)
static void violate(struct walk *walk, const struct shape *shape, const void *at,
                    const char *format, ...)
{
    char constraint[2048];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(constraint, sizeof(constraint), format, args);
    va_end(args);
    if (walk->count++ > 0) {
        buf_add(&walk->found, TEXT("; "));
    }
    buf_add(&walk->found, TEXT("Value "));
    if (at == NULL) {
        buf_add(&walk->found, TEXT("null "));
    } else if (!shape->is_sensitive) {
        buf_add_byte(&walk->found, '\'');
        write_value(&walk->found, shape, at);
        buf_add(&walk->found, TEXT("' "));
    }
    buf_printf(&walk->found, "at '%.*s' failed to satisfy constraint: %s",
               TEXT_ARG(buf_text(&walk->path)), constraint);
}

/* Name of the parameter as ec2 has it in messages: the last part of the path. */
static struct text ec2_name(const struct walk *walk)
{
    struct text rest = buf_text(&walk->path);
    struct text part;
    struct text name = rest;

    while (text_next(&rest, '.', &part)) {
        if (part.len > 0 && (part.at[0] < '0' || part.at[0] > '9')) {
            name = part;
        }
    }
    return name;
}

static void violate_ec2(struct walk *walk, const struct shape *shape, const void *at,
                        const char *expecting)
{
    struct buf value;

    buf_init(&value, LIMIT_VIOLATIONS_BYTES);
    write_value(&value, shape, at);
    (void)call_refuse(walk->call, "InvalidParameterValue",
                      "Value ( %.*s ) for parameter %.*s is invalid.%s%s",
                      TEXT_ARG(buf_text(&value)), TEXT_ARG(ec2_name(walk)),
                      expecting[0] != '\0' ? " " : "", expecting);
    buf_done(&value);
}

static void check_words(struct walk *walk, const struct shape *shape, const struct text *value)
{
    struct buf words;

    for (const char *const *word = shape->words; *word != NULL; word++) {
        if (text_eq(text_of(*word), *value)) {
            return;
        }
    }
    if (is_ec2(walk)) {
        violate_ec2(walk, shape, value, "");
        return;
    }
    buf_init(&words, LIMIT_VIOLATIONS_BYTES);
    for (const char *const *word = shape->words; *word != NULL; word++) {
        buf_printf(&words, "%s%s", word == shape->words ? "" : ", ", *word);
    }
    violate(walk, shape, value, "Member must satisfy enum value set: [%.*s]",
            TEXT_ARG(buf_text(&words)));
    buf_done(&words);
}

static void check_pattern(struct walk *walk, const struct shape *shape, const struct text *value)
{
    struct validator *validator = walk->validator;
    const int matched =
        pcre2_match(validator->patterns[shape->pattern_index], (PCRE2_SPTR)value->at, value->len, 0,
                    0, validator->match, validator->limits);

    if (matched < 0) {
        violate(walk, shape, value, "Member must satisfy regular expression pattern: %s",
                shape->pattern);
    }
}

/* `kind`: " length" of texts and lists, " value" of numbers. */
static void check_bounds(struct walk *walk, const struct shape *shape, const void *at,
                         const char *kind, int64_t value)
{
    const bool is_small = shape->has_min && value < shape->min;
    const bool is_large = shape->has_max && value > shape->max;
    const long long bound = is_small ? shape->min : shape->max;
    char expecting[96];

    if (!is_small && !is_large) {
        return;
    }
    if (is_ec2(walk)) {
        (void)snprintf(expecting, sizeof(expecting), "Expecting a %s %s than or equal to %lld.",
                       kind, is_small ? "greater" : "less", bound);
        violate_ec2(walk, shape, at, expecting);
        return;
    }
    violate(walk, shape, at, "Member must have %s %s than or equal to %lld", kind,
            is_small ? "greater" : "less", bound);
}

static void check_scalar(struct walk *walk, const struct shape *shape, const void *at)
{
    switch (shape->type) {
    case SHAPE_TEXT:
        if (shape->words != NULL) {
            check_words(walk, shape, at);
        }
        check_bounds(walk, shape, at, "length", (int64_t)utf8_count(*(const struct text *)at));
        if (shape->pattern != NULL) {
            check_pattern(walk, shape, at);
        }
        return;
    case SHAPE_BLOB:
        check_bounds(walk, shape, at, "length", (int64_t)((const struct text *)at)->len);
        return;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        check_bounds(walk, shape, at, "value", *(const int64_t *)at);
        return;
    case SHAPE_DOUBLE:
    case SHAPE_BOOLEAN:
    case SHAPE_TIME:
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
        return;
    }
}

static void check_items(struct walk *walk, const struct shape *shape,
                        const struct shape_items *items)
{
    const size_t mark = walk->path.len;

    check_bounds(walk, shape, items, "length", (int64_t)items->count);
    for (size_t i = 0; i < items->count; i++) {
        const char *item = (const char *)items->items + i * shape->size;

        buf_printf(&walk->path, ".%zu", i + 1);
        if (shape->type == SHAPE_MAP) {
            struct shape entry = {
                .type = SHAPE_STRUCTURE, .members = shape->members, .member_count = 2};

            check_structure(walk, &entry, item);
        } else {
            buf_add(&walk->path, TEXT(".member"));
            check_value(walk, shape->members[0].shape, item);
        }
        walk->path.len = mark;
    }
}

static void check_value(struct walk *walk, const struct shape *shape, const void *at)
{
    if (shape->type == SHAPE_STRUCTURE) {
        check_structure(walk, shape, at);
    } else if (shape_is_scalar(shape)) {
        check_scalar(walk, shape, at);
    } else {
        check_items(walk, shape, at);
    }
}

static void check_missing(struct walk *walk, const struct member *member)
{
    if (is_ec2(walk)) {
        (void)call_refuse(walk->call, "MissingParameter",
                          "The request must contain the parameter %s", member->wire_in);
        return;
    }
    violate(walk, member->shape, NULL, "Member must not be null");
}

static void check_structure(struct walk *walk, const struct shape *shape, const void *at)
{
    const size_t mark = walk->path.len;

    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];

        if (mark > 0) {
            buf_add_byte(&walk->path, '.');
        }
        if (is_ec2(walk)) {
            buf_add(&walk->path, text_of(member->wire_in));
        } else {
            add_lower_first(&walk->path, member->name);
        }
        if (member_is_given(member, at)) {
            check_value(walk, member->shape, member_value(member, at));
        } else if (member->is_required) {
            check_missing(walk, member);
        }
        walk->path.len = mark;
    }
}
