/* SPDX-License-Identifier: Apache-2.0 */
#include "control/health_check.h"

static bool is_grpc(const struct target_group_row *row)
{
    return text_eq(row->protocol_version, TEXT("GRPC"));
}

void health_check_defaults(struct target_group_row *row)
{
    row->health_protocol = TEXT("HTTP");
    row->health_port = TEXT("traffic-port");
    row->health_path = is_grpc(row) ? TEXT("/AWS.ALB/healthcheck") : TEXT("/");
    row->health_matcher = is_grpc(row) ? TEXT("12") : TEXT("200");
    row->health_interval_s = 30;
    row->health_timeout_s = 5;
    row->healthy_threshold = 5;
    row->unhealthy_threshold = 2;
}

static enum rc refuse_validation(struct turn *turn, const char *message)
{
    return refuse(&turn->refusal, RC_BAD, "ValidationError", "%s", message);
}

static enum rc check_enabled(struct turn *turn, const struct health_check_new *given,
                             const struct target_group_row *row)
{
    if (!given->has_enabled || given->is_enabled) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                  "Health check enabled must be true for target groups with target type '%.*s'",
                  TEXT_ARG(row->target_type));
}

static enum rc change_protocol(struct turn *turn, struct text protocol,
                               struct target_group_row *row)
{
    if (text_is_empty(protocol)) {
        return RC_OK;
    }
    if (!text_eq(protocol, TEXT("HTTP")) && !text_eq(protocol, TEXT("HTTPS"))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Health check protocol '%.*s' must be one of 'HTTP, HTTPS'",
                      TEXT_ARG(protocol));
    }
    row->health_protocol = protocol;
    return RC_OK;
}

static enum rc change_port(struct turn *turn, struct text port, struct target_group_row *row)
{
    int64_t number;

    if (text_is_empty(port)) {
        return RC_OK;
    }
    if (!text_eq(port, TEXT("traffic-port")) && text_to_int(port, 1, 65535, &number) != RC_OK) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Health check port '%.*s' must be 'traffic-port' or in the range 1-65535 "
                      "inclusive",
                      TEXT_ARG(port));
    }
    row->health_port = port;
    return RC_OK;
}

/* RFC 3986, without spaces and control characters, so that it can stand in a request line. */
static bool is_path(struct text path)
{
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)path.at[i] <= ' ' || (unsigned char)path.at[i] >= 0x7f ||
            path.at[i] == '#') {
            return false;
        }
    }
    return text_starts(path, TEXT("/")) && path.len <= 1024;
}

static enum rc change_path(struct turn *turn, struct text path, struct target_group_row *row)
{
    if (text_is_empty(path)) {
        return RC_OK;
    }
    if (!is_path(path)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Health check path '%.*s' must begin with a '/' character, and can only "
                      "contain printable ASCII characters, without spaces",
                      TEXT_ARG(path));
    }
    row->health_path = path;
    return RC_OK;
}

static bool is_code(struct text word, int64_t least, int64_t most, int64_t *out)
{
    return word.len <= 3 && text_to_int(text_trim(word), least, most, out) == RC_OK;
}

/* "200", "200,202", "200-299", and lists of both. */
static bool is_matcher(struct text matcher, int64_t least, int64_t most)
{
    struct text rest = matcher;
    struct text one;

    while (text_next(&rest, ',', &one)) {
        const size_t dash = text_find(one, '-');
        int64_t from;
        int64_t to;

        if (!is_code(text_slice(one, 0, dash), least, most, &from)) {
            return false;
        }
        if (dash < one.len &&
            (!is_code(text_slice(one, dash + 1, one.len), least, most, &to) || to < from)) {
            return false;
        }
    }
    return !text_is_empty(matcher) && matcher.at[matcher.len - 1] != ',';
}

static enum rc change_matcher(struct turn *turn, const struct health_check_new *given,
                              struct target_group_row *row)
{
    const bool grpc = is_grpc(row);
    const struct text codes = grpc ? given->grpc_codes : given->http_codes;

    if (!text_is_empty(grpc ? given->http_codes : given->grpc_codes)) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "Health check matcher %s code cannot be specified for target groups with "
                      "protocol version '%.*s'",
                      grpc ? "HTTP" : "GRPC", TEXT_ARG(row->protocol_version));
    }
    if (text_is_empty(codes)) {
        return RC_OK;
    }
    if (!is_matcher(codes, grpc ? 0 : 200, grpc ? 99 : 499)) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Health check matcher %s code '%.*s' must be within '%s' inclusive, as a "
                      "value, a list of values (200,202) or a range of values (200-299)",
                      grpc ? "GRPC" : "HTTP", TEXT_ARG(codes), grpc ? "0-99" : "200-499");
    }
    row->health_matcher = codes;
    return RC_OK;
}

static void change_number(int64_t given, int64_t *value)
{
    if (given != 0) {
        *value = given;
    }
}

enum rc health_check_change(struct turn *turn, const struct health_check_new *given,
                            struct target_group_row *row)
{
    TRY(check_enabled(turn, given, row));
    TRY(change_protocol(turn, given->protocol, row));
    TRY(change_port(turn, given->port, row));
    TRY(change_path(turn, given->path, row));
    TRY(change_matcher(turn, given, row));
    change_number(given->interval_s, &row->health_interval_s);
    change_number(given->timeout_s, &row->health_timeout_s);
    change_number(given->healthy_threshold, &row->healthy_threshold);
    change_number(given->unhealthy_threshold, &row->unhealthy_threshold);
    if (row->health_interval_s <= row->health_timeout_s) {
        return refuse_validation(turn, "Health check interval must be greater than the timeout.");
    }
    return RC_OK;
}
