/* SPDX-License-Identifier: Apache-2.0 */
#include "api/page.h"

#include "api/scalar.h"
#include "codec/base64.h"

#include <inttypes.h>
#include <stdio.h>

#define PAGE_ITEMS_QUERY                                                                         \
    400                     /* AWS elbv2 API: the largest PageSize, and what we take without one \
                             */
#define PAGE_ITEMS_MAX 1000 /* AWS EC2 API: the largest MaxResults */

/* Of the texts right in the item: its id, name, ARN are among them. */
static uint64_t item_digest(const struct shape *list, const void *item)
{
    const struct shape *shape = list->members[0].shape;
    uint64_t digest = 0;

    if (shape->type == SHAPE_TEXT) {
        return text_hash(*(const struct text *)item);
    }
    for (size_t i = 0; shape->type == SHAPE_STRUCTURE && i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];

        if (member->shape->type == SHAPE_TEXT && member_is_given(member, item)) {
            const struct text *text = member_value(member, item);

            digest = digest * 31 + text_hash(*text);
        }
    }
    return digest;
}

static const void *item_at(const struct shape *list, const struct shape_items *items, size_t i)
{
    return (const char *)items->items + i * list->size;
}

/* "1.<operation>.<items before>.<digest of the last of them>" */
static struct text token_write(struct call *call, size_t before, uint64_t digest)
{
    return base64url_encode(
        call->arena, call_printf(call, "1.%s.%zu.%" PRIu64, call->operation->name, before, digest));
}

static enum rc token_read(struct call *call, struct text token, uint64_t *before, uint64_t *digest)
{
    struct text rest;
    struct text version;
    struct text operation;
    struct text count;

    TRY(base64url_decode(call->arena, token, &rest));
    if (!text_next(&rest, '.', &version) || !text_eq(version, TEXT("1")) ||
        !text_next(&rest, '.', &operation) || !text_eq(operation, text_of(call->operation->name)) ||
        !text_next(&rest, '.', &count)) {
        return RC_BAD;
    }
    TRY(text_to_u64(count, before));
    return text_to_u64(rest, digest);
}

/* Where the page begins: behind the item of the token, else where it once stood. */
static size_t find_start(const struct shape *list, const struct shape_items *items, uint64_t before,
                         uint64_t digest)
{
    if (before == 0) {
        return 0;
    }
    if (before <= items->count && item_digest(list, item_at(list, items, before - 1)) == digest) {
        return before;
    }
    for (size_t i = 0; i < items->count; i++) {
        if (item_digest(list, item_at(list, items, i)) == digest) {
            return i + 1;
        }
    }
    return before < items->count ? before : items->count;
}

static enum rc start_of(struct call *call, const void *in, const struct shape_items *items,
                        size_t *out)
{
    const struct page_members *page = &call->operation->page;
    const struct text *token = member_value(page->token_in, in);
    uint64_t before;
    uint64_t digest;
    enum rc rc;

    if (text_is_empty(*token)) {
        *out = 0;
        return RC_OK;
    }
    rc = token_read(call, *token, &before, &digest);
    if (rc == RC_LIMIT) {
        return rc;
    }
    if (rc != RC_OK) {
        switch (call->service->protocol) {
        case PROTOCOL_EC2:
            return call_refuse(call, "InvalidNextToken", "The token '%.*s' is invalid",
                               TEXT_ARG(*token));
        case PROTOCOL_QUERY:
            return call_refuse(call, "ValidationError", "Invalid value for %s: '%.*s'",
                               page->token_in->name, TEXT_ARG(*token));
        case PROTOCOL_JSON:
        case PROTOCOL_REST_XML:
            return call_refuse(call, "InvalidParameterException", "Invalid token: '%.*s'",
                               TEXT_ARG(*token));
        }
    }
    *out = find_start(page->items->shape, items, before, digest);
    return RC_OK;
}

static size_t size_of(const struct call *call, const void *in)
{
    const struct member *limit = call->operation->page.limit;
    const size_t usual =
        call->service->protocol == PROTOCOL_QUERY ? PAGE_ITEMS_QUERY : PAGE_ITEMS_MAX;
    int64_t wanted;

    if (limit == NULL || !member_is_given(limit, in)) {
        return usual;
    }
    wanted = *(const int64_t *)member_value(limit, in);
    return wanted < 1 || wanted > (int64_t)usual ? usual : (size_t)wanted;
}

enum rc page_cut(struct call *call, const void *in, void *out)
{
    const struct page_members *page = &call->operation->page;
    struct shape_items *items;
    size_t start = 0;
    size_t size;

    if (page->items == NULL || page->items->shape->type != SHAPE_LIST) {
        return RC_OK;
    }
    items = (struct shape_items *)((char *)out + page->items->offset);
    TRY(start_of(call, in, items, &start));
    size = size_of(call, in);
    if (items->count - start > size) {
        struct text *token = (struct text *)((char *)out + page->token_out->offset);
        const void *last = item_at(page->items->shape, items, start + size - 1);

        *token = token_write(call, start + size, item_digest(page->items->shape, last));
        items->count = start + size;
    }
    items->items = (char *)items->items + start * page->items->shape->size;
    items->count -= start;
    return RC_OK;
}
