/* SPDX-License-Identifier: Apache-2.0 */
/* listener_settings: what a listener may be: protocol, port, policy, certificate, mutual TLS. */
#pragma once
#include "control/listener.h"

/* What a listener is to become; complete. */
struct listener_settings {
    struct text protocol;
    int64_t port;
    struct text ssl_policy;  /* empty: HTTP */
    struct text certificate; /* empty: HTTP */
    struct listener_auth auth;
};

/* `current` is NULL for a new one. Checks what was given, alone and together with what is. */
MUST_USE enum rc listener_settings_make(struct turn *turn, const struct listener_new *given,
                                        const struct listener_settings *current,
                                        struct listener_settings *out);

static inline bool listener_settings_is_https(const struct listener_settings *settings)
{
    return text_eq(settings->protocol, TEXT("HTTPS"));
}
