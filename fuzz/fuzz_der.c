/* SPDX-License-Identifier: Apache-2.0 */
/* What stands inside PEM: certificates, revocation lists and keys. Their base64 keeps mutations of
 * fuzz_x509 and fuzz_trust from the bytes that matter, so here it is put around them. */
#include "fuzz.h"

#include "codec/base64.h"
#include "crypto/trust.h"
#include "crypto/x509.h"

enum { LINE_BYTES = 64, PEM_BYTES_MAX = 1 << 20 };

static struct text pem_of(struct arena *arena, struct text label, struct text der, struct buf *out)
{
    struct text rest = base64_encode(arena, der);

    buf_add(out, TEXT("-----BEGIN "));
    buf_add(out, label);
    buf_add(out, TEXT("-----\n"));
    while (rest.len > 0) {
        buf_add(out, text_slice(rest, 0, LINE_BYTES));
        buf_add(out, TEXT("\n"));
        rest = text_slice(rest, LINE_BYTES, rest.len);
    }
    buf_add(out, TEXT("-----END "));
    buf_add(out, label);
    buf_add(out, TEXT("-----\n"));
    return buf_text(out);
}

static void read_certificate(struct text pem, struct arena *arena)
{
    char why[TRUST_WHY_BYTES] = "";
    struct trust_bundle bundle;
    struct x509 read;
    size_t count;

    if (x509_read(pem, arena, &read) == RC_OK) {
        ASSERT(read.key_usage_count <= X509_USAGES_MAX && read.serial.len > 0);
    }
    if (x509_count(pem, &count) == RC_OK) {
        ASSERT(count == 1);
        (void)!x509_check_chain(pem, pem);
    }
    if (trust_bundle_read(pem, &bundle, why) == RC_OK) {
        ASSERT(bundle.certificate_count == 1 && bundle.largest_bytes > 0);
    } else {
        ASSERT(why[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text der = {(const char *)data, size};
    struct arena *arena = arena_new(4096, 4 << 20);
    char why[TRUST_WHY_BYTES] = "";
    struct buf certificate, list, key;
    int64_t entries;

    buf_init(&certificate, PEM_BYTES_MAX);
    buf_init(&list, PEM_BYTES_MAX);
    buf_init(&key, PEM_BYTES_MAX);
    const struct text pem = pem_of(arena, TEXT("CERTIFICATE"), der, &certificate);

    read_certificate(pem, arena);
    if (trust_list_read(pem_of(arena, TEXT("X509 CRL"), der, &list), pem, &entries, why) == RC_OK) {
        ASSERT(entries >= 0);
    }
    (void)!x509_check_key(pem, pem_of(arena, TEXT("PRIVATE KEY"), der, &key));
    buf_done(&certificate);
    buf_done(&list);
    buf_done(&key);
    arena_free(arena);
    return 0;
}
