/* SPDX-License-Identifier: Apache-2.0 */
/* probe: one health check over the wire: a connection of its own, a request, the status that comes.
 *
 * Embedded in its owner; used for one check after the other. HTTP/1.1, HTTP/2 or a gRPC call, in
 * clear text or over TLS without a look at the certificate. Of a gRPC call the status is that of
 * gRPC.
 *
 * Thread   the loop's.
 * Sources  AWS ALB, "Health checks for Application Load Balancer target groups"; the request's form
 *          is reference section 8.2. */
#pragma once
#include "conn/client.h"
#include "health/threshold.h"
#include "net/dial.h"
#include "tls/context.h"

/* `status`: what came, of PASSED and MISMATCHED. From the loop, once; the probe may be started
 * again from here. */
typedef void probe_done_fn(void *arg, enum health_outcome outcome, int status);

struct probe {
    struct loop *loop;
    struct client *client;  /* borrowed */
    struct tls_client *tls; /* borrowed: this check shakes hands first; NULL: it does not */
    struct dial dial;
    struct loop_timer timer;
    struct client_conn *conn; /* own */
    struct client_req *req;   /* own */
    struct arena *arena;      /* own, while under way */
    struct matcher *matcher;  /* in the arena */
    struct http_request head;
    probe_done_fn *done;
    void *arg;
    bool is_under_way;
    enum snap_version version;
    struct text body; /* what is left to send of it */
    bool has_head;    /* gRPC: the status comes behind the body */
};

/* All borrowed for the probe's life. */
void probe_init(struct probe *probe, struct loop *loop, struct client *client, probe_done_fn *done,
                void *arg);
/* `settings` is borrowed during the call, `tls` (NULL: clear text) until the check is over. An
 * outcome that is known at once is told all the same from the loop. */
void probe_start(struct probe *probe, const struct snap_health *settings, enum snap_version version,
                 struct net_addr addr, struct tls_client *tls);
/* After it, `done` is not called. Fine when nothing is under way. */
void probe_cancel(struct probe *probe);
