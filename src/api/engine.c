/* SPDX-License-Identifier: Apache-2.0 */
#include "api/engine.h"

#include "api/download.h"
#include "api/page.h"
#include "api/proto_json.h"
#include "api/proto_query.h"
#include "api/services.h"
#include "api/validate.h"
#include "base/limits.h"
#include "base/mem.h"

struct engine {
    const struct control *control;
    const struct sigv4_keys *keys;
    const struct log *log;
    struct validator **validators; /* own: one a service, in the order of `services` */
    struct arena *arena;           /* own: of the call at hand */
};

/* One request on its way through. */
struct passage {
    struct engine *engine;
    const struct http_request *head;
    struct text body;
    const struct service_entry *entry; /* NULL: not known (yet) */
    struct form_pairs parameters;      /* query, ec2 */
    struct call call;
};

struct engine *engine_new(const struct control *control, const struct sigv4_keys *keys,
                          const struct log *log)
{
    struct engine *engine = MEM_NEW(struct engine);

    engine->control = control;
    engine->keys = keys;
    engine->log = log;
    engine->arena = arena_new(64 * 1024, LIMIT_CALL_ARENA_BYTES);
    engine->validators = mem_take_array(services_count, sizeof(struct validator *));
    for (size_t i = 0; i < services_count; i++) {
        engine->validators[i] = validator_new(services[i].service);
    }
    return engine;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    for (size_t i = 0; i < services_count; i++) {
        validator_free(engine->validators[i]);
    }
    mem_give(engine->validators);
    arena_free(engine->arena);
    mem_give(engine);
}

/* ---- which service -------------------------------------------------------------------------- */

/* Parameters of the query protocols: of the body and the query string. */
static enum rc read_parameters(struct passage *p)
{
    struct text form = p->head->query;

    if (p->body.len > 0) {
        form = p->head->query.len > 0
                   ? call_printf(&p->call, "%.*s&%.*s", TEXT_ARG(p->head->query), TEXT_ARG(p->body))
                   : p->body;
    }
    return form_parse(form, p->call.arena, &p->parameters);
}

static bool speaks_query(const struct service_entry *entry)
{
    return entry->service->protocol == PROTOCOL_QUERY || entry->service->protocol == PROTOCOL_EC2;
}

/* What the caller reads, also when the service is none of ours. */
static enum protocol protocol_of(const struct passage *p)
{
    if (p->entry != NULL) {
        return p->entry->service->protocol;
    }
    return http_find_name(&p->head->fields, TEXT("x-amz-target")) != NULL ? PROTOCOL_JSON
                                                                          : PROTOCOL_QUERY;
}

/* By the signature's scope; without one by what the request looks like, so that the refusal has the
 * form that its sender reads. */
static enum rc find_service(struct passage *p)
{
    const struct text scope = sigv4_claim(p->head, p->call.arena);
    const struct http_field *target = http_find_name(&p->head->fields, TEXT("x-amz-target"));

    p->entry = services_by_signing_name(scope);
    if (p->entry == NULL && target != NULL) {
        p->entry = services_by_target(text_slice(target->value, 0, text_find(target->value, '.')));
    }
    if (p->entry != NULL && !speaks_query(p->entry)) {
        return RC_OK;
    }
    if (read_parameters(p) != RC_OK) {
        return call_refuse(&p->call, "MalformedQueryString",
                           "The query string or form contains a syntax error");
    }
    if (p->entry == NULL) {
        p->entry = services_by_version(form_value(&p->parameters, TEXT("Version")));
    }
    return RC_OK;
}

/* ---- who ------------------------------------------------------------------------------------ */

/* AWS's codes differ by protocol; the columns are query (and REST), ec2, json. */
static const char *const verdict_codes[][3] = {
    [SIGV4_MISSING] = {"MissingAuthenticationToken", "MissingAuthenticationToken",
                       "MissingAuthenticationTokenException"},
    [SIGV4_INCOMPLETE] = {"IncompleteSignature", "IncompleteSignature",
                          "IncompleteSignatureException"},
    [SIGV4_UNKNOWN_KEY] = {"InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"},
    [SIGV4_MISMATCH] = {"SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException"},
    [SIGV4_OUT_OF_TIME] = {"SignatureDoesNotMatch", "RequestExpired", "InvalidSignatureException"},
};

static size_t verdict_column(enum protocol protocol)
{
    switch (protocol) {
    case PROTOCOL_QUERY:
    case PROTOCOL_REST_XML:
        return 0;
    case PROTOCOL_EC2:
        return 1;
    case PROTOCOL_JSON:
        return 2;
    }
    return 0;
}

/* STS, IAM and Route 53 are signed for us-east-1 wherever the caller is. */
static bool is_regional(const struct service *service)
{
    return strcmp(service->name, "sts") != 0 && strcmp(service->name, "iam") != 0 &&
           strcmp(service->name, "route53") != 0;
}

static enum rc authenticate(struct passage *p)
{
    const size_t column = verdict_column(protocol_of(p));
    struct text service = sigv4_claim(p->head, p->call.arena); /* of nobody: any will do */
    struct text region = {NULL, 0};
    struct sigv4_result result;
    enum sigv4_verdict verdict;

    if (p->entry != NULL) {
        service = text_of(p->entry->service->signing_name);
        region = is_regional(p->entry->service) ? p->engine->control->config.region : region;
    }
    verdict = sigv4_verify(p->head, p->body, p->engine->keys, service, region, p->call.now_unix_ms,
                           p->call.arena, &result);
    if (verdict == SIGV4_GOOD) {
        p->call.access_key = result.access_key;
        return RC_OK;
    }
    if (verdict == SIGV4_LIMIT) {
        return RC_LIMIT;
    }
    /* EC2 gives no reason: both a wrong key and a wrong secret read the same. */
    if (column == 1 && (verdict == SIGV4_UNKNOWN_KEY || verdict == SIGV4_MISMATCH)) {
        return call_refuse(&p->call, "AuthFailure",
                           "AWS was not able to validate the provided access credentials");
    }
    return call_refuse(&p->call, verdict_codes[verdict][column], "%.*s", TEXT_ARG(result.why));
}

/* ---- which operation ------------------------------------------------------------------------ */

static enum rc find_query_operation(struct passage *p)
{
    const struct service *service = p->entry->service;
    const struct text action = form_value(&p->parameters, TEXT("Action"));
    const struct text version = form_value(&p->parameters, TEXT("Version"));
    const bool is_ours = version.at == NULL || text_eq(version, text_of(service->api_version));

    if (text_is_empty(action)) {
        return call_refuse(&p->call, "MissingAction",
                           "The request must contain the parameter Action");
    }
    p->call.operation = is_ours ? service_operation(service, action) : NULL;
    if (p->call.operation != NULL) {
        return RC_OK;
    }
    if (service->protocol == PROTOCOL_EC2) {
        return call_refuse(&p->call, "InvalidAction",
                           "The action %.*s is not valid for this web service.", TEXT_ARG(action));
    }
    return call_refuse(&p->call, "InvalidAction", "Could not find operation %.*s for version %.*s",
                       TEXT_ARG(action),
                       TEXT_ARG(version.at != NULL ? version : TEXT("NO_VERSION_SPECIFIED")));
}

static enum rc find_json_operation(struct passage *p)
{
    const struct service *service = p->entry->service;
    const struct http_field *field = http_find_name(&p->head->fields, TEXT("x-amz-target"));
    const struct text target = field != NULL ? field->value : TEXT("");
    const size_t dot = text_find(target, '.');

    if (text_eq(text_slice(target, 0, dot), text_of(service->target_prefix))) {
        p->call.operation = service_operation(service, text_slice(target, dot + 1, target.len));
    }
    if (p->call.operation == NULL) {
        return call_refuse(&p->call, "UnknownOperationException",
                           "%s has no operation of the X-Amz-Target '%.*s'", service->name,
                           TEXT_ARG(target));
    }
    return RC_OK;
}

static enum rc find_operation(struct passage *p)
{
    if (p->entry == NULL) {
        return call_refuse(&p->call,
                           protocol_of(p) == PROTOCOL_JSON ? "UnknownOperationException"
                                                           : "InvalidAction",
                           "openalb does not speak the service '%.*s'",
                           TEXT_ARG(sigv4_claim(p->head, p->call.arena)));
    }
    p->call.service = p->entry->service;
    switch (p->call.service->protocol) {
    case PROTOCOL_QUERY:
    case PROTOCOL_EC2:
        return find_query_operation(p);
    case PROTOCOL_JSON:
        return find_json_operation(p);
    case PROTOCOL_REST_XML:
        return RC_BAD;
    }
    return RC_BAD;
}

static const struct handler *handler_of(const struct passage *p)
{
    ASSERT(p->entry != NULL);
    ASSERT(p->call.operation != NULL);
    return &p->entry->handlers[p->call.operation - p->call.service->operations];
}

/* ---- doing it ------------------------------------------------------------------------------- */

static enum rc decode(struct passage *p, void *in)
{
    switch (p->call.service->protocol) {
    case PROTOCOL_QUERY:
    case PROTOCOL_EC2:
        return proto_query_decode(&p->call, &p->parameters, in);
    case PROTOCOL_JSON:
        return proto_json_decode(&p->call, p->body, in);
    case PROTOCOL_REST_XML:
        return RC_BAD;
    }
    return RC_BAD;
}

/* EC2's DryRun: everything is tried, nothing is kept. */
static bool is_dry_run(const struct call *call, const void *in)
{
    const struct member *member = shape_member_in(call->operation->input, TEXT("DryRun"));

    return call->service->protocol == PROTOCOL_EC2 && member != NULL &&
           member_is_given(member, in) && *(const bool *)member_value(member, in);
}

static enum rc run(struct passage *p, const void *in, void *out)
{
    const struct handler *handler = handler_of(p);
    struct call *call = &p->call;
    enum rc rc;

    TRY(turn_begin(&call->turn, p->engine->control, call->arena, call->now_unix_ms,
                   (enum store_mode)handler->access));
    rc = handler->run(call, in, out);
    if (rc == RC_OK && is_dry_run(call, in)) {
        rc = call_refuse(call, "DryRunOperation",
                         "Request would have succeeded, but DryRun flag is set.");
    }
    if (rc == RC_OK) {
        rc = page_cut(call, in, out);
    }
    return turn_end(&call->turn, rc);
}

static enum rc do_operation(struct passage *p, struct answer *answer)
{
    struct call *call = &p->call;
    void *in = arena_take(call->arena, call->operation->input->size);
    void *out = arena_take(call->arena, call->operation->output->size);
    const size_t service_index = (size_t)(p->entry - services);

    if (in == NULL || out == NULL) {
        return RC_LIMIT;
    }
    if (handler_of(p)->run == NULL) {
        /* The code is the one that clients take for "this endpoint has no such operation". */
        return call_refuse(
            call, speaks_query(p->entry) ? "InvalidAction" : "UnknownOperationException",
            "openalb does not implement %s of %s", call->operation->name, call->service->name);
    }
    TRY(decode(p, in));
    TRY(validator_check(p->engine->validators[service_index], call, in));
    TRY(run(p, in, out));
    return answer_write(answer, call->service, call->operation, out);
}

static enum rc pass(struct passage *p, struct answer *answer)
{
    TRY(find_service(p));
    TRY(authenticate(p));
    TRY(find_operation(p));
    return do_operation(p, answer);
}

/* What changed the world, or tried to, is told; what only looked, to those who debug. */
static void log_call(const struct passage *p, enum rc rc, const struct answer *answer)
{
    const bool is_done = p->call.operation != NULL;
    const bool writes = is_done && handler_of(p)->access == HANDLER_WRITES;
    const bool is_ours = rc != RC_OK && p->call.turn.refusal.code == NULL;

    log_event(p->engine->log,
              is_ours  ? LOG_ERROR
              : writes ? LOG_INFO
                       : LOG_DEBUG,
              "API call", {"operation", text_of(is_done ? p->call.operation->name : "?")},
              {"answer", text_of(answer->error_code != NULL ? answer->error_code : "ok")},
              {"rc", text_of(rc_name(rc))}, {"key", p->call.access_key},
              {"request", text_of(answer->request_id)});
}

static void log_download(const struct passage *p, const struct answer *answer)
{
    log_event(p->engine->log, LOG_DEBUG, "download", {"path", p->head->path},
              {"answer", text_of(answer->error_code != NULL ? answer->error_code : "ok")},
              {"key", p->call.access_key}, {"request", text_of(answer->request_id)});
}

void engine_answer(struct engine *engine, const struct http_request *head, struct text body,
                   int64_t now_unix_ms, struct answer *answer)
{
    struct passage p = {
        .engine = engine,
        .head = head,
        .body = body,
        .call = {.arena = engine->arena,
                 .request_id = text_of(answer->request_id),
                 .keys = engine->keys,
                 .host = head->authority,
                 .now_unix_ms = now_unix_ms},
    };

    if (download_is_asked(head)) {
        download_answer(&p.call, engine->control, head, answer);
        log_download(&p, answer);
        arena_reset(engine->arena);
        return;
    }
    const enum rc rc = pass(&p, answer);
    const struct service *service = p.entry != NULL ? p.entry->service : NULL;
    const struct refusal *refusal = &p.call.turn.refusal;

    if (rc != RC_OK && refusal->code != NULL) {
        answer_refuse(answer, protocol_of(&p), service, refusal->code, text_of(refusal->message));
    } else if (rc != RC_OK) {
        answer_refuse(answer, protocol_of(&p), service,
                      protocol_of(&p) == PROTOCOL_EC2 ? "InternalError" : "InternalFailure",
                      TEXT("The request processing has failed because of an unknown error, "
                           "exception or failure."));
    }
    log_call(&p, rc, answer);
    arena_reset(engine->arena);
}
