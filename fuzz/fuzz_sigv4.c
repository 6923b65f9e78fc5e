/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "api/sigv4.h"

#define FIELDS_MAX 16

/* Lines: method, path, query, then "name:value" fields, an empty line, the body. Nobody without the
 * secret gets in, and every refusal says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sigv4_key key = {TEXT_INIT("AKIDEXAMPLE"), TEXT_INIT("secret")};
    static const struct sigv4_keys keys = {&key, 1};
    AUTO(arena) struct arena *arena = arena_new(4096, 8 * 1024 * 1024);
    struct http_field fields[FIELDS_MAX];
    struct http_request head = {.fields = {fields, 0}};
    struct text rest = {(const char *)data, size};
    struct sigv4_result result;
    enum sigv4_verdict verdict;
    struct text line;

    if (size == 0 || !text_next(&rest, '\n', &head.method) || !text_next(&rest, '\n', &head.path) ||
        !text_next(&rest, '\n', &head.query)) {
        return 0;
    }
    while (head.fields.count < FIELDS_MAX && text_next(&rest, '\n', &line) && line.len > 0) {
        const size_t colon = text_find(line, ':');

        fields[head.fields.count++] = (struct http_field){
            .name = text_slice(line, 0, colon), .value = text_slice(line, colon + 1, line.len)};
    }
    verdict = sigv4_verify(&head, rest, &keys, TEXT("sts"), TEXT("us-east-1"), 1440938160000, arena,
                           &result);
    ASSERT(verdict != SIGV4_GOOD);
    ASSERT(verdict == SIGV4_LIMIT || result.why.len > 0);
    (void)sigv4_claim(&head, arena);
    return 0;
}
