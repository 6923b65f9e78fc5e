/* SPDX-License-Identifier: Apache-2.0 */
#include "api/sigv4_canonical.h"

#include "base/buf.h"
#include "base/limits.h"
#include "codec/form.h"

#include <stdlib.h>

bool sigv4_signs_host(struct text signed_headers)
{
    struct text name;

    while (text_next(&signed_headers, ';', &name)) {
        if (text_eq(name, TEXT("host")) || text_eq(name, TEXT(":authority"))) {
            return true;
        }
    }
    return false;
}

/* Without empty, "." and ".." segments, and escaped once more on top of what was sent: so does
 * every service but S3. */
static enum rc add_path(struct buf *buf, struct text path, struct arena *arena)
{
    struct text rest = path;
    struct text segment;
    struct text *kept = ARENA_ARRAY(arena, struct text, path.len + 1);
    size_t count = 0;

    if (kept == NULL) {
        return RC_LIMIT;
    }
    while (text_next(&rest, '/', &segment)) {
        if (text_eq(segment, TEXT(".."))) {
            count -= count > 0;
        } else if (segment.len > 0 && !text_eq(segment, TEXT("."))) {
            kept[count++] = segment;
        }
    }
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(buf, '/');
        form_escape(buf, kept[i], false);
    }
    if (count == 0 || text_ends(path, TEXT("/"))) {
        buf_add_byte(buf, '/');
    }
    return RC_OK;
}

/* One parameter in its canonical spelling: both sides decoded and escaped again. */
static enum rc canonical_pair(struct text part, struct arena *arena, struct text *name,
                              struct text *value)
{
    const size_t equals = text_find(part, '=');
    const struct text sides[] = {text_slice(part, 0, equals),
                                 text_slice(part, equals + 1, part.len)};
    struct text *const outs[] = {name, value};
    struct text decoded;
    struct buf buf;

    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        enum rc rc = form_unescape(sides[i], false, arena, &decoded);

        if (rc == RC_BAD) {
            decoded = sides[i]; /* not an escape: signed as it stands */
        } else if (rc != RC_OK) {
            return rc;
        }
        buf_init(&buf, 3 * LIMIT_REQUEST_LINE_BYTES);
        form_escape(&buf, decoded, false);
        *outs[i] = arena_text(arena, buf_text(&buf));
        buf_done(&buf);
        if (outs[i]->at == NULL) {
            return RC_LIMIT;
        }
    }
    return RC_OK;
}

static int by_name_and_value(const void *left, const void *right)
{
    const struct form_pair *a = left;
    const struct form_pair *b = right;
    const int order = text_compare(a->name, b->name);

    return order != 0 ? order : text_compare(a->value, b->value);
}

static enum rc add_query(struct buf *buf, struct text query, struct arena *arena)
{
    struct form_pair *pairs = ARENA_ARRAY(arena, struct form_pair, query.len + 1);
    struct text part;
    size_t count = 0;

    if (pairs == NULL) {
        return RC_LIMIT;
    }
    while (text_next(&query, '&', &part)) {
        struct form_pair *pair = &pairs[count];

        if (part.len == 0) {
            continue;
        }
        TRY(canonical_pair(part, arena, &pair->name, &pair->value));
        count += !text_eq(pair->name, TEXT("X-Amz-Signature"));
    }
    qsort(pairs, count, sizeof(*pairs), by_name_and_value);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_add_byte(buf, '&');
        }
        buf_add(buf, pairs[i].name);
        buf_add_byte(buf, '=');
        buf_add(buf, pairs[i].value);
    }
    return RC_OK;
}

/* Trimmed, and runs of blanks become one. */
static void add_field_value(struct buf *buf, struct text value)
{
    bool was_blank = false;

    value = text_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        const bool is_blank = value.at[i] == ' ' || value.at[i] == '\t';

        if (!is_blank) {
            buf_add_byte(buf, value.at[i]);
        } else if (!was_blank) {
            buf_add_byte(buf, ' ');
        }
        was_blank = is_blank;
    }
}

static void add_field(struct buf *buf, const struct http_request *head, struct text name)
{
    bool is_first = true;

    for (size_t i = 0; i < name.len; i++) {
        buf_add_byte(buf, ascii_lower(name.at[i]));
    }
    buf_add_byte(buf, ':');
    for (size_t i = 0; i < head->fields.count; i++) {
        if (text_eq_nocase(head->fields.at[i].name, name)) {
            if (!is_first) {
                buf_add_byte(buf, ',');
            }
            is_first = false;
            add_field_value(buf, head->fields.at[i].value);
        }
    }
    buf_add_byte(buf, '\n');
}

enum rc sigv4_canonical(const struct http_request *head, struct text signed_headers,
                        struct text payload_hash, struct arena *arena, struct text *out)
{
    struct text names = signed_headers;
    struct text canonical;
    struct text name;
    struct buf buf;
    enum rc rc;

    buf_init(&buf, LIMIT_CANONICAL_BYTES);
    buf_add(&buf, head->method);
    buf_add_byte(&buf, '\n');
    rc = add_path(&buf, head->path, arena);
    buf_add_byte(&buf, '\n');
    if (rc == RC_OK) {
        rc = add_query(&buf, head->query, arena);
    }
    buf_add_byte(&buf, '\n');
    while (text_next(&names, ';', &name)) {
        add_field(&buf, head, name);
    }
    buf_add_byte(&buf, '\n');
    buf_add(&buf, signed_headers);
    buf_add_byte(&buf, '\n');
    buf_add(&buf, payload_hash);
    if (rc == RC_OK) {
        rc = buf_result(&buf);
    }
    canonical = arena_text(arena, buf_text(&buf));
    buf_done(&buf);
    if (rc != RC_OK || canonical.at == NULL) {
        return RC_LIMIT;
    }
    *out = canonical;
    return RC_OK;
}
