/* SPDX-License-Identifier: Apache-2.0 */
#include "node/rules.h"

#include "http/pattern.h"
#include "node/regex.h"
#include "node/rule_index.h"

enum {
    PATH_LENS_MAX = 8, /* different lengths of literal beginnings that are hashed */
};

struct compiled_condition {
    const struct snap_condition *snap;
    const struct regex *const *regexes;
};

struct compiled_rule {
    const struct snap_rule *snap;
    struct compiled_condition *conditions; /* but those that its keys prove */
    size_t condition_count;
};

struct rules {
    const struct snap_rule *fallback;
    struct compiled_rule *rules; /* without the default one */
    size_t count;
    size_t words; /* of a set */
    struct rule_index hosts;
    struct rule_index paths;
    size_t path_lens[PATH_LENS_MAX]; /* ascending */
    size_t path_len_count;
};

/* ---- what can be hashed ------------------------------------------------------------------- */

static const struct snap_condition *find_condition(const struct snap_rule *rule,
                                                   enum snap_condition_type type)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].type == type) {
            return &rule->conditions[i];
        }
    }
    return NULL;
}

static size_t literal_len(struct text pattern)
{
    size_t len = 0;

    while (len < pattern.len && pattern.at[len] != '*' && pattern.at[len] != '?') {
        len++;
    }
    return len;
}

/* All its values are hosts without wildcards. */
static bool is_hashable_host(const struct snap_condition *condition)
{
    if (!condition || condition->regex_count > 0) {
        return false;
    }
    for (size_t i = 0; i < condition->value_count; i++) {
        if (literal_len(condition->values[i]) < condition->values[i].len) {
            return false;
        }
    }
    return true;
}

static size_t *find_len(struct rules *rules, size_t len)
{
    for (size_t i = 0; i < rules->path_len_count; i++) {
        if (rules->path_lens[i] == len) {
            return &rules->path_lens[i];
        }
    }
    return NULL;
}

/* Its keys are what it asks for: whoever has one of them need not be matched again. */
static bool is_proven_path(const struct snap_condition *condition)
{
    for (size_t i = 0; i < condition->value_count; i++) {
        const struct text value = condition->values[i];

        if (literal_len(value) + 1 != value.len || value.at[value.len - 1] != '*') {
            return false;
        }
    }
    return true;
}

/* All its values begin with something literal, of a length that is looked up. */
static bool is_hashable_path(struct rules *rules, const struct snap_condition *condition)
{
    if (!condition || condition->regex_count > 0) {
        return false;
    }
    for (size_t i = 0; i < condition->value_count; i++) {
        const size_t len = literal_len(condition->values[i]);

        if (len < 2 || (!find_len(rules, len) && rules->path_len_count == PATH_LENS_MAX)) {
            return false;
        }
        if (!find_len(rules, len)) {
            rules->path_lens[rules->path_len_count++] = len;
        }
    }
    return true;
}

static void sort_lens(struct rules *rules)
{
    for (size_t i = 1; i < rules->path_len_count; i++) {
        for (size_t j = i; j > 0 && rules->path_lens[j - 1] > rules->path_lens[j]; j--) {
            const size_t len = rules->path_lens[j];
            rules->path_lens[j] = rules->path_lens[j - 1];
            rules->path_lens[j - 1] = len;
        }
    }
}

static void drop_condition(struct compiled_rule *rule, const struct snap_condition *proven)
{
    size_t kept = 0;

    for (size_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].snap != proven) {
            rule->conditions[kept++] = rule->conditions[i];
        }
    }
    rule->condition_count = kept;
}

static enum rc add_host_keys(struct rules *rules, size_t rule, struct arena *arena)
{
    const struct snap_condition *condition = find_condition(rules->rules[rule].snap, SNAP_HOST);

    if (!is_hashable_host(condition)) {
        rule_set_add(rules->hosts.others, rule);
        return RC_OK;
    }
    for (size_t i = 0; i < condition->value_count; i++) {
        TRY(rule_index_add(&rules->hosts, condition->values[i], rule, rules->words, arena));
    }
    drop_condition(&rules->rules[rule], condition);
    return RC_OK;
}

static enum rc add_path_keys(struct rules *rules, size_t rule, struct arena *arena)
{
    const struct snap_condition *condition = find_condition(rules->rules[rule].snap, SNAP_PATH);

    if (!is_hashable_path(rules, condition)) {
        rule_set_add(rules->paths.others, rule);
        return RC_OK;
    }
    for (size_t i = 0; i < condition->value_count; i++) {
        const struct text value = condition->values[i];

        TRY(rule_index_add(&rules->paths, text_slice(value, 0, literal_len(value)), rule,
                           rules->words, arena));
    }
    if (is_proven_path(condition)) {
        drop_condition(&rules->rules[rule], condition);
    }
    return RC_OK;
}

/* ---- building ----------------------------------------------------------------------------- */

static enum rc compile_condition(const struct snap_condition *snap, struct arena *arena,
                                 struct compiled_condition *out)
{
    const bool is_caseless = snap->type != SNAP_PATH;
    const struct regex **regexes = ARENA_ARRAY(arena, const struct regex *, snap->regex_count);

    if (!regexes) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < snap->regex_count; i++) {
        TRY(regex_compile(snap->regexes[i], is_caseless, arena, &regexes[i]));
    }
    *out = (struct compiled_condition){.snap = snap, .regexes = regexes};
    return RC_OK;
}

static enum rc compile_rule(const struct snap_rule *snap, struct arena *arena,
                            struct compiled_rule *out)
{
    struct compiled_condition *conditions =
        ARENA_ARRAY(arena, struct compiled_condition, snap->condition_count);

    if (!conditions) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < snap->condition_count; i++) {
        TRY(compile_condition(&snap->conditions[i], arena, &conditions[i]));
    }
    *out = (struct compiled_rule){
        .snap = snap, .conditions = conditions, .condition_count = snap->condition_count};
    return RC_OK;
}

static size_t count_values(const struct snap_listener *listener, enum snap_condition_type type)
{
    size_t count = 0;

    for (size_t i = 0; i < listener->rule_count; i++) {
        const struct snap_condition *condition = find_condition(&listener->rules[i], type);
        count += condition ? condition->value_count : 0;
    }
    return count;
}

enum rc rules_build(const struct snap_listener *listener, struct arena *arena, struct rules **out)
{
    struct rules *rules = ARENA_NEW(arena, struct rules);
    struct compiled_rule *compiled = ARENA_ARRAY(arena, struct compiled_rule, listener->rule_count);

    ASSERT(listener->rule_count > 0);
    if (!rules || !compiled) {
        return RC_LIMIT;
    }
    rules->count = listener->rule_count - 1;
    rules->words = (rules->count + 63) / 64;
    rules->fallback = &listener->rules[rules->count];
    rules->rules = compiled;
    rules->hosts.is_same = text_eq_nocase;
    rules->paths.is_same = text_eq;
    TRY(rule_index_init(&rules->hosts, count_values(listener, SNAP_HOST), rules->words, arena));
    TRY(rule_index_init(&rules->paths, count_values(listener, SNAP_PATH), rules->words, arena));
    for (size_t i = 0; i < rules->count; i++) {
        TRY(compile_rule(&listener->rules[i], arena, &compiled[i]));
        TRY(add_host_keys(rules, i, arena));
        TRY(add_path_keys(rules, i, arena));
    }
    sort_lens(rules);
    *out = rules;
    return RC_OK;
}

/* ---- conditions --------------------------------------------------------------------------- */

/* What rules look at, taken apart once a request. */
struct view {
    const struct rules_subject *subject;
    struct arena *arena;
    struct text host; /* without port */
    struct text path;
};

static bool any_pattern(const struct compiled_condition *condition, struct text text,
                        bool is_caseless, struct arena *arena)
{
    const struct snap_condition *snap = condition->snap;

    for (size_t i = 0; i < snap->value_count; i++) {
        if (pattern_match(snap->values[i], text, is_caseless ? PATTERN_NOCASE : 0)) {
            return true;
        }
    }
    for (size_t i = 0; i < snap->regex_count; i++) {
        if (regex_match(condition->regexes[i], text, arena)) {
            return true;
        }
    }
    return false;
}

/* AWS ALB, "HTTP header conditions": several fields of the name are searched in order. */
static bool any_field(const struct compiled_condition *condition, const struct view *view)
{
    const struct http_fields *fields = &view->subject->head->fields;

    for (size_t i = 0; i < fields->count; i++) {
        if (text_eq_nocase(fields->at[i].name, condition->snap->field) &&
            any_pattern(condition, fields->at[i].value, true, view->arena)) {
            return true;
        }
    }
    return false;
}

static bool is_method(const struct snap_condition *condition, struct text method)
{
    for (size_t i = 0; i < condition->value_count; i++) {
        if (text_eq(condition->values[i], method)) {
            return true;
        }
    }
    return false;
}

static bool pair_holds(const struct snap_pair *pair, struct text key, struct text value)
{
    return (text_is_empty(pair->key) ||
            pattern_match(pair->key, key, PATTERN_NOCASE | PATTERN_ESCAPES)) &&
           pattern_match(pair->value, value, PATTERN_NOCASE | PATTERN_ESCAPES);
}

/* One "key=value" of the query, undecoded, against every pair of the condition. */
static bool parameter_holds(const struct snap_condition *condition, struct text parameter)
{
    const size_t equals = text_find(parameter, '=');
    const struct text key = text_slice(parameter, 0, equals);
    const struct text value = text_slice(parameter, equals + 1, parameter.len);

    for (size_t i = 0; i < condition->pair_count; i++) {
        if (pair_holds(&condition->pairs[i], key, value)) {
            return true;
        }
    }
    return false;
}

static bool any_parameter(const struct snap_condition *condition, struct text query)
{
    struct text parameter;

    while (text_next(&query, '&', &parameter)) {
        if (parameter_holds(condition, parameter)) {
            return true;
        }
    }
    return false;
}

static bool is_source(const struct snap_condition *condition, uint32_t ip)
{
    for (size_t i = 0; i < condition->cidr_count; i++) {
        const struct snap_cidr *cidr = &condition->cidrs[i];
        const uint32_t mask = cidr->prefix_len ? UINT32_MAX << (32 - cidr->prefix_len) : 0;

        if ((ip & mask) == (cidr->network & mask)) {
            return true;
        }
    }
    return false;
}

static bool condition_holds(const struct compiled_condition *condition, const struct view *view)
{
    switch (condition->snap->type) {
    case SNAP_HOST:
        return any_pattern(condition, view->host, true, view->arena);
    case SNAP_PATH:
        return any_pattern(condition, view->path, false, view->arena);
    case SNAP_FIELD:
        return any_field(condition, view);
    case SNAP_METHOD:
        return is_method(condition->snap, view->subject->head->method);
    case SNAP_QUERY:
        return any_parameter(condition->snap, view->subject->head->query);
    case SNAP_SOURCE_IP:
        return is_source(condition->snap, view->subject->source_ip);
    }
    return false;
}

static bool rule_holds(const struct compiled_rule *rule, const struct view *view)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (!condition_holds(&rule->conditions[i], view)) {
            return false;
        }
    }
    return true;
}

/* ---- matching ----------------------------------------------------------------------------- */

/* The sets of this request: of its host, and of each beginning of its path that is a key. */
struct candidates {
    const rule_set *host;
    const rule_set *paths[PATH_LENS_MAX];
    size_t path_count;
};

static void find_candidates(const struct rules *rules, const struct view *view,
                            struct candidates *out)
{
    out->host = rule_index_get(&rules->hosts, view->host);
    out->path_count = 0;
    for (size_t i = 0; i < rules->path_len_count && rules->path_lens[i] <= view->path.len; i++) {
        const struct text start = text_slice(view->path, 0, rules->path_lens[i]);
        const rule_set *set = rule_index_get(&rules->paths, start);

        if (set) {
            out->paths[out->path_count++] = set;
        }
    }
}

static rule_set candidates_word(const struct rules *rules, const struct candidates *candidates,
                                size_t word)
{
    const rule_set hosts =
        rules->hosts.others[word] | (candidates->host ? candidates->host[word] : 0);
    rule_set paths = rules->paths.others[word];

    for (size_t i = 0; i < candidates->path_count; i++) {
        paths |= candidates->paths[i][word];
    }
    return hosts & paths;
}

/* AWS ALB, "Host header conditions". The port plays no part (inferred). */
static struct text host_of(struct text authority)
{
    const bool is_bracketed = authority.len && authority.at[0] == '[';
    const size_t end = is_bracketed ? text_find(authority, ']') + 1 : text_find(authority, ':');

    return text_slice(authority, 0, end);
}

const struct snap_rule *rules_match(const struct rules *rules, const struct rules_subject *subject,
                                    struct arena *arena, unsigned *evaluated)
{
    struct view view = {.subject = subject, .arena = arena};
    struct candidates candidates;

    *evaluated = 0;
    if (rules->count == 0) {
        return rules->fallback;
    }
    view.host = host_of(subject->head->authority);
    if (pattern_path(subject->head->path, arena, &view.path) != RC_OK) {
        return NULL;
    }
    find_candidates(rules, &view, &candidates);
    for (size_t word = 0; word < rules->words; word++) {
        rule_set left = candidates_word(rules, &candidates, word);

        for (; left; left &= left - 1) {
            const size_t i = word * 64 + (size_t)__builtin_ctzll(left);

            if (rule_holds(&rules->rules[i], &view)) {
                *evaluated = (unsigned)i + 1;
                return rules->rules[i].snap;
            }
        }
    }
    *evaluated = (unsigned)rules->count;
    return rules->fallback;
}
