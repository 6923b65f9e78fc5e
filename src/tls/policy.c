/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/policy.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

enum group {
    T13 = 1 << 0,
    T13C = 1 << 1,
    G = 1 << 2,
    C2 = 1 << 3,
    C1 = 1 << 4,
    R2G = 1 << 5,
    R2C = 1 << 6,
    R1 = 1 << 7,
    DES = 1 << 8,
};

#define T       (T13 | T13C)
#define R2      (R2G | R2C)
#define FS      (G | C2 | C1)
#define OLD_ALL (FS | R2 | R1)

enum flag {
    PQ = 1 << 0,
    FIPS = 1 << 1,
    RFC9151 = 1 << 2,
    ONLY_256 = 1 << 3,
    FIRST_256 = 1 << 4,
};

#define PREFIX "ELBSecurityPolicy-"

static const struct tls_policy policies[] = {
#define POLICY(name, oldest, newest, groups, flags) \
    {TEXT_INIT(PREFIX name), oldest, newest, groups, flags},
#include "tls/policies.def"
#undef POLICY
};

static const struct cipher {
    const char *name;
    unsigned group;
    int bits;
} ciphers[] = {
#define CIPHER(name, group, bits) {name, group, bits},
#include "tls/policies.def"
#undef CIPHER
};

_Static_assert(ARRAY_LEN(ciphers) <= TLS_CIPHERS_MAX, "callers' arrays hold every suite");

const struct tls_policy *tls_policies(size_t *count)
{
    *count = ARRAY_LEN(policies);
    return policies;
}

const struct tls_policy *tls_policy_find(struct text name)
{
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        if (text_eq(policies[i].name, name)) {
            return &policies[i];
        }
    }
    return NULL;
}

/* Adds the policy's suites that have, or have not, 256 bit keys; TLS 1.3 or older. */
static size_t add_ciphers(const struct tls_policy *policy, bool is_tls13, bool with_128,
                          bool with_256, const char **out, size_t count)
{
    for (size_t i = 0; i < ARRAY_LEN(ciphers); i++) {
        const struct cipher *cipher = &ciphers[i];
        const bool is_wanted = (cipher->bits == 256) ? with_256 : with_128;

        if ((cipher->group & policy->groups) && is_wanted &&
            is_tls13 == ((cipher->group & T) != 0)) {
            out[count++] = cipher->name;
        }
    }
    return count;
}

size_t tls_policy_ciphers(const struct tls_policy *policy, const char **out)
{
    size_t count = 0;

    for (int is_older = 0; is_older < 2; is_older++) {
        if (policy->flags & ONLY_256) {
            count = add_ciphers(policy, !is_older, false, true, out, count);
        } else if (policy->flags & FIRST_256) {
            count = add_ciphers(policy, !is_older, false, true, out, count);
            count = add_ciphers(policy, !is_older, true, false, out, count);
        } else {
            count = add_ciphers(policy, !is_older, true, true, out, count);
        }
    }
    return count;
}

const char *tls_version_name(int minor)
{
    static const char *const names[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

    ASSERT(minor >= 0 && minor <= 3);
    return names[minor];
}

bool tls_policy_is_pq(const struct tls_policy *policy)
{
    return policy->flags & PQ;
}

const struct tls_policy *tls_policy_backend(const struct tls_policy *const *listeners, size_t count)
{
    unsigned flags = 0;
    bool any_pq_fips = false;
    bool any_tls13 = false;
    const char *name = PREFIX "2016-08";

    for (size_t i = 0; i < count; i++) {
        flags |= listeners[i]->flags;
        any_pq_fips |= (listeners[i]->flags & (PQ | FIPS)) == (PQ | FIPS);
        any_tls13 |= listeners[i]->newest == 3;
    }
    if (flags & RFC9151) {
        name = PREFIX "TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07";
    } else if (any_pq_fips) {
        name = PREFIX "TLS13-1-0-FIPS-PQ-2025-09";
    } else if (flags & FIPS) {
        name = PREFIX "TLS13-1-0-FIPS-2023-04";
    } else if (flags & PQ) {
        name = PREFIX "TLS13-1-0-PQ-2025-09";
    } else if (any_tls13) {
        name = PREFIX "TLS13-1-0-2021-06";
    }
    return tls_policy_find(text_of(name));
}

bool tls_policy_is_supported(const struct tls_policy *policy, char *why, size_t why_size)
{
    if (!tls_policy_is_pq(policy)) {
        return true;
    }
    EVP_KEYMGMT *hybrid = EVP_KEYMGMT_fetch(NULL, "X25519MLKEM768", NULL);
    EVP_KEYMGMT_free(hybrid);
    if (hybrid) {
        return true;
    }
    (void)snprintf(
        why, why_size,
        "Security policy '%.*s' needs post-quantum key exchange, which %s does not have; "
        "use the policy of the same name without 'PQ', or OpenSSL 3.5 or later",
        TEXT_ARG(policy->name), OpenSSL_version(OPENSSL_VERSION));
    return false;
}
