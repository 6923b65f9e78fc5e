/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions and transforms as the documents that the store keeps. */
#include "codec/json.h"
#include "control/condition.h"

#define DOCUMENT_BYTES_MAX (64 * 1024) /* of one rule: far above what the checks let by */

static const char *const condition_words[] = {
    [CONDITION_HOST] = "host",     [CONDITION_PATH] = "path",   [CONDITION_FIELD] = "field",
    [CONDITION_METHOD] = "method", [CONDITION_QUERY] = "query", [CONDITION_SOURCE_IP] = "source_ip",
};
static const char *const transform_words[] = {
    [TRANSFORM_HOST] = "host",
    [TRANSFORM_URL] = "url",
};

static enum rc finish(struct buf *buf, struct arena *arena, struct text *out);
static enum rc open_list(struct text document, struct arena *arena, const struct json **out);
static enum rc find_word(const struct json *json, const char *const *words, size_t count,
                         size_t *out);

static void put_texts(struct json_writer *writer, const char *key,
                      const struct condition_texts *texts)
{
    if (texts->count == 0) {
        return;
    }
    json_write_key(writer, text_of(key));
    json_write_list(writer);
    for (size_t i = 0; i < texts->count; i++) {
        json_write_text(writer, texts->at[i]);
    }
    json_write_list_end(writer);
}

static void put_pairs(struct json_writer *writer, const struct condition *condition)
{
    if (condition->pair_count == 0) {
        return;
    }
    json_write_key(writer, TEXT("pairs"));
    json_write_list(writer);
    for (size_t i = 0; i < condition->pair_count; i++) {
        json_write_object(writer);
        if (condition->pairs[i].key.at != NULL) {
            json_put_text(writer, "key", condition->pairs[i].key);
        }
        json_put_text(writer, "value", condition->pairs[i].value);
        json_write_object_end(writer);
    }
    json_write_list_end(writer);
}

static void put_condition(struct json_writer *writer, const struct condition *condition)
{
    json_write_object(writer);
    json_put_text(writer, "type", text_of(condition_words[condition->type]));
    if (condition->type == CONDITION_FIELD) {
        json_put_text(writer, "name", condition->field_name);
    }
    put_texts(writer, "values", &condition->values);
    put_texts(writer, "regexes", &condition->regexes);
    put_pairs(writer, condition);
    json_write_object_end(writer);
}

enum rc conditions_encode(const struct conditions *conditions, struct arena *arena,
                          struct text *out)
{
    struct json_writer writer;
    struct buf buf;

    buf_init(&buf, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &buf);
    json_write_list(&writer);
    for (size_t i = 0; i < conditions->count; i++) {
        put_condition(&writer, &conditions->at[i]);
    }
    json_write_list_end(&writer);
    return finish(&buf, arena, out);
}

enum rc transforms_encode(const struct transforms *transforms, struct arena *arena,
                          struct text *out)
{
    struct json_writer writer;
    struct buf buf;

    buf_init(&buf, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &buf);
    json_write_list(&writer);
    for (size_t i = 0; i < transforms->count; i++) {
        json_write_object(&writer);
        json_put_text(&writer, "type", text_of(transform_words[transforms->at[i].type]));
        json_put_text(&writer, "regex", transforms->at[i].regex);
        json_put_text(&writer, "replace", transforms->at[i].replace);
        json_write_object_end(&writer);
    }
    json_write_list_end(&writer);
    return finish(&buf, arena, out);
}

static enum rc get_texts(const struct json *json, const char *name, struct arena *arena,
                         struct condition_texts *out)
{
    const struct json *list;
    const enum rc rc = json_get_list(json, name, &list);

    if (rc != RC_OK) {
        return rc == RC_ABSENT ? RC_OK : rc;
    }
    out->at = ARENA_ARRAY(arena, struct text, list->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].type != JSON_IS_TEXT) {
            return RC_BAD;
        }
        out->at[i] = list->items[i].text;
    }
    out->count = list->count;
    return RC_OK;
}

static enum rc get_pairs(const struct json *json, struct arena *arena, struct condition *out)
{
    const struct json *list;
    const enum rc rc = json_get_list(json, "pairs", &list);

    if (rc != RC_OK) {
        return rc == RC_ABSENT ? RC_OK : rc;
    }
    out->pairs = ARENA_ARRAY(arena, struct condition_pair, list->count);
    if (out->pairs == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < list->count; i++) {
        const enum rc key = json_get_text(&list->items[i], "key", &out->pairs[i].key);

        if (key != RC_OK && key != RC_ABSENT) {
            return key;
        }
        TRY(json_get_text(&list->items[i], "value", &out->pairs[i].value));
    }
    out->pair_count = list->count;
    return RC_OK;
}

static enum rc get_condition(const struct json *json, struct arena *arena, struct condition *out)
{
    size_t type = 0;

    TRY(find_word(json, condition_words, ARRAY_LEN(condition_words), &type));
    out->type = (enum condition_type)type;
    if (out->type == CONDITION_FIELD) {
        TRY(json_get_text(json, "name", &out->field_name));
    }
    TRY(get_texts(json, "values", arena, &out->values));
    TRY(get_texts(json, "regexes", arena, &out->regexes));
    return get_pairs(json, arena, out);
}

enum rc conditions_decode(struct text document, struct arena *arena, struct conditions *out)
{
    const struct json *list;
    struct conditions conditions;

    TRY(open_list(document, arena, &list));
    conditions.count = list->count;
    conditions.at = ARENA_ARRAY(arena, struct condition, list->count);
    if (conditions.at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < list->count; i++) {
        TRY(get_condition(&list->items[i], arena, &conditions.at[i]));
    }
    *out = conditions;
    return RC_OK;
}

enum rc transforms_decode(struct text document, struct arena *arena, struct transforms *out)
{
    const struct json *list;
    struct transforms transforms;

    TRY(open_list(document, arena, &list));
    transforms.count = list->count;
    transforms.at = ARENA_ARRAY(arena, struct transform, list->count);
    if (transforms.at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct transform *transform = &transforms.at[i];
        size_t type = 0;

        TRY(find_word(&list->items[i], transform_words, ARRAY_LEN(transform_words), &type));
        transform->type = (enum transform_type)type;
        transform->rewrite_count = 1;
        TRY(json_get_text(&list->items[i], "regex", &transform->regex));
        TRY(json_get_text(&list->items[i], "replace", &transform->replace));
    }
    *out = transforms;
    return RC_OK;
}

static enum rc finish(struct buf *buf, struct arena *arena, struct text *out)
{
    enum rc rc = buf_result(buf);

    if (rc == RC_OK) {
        *out = arena_text(arena, buf_text(buf));
        rc = out->at != NULL ? RC_OK : RC_LIMIT;
    }
    buf_done(buf);
    return rc;
}

static enum rc open_list(struct text document, struct arena *arena, const struct json **out)
{
    TRY(json_parse(document, arena, out, NULL, 0));
    return (*out)->type == JSON_IS_LIST ? RC_OK : RC_BAD;
}

static enum rc find_word(const struct json *json, const char *const *words, size_t count,
                         size_t *out)
{
    struct text word;

    TRY(json_get_text(json, "type", &word));
    for (size_t i = 0; i < count; i++) {
        if (text_eq(word, text_of(words[i]))) {
            *out = i;
            return RC_OK;
        }
    }
    return RC_BAD;
}
