/* SPDX-License-Identifier: Apache-2.0 */
#include "control/listener.h"

#include "control/address_pool.h"
#include "control/attributes.h"
#include "control/balancer.h"
#include "control/elb_arn.h"
#include "control/elb_quota.h"
#include "control/elb_tags.h"
#include "control/forward.h"
#include "control/id.h"
#include "control/listener_auth.h"
#include "control/listener_settings.h"
#include "store/attribute.h"
#include "store/rule.h"

static enum rc insert(struct turn *turn, const struct listener_new *wanted,
                      const struct listener_settings *settings, const struct balancer_row *balancer,
                      struct text actions);
static enum rc compare(struct turn *turn, const struct listener *existing,
                       const struct listener_settings *settings, struct text actions);
static enum rc complete(struct turn *turn, struct listener *listener);
static enum rc recheck_rules(struct turn *turn, const struct listener_row *listener,
                             const struct balancer_row *balancer, bool is_https);
static enum rc set_certificate(struct turn *turn, struct text listener, struct text certificate);
static enum rc remove_whole(struct turn *turn, struct text arn);

static struct action_place place_of(const struct listener_settings *settings)
{
    return (struct action_place){settings->port, listener_settings_is_https(settings)};
}

/* The checks that every list of default actions passes; gives it as a document. */
static enum rc make_actions(struct turn *turn, struct actions *actions,
                            const struct listener_settings *settings,
                            const struct balancer_row *balancer, struct text *document)
{
    const struct action_place place = place_of(settings);

    TRY(actions_check(turn, actions, &place));
    TRY(forward_check(turn, actions, balancer, place.is_https));
    return actions_encode(actions, turn->arena, document);
}

enum rc listener_create(struct turn *turn, const struct listener_new *wanted, struct listener *out)
{
    struct listener_settings settings = {0};
    struct actions actions = wanted->actions;
    struct balancer_row balancer;
    struct text document;
    enum rc rc;

    TRY(balancer_find_row(turn, wanted->balancer, &balancer));
    TRY(listener_settings_make(turn, wanted, NULL, &settings));
    TRY(make_actions(turn, &actions, &settings, &balancer, &document));
    rc = listener_row_get_on(turn->store, turn->arena, balancer.arn, settings.port, &out->row);
    if (rc == RC_OK) {
        TRY(complete(turn, out));
        return compare(turn, out, &settings, document);
    }
    if (rc != RC_ABSENT) {
        return rc;
    }
    TRY(insert(turn, wanted, &settings, &balancer, document));
    TRY(listener_row_get_on(turn->store, turn->arena, balancer.arn, settings.port, &out->row));
    return complete(turn, out);
}

static enum rc compare(struct turn *turn, const struct listener *existing,
                       const struct listener_settings *settings, struct text actions)
{
    struct text current;

    TRY(actions_encode(&existing->actions, turn->arena, &current));
    if (text_eq(existing->row.protocol, settings->protocol) &&
        text_eq(existing->row.ssl_policy, settings->ssl_policy) &&
        text_eq(existing->certificate, settings->certificate) &&
        listener_auth_is_same(&existing->auth, &settings->auth) && text_eq(current, actions)) {
        return RC_OK;
    }
    return refuse(&turn->refusal, RC_CONFLICT, "DuplicateListener",
                  "A listener already exists on this port for this load balancer '%.*s'",
                  TEXT_ARG(existing->row.balancer));
}

static enum rc insert_default_rule(struct turn *turn, const struct listener_row *listener,
                                   struct text actions_document, const struct actions *actions)
{
    const struct rule_row rule = {
        .arn = arn_of(turn, "elasticloadbalancing", "listener-rule/%.*s/%.*s",
                      TEXT_ARG(elb_arn_id(listener->arn)), TEXT_ARG(id_elb(turn))),
        .listener = listener->arn,
        .priority = 0,
        .conditions = TEXT("[]"),
        .actions = actions_document,
        .transforms = TEXT("[]"),
    };

    TRY(rule_row_insert(turn->store, &rule));
    return forward_apply(turn, actions, rule.arn, listener->balancer);
}

static enum rc insert(struct turn *turn, const struct listener_new *wanted,
                      const struct listener_settings *settings, const struct balancer_row *balancer,
                      struct text actions_document)
{
    struct actions actions;
    int64_t count = 0;

    TRY(listener_row_count(turn->store, balancer->arn, &count));
    if (count >= elb_quota_max(ELB_QUOTA_LISTENERS)) {
        return refuse(&turn->refusal, RC_LIMIT, "TooManyListeners",
                      "You have reached the maximum number of listeners per load balancer: [%lld]",
                      (long long)elb_quota_max(ELB_QUOTA_LISTENERS));
    }
    TRY(address_pool_check_port(turn, balancer->arn, settings->port));

    const struct listener_row row = {
        .arn = arn_of(turn, "elasticloadbalancing", "listener/%.*s/%.*s", TEXT_ARG(balancer->id),
                      TEXT_ARG(id_elb(turn))),
        .balancer = balancer->arn,
        .port = settings->port,
        .protocol = settings->protocol,
        .ssl_policy = settings->ssl_policy,
        .created_ms = turn->now_unix_ms,
    };
    TRY(listener_row_insert(turn->store, &row));
    TRY(set_certificate(turn, row.arn, settings->certificate));
    TRY(listener_auth_save(turn, &row, &settings->auth));
    TRY(actions_decode(actions_document, turn->arena, &actions));
    TRY(insert_default_rule(turn, &row, actions_document, &actions));
    return elb_tags_put(turn, row.arn, wanted->tags, wanted->tag_count);
}

/* Certificate, mutual TLS and default actions. */
static enum rc complete(struct turn *turn, struct listener *listener)
{
    struct listener_certificate_rows certificates;
    struct rule_row rule;

    listener->certificate = TEXT("");
    TRY(listener_certificate_row_list(turn->store, turn->arena, listener->row.arn, &certificates));
    if (certificates.count > 0 && certificates.at[0].is_default) {
        listener->certificate = certificates.at[0].certificate;
    }
    TRY(listener_auth_load(turn, listener->row.arn, &listener->auth));
    TRY(rule_row_get_at(turn->store, turn->arena, listener->row.arn, 0, &rule));
    return actions_decode(rule.actions, turn->arena, &listener->actions);
}

static enum rc modify_actions(struct turn *turn, const struct listener_new *wanted,
                              const struct listener_settings *settings,
                              const struct listener_row *listener,
                              const struct balancer_row *balancer)
{
    struct actions actions = wanted->actions;
    struct rule_row rule;

    if (actions.count == 0) {
        return RC_OK;
    }
    TRY(rule_row_get_at(turn->store, turn->arena, listener->arn, 0, &rule));
    TRY(make_actions(turn, &actions, settings, balancer, &rule.actions));
    TRY(rule_row_update(turn->store, &rule));
    return forward_apply(turn, &actions, rule.arn, balancer->arn);
}

static enum rc move(struct turn *turn, const struct listener_settings *settings,
                    struct listener_row *row)
{
    struct listener_row other;

    if (settings->port != row->port) {
        const enum rc rc =
            listener_row_get_on(turn->store, turn->arena, row->balancer, settings->port, &other);

        if (rc == RC_OK) {
            return refuse(&turn->refusal, RC_CONFLICT, "ValidationError",
                          "Listener port '%lld' is already in use", (long long)settings->port);
        }
        if (rc != RC_ABSENT) {
            return rc;
        }
        TRY(address_pool_check_port(turn, row->balancer, settings->port));
    }
    row->port = settings->port;
    row->protocol = settings->protocol;
    row->ssl_policy = settings->ssl_policy;
    return listener_row_update(turn->store, row);
}

enum rc listener_modify(struct turn *turn, struct text arn, const struct listener_new *wanted,
                        struct listener *out)
{
    struct listener_settings settings;
    struct balancer_row balancer;

    TRY(listener_find_row(turn, arn, &out->row));
    TRY(complete(turn, out));
    TRY(balancer_find_row(turn, out->row.balancer, &balancer));

    const struct listener_settings current = {out->row.protocol, out->row.port, out->row.ssl_policy,
                                              out->certificate, out->auth};
    TRY(listener_settings_make(turn, wanted, &current, &settings));
    TRY(modify_actions(turn, wanted, &settings, &out->row, &balancer));
    TRY(recheck_rules(turn, &out->row, &balancer, listener_settings_is_https(&settings)));
    TRY(move(turn, &settings, &out->row));
    TRY(set_certificate(turn, arn, settings.certificate));
    TRY(listener_auth_save(turn, &out->row, &settings.auth));
    return complete(turn, out);
}

/* A listener that becomes plain may not keep rules whose groups need HTTP/2. */
static enum rc recheck_rules(struct turn *turn, const struct listener_row *listener,
                             const struct balancer_row *balancer, bool is_https)
{
    struct rule_rows rules;

    if (is_https) {
        return RC_OK;
    }
    TRY(rule_row_list(turn->store, turn->arena, listener->arn, &rules));
    for (size_t i = 0; i < rules.count; i++) {
        struct actions actions;

        TRY(actions_decode(rules.at[i].actions, turn->arena, &actions));
        TRY(forward_check(turn, &actions, balancer, is_https));
    }
    return RC_OK;
}

/* Empty: the listener speaks HTTP now, and its list of others goes too. */
static enum rc set_certificate(struct turn *turn, struct text listener, struct text certificate)
{
    const struct listener_certificate_row row = {listener, certificate, true};

    if (text_is_empty(certificate)) {
        return listener_certificate_row_remove_all(turn->store, listener);
    }
    TRY(listener_certificate_row_remove_default(turn->store, listener));
    return listener_certificate_row_put(turn->store, &row);
}

enum rc listener_delete(struct turn *turn, struct text arn)
{
    struct listener_row row;

    TRY(listener_find_row(turn, arn, &row));
    return remove_whole(turn, arn);
}

enum rc listener_delete_all(struct turn *turn, struct text balancer)
{
    struct listener_rows rows;

    TRY(listener_row_list(turn->store, turn->arena, balancer, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(remove_whole(turn, rows.at[i].arn));
    }
    return RC_OK;
}

static enum rc remove_whole(struct turn *turn, struct text arn)
{
    struct rule_rows rules;

    TRY(rule_row_list(turn->store, turn->arena, arn, &rules));
    for (size_t i = 0; i < rules.count; i++) {
        TRY(tag_row_delete_all(turn->store, rules.at[i].arn));
    }
    TRY(attribute_row_remove_all(turn->store, arn));
    TRY(tag_row_delete_all(turn->store, arn));
    return listener_row_remove(turn->store, arn);
}

enum rc listener_find_row(struct turn *turn, struct text arn, struct listener_row *out)
{
    enum rc rc;

    TRY(elb_arn_check(turn, arn, ELB_LISTENER));
    rc = listener_row_get(turn->store, turn->arena, arn, out);
    return rc == RC_ABSENT ? elb_refuse_absent(turn, ELB_LISTENER) : rc;
}

static enum rc list_rows(struct turn *turn, struct text balancer, const struct text *arns,
                         size_t count, struct listener_rows *out)
{
    struct balancer_row row;

    if (!text_is_empty(balancer)) {
        TRY(balancer_find_row(turn, balancer, &row));
        return listener_row_list(turn->store, turn->arena, balancer, out);
    }
    out->at = ARENA_ARRAY(turn->arena, struct listener_row, count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(listener_find_row(turn, arns[i], &out->at[i]));
    }
    out->count = count;
    return RC_OK;
}

enum rc listener_find_all(struct turn *turn, struct text balancer, const struct text *arns,
                          size_t count, struct listeners *out)
{
    struct listener_rows rows;

    if (text_is_empty(balancer) && count == 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "You must specify either listener ARNs or a load balancer ARN");
    }
    if (!text_is_empty(balancer) && count > 0) {
        return refuse(&turn->refusal, RC_BAD, "ValidationError",
                      "Listener ARNs and a load balancer ARN cannot be specified at the same time");
    }
    TRY(list_rows(turn, balancer, arns, count, &rows));
    out->at = ARENA_ARRAY(turn->arena, struct listener, rows.count);
    if (out->at == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < rows.count; i++) {
        out->at[i].row = rows.at[i];
        TRY(complete(turn, &out->at[i]));
    }
    out->count = rows.count;
    return RC_OK;
}

/* ---- attributes --------------------------------------------------------------------------- */

enum rc listener_attributes(struct turn *turn, struct text arn, struct attribute_set *out)
{
    struct attribute_scope scope = {.of = ATTRIBUTE_OF_LISTENER};
    struct listener_row row;

    TRY(listener_find_row(turn, arn, &row));
    scope.is_https = text_eq(row.protocol, TEXT("HTTPS"));
    return attributes_load(turn, arn, &scope, out);
}

enum rc listener_set_attributes(struct turn *turn, struct text arn, const struct attribute *changes,
                                size_t count, struct attribute_set *out)
{
    TRY(listener_attributes(turn, arn, out));
    return attributes_save(turn, arn, changes, count, out);
}
