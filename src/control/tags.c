/* SPDX-License-Identifier: Apache-2.0 */
#include "control/tags.h"

#include "control/quota.h"
#include "control/resource.h"

static enum tag_fault check_one(const struct tag_row *tags, size_t i);
static size_t count_after(const struct tag_rows *old, const struct tag_row *tags, size_t count);
static enum rc refuse_tag(struct turn *turn, enum tag_fault fault, const struct tag_row *tag);
static enum rc check_resource(struct turn *turn, struct text resource);
static enum rc delete_one(struct turn *turn, const struct tag_rows *old, const struct tag_row *tag);
static size_t char_count(struct text text);

enum rc tags_put(struct turn *turn, struct text resource, const struct tag_row *tags, size_t count,
                 enum tag_fault *fault, size_t *index)
{
    struct tag_rows old;

    for (size_t i = 0; i < count; i++) {
        *fault = check_one(tags, i);
        *index = i;
        if (*fault != TAG_FINE) {
            return RC_BAD;
        }
    }
    TRY(tag_row_list(turn->store, turn->arena, resource, &old));
    if (count_after(&old, tags, count) > QUOTA_TAGS) {
        *fault = TAG_TOO_MANY;
        *index = 0;
        return RC_BAD;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(tag_row_put(turn->store, resource, tags[i].key, tags[i].value));
    }
    *fault = TAG_FINE;
    return RC_OK;
}

enum rc tags_put_ec2(struct turn *turn, struct text resource, const struct tag_row *tags,
                     size_t count)
{
    enum tag_fault fault = TAG_FINE;
    size_t index = 0;
    enum rc rc = tags_put(turn, resource, tags, count, &fault, &index);

    if (rc == RC_BAD && fault != TAG_FINE) {
        return refuse_tag(turn, fault, &tags[index]);
    }
    return rc;
}

static enum rc refuse_coded(struct turn *turn, enum tag_fault fault, struct text key,
                            const struct tag_codes *codes)
{
    switch (fault) {
    case TAG_DUPLICATE:
        return refuse(&turn->refusal, RC_BAD, codes->duplicate,
                      "Tag key was specified more than once: %.*s", TEXT_ARG(key));
    case TAG_TOO_MANY:
        return refuse(&turn->refusal, RC_LIMIT, codes->too_many,
                      "The number of tags has reached the maximum limit of %d.", QUOTA_TAGS);
    case TAG_RESERVED:
        return refuse(&turn->refusal, RC_BAD, codes->invalid,
                      "Tag keys that begin with 'aws:' are reserved: %.*s", TEXT_ARG(key));
    case TAG_KEY_EMPTY:
    case TAG_KEY_LONG:
    case TAG_VALUE_LONG:
        return refuse(
            &turn->refusal, RC_BAD, codes->invalid,
            "The tag is not valid: %.*s. Keys have 1 to 128 characters, values at most 256.",
            TEXT_ARG(key));
    case TAG_FINE:
        break;
    }
    return RC_BAD;
}

enum rc tags_put_coded(struct turn *turn, struct text resource, const struct tag_row *tags,
                       size_t count, const struct tag_codes *codes)
{
    enum tag_fault fault = TAG_FINE;
    size_t index = 0;
    const enum rc rc = tags_put(turn, resource, tags, count, &fault, &index);

    return fault == TAG_FINE ? rc : refuse_coded(turn, fault, tags[index].key, codes);
}

enum rc tags_create(struct turn *turn, const struct text *resources, size_t resource_count,
                    const struct tag_row *tags, size_t count)
{
    for (size_t i = 0; i < resource_count; i++) {
        TRY(check_resource(turn, resources[i]));
    }
    for (size_t i = 0; i < resource_count; i++) {
        TRY(tags_put_ec2(turn, resources[i], tags, count));
    }
    return RC_OK;
}

enum rc tags_delete(struct turn *turn, const struct text *resources, size_t resource_count,
                    const struct tag_row *tags, size_t count)
{
    for (size_t i = 0; i < resource_count; i++) {
        struct tag_rows old;

        TRY(check_resource(turn, resources[i]));
        if (count == 0) {
            TRY(tag_row_delete_all(turn->store, resources[i]));
            continue;
        }
        TRY(tag_row_list(turn->store, turn->arena, resources[i], &old));
        for (size_t j = 0; j < count; j++) {
            TRY(delete_one(turn, &old, &tags[j]));
        }
    }
    return RC_OK;
}

static enum tag_fault check_one(const struct tag_row *tags, size_t i)
{
    if (text_is_empty(tags[i].key)) {
        return TAG_KEY_EMPTY;
    }
    if (char_count(tags[i].key) > QUOTA_TAG_KEY_CHARS) {
        return TAG_KEY_LONG;
    }
    if (char_count(tags[i].value) > QUOTA_TAG_VALUE_CHARS) {
        return TAG_VALUE_LONG;
    }
    if (text_eq_nocase(text_slice(tags[i].key, 0, 4), TEXT("aws:"))) {
        return TAG_RESERVED;
    }
    for (size_t j = 0; j < i; j++) {
        if (text_eq(tags[j].key, tags[i].key)) {
            return TAG_DUPLICATE;
        }
    }
    return TAG_FINE;
}

static size_t count_after(const struct tag_rows *old, const struct tag_row *tags, size_t count)
{
    size_t after = old->count + count;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < old->count; j++) {
            if (text_eq(tags[i].key, old->at[j].key)) {
                after--;
                break;
            }
        }
    }
    return after;
}

/* EC2's messages, as seen in public reports of its answers. */
static enum rc refuse_tag(struct turn *turn, enum tag_fault fault, const struct tag_row *tag)
{
    struct refusal *why = &turn->refusal;

    switch (fault) {
    case TAG_KEY_EMPTY:
        return refuse(why, RC_BAD, "InvalidParameterValue", "Tag key cannot be empty.");
    case TAG_KEY_LONG:
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Tag key exceeds the maximum length of %d characters", QUOTA_TAG_KEY_CHARS);
    case TAG_VALUE_LONG:
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Tag value exceeds the maximum length of %d characters",
                      QUOTA_TAG_VALUE_CHARS);
    case TAG_RESERVED:
        return refuse(why, RC_BAD, "InvalidParameterValue",
                      "Tag keys starting with 'aws:' are reserved for internal use");
    case TAG_DUPLICATE:
        return refuse(why, RC_BAD, "InvalidParameterValue", "Duplicate tag key '%.*s' specified.",
                      TEXT_ARG(tag->key));
    case TAG_TOO_MANY:
        return refuse(why, RC_LIMIT, "TagLimitExceeded",
                      "The maximum number of Tags for a resource has been reached.");
    case TAG_FINE:
        break;
    }
    return RC_OK;
}

static enum rc check_resource(struct turn *turn, struct text resource)
{
    enum resource_kind kind;

    if (resource_kind_of_id(resource, &kind) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "InvalidID", "The ID '%.*s' is not valid",
                      TEXT_ARG(resource));
    }
    return resource_check_exists(turn, kind, resource);
}

static enum rc delete_one(struct turn *turn, const struct tag_rows *old, const struct tag_row *tag)
{
    for (size_t i = 0; i < old->count; i++) {
        if (text_eq(old->at[i].key, tag->key) &&
            (!tag->value.at || text_eq(old->at[i].value, tag->value))) {
            return tag_row_delete(turn->store, old->at[i].resource, tag->key);
        }
    }
    return RC_OK;
}

/* AWS counts Unicode characters. The text is valid UTF-8: the API refused everything else. */
static size_t char_count(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    }
    return count;
}
