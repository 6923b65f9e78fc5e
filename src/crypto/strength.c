/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/strength.h"

#include "base/rc.h"

#include <openssl/evp.h>
#include <string.h>

static bool is_among(int nid, const int *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == nid) {
            return true;
        }
    }
    return false;
}

bool strength_key_is_enough(const X509 *cert)
{
    static const char *const groups[] = {"prime256v1", "secp384r1", "secp521r1"};
    const EVP_PKEY *key = X509_get0_pubkey(cert);
    const int kind = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    char group[64];

    if (kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS) {
        return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192;
    }
    if (kind != EVP_PKEY_EC || EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (strcmp(group, groups[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool strength_signature_is_enough(X509 *cert)
{
    static const int digests[] = {NID_sha256, NID_sha384, NID_sha512};
    static const int keys[] = {NID_rsaEncryption, NID_rsassaPss, NID_X9_62_id_ecPublicKey};
    int digest;
    int key;

    return X509_get_signature_info(cert, &digest, &key, NULL, NULL) == 1 &&
           is_among(digest, digests, ARRAY_LEN(digests)) && is_among(key, keys, ARRAY_LEN(keys));
}

bool strength_list_is_enough(const X509_CRL *crl)
{
    /* The digest of RSA-PSS stands in its parameters, which OpenSSL reads for certificates only. */
    static const int algorithms[] = {
        NID_sha256WithRSAEncryption, NID_sha384WithRSAEncryption,
        NID_sha512WithRSAEncryption, NID_rsassaPss,
        NID_ecdsa_with_SHA256,       NID_ecdsa_with_SHA384,
        NID_ecdsa_with_SHA512,
    };

    return is_among(X509_CRL_get_signature_nid(crl), algorithms, ARRAY_LEN(algorithms));
}
