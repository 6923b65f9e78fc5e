/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot/log_page.h"

enum { BALANCER_ID_BYTES_MAX = 256 };

static const struct text words[] = {
#define X(id, word) [LOG_KIND_##id] = TEXT_INIT(word),
    LOG_KINDS(X)
#undef X
};

static bool is_plain(char byte)
{
    const char c = ascii_lower(byte);

    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '/';
}

void log_page_begin(enum log_kind kind, struct text balancer_id, struct buf *out)
{
    buf_printf(out, "#%.*s ", TEXT_ARG(words[kind]));
    for (size_t i = 0; i < balancer_id.len; i++) {
        buf_add_byte(out, is_plain(balancer_id.at[i]) ? balancer_id.at[i] : '_');
    }
    buf_add_byte(out, '\n');
}

static enum rc parse_kind(struct text word, enum log_kind *out)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (text_eq(word, words[i])) {
            *out = (enum log_kind)i;
            return RC_OK;
        }
    }
    return RC_BAD;
}

/* It becomes part of a file's name: control makes sure that it names a load balancer, too. */
static bool is_id(struct text id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (!is_plain(id.at[i])) {
            return false;
        }
    }
    return id.len > 0 && id.len <= BALANCER_ID_BYTES_MAX;
}

/* Up to the next page, or the end. */
static struct text take_lines(struct text rest)
{
    for (size_t at = 0; at < rest.len;) {
        if (rest.at[at] == '#') {
            return text_slice(rest, 0, at);
        }
        at += text_find(text_slice(rest, at, rest.len), '\n') + 1;
    }
    return rest;
}

enum rc log_page_parse(struct text *rest, struct log_page *out)
{
    struct text after = *rest;
    struct text head;
    struct text word;
    struct log_page page;

    if (text_is_empty(after)) {
        return RC_END;
    }
    if (after.at[0] != '#' || text_find(after, '\n') == after.len ||
        after.at[after.len - 1] != '\n') {
        return RC_BAD;
    }
    (void)text_next(&after, '\n', &head);
    head = text_slice(head, 1, head.len);
    if (!text_next(&head, ' ', &word) || parse_kind(word, &page.kind) != RC_OK || !is_id(head)) {
        return RC_BAD;
    }
    page.balancer_id = head;
    page.lines = take_lines(after);
    *rest = text_slice(after, page.lines.len, after.len);
    *out = page;
    return RC_OK;
}
