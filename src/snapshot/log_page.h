/* SPDX-License-Identifier: Apache-2.0 */
/* log_page: lines of access, connection and health check logs on their way up, from a node to
 * control: pages, one behind the other, each of one log of one load balancer:
 *
 *   #access app/web/0123456789abcdef
 *   http 2026-01-13T10:00:00.123456Z app/web/0123456789abcdef 192.0.2.1:2817 ...
 *   http 2026-01-13T10:00:00.234567Z app/web/0123456789abcdef 192.0.2.1:2817 ...
 *
 * No line of a log begins with '#', so pages can be put together by putting one behind the other.
 * Pure; the reader trusts nothing. */
#pragma once
#include "base/buf.h"

/* LOG_KIND(id, "word on the page") */
#define LOG_KINDS(X)            \
    X(ACCESS, "access")         \
    X(CONNECTION, "connection") \
    X(HEALTH_CHECK, "health")

enum log_kind {
#define X(id, word) LOG_KIND_##id,
    LOG_KINDS(X)
#undef X
        LOG_KIND_COUNT
};

/* A set of kinds: LOG_SET(ACCESS) | LOG_SET(CONNECTION). */
#define LOG_SET(id) (1u << LOG_KIND_##id)

struct log_page {
    enum log_kind kind;
    struct text balancer_id; /* app/name/hex; letters, digits, '-', '.', '_' and '/' */
    struct text lines;       /* each with its newline */
};

/* Appends what a page begins with; its lines follow. Other bytes of the id become '_'. */
void log_page_begin(enum log_kind kind, struct text balancer_id, struct buf *out);

/* Takes the first page off *rest. RC_END: there is none left. RC_BAD: it is none. */
MUST_USE enum rc log_page_parse(struct text *rest, struct log_page *out);
