/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/provider.h"

#include "base/mem.h"
#include "tls/hkdf.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

struct tls_provider {
    OSSL_PROVIDER *loaded; /* own */
};

/* libssl brings everything along with each derivation: a context has nothing to keep. */
static void *new_context(void *provider)
{
    return provider;
}

static void free_context(void *context)
{
    (void)context;
}

/* What a derivation is told, in the order in which libssl tells it. */
enum given { MODE, DIGEST, KEY, SALT, PREFIX, LABEL, DATA, GIVEN };

static const char *const names[GIVEN] = {
    [MODE] = OSSL_KDF_PARAM_MODE, [DIGEST] = OSSL_KDF_PARAM_DIGEST, [KEY] = OSSL_KDF_PARAM_KEY,
    [SALT] = OSSL_KDF_PARAM_SALT, [PREFIX] = OSSL_KDF_PARAM_PREFIX, [LABEL] = OSSL_KDF_PARAM_LABEL,
    [DATA] = OSSL_KDF_PARAM_DATA,
};

/* GIVEN: it is none of them. The search begins with `next`: in the usual order it ends there. */
static size_t find(const char *name, size_t next)
{
    for (size_t i = 0; i < GIVEN; i++, next++) {
        if (strcmp(name, names[next % GIVEN]) == 0) {
            return next % GIVEN;
        }
    }
    return GIVEN;
}

static void sort(const OSSL_PARAM params[], const OSSL_PARAM *given[GIVEN])
{
    size_t next = 0;

    for (const OSSL_PARAM *param = params; param && param->key; param++) {
        const size_t found = find(param->key, next);

        if (found < GIVEN) {
            given[found] = param;
            next = found + 1;
        }
    }
}

static struct text text_of_param(const OSSL_PARAM *param)
{
    return param ? (struct text){param->data, param->data_size} : (struct text){NULL, 0};
}

static int derive(void *context, unsigned char *out, size_t len, const OSSL_PARAM params[])
{
    const OSSL_PARAM *given[GIVEN] = {NULL};
    int mode;

    (void)context;
    sort(params, given);
    const struct tls_hash *hash = tls_hash_find(text_of_param(given[DIGEST]));
    const struct text key = text_of_param(given[KEY]);
    const struct tls_label label = {text_of_param(given[PREFIX]), text_of_param(given[LABEL]),
                                    text_of_param(given[DATA])};
    if (!hash || !given[MODE] || !OSSL_PARAM_get_int(given[MODE], &mode)) {
        return 0;
    }
    switch (mode) {
    case EVP_KDF_HKDF_MODE_EXPAND_ONLY:
        return tls_hkdf_expand(hash, key, &label, out, len) == RC_OK;
    case EVP_KDF_HKDF_MODE_EXTRACT_ONLY:
        return len == tls_hash_bytes(hash) &&
               tls_hkdf_next(hash, text_of_param(given[SALT]), key, &label, out) == RC_OK;
    default: /* a number from outside */
        return 0;
    }
}

#define ENTRY(id, function)              \
    {                                    \
        (id), (void (*)(void))(function) \
    }

static const OSSL_DISPATCH kdf_functions[] = {
    ENTRY(OSSL_FUNC_KDF_NEWCTX, new_context),
    ENTRY(OSSL_FUNC_KDF_FREECTX, free_context),
    ENTRY(OSSL_FUNC_KDF_DERIVE, derive),
    {0, NULL},
};

static const OSSL_ALGORITHM kdfs[] = {
    {"TLS13-KDF", "provider=" TLS_PROVIDER ",alb.tls=yes", kdf_functions,
     "the key schedule of TLS 1.3"},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *is_volatile)
{
    (void)provider;
    *is_volatile = 0;
    return operation == OSSL_OP_KDF ? kdfs : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
    ENTRY(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
    {0, NULL},
};

static int start(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                 const OSSL_DISPATCH **out, void **provider)
{
    (void)core;
    *out = provider_functions;
    *provider = (void *)(uintptr_t)handle; /* anything but NULL */
    return 1;
}

struct tls_provider *tls_provider_new(void)
{
    enum { BESIDE_THE_OTHERS = 1 };
    OSSL_PROVIDER *loaded = NULL;

    if (OSSL_PROVIDER_add_builtin(NULL, TLS_PROVIDER, start) == 1) {
        loaded = OSSL_PROVIDER_try_load(NULL, TLS_PROVIDER, BESIDE_THE_OTHERS);
    }
    if (!loaded) {
        return NULL;
    }
    struct tls_provider *provider = MEM_NEW(struct tls_provider);
    provider->loaded = loaded;
    return provider;
}

void tls_provider_free(struct tls_provider *provider)
{
    if (provider) {
        (void)OSSL_PROVIDER_unload(provider->loaded);
        mem_give(provider);
    }
}
