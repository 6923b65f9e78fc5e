/* SPDX-License-Identifier: Apache-2.0 */
/* request: the one traveller of the request path.
 *
 *   ADMIT -> MATCH -> ACT -> PICK -> LEASE -> RELAY -> FINISH -> GONE
 *     |               |      |  ^      |        |        ^
 *     |               |      |  '------+--------+        |   another target, at most once
 *     '---------------+------+---> REPLY --------'-------'   answered here
 *
 * A step does one thing and returns the next one; it never calls another. STEP_WAIT means that a
 * completion is armed: a wake of either side, the lease, or its deadline. A completion records what
 * it brings and resumes. The only edge backwards is another PICK, at most once, while the client
 * cannot tell. REPLY sends what we answer ourselves. Every request passes FINISH exactly once.
 *
 * Owner    the worker's pool; born with its head, gone after FINISH. Everything it remembers beyond
 *          this struct lives in the arena of its server_req.
 * Thread   its worker's. */
#pragma once
#include "conn/client.h"
#include "conn/server.h"
#include "http/page.h"
#include "node/leases.h"
#include "node/plan.h"

#define STEPS(X)                                                           \
    X(ADMIT, admit)   /* faults of the head, desync mode, limits */        \
    X(MATCH, match)   /* the first rule whose conditions hold */           \
    X(ACT, act)       /* answer here, or choose a target group */          \
    X(PICK, pick)     /* one target: algorithm, health */                  \
    X(LEASE, lease)   /* a connection to it, the head to send */           \
    X(RELAY, relay)   /* both bodies, with backpressure */                 \
    X(REPLY, reply)   /* an answer of our own: page, redirect, response */ \
    X(FINISH, finish) /* count and release: every request, once */

enum step {
#define X(id, name) STEP_##id,
    STEPS(X)
#undef X
        STEP_GONE,
    STEP_WAIT, /* an answer of a step, never a state */
};

enum fault_id {
    FAULT_ID_NONE,
#define FAULT(id, status, why) FAULT_ID_##id,
#include "node/faults.def"
#undef FAULT
};

struct worker;
struct worker_plan;
struct inbound;

struct request {
    enum step step;
    enum fault_id fault;
    struct worker *worker;
    struct inbound *inbound; /* the client's connection */
    struct server_req *in;
    struct client_req *out;   /* own; NULL: no target was asked */
    struct lease *lease;      /* own; NULL: none */
    struct worker_plan *plan; /* own: a use of it */
    const struct plan_listener *listener;
    const struct snap_rule *rule;
    const struct plan_group *group;
    struct target *target;              /* counted in target->requests while set */
    const struct target *tried;         /* the last one chosen; the plan keeps it alive */
    const struct target *avoid;         /* it failed this request before */
    struct http_request *forward;       /* what the target is asked; made once */
    const struct http_response *answer; /* the target's head, once it is complete */
    struct page *page;                  /* what REPLY sends */
    struct text page_rest;              /* what is left of its body */
    struct loop_task again;             /* runs on after everybody else had a turn */

    /* For the log, from the loop's clock: the head was complete, was told to the target, the
     * target's answer was there. */
    int64_t born_us, dispatched_us, answered_us;
    int status;              /* what the client was answered; 0: nothing yet */
    uint32_t target_error;   /* RST_STREAM's code, which the client is told; 0: none */
    enum rc dial_rc;         /* how dialing ended; RC_AGAIN: it has not */
    enum fault_id retry_for; /* what to answer when there is no other target */
    bool closes_target;      /* desync: the target's connection is not used again */
    bool is_retried;
    bool has_taken_body; /* bytes of the client's body are gone: it cannot be sent again */
    bool is_asked;       /* the target has the whole request, */
    bool is_deaf;        /* or takes no more of it */
    bool is_answering;   /* a final head was given to the client */
    bool is_tunnel;      /* after 101: bytes both ways until both have ended */
    bool has_ended;      /* the target's side has, and the client was told */
    bool is_late;        /* completions: the deadline passed; */
    bool is_cut;         /* the target's time is over */
    bool is_half_closed; /* the client's last byte came before its answer began */
};

/* For server_user.request: takes the request through its steps until it waits or is gone. */
void request_begin(struct worker *worker, struct inbound *inbound, struct server_req *in);

/* ---- for the steps ------------------------------------------------------------------------ */

/* Ends with a fault: what can still be answered is. The step to return. */
enum step request_fail(struct request *req, enum fault_id fault);
int request_fault_status(enum fault_id fault);
const char *request_fault_why(enum fault_id fault);

/* The target failed: another one is asked, if the client cannot tell and the target cannot have
 * acted (or may act twice: RFC 9110 §9.2.2), at most once; else as request_fail. */
enum step request_fail_target(struct request *req, enum fault_id fault);
/* As request_fail, for a page that was made already; NULL: the arena was full. */
enum step request_answer(struct request *req, struct page *page);
/* What every page of this request tells. */
struct page_about request_page_about(struct request *req);

/* The answer gets the fields that its listener sets; lives as long as the request. RC_LIMIT. */
MUST_USE enum rc request_set_fields(const struct request *req, const struct http_response **answer);

/* Drops what ties it to its target: request, lease and count. */
void request_leave_target(struct request *req);
/* Resumes after everybody else had a turn. */
void request_yield(struct request *req);
/* This request's counters of its balancer, and of its group if it has one. */
void request_count(const struct request *req, enum metric metric, uint64_t amount);

/* For client_start(): resumes. `arg` is the request. */
void request_on_wake(void *arg);
/* For leases_init(): leases tell requests. */
extern const struct lease_user request_lease_user;

#define X(id, name) enum step step_##name(struct request *req);
STEPS(X)
#undef X
