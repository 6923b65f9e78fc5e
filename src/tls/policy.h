/* SPDX-License-Identifier: Apache-2.0 */
/* policy: ALB's security policies by their names: protocols, suites in order, key exchange groups.
 * One table (tls/policies.def) for handshakes and for DescribeSSLPolicies.
 *
 * Sources  AWS ALB, "Security policies for your Application Load Balancer". */
#pragma once
#include "base/text.h"

enum { TLS_CIPHERS_MAX = 32 };

struct tls_policy {
    struct text name;   /* "ELBSecurityPolicy-2016-08" */
    int oldest, newest; /* minor of TLS 1.x: 0 to 3 */
    unsigned groups;    /* of tls/policies.def */
    unsigned flags;
};

/* What the API takes when a listener names none. */
#define TLS_POLICY_DEFAULT TEXT("ELBSecurityPolicy-2016-08")

const struct tls_policy *tls_policies(size_t *count);
const struct tls_policy *tls_policy_find(struct text name); /* NULL: no such policy */

/* OpenSSL names in the server's order, at most TLS_CIPHERS_MAX; gives how many. TLS 1.3 first. */
size_t tls_policy_ciphers(const struct tls_policy *policy, const char **out);
/* "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3": for minor 0 to 3. */
const char *tls_version_name(int minor);

bool tls_policy_is_pq(const struct tls_policy *policy);

/* The policy that a load balancer speaks toward its targets follows from its listeners' policies
 * (AWS ALB, "Backend connections"): give all of them. */
const struct tls_policy *tls_policy_backend(const struct tls_policy *const *listeners,
                                            size_t count);

/* True when the library at hand can do all of it; else `why` says what is missing and what to do.
 */
bool tls_policy_is_supported(const struct tls_policy *policy, char *why, size_t why_size);
