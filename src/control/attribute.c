/* SPDX-License-Identifier: Apache-2.0 */
#include "control/attribute.h"

#include <stdio.h>

enum kind { BOOL, TRUE, NUMBER, NUMBER_OR_OFF, WORD, FREE, FIELD_NAME, FIELD_VALUE };
enum when { ALWAYS, SERVERS, LAMBDA, STREAMS, HTTPS, NEVER };

struct definition {
    enum attribute_of of;
    const char *key;
    const char *initial;
    enum kind kind;
    int64_t minimum, maximum;
    const char *words;
    enum when when;
};

static const struct definition definitions[] = {
#define ATTRIBUTE(of, key, initial, kind, minimum, maximum, words, when) \
    {ATTRIBUTE_OF_##of, key, initial, kind, minimum, maximum, words, when},
#include "control/attribute.def"
#undef ATTRIBUTE
};

static const char *const owner_words[] = {
    [ATTRIBUTE_OF_BALANCER] = "Load balancer",
    [ATTRIBUTE_OF_GROUP] = "Target group",
    [ATTRIBUTE_OF_LISTENER] = "Listener",
};

#define COOKIE_NAME      "stickiness.app_cookie.cookie_name"
#define ALGORITHM        "load_balancing.algorithm.type"
#define CROSS_ZONE       "load_balancing.cross_zone.enabled"
#define DNS_FAILOVER     "target_group_health.dns_failover.minimum_healthy_targets."
#define ROUTING_FAILOVER "target_group_health.unhealthy_state_routing.minimum_healthy_targets."

static const struct definition *definition_find(enum attribute_of of, struct text key)
{
    for (size_t i = 0; i < ARRAY_LEN(definitions); i++) {
        if (definitions[i].of == of && text_eq(text_of(definitions[i].key), key)) {
            return &definitions[i];
        }
    }
    return NULL;
}

static bool applies(const struct definition *definition, const struct attribute_scope *scope)
{
    switch (definition->when) {
    case ALWAYS:
        return true;
    case SERVERS:
        return !scope->is_lambda;
    case LAMBDA:
        return scope->is_lambda;
    case STREAMS:
        return scope->has_streams;
    case HTTPS:
        return scope->is_https;
    case NEVER:
        return false;
    }
    return false;
}

static struct text initial_value(const struct definition *definition,
                                 const struct attribute_scope *scope)
{
    /* AWS ELBv2: ipv6.deny_all_igw_traffic is true for internal load balancers. */
    if (scope->is_internal && strcmp(definition->key, "ipv6.deny_all_igw_traffic") == 0) {
        return TEXT("true");
    }
    return text_of(definition->initial);
}

static struct attribute *item_find(const struct attribute_set *set, struct text key)
{
    for (size_t i = 0; i < set->count; i++) {
        if (text_eq(set->items[i].key, key)) {
            return &set->items[i];
        }
    }
    return NULL;
}

enum rc attribute_set_make(const struct attribute_scope *scope, const struct attribute *rows,
                           size_t row_count, struct arena *arena, struct attribute_set *out)
{
    struct attribute_set set = {.scope = *scope};

    set.items = ARENA_ARRAY(arena, struct attribute, ARRAY_LEN(definitions));
    if (set.items == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < ARRAY_LEN(definitions); i++) {
        if (definitions[i].of == scope->of && applies(&definitions[i], scope)) {
            set.items[set.count++] = (struct attribute){text_of(definitions[i].key),
                                                        initial_value(&definitions[i], scope)};
        }
    }
    for (size_t i = 0; i < row_count; i++) {
        struct attribute *item = item_find(&set, rows[i].key);
        if (item != NULL) {
            item->value = rows[i].value;
        }
    }
    *out = set;
    return RC_OK;
}

struct text attribute_value(const struct attribute_set *set, const char *key)
{
    const struct attribute *item = item_find(set, text_of(key));

    ASSERT(item != NULL);
    return item->value;
}

bool attribute_is_true(const struct attribute_set *set, const char *key)
{
    return text_eq(attribute_value(set, key), TEXT("true"));
}

int64_t attribute_number(const struct attribute_set *set, const char *key, int64_t otherwise)
{
    int64_t number = 0;

    if (text_to_int(attribute_value(set, key), 0, INT64_MAX, &number) != RC_OK) {
        return otherwise;
    }
    return number;
}

bool attribute_is_default(const struct attribute_set *set, size_t index)
{
    const struct definition *definition = definition_find(set->scope.of, set->items[index].key);

    return text_eq(initial_value(definition, &set->scope), set->items[index].value);
}

static bool word_is_in(struct text word, const char *words)
{
    struct text rest = text_of(words);
    struct text one;

    while (text_next(&rest, '|', &one)) {
        if (text_eq(word, one)) {
            return true;
        }
    }
    return false;
}

/* AWS ELBv2, "Listener attributes": the characters that a field's value may have. */
static bool is_field_value(struct text value)
{
    static const char others[] = " _:;.,\\/'?!(){}[]@<>=-+*#&`|~^%\"$";

    for (size_t i = 0; i < value.len; i++) {
        const char c = value.at[i];
        const bool is_alphanumeric =
            (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
        if (!is_alphanumeric && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return true;
}

/* RFC 9110 §5.6.2, token, narrowed to what ALB takes in names: letters, digits, - and _. */
static bool is_field_name(struct text value)
{
    for (size_t i = 0; i < value.len; i++) {
        const char c = value.at[i];
        if (!(c >= '0' && c <= '9') && !(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') &&
            c != '-' && c != '_') {
            return false;
        }
    }
    return value.len > 0;
}

static bool is_number_in(struct text value, const struct definition *definition)
{
    int64_t number;

    return text_to_int(value, definition->minimum, definition->maximum, &number) == RC_OK;
}

static bool value_fits(const struct definition *definition, struct text value)
{
    switch (definition->kind) {
    case BOOL:
        return word_is_in(value, "true|false");
    case TRUE:
        return text_eq(value, TEXT("true"));
    case NUMBER:
        return is_number_in(value, definition);
    case NUMBER_OR_OFF:
        return text_eq(value, TEXT("off")) || is_number_in(value, definition);
    case WORD:
        return word_is_in(value, definition->words);
    case FREE:
        return value.len <= (size_t)definition->maximum;
    case FIELD_NAME:
        return value.len <= (size_t)definition->maximum && is_field_name(value);
    case FIELD_VALUE:
        return value.len <= (size_t)definition->maximum && is_field_value(value);
    }
    return false;
}

/* Words for a value that does not fit: what it must be. */
static void describe(const struct definition *definition, char *out, size_t size)
{
    switch (definition->kind) {
    case BOOL:
        (void)snprintf(out, size, "must be 'true' or 'false'");
        return;
    case TRUE:
        (void)snprintf(out, size, "must be 'true'");
        return;
    case NUMBER:
        (void)snprintf(out, size, "must be between '%lld' and '%lld' inclusive",
                       (long long)definition->minimum, (long long)definition->maximum);
        return;
    case NUMBER_OR_OFF:
        (void)snprintf(out, size, "must be 'off' or between '%lld' and '%lld' inclusive",
                       (long long)definition->minimum, (long long)definition->maximum);
        return;
    case WORD:
        (void)snprintf(out, size, "must be one of '%s'", definition->words);
        return;
    case FREE:
        (void)snprintf(out, size, "must be at most '%lld' characters long",
                       (long long)definition->maximum);
        return;
    case FIELD_NAME:
        (void)snprintf(out, size, "must be a header name of at most '%lld' characters",
                       (long long)definition->maximum);
        return;
    case FIELD_VALUE:
        (void)snprintf(out, size, "must be a header value of at most '%lld' characters",
                       (long long)definition->maximum);
        return;
    }
}

static enum rc refuse_absent(const struct attribute_scope *scope,
                             const struct definition *definition, struct text key,
                             struct refusal *refusal)
{
    if (definition == NULL) {
        return refuse(refusal, RC_BAD, "ValidationError",
                      "%s attribute key '%.*s' is not recognized", owner_words[scope->of],
                      TEXT_ARG(key));
    }
    if (scope->of == ATTRIBUTE_OF_BALANCER) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Load balancer attribute key '%.*s' is not supported on load balancers with "
                      "type 'application'",
                      TEXT_ARG(key));
    }
    if (scope->of == ATTRIBUTE_OF_LISTENER) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Listener attribute key '%.*s' is not supported on listeners with the %s "
                      "protocol",
                      TEXT_ARG(key), scope->is_https ? "HTTPS" : "HTTP");
    }
    if (scope->is_lambda) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "A target group with target type 'lambda' does not support the attribute "
                      "%.*s",
                      TEXT_ARG(key));
    }
    return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                  "Target group attribute key '%.*s' is not supported on target groups with this "
                  "protocol and target type",
                  TEXT_ARG(key));
}

static enum rc check_one(const struct attribute_scope *scope, const struct attribute *change,
                         struct refusal *refusal)
{
    const struct definition *definition = definition_find(scope->of, change->key);
    char words[160];

    if (definition == NULL || !applies(definition, scope)) {
        return refuse_absent(scope, definition, change->key, refusal);
    }
    if (value_fits(definition, change->value)) {
        return RC_OK;
    }
    if (text_eq(change->key, TEXT("stickiness.type"))) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Stickiness type '%.*s' is not supported for target groups with the HTTP "
                      "protocol",
                      TEXT_ARG(change->value));
    }
    describe(definition, words, sizeof(words));
    return refuse(refusal, RC_BAD, "ValidationError",
                  "%s attribute key '%.*s' has the value '%.*s': it %s", owner_words[scope->of],
                  TEXT_ARG(change->key), TEXT_ARG(change->value), words);
}

static enum rc check_log(const struct attribute_set *set, const char *kind, struct refusal *refusal)
{
    char enabled[64];
    char bucket[64];
    char prefix[64];

    (void)snprintf(enabled, sizeof(enabled), "%s.s3.enabled", kind);
    (void)snprintf(bucket, sizeof(bucket), "%s.s3.bucket", kind);
    (void)snprintf(prefix, sizeof(prefix), "%s.s3.prefix", kind);
    if (attribute_is_true(set, enabled) && text_is_empty(attribute_value(set, bucket))) {
        return refuse(refusal, RC_BAD, "ValidationError",
                      "The value of '%s' cannot be empty when '%s' is 'true'", bucket, enabled);
    }
    const struct text value = attribute_value(set, prefix);
    if (value.len > 0 && memmem(value.at, value.len, "AWSLogs", 7) != NULL) {
        return refuse(refusal, RC_BAD, "ValidationError",
                      "The value of '%s' cannot contain "
                      "'AWSLogs'",
                      prefix);
    }
    return RC_OK;
}

static enum rc check_balancer(const struct attribute_set *set, struct refusal *refusal)
{
    TRY(check_log(set, "access_logs", refusal));
    TRY(check_log(set, "connection_logs", refusal));
    return check_log(set, "health_check_logs", refusal);
}

/* AWS ELBv2, "Sticky sessions": application cookies. */
static enum rc check_cookie(const struct attribute_set *set, struct refusal *refusal)
{
    static const char *const reserved[] = {"AWSALB", "AWSALBAPP", "AWSALBTG"};
    const struct text name = attribute_value(set, COOKIE_NAME);

    for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
        if (text_starts(name, text_of(reserved[i]))) {
            return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                          "The cookie name '%.*s' is not valid: names that begin with '%s' are "
                          "reserved",
                          TEXT_ARG(name), reserved[i]);
        }
    }
    if (attribute_is_true(set, "stickiness.enabled") && text_is_empty(name) &&
        text_eq(attribute_value(set, "stickiness.type"), TEXT("app_cookie"))) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You must set an application cookie name to enable stickiness of type "
                      "'app_cookie'");
    }
    return RC_OK;
}

/* AWS ELBv2, "Edit target group attributes": what excludes what. */
static enum rc check_algorithm(const struct attribute_set *set, struct refusal *refusal)
{
    const struct text algorithm = attribute_value(set, ALGORITHM);
    const int64_t slow_start = attribute_number(set, "slow_start.duration_seconds", 0);
    const bool is_random = text_eq(algorithm, TEXT("weighted_random"));

    if (slow_start > 0 && slow_start < 30) {
        return refuse(refusal, RC_BAD, "ValidationError",
                      "Target group attribute key 'slow_start.duration_seconds' has the value "
                      "'%lld': it must be '0' or between '30' and '900' inclusive",
                      (long long)slow_start);
    }
    if (slow_start > 0 && !text_eq(algorithm, TEXT("round_robin"))) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You cannot enable slow start when the load balancing algorithm is '%.*s'",
                      TEXT_ARG(algorithm));
    }
    if (is_random && attribute_is_true(set, "stickiness.enabled")) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You cannot enable stickiness when the load balancing algorithm is "
                      "'weighted_random'");
    }
    if (!is_random &&
        text_eq(attribute_value(set, "load_balancing.algorithm.anomaly_mitigation"), TEXT("on"))) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You can enable anomaly mitigation only when the load balancing algorithm is "
                      "'weighted_random'");
    }
    return RC_OK;
}

static enum rc check_cross_zone(const struct attribute_set *set, struct refusal *refusal)
{
    if (!text_eq(attribute_value(set, CROSS_ZONE), TEXT("false"))) {
        return RC_OK;
    }
    if (attribute_is_true(set, "stickiness.enabled")) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You cannot enable stickiness when cross-zone load balancing is off");
    }
    if (set->scope.has_zoneless) {
        return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                      "You cannot turn off cross-zone load balancing while a target is registered "
                      "with Availability Zone 'all'");
    }
    return RC_OK;
}

/* AWS ELBv2, "Target group health": DNS must not give up later than routing does. */
static enum rc check_failover(const struct attribute_set *set, const char *dns, const char *routing,
                              struct refusal *refusal)
{
    const int64_t dns_least = attribute_number(set, dns, INT64_MAX);
    const int64_t routing_least = attribute_number(set, routing, 0);

    if (dns_least >= routing_least) {
        return RC_OK;
    }
    return refuse(refusal, RC_BAD, "InvalidConfigurationRequest",
                  "The value of '%s' must be greater than or equal to the value of '%s'", dns,
                  routing);
}

static enum rc check_group(const struct attribute_set *set, struct refusal *refusal)
{
    if (set->scope.is_lambda) {
        return RC_OK;
    }
    TRY(check_cookie(set, refusal));
    TRY(check_algorithm(set, refusal));
    TRY(check_cross_zone(set, refusal));
    TRY(check_failover(set, DNS_FAILOVER "count", ROUTING_FAILOVER "count", refusal));
    return check_failover(set, DNS_FAILOVER "percentage", ROUTING_FAILOVER "percentage", refusal);
}

static enum rc check_listener(const struct attribute_set *set, struct refusal *refusal)
{
    static const char key[] = "routing.http.response.access_control_max_age.header_value";
    const struct text value = attribute_value(set, key);
    int64_t seconds;

    if (!text_is_empty(value) && text_to_int(value, 0, 86400, &seconds) != RC_OK) {
        return refuse(refusal, RC_BAD, "ValidationError",
                      "Listener attribute key '%s' has the value '%.*s': it must be between '0' "
                      "and '86400' inclusive",
                      key, TEXT_ARG(value));
    }
    return RC_OK;
}

static enum rc check_whole(const struct attribute_set *set, struct refusal *refusal)
{
    switch (set->scope.of) {
    case ATTRIBUTE_OF_BALANCER:
        return check_balancer(set, refusal);
    case ATTRIBUTE_OF_GROUP:
        return check_group(set, refusal);
    case ATTRIBUTE_OF_LISTENER:
        return check_listener(set, refusal);
    }
    return RC_OK;
}

/* An empty value sets a listener's field back to its default. AWS ELBv2, "Listener attributes". */
static struct text value_or_default(const struct attribute_scope *scope,
                                    const struct attribute *change)
{
    const struct definition *definition = definition_find(scope->of, change->key);

    return text_is_empty(change->value) ? initial_value(definition, scope) : change->value;
}

enum rc attribute_set_change(struct attribute_set *set, const struct attribute *changes,
                             size_t change_count, struct refusal *refusal)
{
    struct attribute items[ARRAY_LEN(definitions)];
    struct attribute_set changed = {set->scope, items, set->count};

    memcpy(items, set->items, set->count * sizeof(items[0]));
    for (size_t i = 0; i < change_count; i++) {
        struct attribute change = changes[i];
        const struct definition *definition = definition_find(set->scope.of, change.key);
        if (definition != NULL && definition->kind == FIELD_NAME) {
            change.value = value_or_default(&set->scope, &change);
        }
        TRY(check_one(&set->scope, &change, refusal));
        item_find(&changed, change.key)->value = change.value;
    }
    TRY(check_whole(&changed, refusal));
    memcpy(set->items, items, set->count * sizeof(items[0]));
    return RC_OK;
}
