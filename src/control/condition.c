/* SPDX-License-Identifier: Apache-2.0 */
#include "control/condition.h"

#include "control/elb_quota.h"
#include "control/rule_regex.h"

#include <arpa/inet.h>

#define VALUE_LEN_MAX     128 /* AWS ALB, "Condition types": a value, a regular expression */
#define NAME_LEN_MAX      40  /* of a header, of a method */
#define TRANSFORM_LEN_MAX 1024

static const struct {
    const char *word;
    const char *others; /* characters beside letters and digits; NULL: any visible one */
    size_t len_max;
    bool is_single; /* at most one such condition in a rule */
    bool takes_wildcards;
    bool takes_regexes;
} types[] = {
    [CONDITION_HOST] = {"host-header", "-.*?", VALUE_LEN_MAX, true, true, true},
    [CONDITION_PATH] = {"path-pattern", "_-.$/~\"'@:+&*?", VALUE_LEN_MAX, true, true, true},
    [CONDITION_FIELD] = {"http-header", NULL, VALUE_LEN_MAX, false, true, true},
    [CONDITION_METHOD] = {"http-request-method", "-_", NAME_LEN_MAX, true, false, false},
    [CONDITION_QUERY] = {"query-string", NULL, VALUE_LEN_MAX, false, true, false},
    [CONDITION_SOURCE_IP] = {"source-ip", NULL, VALUE_LEN_MAX, true, false, false},
};

static enum rc check_one(struct turn *turn, const struct condition *condition);
static enum rc check_plain(struct turn *turn, const struct condition *condition);
static enum rc check_values(struct turn *turn, const struct condition *condition);
static enum rc check_value(struct turn *turn, enum condition_type type, struct text value);
static enum rc check_whole(struct turn *turn, const struct conditions *conditions);

enum rc condition_type_find(struct turn *turn, struct text word, enum condition_type *out)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (text_eq(word, text_of(types[i].word))) {
            *out = (enum condition_type)i;
            return RC_OK;
        }
    }
    return refuse(&turn->refusal, RC_BAD, "ValidationError",
                  "Condition field '%.*s' must be one of '[path-pattern,host-header,http-header,"
                  "http-request-method,query-string,source-ip]'",
                  TEXT_ARG(word));
}

const char *condition_type_word(enum condition_type type)
{
    return types[type].word;
}

enum rc conditions_check(struct turn *turn, const struct conditions *conditions)
{
    if (conditions->count == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError", "A condition must be specified");
    }
    for (size_t i = 0; i < conditions->count; i++) {
        TRY(check_one(turn, &conditions->at[i]));
    }
    return check_whole(turn, conditions);
}

static enum rc refuse_condition(struct turn *turn, enum condition_type type, const char *what)
{
    return refuse(&turn->refusal, RC_BAD, "ValidationError", "The '%s' %s", types[type].word, what);
}

static size_t values_of(const struct condition *condition)
{
    return condition->values.count + condition->regexes.count + condition->pair_count;
}

static enum rc check_one(struct turn *turn, const struct condition *condition)
{
    if (condition->is_plain) {
        TRY(check_plain(turn, condition));
    }
    if (values_of(condition) == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "A condition value must be specified");
    }
    if (condition->values.count > 0 && condition->regexes.count > 0) {
        return refuse_condition(turn, condition->type,
                                "condition cannot have both values and regex values");
    }
    return check_values(turn, condition);
}

/* AWS ELBv2 API, RuleCondition: the old form is for hosts and paths, with one value. */
static enum rc check_plain(struct turn *turn, const struct condition *condition)
{
    if (condition->type != CONDITION_HOST && condition->type != CONDITION_PATH) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The 'Values' field is not compatible with '%s'",
                      types[condition->type].word);
    }
    if (condition->values.count > 1) {
        return refuse_condition(turn, condition->type,
                                "field contains too many values; the limit is '1'");
    }
    return RC_OK;
}

static enum rc check_regex(struct turn *turn, struct text regex)
{
    const char *fault = rule_regex_fault(regex);

    if (fault == NULL) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "ValidationError",
                  "The regex value '%.*s' is not valid: %s", TEXT_ARG(regex), fault);
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* RFC 9110 §5.6.2. */
static bool is_token(struct text value)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < value.len; i++) {
        if (!is_alphanumeric(value.at[i]) &&
            (value.at[i] == '\0' || strchr(others, value.at[i]) == NULL)) {
            return false;
        }
    }
    return value.len > 0;
}

static enum rc check_field_name(struct turn *turn, struct text name)
{
    if (text_is_empty(name)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "An HTTP header name must be specified for conditions of type 'http-header'");
    }
    if (name.len > NAME_LEN_MAX) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The 'HttpHeaderName' value is too long; the limit is '40'");
    }
    if (!is_token(name) || text_find(name, '*') < name.len) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The HTTP header name '%.*s' is not valid", TEXT_ARG(name));
    }
    if (text_eq_nocase(name, TEXT("Host"))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The HTTP header name 'Host' is not supported; use the 'host-header' "
                      "condition");
    }
    return RC_OK;
}

static enum rc check_values(struct turn *turn, const struct condition *condition)
{
    if (condition->type == CONDITION_FIELD) {
        TRY(check_field_name(turn, condition->field_name));
    }
    for (size_t i = 0; i < condition->values.count; i++) {
        TRY(check_value(turn, condition->type, condition->values.at[i]));
    }
    for (size_t i = 0; i < condition->pair_count; i++) {
        if (condition->pairs[i].key.at != NULL) {
            TRY(check_value(turn, condition->type, condition->pairs[i].key));
        }
        TRY(check_value(turn, condition->type, condition->pairs[i].value));
    }
    if (condition->regexes.count > 0 && !types[condition->type].takes_regexes) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The 'RegexValues' field is not compatible with '%s'",
                      types[condition->type].word);
    }
    for (size_t i = 0; i < condition->regexes.count; i++) {
        const struct text regex = condition->regexes.at[i];

        if (text_is_empty(regex) || regex.len > VALUE_LEN_MAX) {
            return refuse_condition(turn, condition->type,
                                    "regex value must have between '1' and '128' characters");
        }
        TRY(check_regex(turn, regex));
    }
    return RC_OK;
}

static bool has_only(struct text value, const char *others)
{
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.at[i];

        if (others == NULL ? (c < ' ' || c > '~')
                           : (!is_alphanumeric(c) && (c == '\0' || strchr(others, c) == NULL))) {
            return false;
        }
    }
    return true;
}

/* AWS ALB, "Host conditions": at least one dot, and only letters behind the last one. A wildcard
 * there stands for letters. */
static bool is_host_pattern(struct text value)
{
    size_t dot = value.len;

    for (size_t i = 0; i < value.len; i++) {
        dot = value.at[i] == '.' ? i : dot;
    }
    for (size_t i = dot + 1; i < value.len; i++) {
        if (value.at[i] >= '0' && value.at[i] <= '9') {
            return false;
        }
    }
    return dot < value.len;
}

static bool is_method(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] >= 'a' && value.at[i] <= 'z') {
            return false;
        }
    }
    return true;
}

/* IPv4 or IPv6 with a prefix length; 255.255.255.255/32 is refused as AWS does. */
static bool is_cidr(struct text value)
{
    const size_t slash = text_find(value, '/');
    char address[64];
    uint8_t bytes[16];
    int64_t prefix_len;

    if (slash == value.len || text_eq(value, TEXT("255.255.255.255/32")) ||
        text_to_string(text_slice(value, 0, slash), address, sizeof(address)) != RC_OK) {
        return false;
    }
    const struct text behind = text_slice(value, slash + 1, value.len);
    if (inet_pton(AF_INET, address, bytes) == 1) {
        return text_to_int(behind, 0, 32, &prefix_len) == RC_OK;
    }
    return inet_pton(AF_INET6, address, bytes) == 1 &&
           text_to_int(behind, 0, 128, &prefix_len) == RC_OK;
}

static enum rc check_value(struct turn *turn, enum condition_type type, struct text value)
{
    if (text_is_empty(value)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "A condition value must be specified");
    }
    if (value.len > types[type].len_max) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The '%s' value is too long; the limit is '%zu'", types[type].word,
                      types[type].len_max);
    }
    if (!has_only(value, types[type].others) ||
        (type == CONDITION_HOST && !is_host_pattern(value)) ||
        (type == CONDITION_METHOD && !is_method(value)) ||
        (type == CONDITION_SOURCE_IP && !is_cidr(value))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "The '%s' condition value '%.*s' is not valid", types[type].word,
                      TEXT_ARG(value));
    }
    return RC_OK;
}

/* ---- over all conditions of a rule -------------------------------------------------------- */

static size_t wildcards_in(struct text value)
{
    size_t count = 0;

    for (size_t i = 0; i < value.len; i++) {
        const bool is_escaped = i > 0 && value.at[i - 1] == '\\';

        count += !is_escaped && (value.at[i] == '*' || value.at[i] == '?') ? 1 : 0;
    }
    return count;
}

static size_t wildcards_of(const struct condition *condition)
{
    size_t count = 0;

    if (!types[condition->type].takes_wildcards) {
        return 0;
    }
    for (size_t i = 0; i < condition->values.count; i++) {
        count += wildcards_in(condition->values.at[i]);
    }
    for (size_t i = 0; i < condition->pair_count; i++) {
        count += wildcards_in(condition->pairs[i].key) + wildcards_in(condition->pairs[i].value);
    }
    return count;
}

static enum rc check_whole(struct turn *turn, const struct conditions *conditions)
{
    size_t seen[ARRAY_LEN(types)] = {0};
    size_t values = 0;
    size_t wildcards = 0;

    for (size_t i = 0; i < conditions->count; i++) {
        const enum condition_type type = conditions->at[i].type;

        if (++seen[type] > 1 && types[type].is_single) {
            return refuse(&turn->refusal, RC_BAD, "ValidationError",
                          "A rule can only have one '%s' condition", types[type].word);
        }
        values += values_of(&conditions->at[i]);
        wildcards += wildcards_of(&conditions->at[i]);
    }
    if (values > (size_t)elb_quota_max(ELB_QUOTA_CONDITION_VALUES)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "A rule can only have '%lld' condition values and regex values",
                      (long long)elb_quota_max(ELB_QUOTA_CONDITION_VALUES));
    }
    if (wildcards > (size_t)elb_quota_max(ELB_QUOTA_CONDITION_WILDCARDS)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "A rule can only have '%lld' condition wildcards",
                      (long long)elb_quota_max(ELB_QUOTA_CONDITION_WILDCARDS));
    }
    return RC_OK;
}

/* AWS ALB, "Transforms": at most one of each kind, with one rewrite. */
enum rc transforms_check(struct turn *turn, const struct transforms *transforms)
{
    size_t seen[2] = {0};

    for (size_t i = 0; i < transforms->count; i++) {
        const struct transform *transform = &transforms->at[i];

        if (++seen[transform->type] > 1) {
            return refuse(&turn->refusal, RC_BAD, "ValidationError",
                          "A rule can only have one transform of each type");
        }
        if (transform->rewrite_count != 1) {
            return refuse(&turn->refusal, RC_BAD, "ValidationError",
                          "A transform must have exactly one rewrite");
        }
        if (text_is_empty(transform->regex) || transform->regex.len > TRANSFORM_LEN_MAX ||
            transform->replace.len > TRANSFORM_LEN_MAX) {
            return refuse(&turn->refusal, RC_BAD, "ValidationError",
                          "The regex and the replacement of a rewrite must have at most '1024' "
                          "characters, and a regex must be specified");
        }
        TRY(check_regex(turn, transform->regex));
    }
    return RC_OK;
}
