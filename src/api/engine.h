/* SPDX-License-Identifier: Apache-2.0 */
/* engine: an API request in, an answer out; no sockets, no clock.
 *
 *   which service -> who signed -> which operation -> decode -> validate -> turn { handler } ->
 *   page -> encode
 *
 * Everything that can go wrong is an answer, too, in the form of the service's protocol.
 *
 * Owner    control, keys and log are borrowed for the engine's life.
 * Thread   one, control's.
 * Sources  api/facts; AWS, "Common errors". */
#pragma once
#include "api/answer.h"
#include "api/sigv4.h"
#include "base/log.h"

struct engine;

struct engine *engine_new(const struct control *control, const struct sigv4_keys *keys,
                          const struct log *log);
void engine_free(struct engine *engine); /* NULL is fine */
AUTO_DEFINE(engine)

/* `answer` is initialised and comes back complete; what it holds does not need the request. A
 * change that it reports as done is committed. */
void engine_answer(struct engine *engine, const struct http_request *head, struct text body,
                   int64_t now_unix_ms, struct answer *answer);
