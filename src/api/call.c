/* SPDX-License-Identifier: Apache-2.0 */
#include "api/call.h"

void call_note_refusal(struct call *call, const char *code, const char *format, ...)
{
    va_list args;

    ASSERT(code != NULL);
    if (call->turn.refusal.code == NULL) {
        call->turn.refusal.code = code;
        va_start(args, format);
        (void)vsnprintf(call->turn.refusal.message, sizeof(call->turn.refusal.message), format,
                        args);
        va_end(args);
    }
}

struct text call_printf(struct call *call, const char *format, ...)
{
    va_list args;
    va_list again;
    struct text text = {NULL, 0};
    char *at;

    va_start(args, format);
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, args);
    ASSERT(len >= 0);
    at = arena_take_raw(call->arena, (size_t)len + 1);
    if (at != NULL) {
        (void)vsnprintf(at, (size_t)len + 1, format, again);
        text = (struct text){at, (size_t)len};
    }
    va_end(again);
    va_end(args);
    return text;
}

enum rc call_list(struct call *call, size_t *count, void **items, size_t n, size_t size)
{
    /* Room for one when there are none: a pointer that is not NULL says "empty, not absent". */
    void *room = arena_take_array(call->arena, n > 0 ? n : 1, size);

    if (room == NULL) {
        return RC_LIMIT;
    }
    *items = room;
    *count = n;
    return RC_OK;
}

enum rc call_new(struct call *call, void **pointer, size_t size)
{
    void *room = arena_take(call->arena, size);

    if (room == NULL) {
        return RC_LIMIT;
    }
    *pointer = room;
    return RC_OK;
}
