/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proto_query.h"

#include "api/scalar.h"

#include <stdlib.h>

/* Parameters in order, so that everything that belongs to one member, and to one item of a list,
 * stands together: a range. `from` is where the part of their names begins that is not read yet. */
struct range {
    const struct form_pair *at;
    size_t count;
    size_t from;
};

static enum rc decode_structure(struct call *call, struct range range, const struct shape *shape,
                                void *at);
static enum rc decode_value(struct call *call, struct range range, const struct shape *shape,
                            bool is_flattened, void *at);

static bool is_index(struct text segment)
{
    uint64_t ignored;

    return text_to_u64(segment, &ignored) == RC_OK;
}

/* Numbers first and by value, so that 10 stands behind 9; then names by their bytes. */
static int compare_segments(struct text a, struct text b)
{
    uint64_t left = 0;
    uint64_t right = 0;
    const bool is_left = text_to_u64(a, &left) == RC_OK;
    const bool is_right = text_to_u64(b, &right) == RC_OK;

    if (is_left != is_right) {
        return is_left ? -1 : 1;
    }
    if (left != right) {
        return left < right ? -1 : 1;
    }
    return text_compare(a, b);
}

static int by_name(const void *left, const void *right)
{
    struct text a = ((const struct form_pair *)left)->name;
    struct text b = ((const struct form_pair *)right)->name;
    struct text a_segment;
    struct text b_segment;

    for (;;) {
        const bool has_a = text_next(&a, '.', &a_segment);
        const bool has_b = text_next(&b, '.', &b_segment);
        int order;

        if (!has_a || !has_b) {
            return has_a - has_b;
        }
        order = compare_segments(a_segment, b_segment);
        if (order != 0) {
            return order;
        }
    }
}

static struct text segment_of(const struct form_pair *pair, size_t from)
{
    const struct text rest = text_slice(pair->name, from, pair->name.len);

    return text_slice(rest, 0, text_find(rest, '.'));
}

/* Takes the front of the range whose names go on with the same segment. False at its end. */
static bool next_group(struct range *range, struct range *group, struct text *segment)
{
    size_t count = 1;

    if (range->count == 0) {
        return false;
    }
    *segment = segment_of(&range->at[0], range->from);
    while (count < range->count && text_eq(segment_of(&range->at[count], range->from), *segment)) {
        count++;
    }
    *group = (struct range){range->at, count, range->from + segment->len + 1};
    range->at += count;
    range->count -= count;
    return true;
}

/* The range is one parameter whose name ends here: a value. */
static bool is_leaf(const struct range *range)
{
    return range->count == 1 && range->at[0].name.len < range->from;
}

/* Its name ends here, but others go on, or it was sent twice. */
static bool is_mixed(const struct range *range)
{
    return range->count > 1 && range->at[0].name.len < range->from;
}

static bool is_ec2(const struct call *call)
{
    return call->service->protocol == PROTOCOL_EC2;
}

static enum rc refuse_form(struct call *call, struct range range, const char *what)
{
    if (is_ec2(call)) {
        return call_refuse(call, "InvalidParameter", "The parameter %.*s has an invalid format.",
                           TEXT_ARG(range.at[0].name));
    }
    return call_refuse(call, "MalformedInput", "%s at '%.*s'", what, TEXT_ARG(range.at[0].name));
}

static enum rc decode_scalar(struct call *call, struct range range, const struct shape *shape,
                             void *at)
{
    enum rc rc;

    if (!is_leaf(&range)) {
        return refuse_form(call, range, "Unexpected complex element");
    }
    rc = scalar_parse(shape, range.at[0].value, call->arena, at);
    if (rc != RC_BAD) {
        return rc;
    }
    if (is_ec2(call)) {
        return call_refuse(
            call, "InvalidParameterValue", "Invalid value '%.*s' for %.*s. It must be of type %s.",
            TEXT_ARG(range.at[0].value), TEXT_ARG(range.at[0].name), scalar_type_name(shape));
    }
    return call_refuse(call, "MalformedInput", "'%.*s' at '%.*s' is not of type %s",
                       TEXT_ARG(range.at[0].value), TEXT_ARG(range.at[0].name),
                       scalar_type_name(shape));
}

/* The groups of a list's or map's items: Name.1, or Name.member.1 before that. */
static enum rc find_items(struct call *call, struct range *range, const char *wrapper)
{
    struct range all = *range;
    struct range group;
    struct text segment;

    if (wrapper != NULL) {
        if (!next_group(&all, &group, &segment) || all.count > 0 ||
            !text_eq(segment, text_of(wrapper)) || is_leaf(&group) || is_mixed(&group)) {
            return refuse_form(call, *range, "Start of list found where not expected");
        }
        *range = group;
        all = group;
    }
    while (next_group(&all, &group, &segment)) {
        if (!is_index(segment)) {
            return refuse_form(call, group, "Unexpected index of a list");
        }
    }
    return RC_OK;
}

static size_t count_groups(struct range range)
{
    struct range group;
    struct text segment;
    size_t count = 0;

    while (next_group(&range, &group, &segment)) {
        count++;
    }
    return count;
}

static enum rc decode_items(struct call *call, struct range range, const struct shape *shape,
                            bool is_flattened, struct shape_items *out)
{
    const char *wrapper = shape->type == SHAPE_MAP ? "entry" : shape->members[0].wire_in;
    const bool is_empty = is_leaf(&range) && range.at[0].value.len == 0;
    struct range group;
    struct text segment;
    size_t count = 0;
    char *items;

    if (!is_empty) {
        if (is_leaf(&range) || is_mixed(&range)) {
            return refuse_form(call, range, "Start of list found where not expected");
        }
        TRY(find_items(call, &range,
                       is_flattened || shape->is_flattened || is_ec2(call) ? NULL : wrapper));
        count = count_groups(range);
    }
    items = arena_take_array(call->arena, count + 1, shape->size);
    if (items == NULL) {
        return RC_LIMIT;
    }
    *out = (struct shape_items){count, items};
    for (size_t i = 0; i < count; i++) {
        char *item = items + i * shape->size;

        (void)next_group(&range, &group, &segment);
        if (shape->type == SHAPE_MAP) {
            struct shape entry = {
                .type = SHAPE_STRUCTURE, .members = shape->members, .member_count = 2};

            TRY(decode_structure(call, group, &entry, item));
        } else {
            TRY(decode_value(call, group, shape->members[0].shape, false, item));
        }
    }
    return RC_OK;
}

/* Into `at`: a scalar, list or map in place, or the members of a structure. */
static enum rc decode_value(struct call *call, struct range range, const struct shape *shape,
                            bool is_flattened, void *at)
{
    if (shape_is_scalar(shape)) {
        return decode_scalar(call, range, shape, at);
    }
    if (shape->type != SHAPE_STRUCTURE) {
        return decode_items(call, range, shape, is_flattened, at);
    }
    if (is_leaf(&range) && range.at[0].value.len == 0) {
        return RC_OK; /* `Member=`: a structure without members */
    }
    if (is_leaf(&range) || is_mixed(&range)) {
        return refuse_form(call, range, "Start of structure or map found where not expected");
    }
    return decode_structure(call, range, shape, at);
}

/* Sent empty where emptiness is no value. A required enum stays, to be refused by its words. */
static bool counts_as_absent(const struct member *member, const struct range *range)
{
    const struct shape *shape = member->shape;

    if (!is_leaf(range) || range->at[0].value.len > 0 || !shape_is_scalar(shape)) {
        return false;
    }
    return (shape->type != SHAPE_TEXT && shape->type != SHAPE_BLOB) ||
           (shape->words != NULL && !member->is_required);
}

static enum rc decode_member(struct call *call, struct range range, const struct member *member,
                             void *at)
{
    char *place = (char *)at + member->offset;

    if (counts_as_absent(member, &range)) {
        return RC_OK;
    }
    if (member->shape->type == SHAPE_STRUCTURE) {
        void *structure = arena_take(call->arena, member->shape->size);

        if (structure == NULL) {
            return RC_LIMIT;
        }
        *(void **)place = structure;
        place = structure;
    }
    TRY(decode_value(call, range, member->shape, member->is_flattened, place));
    if (shape_is_scalar(member->shape) && member->shape->type != SHAPE_TEXT &&
        member->shape->type != SHAPE_BLOB) {
        *(bool *)((char *)at + member->has_offset) = true;
    }
    return RC_OK;
}

static enum rc decode_structure(struct call *call, struct range range, const struct shape *shape,
                                void *at)
{
    struct range group;
    struct text segment;

    while (next_group(&range, &group, &segment)) {
        const struct member *member = shape_member_in(shape, segment);

        if (member != NULL) {
            TRY(decode_member(call, group, member, at));
        } else if (is_ec2(call)) {
            return call_refuse(call, "UnknownParameter", "The parameter %.*s is not recognized",
                               TEXT_ARG(group.at[0].name));
        }
    }
    return RC_OK;
}

/* Of the protocol and of the signature, not of the operation. */
static bool is_of_protocol(struct text name)
{
    return text_eq(name, TEXT("Action")) || text_eq(name, TEXT("Version")) ||
           text_starts(name, TEXT("X-Amz-"));
}

enum rc proto_query_decode(struct call *call, struct form_pairs *pairs, void *in)
{
    struct range range = {pairs->at, 0, 0};

    for (size_t i = 0; i < pairs->count; i++) {
        if (!is_of_protocol(pairs->at[i].name)) {
            pairs->at[range.count++] = pairs->at[i];
        }
    }
    qsort(pairs->at, range.count, sizeof(*pairs->at), by_name);
    return decode_structure(call, range, call->operation->input, in);
}
