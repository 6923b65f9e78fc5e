/* SPDX-License-Identifier: Apache-2.0 */
/* desync: how far a request's head is from what everybody reads alike, and what follows from it.
 *
 * The classes and reasons are those of AWS ALB's desync mitigation (names equal the log's), as its
 * open classifier, aws/http-desync-guardian, finds them. Classifying looks at the raw bytes of the
 * head and runs only when the strict reader met something odd; a plain request never pays for it.
 *
 * Sources  AWS ALB, "Desync mitigation mode"; docs/decisions/0004. */
#pragma once
#include "http/message.h"

/* AWS ALB, attribute routing.http.desync_mitigation_mode. */
enum http_desync_mode { HTTP_DESYNC_DEFENSIVE, HTTP_DESYNC_MONITOR, HTTP_DESYNC_STRICTEST };

enum http_desync_act {
    HTTP_DESYNC_ALLOW,
    HTTP_DESYNC_ALLOW_AND_CLOSE, /* serve it, then close client and target connection */
    HTTP_DESYNC_REFUSE,          /* 400, close the client connection */
};

enum http_desync_act http_desync_decide(enum http_desync class, enum http_desync_mode mode);

/* The worst class found and the first reason for it (static; NULL when compliant). `head` is a
 * request's head from its first line; when it is not complete, a missing end is no defect. */
enum http_desync http_desync_classify(struct text head, bool is_complete, const char **reason);

/* A name that is not "transfer-encoding" or "content-length" but may be taken for it: the same
 * letters with other characters in between, in front or behind. */
bool http_desync_is_suspicious(struct text name);
