/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/buf.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 16 * 1024 };

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

enum rc log_level_parse(struct text word, enum log_level *out)
{
    for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
        if (text_eq(word, text_of(level_names[i]))) {
            *out = (enum log_level)i;
            return RC_OK;
        }
    }
    return RC_BAD;
}

static void add_quoted(struct buf *line, struct text value)
{
    buf_add_byte(line, '"');
    for (size_t i = 0; i < value.len; i++) {
        const unsigned char c = (unsigned char)value.at[i];
        if (c == '"' || c == '\\') {
            buf_printf(line, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(line, "\\u%04x", c);
        } else {
            buf_add_byte(line, (char)c);
        }
    }
    buf_add_byte(line, '"');
}

/* The one clock outside loop: a log line carries the wall's time and decides nothing. */
static void add_time(struct buf *line)
{
    struct timespec now;
    struct tm utc;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    buf_printf(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", utc.tm_year + 1900, utc.tm_mon + 1,
               utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000);
}

static void build_text(const struct log *log, enum log_level level, const char *event,
                       const struct log_field *fields, struct buf *line)
{
    add_time(line);
    buf_printf(line, " %s %s: %s", level_names[level], log->role, event);
    for (; fields->key; fields++) {
        buf_printf(line, " %s=", fields->key);
        add_quoted(line, fields->value);
    }
}

static void build_json(const struct log *log, enum log_level level, const char *event,
                       const struct log_field *fields, struct buf *line)
{
    buf_printf(line, "{\"time\":\"");
    add_time(line);
    buf_printf(line, "\",\"level\":\"%s\",\"role\":", level_names[level]);
    add_quoted(line, text_of(log->role));
    buf_printf(line, ",\"event\":");
    add_quoted(line, text_of(event));
    for (; fields->key; fields++) {
        buf_add_byte(line, ',');
        add_quoted(line, text_of(fields->key));
        buf_add_byte(line, ':');
        add_quoted(line, fields->value);
    }
    buf_add_byte(line, '}');
}

void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields)
{
    struct buf line;

    if (!log || level > log->level) {
        return;
    }
    buf_init(&line, LINE_MAX_BYTES);
    if (log->is_json) {
        build_json(log, level, event, fields, &line);
    } else {
        build_text(log, level, event, fields, &line);
    }
    buf_add_byte(&line, '\n');
    /* A log that cannot be written has nobody to complain to. */
    const ssize_t written = write(log->fd, line.at, line.len);
    (void)written;
    buf_done(&line);
}
