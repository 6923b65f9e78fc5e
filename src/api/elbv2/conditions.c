/* SPDX-License-Identifier: Apache-2.0 */
#include "api/elbv2/conditions.h"

static enum rc read_one(struct call *call, const struct elbv2_rule_condition *in,
                        struct condition *out);
static enum rc write_one(struct call *call, const struct condition *condition,
                         struct elbv2_rule_condition *out);

static struct condition_texts texts_of(const struct text_list *list)
{
    return (struct condition_texts){list->items, list->count};
}

static struct text_list list_of(const struct condition_texts *texts)
{
    return (struct text_list){texts->count, texts->count > 0 ? texts->at : NULL};
}

enum rc conditions_read(struct call *call, const struct elbv2_rule_condition_list *in,
                        struct conditions *out)
{
    out->count = in->count;
    out->at = ARENA_ARRAY(call->arena, struct condition, in->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->count; i++) {
        TRY(read_one(call, &in->items[i], &out->at[i]));
    }
    return RC_OK;
}

static enum rc read_pairs(struct call *call, const struct elbv2_query_string_condition_config *in,
                          struct condition *out)
{
    out->pairs = ARENA_ARRAY(call->arena, struct condition_pair, in->values.count);
    if (out->pairs == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->values.count; i++) {
        out->pairs[i].value = in->values.items[i].value;
        /* An empty key is one that was not given. */
        if (!text_is_empty(in->values.items[i].key)) {
            out->pairs[i].key = in->values.items[i].key;
        }
    }
    out->pair_count = in->values.count;
    return RC_OK;
}

static void read_texts(const struct text_list *values, const struct text_list *regexes,
                       struct condition *out)
{
    out->values = texts_of(values);
    if (regexes != NULL) {
        out->regexes = texts_of(regexes);
    }
}

/* The config that belongs to the field, if it was given. */
static enum rc read_config(struct call *call, const struct elbv2_rule_condition *in,
                           struct condition *out, bool *is_given)
{
    *is_given = true;
    if (out->type == CONDITION_HOST && in->host_header_config != NULL) {
        read_texts(&in->host_header_config->values, &in->host_header_config->regex_values, out);
    } else if (out->type == CONDITION_PATH && in->path_pattern_config != NULL) {
        read_texts(&in->path_pattern_config->values, &in->path_pattern_config->regex_values, out);
    } else if (out->type == CONDITION_FIELD && in->http_header_config != NULL) {
        out->field_name = in->http_header_config->http_header_name;
        read_texts(&in->http_header_config->values, &in->http_header_config->regex_values, out);
    } else if (out->type == CONDITION_METHOD && in->http_request_method_config != NULL) {
        read_texts(&in->http_request_method_config->values, NULL, out);
    } else if (out->type == CONDITION_SOURCE_IP && in->source_ip_config != NULL) {
        read_texts(&in->source_ip_config->values, NULL, out);
    } else if (out->type == CONDITION_QUERY && in->query_string_config != NULL) {
        return read_pairs(call, in->query_string_config, out);
    } else {
        *is_given = false;
    }
    return RC_OK;
}

static enum rc read_one(struct call *call, const struct elbv2_rule_condition *in,
                        struct condition *out)
{
    bool is_given;

    TRY(condition_type_find(&call->turn, in->field, &out->type));
    TRY(read_config(call, in, out, &is_given));
    if (is_given) {
        return RC_OK; /* clients send the values on top beside it, which say the same */
    }
    out->is_plain = in->values.count > 0;
    out->values = texts_of(&in->values);
    out->regexes = texts_of(&in->regex_values);
    return RC_OK;
}

enum rc conditions_write(struct call *call, const struct conditions *conditions,
                         struct elbv2_rule_condition_list *out)
{
    TRY(CALL_LIST(call, out, conditions->count));
    for (size_t i = 0; i < conditions->count; i++) {
        TRY(write_one(call, &conditions->at[i], &out->items[i]));
    }
    return RC_OK;
}

static enum rc write_pairs(struct call *call, const struct condition *condition,
                           struct elbv2_query_string_key_value_pair_list *out)
{
    TRY(CALL_LIST(call, out, condition->pair_count));
    for (size_t i = 0; i < condition->pair_count; i++) {
        out->items[i].key = condition->pairs[i].key;
        out->items[i].value = condition->pairs[i].value;
    }
    return RC_OK;
}

/* AWS ELBv2: hosts and paths come back in both forms, whichever was sent (observed). */
static enum rc write_one(struct call *call, const struct condition *condition,
                         struct elbv2_rule_condition *out)
{
    const struct text_list values = list_of(&condition->values);
    const struct text_list regexes = list_of(&condition->regexes);

    out->field = text_of(condition_type_word(condition->type));
    switch (condition->type) {
    case CONDITION_HOST:
        out->values = values;
        out->regex_values = regexes;
        TRY(CALL_NEW(call, &out->host_header_config));
        *out->host_header_config = (struct elbv2_host_header_condition_config){values, regexes};
        return RC_OK;
    case CONDITION_PATH:
        out->values = values;
        out->regex_values = regexes;
        TRY(CALL_NEW(call, &out->path_pattern_config));
        *out->path_pattern_config = (struct elbv2_path_pattern_condition_config){values, regexes};
        return RC_OK;
    case CONDITION_FIELD:
        TRY(CALL_NEW(call, &out->http_header_config));
        *out->http_header_config =
            (struct elbv2_http_header_condition_config){condition->field_name, values, regexes};
        return RC_OK;
    case CONDITION_METHOD:
        TRY(CALL_NEW(call, &out->http_request_method_config));
        out->http_request_method_config->values = values;
        return RC_OK;
    case CONDITION_SOURCE_IP:
        TRY(CALL_NEW(call, &out->source_ip_config));
        out->source_ip_config->values = values;
        return RC_OK;
    case CONDITION_QUERY:
        TRY(CALL_NEW(call, &out->query_string_config));
        return write_pairs(call, condition, &out->query_string_config->values);
    }
    return RC_BAD;
}

/* ---- transforms --------------------------------------------------------------------------- */

static void read_rewrites(const struct elbv2_rewrite_config_list *in, struct transform *out)
{
    out->rewrite_count = in->count;
    if (in->count > 0) {
        out->regex = in->items[0].regex;
        out->replace = in->items[0].replace;
    }
}

enum rc transforms_read(struct call *call, const struct elbv2_rule_transform_list *in,
                        struct transforms *out)
{
    out->count = in->count;
    out->at = ARENA_ARRAY(call->arena, struct transform, in->count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->count; i++) {
        const struct elbv2_rule_transform *transform = &in->items[i];

        out->at[i].type =
            text_eq(transform->type, TEXT("url-rewrite")) ? TRANSFORM_URL : TRANSFORM_HOST;
        if (out->at[i].type == TRANSFORM_URL && transform->url_rewrite_config != NULL) {
            read_rewrites(&transform->url_rewrite_config->rewrites, &out->at[i]);
        }
        if (out->at[i].type == TRANSFORM_HOST && transform->host_header_rewrite_config != NULL) {
            read_rewrites(&transform->host_header_rewrite_config->rewrites, &out->at[i]);
        }
    }
    return RC_OK;
}

static enum rc write_rewrites(struct call *call, const struct transform *transform,
                              struct elbv2_rewrite_config_list *out)
{
    TRY(CALL_LIST(call, out, 1));
    out->items[0] = (struct elbv2_rewrite_config){transform->regex, transform->replace};
    return RC_OK;
}

static enum rc write_transform(struct call *call, const struct transform *transform,
                               struct elbv2_rule_transform *out)
{
    if (transform->type == TRANSFORM_URL) {
        out->type = TEXT("url-rewrite");
        TRY(CALL_NEW(call, &out->url_rewrite_config));
        return write_rewrites(call, transform, &out->url_rewrite_config->rewrites);
    }
    out->type = TEXT("host-header-rewrite");
    TRY(CALL_NEW(call, &out->host_header_rewrite_config));
    return write_rewrites(call, transform, &out->host_header_rewrite_config->rewrites);
}

enum rc transforms_write(struct call *call, const struct transforms *transforms,
                         struct elbv2_rule_transform_list *out)
{
    TRY(CALL_LIST(call, out, transforms->count));
    for (size_t i = 0; i < transforms->count; i++) {
        TRY(write_transform(call, &transforms->at[i], &out->items[i]));
    }
    return RC_OK;
}
