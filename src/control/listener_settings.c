/* SPDX-License-Identifier: Apache-2.0 */
#include "control/listener_settings.h"

#include "control/certificate.h"
#include "control/listener_auth.h"
#include "tls/policy.h"

static enum rc check_policy(struct turn *turn, struct text name);
static enum rc make_http(struct turn *turn, const struct listener_new *given,
                         struct listener_settings *out);
static enum rc make_https(struct turn *turn, const struct listener_new *given,
                          const struct listener_settings *current, struct listener_settings *out);

static enum rc refuse_validation(struct turn *turn, const char *message)
{
    return refuse(&turn->refusal, RC_BAD, "ValidationError", "%s", message);
}

enum rc listener_settings_make(struct turn *turn, const struct listener_new *given,
                               const struct listener_settings *current,
                               struct listener_settings *out)
{
    if (current != NULL) {
        *out = *current;
    }
    if (!text_is_empty(given->protocol)) {
        out->protocol = given->protocol;
    }
    if (given->port != 0) {
        out->port = given->port;
    }
    if (text_is_empty(out->protocol)) {
        return refuse_validation(turn, "A listener protocol must be specified");
    }
    if (out->port == 0) {
        return refuse_validation(turn, "A listener port must be specified");
    }
    if (!text_eq(out->protocol, TEXT("HTTP")) && !text_eq(out->protocol, TEXT("HTTPS"))) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Listener protocol '%.*s' must be one of 'HTTP, HTTPS'",
                      TEXT_ARG(out->protocol));
    }
    if (given->has_alpn_policy) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "ALPN policies are not supported for listeners with protocol '%.*s'",
                      TEXT_ARG(out->protocol));
    }
    return listener_settings_is_https(out) ? make_https(turn, given, current, out)
                                           : make_http(turn, given, out);
}

static enum rc make_http(struct turn *turn, const struct listener_new *given,
                         struct listener_settings *out)
{
    if (given->certificate_count > 0) {
        return refuse_validation(turn, "A certificate cannot be specified for HTTP listeners");
    }
    if (!text_is_empty(given->ssl_policy)) {
        return refuse_validation(turn, "An SSL policy cannot be specified for HTTP listeners");
    }
    if (given->auth && !text_eq(given->auth->mode, TEXT("off"))) {
        return refuse_validation(turn,
                                 "Mutual authentication is supported only on HTTPS listeners");
    }
    out->auth = listener_auth_off;
    out->ssl_policy = TEXT("");
    out->certificate = TEXT("");
    return RC_OK;
}

static enum rc make_https(struct turn *turn, const struct listener_new *given,
                          const struct listener_settings *current, struct listener_settings *out)
{
    const bool was_http = current != NULL && !listener_settings_is_https(current);

    if (given->certificate_count > 1) {
        return refuse_validation(turn, "You can specify at most one default certificate for a "
                                       "listener");
    }
    if (given->certificate_count == 1) {
        out->certificate = given->certificates[0];
    }
    if (!text_is_empty(given->ssl_policy)) {
        out->ssl_policy = given->ssl_policy;
    }
    if (text_is_empty(out->certificate)) {
        return refuse_validation(turn, "A certificate must be specified for HTTPS listeners");
    }
    if (text_is_empty(out->ssl_policy) && was_http) {
        return refuse_validation(turn, "An SSL policy must be specified for HTTPS listeners");
    }
    if (text_is_empty(out->ssl_policy)) {
        out->ssl_policy = TLS_POLICY_DEFAULT;
    }
    TRY(check_policy(turn, out->ssl_policy));
    TRY(listener_auth_make(turn, given->auth, &out->auth));
    return certificate_for_listener(turn, out->certificate);
}

static enum rc check_policy(struct turn *turn, struct text name)
{
    const struct tls_policy *policy = tls_policy_find(name);
    char why[256];

    if (policy == NULL) {
        return refuse(&turn->refusal, RC_ABSENT, "SSLPolicyNotFound", "SSL policy '%.*s' not found",
                      TEXT_ARG(name));
    }
    if (!tls_policy_is_supported(policy, why, sizeof(why))) {
        return refuse(&turn->refusal, RC_BAD, "InvalidConfigurationRequest",
                      "SSL policy '%.*s' cannot be used on this machine: %s", TEXT_ARG(name), why);
    }
    return RC_OK;
}
