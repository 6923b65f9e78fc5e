/* SPDX-License-Identifier: Apache-2.0 */
/* peer: the certificate a client showed, in the forms that ALB passes on, and why it was refused.
 *
 * Sources  AWS ALB, "Mutual authentication with TLS": the X-Amzn-Mtls-* headers, connection log
 *          reasons; RFC 2253 (names). */
#pragma once
#include "base/arena.h"
#include "tls/stream.h"

struct tls_peer {
    struct text serial; /* "03A5B1" */
    struct text issuer; /* "CN=ca,O=Example,C=US" */
    struct text subject;
    struct text validity; /* "NotBefore=2023-09-21T01:50:17Z;NotAfter=2024-09-20T01:50:17Z" */
    struct text leaf;     /* URL-encoded PEM */
    struct text chain;    /* the same of all that was shown, leaf first */
};

/* Also of a certificate that was refused. RC_ABSENT: the client showed none, or the stream is no
 * TLS stream. RC_LIMIT. */
MUST_USE enum rc tls_peer_read(const struct stream *stream, struct arena *arena,
                               struct tls_peer *out);

/* The connection log's word for a refused certificate: "ClientCertExpired"; "" when it was not. */
const char *tls_peer_refusal(const struct stream *stream);
