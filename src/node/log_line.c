/* SPDX-License-Identifier: Apache-2.0 */
#include "node/log_line.h"

#include "base/limits.h"
#include "codec/timestamp.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- fields ------------------------------------------------------------------------------- */

static void add_space(struct buf *out)
{
    buf_add_byte(out, ' ');
}

static bool is_plain(char c, bool is_quoted)
{
    return c >= (is_quoted ? ' ' : '!') && c < 0x7f && c != '"' && c != '\\';
}

/* Runs of plain bytes go as they are. */
static void add_escaped(struct buf *out, struct text text, bool is_quoted)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t from = 0;

    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.at[i];

        if (is_plain(text.at[i], is_quoted)) {
            continue;
        }
        const char escape[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
        buf_add(out, text_slice(text, from, i - from));
        buf_add(out, (struct text){escape, sizeof(escape)});
        from = i + 1;
    }
    buf_add(out, text_slice(text, from, text.len));
}

static void add_bare(struct buf *out, struct text text)
{
    add_escaped(out, text_is_empty(text) ? TEXT("-") : text, false);
    add_space(out);
}

static void add_quoted(struct buf *out, struct text text)
{
    buf_add_byte(out, '"');
    add_escaped(out, text_is_empty(text) ? TEXT("-") : text, true);
    buf_add(out, TEXT("\" "));
}

static void add_number(struct buf *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buf_add(out, (struct text){digits + at, sizeof(digits) - at});
}

static void add_size(struct buf *out, uint64_t bytes)
{
    add_number(out, bytes);
    add_space(out);
}

static void add_time(struct buf *out, int64_t unix_us)
{
    char time[TIMESTAMP_US_BYTES];

    timestamp_write_us(unix_us, time);
    add_bare(out, text_of(time));
}

/* Seconds with three decimals. */
static void add_duration(struct buf *out, int64_t us)
{
    const uint64_t ms = (uint64_t)us / 1000;
    const char decimals[] = {'.', (char)('0' + ms / 100 % 10), (char)('0' + ms / 10 % 10),
                             (char)('0' + ms % 10), ' '};

    add_number(out, ms / 1000);
    buf_add(out, (struct text){decimals, sizeof(decimals)});
}

static void add_measured(struct buf *out, int64_t us)
{
    if (us < 0) {
        buf_add(out, TEXT("-1 "));
    } else {
        add_duration(out, us);
    }
}

static void add_place(struct buf *out, const struct net_addr *addr)
{
    char words[NET_ADDR_SIZE];

    add_bare(out, net_addr_text(addr, words));
}

static void add_ip(struct buf *out, const struct net_addr *addr)
{
    char words[NET_ADDR_SIZE];

    add_bare(out, net_addr_ip(addr, words));
}

static void add_target_status(struct buf *out, int status)
{
    if (status > 0) {
        add_number(out, (uint64_t)status);
    } else {
        buf_add_byte(out, '-');
    }
}

static void add_code(struct buf *out, uint32_t code)
{
    if (code) {
        buf_printf(out, "0x%x ", code);
    } else {
        buf_add(out, TEXT("- "));
    }
}

static void end_line(struct buf *out)
{
    if (out->len > 0 && !out->is_full) {
        out->at[out->len - 1] = '\n'; /* the last field's space */
    }
}

/* ---- the access log ----------------------------------------------------------------------- */

static struct text without_port(struct text host)
{
    const size_t bracket = text_starts(host, TEXT("[")) ? text_find(host, ']') : 0;
    const size_t colon = text_find(text_slice(host, bracket, host.len), ':');

    return text_slice(host, 0, bracket + colon);
}

/* "GET http://www.example.com:80/ HTTP/1.1"; of what could not be read: "- http://host:80- -". */
static void add_request_line(struct buf *out, const struct access_line *line)
{
    const bool is_read = !text_is_empty(line->method);

    buf_add_byte(out, '"');
    add_escaped(out, is_read ? line->method : TEXT("-"), true);
    buf_add(out, line->is_tls ? TEXT(" https://") : TEXT(" http://"));
    add_escaped(out, without_port(line->host), true);
    buf_add_byte(out, ':');
    add_number(out, line->port);
    if (is_read) {
        if (!text_starts(line->uri, TEXT("/"))) {
            buf_add_byte(out, '/'); /* "*" */
        }
        add_escaped(out, line->uri, true);
        add_space(out);
        add_escaped(out, line->version, true);
    } else {
        buf_add(out, TEXT("- -"));
    }
    buf_add(out, TEXT("\" "));
}

static void add_rule(struct buf *out, const int *priority)
{
    if (!priority) {
        buf_add(out, TEXT("- "));
    } else if (*priority < 0) {
        buf_add(out, TEXT("-1 "));
    } else {
        add_size(out, (uint64_t)*priority);
    }
}

/* One entry each, for now, equal to the fields 5 and 10. */
static void add_target_lists(struct buf *out, const struct access_line *line)
{
    char words[NET_ADDR_SIZE];

    add_quoted(out, net_addr_text(&line->target, words));
    buf_add_byte(out, '"');
    add_target_status(out, line->target_status);
    buf_add(out, TEXT("\" "));
}

static void add_statuses(struct buf *out, const struct access_line *line)
{
    const char status[] = {(char)('0' + line->status / 100 % 10),
                           (char)('0' + line->status / 10 % 10), (char)('0' + line->status % 10),
                           ' '};

    buf_add(out, (struct text){status, sizeof(status)});
    add_target_status(out, line->target_status);
    add_space(out);
}

void access_line_write(const struct access_line *line, struct buf *out)
{
    add_bare(out, line->type);
    add_time(out, line->ended_unix_us);
    add_bare(out, line->balancer);
    add_place(out, &line->client);
    add_place(out, &line->target);
    add_measured(out, line->request_us);
    add_measured(out, line->target_us);
    add_measured(out, line->response_us);
    add_statuses(out, line);
    add_size(out, line->received_bytes);
    add_size(out, line->sent_bytes);
    add_request_line(out, line);
    add_quoted(out, text_slice(line->user_agent, 0, LIMIT_LOG_USER_AGENT_BYTES));
    add_bare(out, line->tls_cipher);
    add_bare(out, line->tls_version);
    add_bare(out, line->group_arn);
    add_quoted(out, line->trace_id);
    add_quoted(out, line->sni);
    add_quoted(out, line->certificate_arn);
    add_rule(out, line->rule_priority);
    add_time(out, line->created_unix_us);
    add_quoted(out, line->actions);
    add_quoted(out, line->redirect_url);
    add_quoted(out, line->error_reason);
    add_target_lists(out, line);
    add_quoted(out, line->class);
    add_quoted(out, line->class_reason);
    add_bare(out, line->conn_trace_id);
    buf_add(out, TEXT("\"-\" \"-\" \"-\" ")); /* transformed host and URI, the transform's status */
    add_ip(out, &line->address);
    add_code(out, line->target_reset_code);
    add_code(out, line->reset_code);
    end_line(out);
}

/* ---- the connection log ------------------------------------------------------------------- */

void connection_line_write(const struct connection_line *line, struct buf *out)
{
    add_time(out, line->unix_us);
    add_ip(out, &line->client);
    add_size(out, line->client.port);
    add_size(out, line->port);
    add_bare(out, line->tls_version);
    add_bare(out, line->tls_cipher);
    if (line->handshake_us < 0) {
        buf_add(out, TEXT("- "));
    } else {
        add_duration(out, line->handshake_us);
    }
    add_quoted(out, line->subject);
    add_bare(out, line->validity);
    add_bare(out, line->serial);
    add_bare(out, line->verify_status);
    add_bare(out, line->conn_trace_id);
    add_bare(out, line->key_exchange);
    add_bare(out, line->balancer);
    add_ip(out, &line->address);
    end_line(out);
}

/* ---- the health check log ----------------------------------------------------------------- */

/* Seconds with nine decimals; we measure six. */
static void add_latency(struct buf *out, int64_t us)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%" PRId64 ".%06d000", us / 1000000, (int)(us % 1000000));
    add_bare(out, text_of(text));
}

void check_line_write(const struct check_line *line, struct buf *out)
{
    add_bare(out, line->type);
    add_time(out, line->unix_us);
    add_latency(out, line->took_us);
    add_place(out, &line->target);
    add_bare(out, line->group);
    add_bare(out, line->has_passed ? TEXT("PASS") : TEXT("FAIL"));
    if (line->has_status) {
        add_size(out, (uint64_t)line->status);
    } else {
        buf_add(out, TEXT("- "));
    }
    add_bare(out, line->reason);
    add_bare(out, line->balancer);
    add_ip(out, &line->address);
    end_line(out);
}
