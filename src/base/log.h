/* SPDX-License-Identifier: Apache-2.0 */
/* log: events for people and machines, one line each, to one file descriptor.
 *
 *   text  2026-01-13T10:00:00.123Z warn node us-east-1a: target failed target="10.0.0.1:80"
 *   json  {"time":"...","level":"warn","role":"node us-east-1a","event":"target failed",...}
 *
 * Values are escaped; a stranger cannot forge a line. The line is written with one write(), so
 * threads may share a log. Nothing on the request path logs per request. */
#pragma once
#include "base/text.h"

enum log_level {
    LOG_ERROR, /* a person must look */
    LOG_WARN,  /* something failed and was handled */
    LOG_INFO,  /* life's events: started, snapshot accepted, target became healthy */
    LOG_DEBUG,
};

struct log {
    int fd; /* borrowed, usually 2 */
    bool is_json;
    enum log_level level; /* events above it are dropped */
    const char *role;     /* borrowed: "control", "node us-east-1a" */
};

struct log_field {
    const char *key;
    struct text value;
};

/* RC_BAD for anything but error, warn, info, debug. */
MUST_USE enum rc log_level_parse(struct text word, enum log_level *out);

/* `log` may be NULL: then nothing is written. Fields end with a NULL key. */
void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields);

/* log_event(log, LOG_INFO, "listener opened", {"address", address}, {"port", port}); */
#define log_event(log, level, event, ...) \
    log_write((log), (level), (event),    \
              (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){NULL, {NULL, 0}}})
