/* SPDX-License-Identifier: Apache-2.0 */
/* fields: what a listener's attributes say of header fields, made ready with the plan: how those of
 * TLS that we tell targets are called, and which ones every answer has.
 *
 * Source   AWS ALB, "HTTP header modification". */
#pragma once
#include "http/message.h"
#include "snapshot/snapshot.h"

struct arena;

/* Ours, as AWS calls them: the order of the table in fields.c. */
enum own_field {
    OWN_MTLS_SERIAL,
    OWN_MTLS_ISSUER,
    OWN_MTLS_SUBJECT,
    OWN_MTLS_VALIDITY,
    OWN_MTLS_LEAF,
    OWN_MTLS_CHAIN,
    OWN_TLS_VERSION,
    OWN_TLS_CIPHER,
    OWN_FIELDS,
};

struct listener_fields {
    struct text names[OWN_FIELDS];
    bool renames_tls;           /* one of the last two has another name */
    struct http_fields renamed; /* the other names, without values: clients may not send them */
    struct http_fields answer;  /* replace those of the target; none: answers are as they are */
};

/* In the arena, or shared by all that say nothing. RC_LIMIT. */
MUST_USE enum rc listener_fields_build(const struct snap_listener *listener, struct arena *arena,
                                       const struct listener_fields **out);
