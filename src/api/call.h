/* SPDX-License-Identifier: Apache-2.0 */
/* call: the traveller of an API call, from the verified signature to the encoded answer.
 *
 * A handler is one function an operation:
 *
 *   enum rc elbv2_create_listener(struct call *call, const struct elbv2_create_listener_input *in,
 *                                 struct elbv2_create_listener_output *out);
 *
 * `in` was parsed and validated by the facts; `out` is zeroed and is encoded when it returns RC_OK.
 * Anything else is an error: with a refusal (by call_refuse, or by a verb of control, which all
 * take &call->turn) the caller gets that code and message, without one an InternalFailure. The turn
 * is one transaction of the store: RC_OK commits before the answer leaves, anything else rolls
 * back.
 *
 * Owner    api/engine; everything in it is borrowed until the answer has been encoded.
 * Thread   control's one thread. Handlers do not wait for anything but the store. */
#pragma once
#include "api/shape.h"
#include "base/arena.h"
#include "control/control.h"

struct sigv4_keys;

struct call {
    struct turn turn;    /* for the verbs of control; its refusal is the call's */
    struct arena *arena; /* the turn's: whatever the answer points at lives here */
    const struct service *service;
    const struct operation *operation;
    struct text access_key;
    const struct sigv4_keys *keys; /* borrowed: for api/presign alone */
    struct text host;              /* where the caller found us: "127.0.0.1:4566" */
    struct text request_id;
    int64_t now_unix_ms; /* one instant for the whole call */
};

/* Refuses in AWS's words and gives RC_DENIED: return call_refuse(call, "RuleNotFound", "...").
 * `code` is static; its HTTP status comes from the service's facts or api/errors.def, else 400. */
#define call_refuse(...) (call_note_refusal(__VA_ARGS__), RC_DENIED)
void call_note_refusal(struct call *call, const char *code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Text for answers, in the call's arena; .at NULL at its ceiling. */
struct text call_printf(struct call *call, const char *format, ...) PRINTF_LIKE(2, 3);

/* Gives a list of the answer room for `count` zeroed items: TRY(CALL_LIST(call, &out->rules, n)).
 * A list that was not given room is left out of the answer, one with room for none is written
 * empty. The count may be lowered afterwards. RC_LIMIT at the arena's ceiling. */
#define CALL_LIST(call, list, n) \
    call_list((call), &(list)->count, (void **)&(list)->items, (size_t)(n), sizeof(*(list)->items))
MUST_USE enum rc call_list(struct call *call, size_t *count, void **items, size_t n, size_t size);

/* A zeroed structure for the answer: TRY(CALL_NEW(call, &out->state)). RC_LIMIT. */
#define CALL_NEW(call, pointer) call_new((call), (void **)(pointer), sizeof(**(pointer)))
MUST_USE enum rc call_new(struct call *call, void **pointer, size_t size);

/* Sets a number, boolean or time of the answer: CALL_SET(out, port, 80). For a time the name is
 * CALL_SET_TIME(out, created_time, unix_ms). */
#define CALL_SET(out, member, value_) ((out)->has_##member = true, (out)->member = (value_))
#define CALL_SET_TIME(out, member, unix_ms) \
    ((out)->has_##member = true, (out)->member##_unix_ms = (unix_ms))
