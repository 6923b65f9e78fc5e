/* SPDX-License-Identifier: Apache-2.0 */
/* openalb.conf and the key's file: what is refused says why, what is taken makes sense. */
#include "fuzz.h"

#include "main/options.h"
#include "main/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = {(const char *)data, size};
    struct options options;
    struct state_key key;
    char why[OPTIONS_WHY_BYTES] = "";

    options_init(&options, ROLE_SERVE);
    if (options_read_file(&options, input, "fuzz", why) == RC_OK) {
        ASSERT(options_number(&options, OPTION_WORKERS) <= 256);
    } else {
        ASSERT(why[0] != '\0');
    }
    options_done(&options);
    if (state_key_parse(input, &key) == RC_OK) {
        ASSERT(strlen(key.id) == STATE_KEY_BYTES - 1);
        ASSERT(strlen(key.secret) == STATE_SECRET_BYTES - 1);
    }
    return 0;
}
