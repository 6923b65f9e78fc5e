/* SPDX-License-Identifier: Apache-2.0 */
#include "control/listener.h"
#include "api/elbv2/actions.h"
#include "api/elbv2/elbv2.h"
#include "api/elbv2/tagging.h"
#include "control/listener_certificate.h"

static void write_auth(const struct listener_auth *auth,
                       struct elbv2_mutual_authentication_attributes *out)
{
    out->mode = auth->mode;
    if (!text_is_empty(auth->trust_store)) {
        out->trust_store_arn = auth->trust_store;
        CALL_SET(out, ignore_client_certificate_expiry, auth->ignores_expiry);
        out->trust_store_association_status = TEXT("active");
        out->advertise_trust_store_ca_names = auth->advertises;
    }
}

/* NULL when the call says nothing of it. */
static const struct listener_auth *
read_auth(const struct elbv2_mutual_authentication_attributes *in, struct listener_auth *out)
{
    if (in == NULL) {
        return NULL;
    }
    *out = (struct listener_auth){
        .mode = in->mode,
        .trust_store = in->trust_store_arn,
        .ignores_expiry = in->ignore_client_certificate_expiry,
        .advertises = in->advertise_trust_store_ca_names,
    };
    return out;
}

static enum rc write_listener(struct call *call, const struct listener *listener,
                              struct elbv2_listener *out)
{
    out->listener_arn = listener->row.arn;
    out->load_balancer_arn = listener->row.balancer;
    CALL_SET(out, port, listener->row.port);
    out->protocol = listener->row.protocol;
    TRY(actions_write(call, &listener->actions, &out->default_actions));
    /* Terraform sends back what it reads: a policy on an HTTP listener would come with the next
     * ModifyListener.  */
    if (text_is_empty(listener->certificate)) {
        return RC_OK;
    }
    out->ssl_policy = listener->row.ssl_policy;
    TRY(CALL_LIST(call, &out->certificates, 1));
    out->certificates.items[0].certificate_arn = listener->certificate;
    TRY(CALL_NEW(call, &out->mutual_authentication));
    write_auth(&listener->auth, out->mutual_authentication);
    return RC_OK;
}

static enum rc write_one(struct call *call, const struct listener *listener,
                         struct elbv2_listeners *out)
{
    TRY(CALL_LIST(call, out, 1));
    return write_listener(call, listener, &out->items[0]);
}

/* The default certificate is the only one that a request may name; it says no IsDefault. */
static enum rc read_certificates(struct call *call, const struct elbv2_certificate_list *in,
                                 const struct text **out, size_t *count)
{
    struct text *arns = ARENA_ARRAY(call->arena, struct text, in->count);

    if (arns == NULL) {
        return RC_LIMIT;
    }
    for (size_t i = 0; i < in->count; i++) {
        if (in->items[i].has_is_default) {
            return call_refuse(call, "ValidationError",
                               "You cannot specify IsDefault for a certificate");
        }
        arns[i] = in->items[i].certificate_arn;
    }
    *out = arns;
    *count = in->count;
    return RC_OK;
}

enum rc elbv2_create_listener(struct call *call, const struct elbv2_create_listener_input *in,
                              struct elbv2_create_listener_output *out)
{
    struct listener_new wanted = {
        .balancer = in->load_balancer_arn,
        .protocol = in->protocol,
        .port = in->port,
        .ssl_policy = in->ssl_policy,
        .has_alpn_policy = in->alpn_policy.count > 0,
    };
    struct listener_auth auth;
    struct listener listener;

    wanted.auth = read_auth(in->mutual_authentication, &auth);
    TRY(read_certificates(call, &in->certificates, &wanted.certificates,
                          &wanted.certificate_count));
    TRY(actions_read(call, &in->default_actions, &wanted.actions));
    TRY(tagging_read_elbv2(call, &in->tags, &wanted.tags, &wanted.tag_count));
    TRY(listener_create(&call->turn, &wanted, &listener));
    return write_one(call, &listener, &out->listeners);
}

enum rc elbv2_modify_listener(struct call *call, const struct elbv2_modify_listener_input *in,
                              struct elbv2_modify_listener_output *out)
{
    struct listener_new wanted = {
        .protocol = in->protocol,
        .port = in->port,
        .ssl_policy = in->ssl_policy,
        .has_alpn_policy = in->alpn_policy.count > 0,
    };
    struct listener_auth auth;
    struct listener listener;

    wanted.auth = read_auth(in->mutual_authentication, &auth);
    TRY(read_certificates(call, &in->certificates, &wanted.certificates,
                          &wanted.certificate_count));
    TRY(actions_read(call, &in->default_actions, &wanted.actions));
    TRY(listener_modify(&call->turn, in->listener_arn, &wanted, &listener));
    return write_one(call, &listener, &out->listeners);
}

enum rc elbv2_describe_listeners(struct call *call, const struct elbv2_describe_listeners_input *in,
                                 struct elbv2_describe_listeners_output *out)
{
    struct listeners listeners;

    TRY(listener_find_all(&call->turn, in->load_balancer_arn, in->listener_arns.items,
                          in->listener_arns.count, &listeners));
    TRY(CALL_LIST(call, &out->listeners, listeners.count));
    for (size_t i = 0; i < listeners.count; i++) {
        TRY(write_listener(call, &listeners.at[i], &out->listeners.items[i]));
    }
    return RC_OK;
}

enum rc elbv2_delete_listener(struct call *call, const struct elbv2_delete_listener_input *in,
                              struct elbv2_delete_listener_output *out)
{
    (void)out; /* has no members */
    return listener_delete(&call->turn, in->listener_arn);
}

/* ---- certificates ------------------------------------------------------------------------- */

static enum rc write_certificates(struct call *call, const struct listener_certificate_rows *rows,
                                  struct elbv2_certificate_list *out)
{
    TRY(CALL_LIST(call, out, rows->count));
    for (size_t i = 0; i < rows->count; i++) {
        out->items[i].certificate_arn = rows->at[i].certificate;
        CALL_SET(&out->items[i], is_default, rows->at[i].is_default);
    }
    return RC_OK;
}

enum rc elbv2_add_listener_certificates(struct call *call,
                                        const struct elbv2_add_listener_certificates_input *in,
                                        struct elbv2_add_listener_certificates_output *out)
{
    struct listener_certificate_rows added;
    const struct text *arns;
    size_t count;

    TRY(read_certificates(call, &in->certificates, &arns, &count));
    TRY(listener_certificate_add(&call->turn, in->listener_arn, arns, count, &added));
    return write_certificates(call, &added, &out->certificates);
}

enum rc
elbv2_remove_listener_certificates(struct call *call,
                                   const struct elbv2_remove_listener_certificates_input *in,
                                   struct elbv2_remove_listener_certificates_output *out)
{
    const struct text *arns;
    size_t count;

    (void)out; /* has no members */
    TRY(read_certificates(call, &in->certificates, &arns, &count));
    return listener_certificate_remove(&call->turn, in->listener_arn, arns, count);
}

enum rc
elbv2_describe_listener_certificates(struct call *call,
                                     const struct elbv2_describe_listener_certificates_input *in,
                                     struct elbv2_describe_listener_certificates_output *out)
{
    struct listener_certificate_rows rows;

    TRY(listener_certificate_find_all(&call->turn, in->listener_arn, &rows));
    return write_certificates(call, &rows, &out->certificates);
}
