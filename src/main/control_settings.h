/* SPDX-License-Identifier: Apache-2.0 */
/* control_settings: what the options say to control, in its own structs. */
#pragma once
#include "api/sigv4.h"
#include "control/control.h"
#include "main/options.h"
#include "main/state.h"

struct control_settings {
    struct arena *arena;          /* own: all of it */
    struct control_config config; /* borrows from the options */
    struct sigv4_keys keys;
};

/* RC_BAD: `why` tells; nothing is to be freed then. */
MUST_USE enum rc control_settings_read(const struct options *options, const struct state_key *key,
                                       struct control_settings *out, char *why);
void control_settings_done(struct control_settings *settings);
