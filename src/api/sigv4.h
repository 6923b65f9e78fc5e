/* SPDX-License-Identifier: Apache-2.0 */
/* sigv4: is a request signed by a key that we gave out? AWS Signature Version 4 in its header and
 * its presigned form, as a pure function of the request, the keys and the time.
 *
 * Nothing of a request is believed before sigv4_verify said SIGV4_GOOD, with one exception:
 * sigv4_claim() reads the service that it claims to be for, so that a refusal can be given in that
 * service's form.
 *
 * Thread   any.
 * Sources  AWS IAM guide, "Create a signed AWS API request"; "Common errors". */
#pragma once
#include "base/arena.h"
#include "http/message.h"

#define SIGV4_SKEW_MS       INT64_C(900000) /* 15 minutes, either way */
#define SIGV4_EXPIRES_S_MAX 604800          /* a presigned request lives at most a week */

struct sigv4_key {
    struct text id; /* "AKIA..." */
    struct text secret;
};

struct sigv4_keys {
    const struct sigv4_key *at;
    size_t count;
};

enum sigv4_verdict {
    SIGV4_GOOD,
    SIGV4_MISSING,     /* no signature at all */
    SIGV4_INCOMPLETE,  /* not in the form of a signature */
    SIGV4_UNKNOWN_KEY, /* or a session token, which we never give out */
    SIGV4_MISMATCH,    /* signed with another secret, or changed on the way */
    SIGV4_OUT_OF_TIME, /* expired, or not yet valid */
    SIGV4_LIMIT,       /* our arena is full */
};

struct sigv4_result {
    struct text access_key; /* from here on: what the signature claims, in the arena */
    struct text region;
    struct text service;
    struct text why; /* of a refusal: AWS's sentence */
};

/* `body` is complete. `service` and `region` are what the scope must name; an empty region is not
 * compared (global services). */
enum sigv4_verdict sigv4_verify(const struct http_request *head, struct text body,
                                const struct sigv4_keys *keys, struct text service,
                                struct text region, int64_t now_unix_ms, struct arena *arena,
                                struct sigv4_result *out);

/* The service in the credential scope; empty when there is none. Not verified. */
struct text sigv4_claim(const struct http_request *head, struct arena *arena);
