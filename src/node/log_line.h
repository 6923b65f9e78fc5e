/* SPDX-License-Identifier: Apache-2.0 */
/* log_line: one line of the access, connection or health check log, as AWS writes them: the order
 * of the fields, their form and their quotes. Pure: everything is given, nothing is looked up.
 *
 * A line is one line, whatever a client sent: in quoted fields a quote, a backslash, controls and
 * bytes beyond ASCII stand as \xHH; unquoted ones hold no space. What is missing is "-".
 *
 * Sources  AWS ALB, "Access logs for your Application Load Balancer", "Connection logs", "Health
 *          check logs": the fields and their order. OURS: \xHH, as nginx writes it; AWS does not
 *          say. */
#pragma once
#include "base/buf.h"
#include "net/addr.h"

/* A time that was not measured, since it never came to that: printed as -1. */
#define LOG_LINE_NO_TIME INT64_C(-1)

/* Texts that are empty are missing. */
struct access_line {
    struct text type; /* http, https, h2, grpcs, ws, wss */
    int64_t ended_unix_us, created_unix_us;
    struct text balancer;                       /* app/name/hex */
    struct net_addr client, target;             /* target: NET_NONE: none */
    int64_t request_us, target_us, response_us; /* or LOG_LINE_NO_TIME */
    int status;                                 /* 0: 000, nothing was answered */
    int target_status;                          /* 0: none */
    uint64_t received_bytes, sent_bytes;
    struct text method;  /* empty: the request could not be read */
    struct text host;    /* a port behind it is left out */
    struct text uri;     /* as received */
    struct text version; /* "HTTP/1.1" */
    bool is_tls;
    uint16_t port; /* of the listener */
    struct text user_agent, tls_cipher, tls_version, group_arn, trace_id, sni, certificate_arn;
    const int *rule_priority; /* NULL: no rule was looked at; -1: looking failed */
    struct text actions, redirect_url, error_reason;
    struct text class, class_reason; /* of the desync classifier */
    struct text conn_trace_id;
    struct net_addr address;                /* where the client came in */
    uint32_t target_reset_code, reset_code; /* of RST_STREAM, the target's and ours; 0: none */
};

struct connection_line {
    int64_t unix_us;
    struct net_addr client;
    uint16_t port; /* of the listener */
    struct text tls_version, tls_cipher, key_exchange;
    int64_t handshake_us;                  /* or LOG_LINE_NO_TIME: "-" */
    struct text subject, validity, serial; /* of the client's certificate */
    struct text verify_status;             /* Success, Failed:ClientCertExpired */
    struct text conn_trace_id;
    struct text balancer;
    struct net_addr address;
};

struct check_line {
    struct text type; /* http, https, h2, grpc */
    int64_t unix_us;
    int64_t took_us;
    struct net_addr target;
    struct text group; /* its name */
    bool has_passed;
    bool has_status;
    int status;         /* of HTTP or gRPC */
    struct text reason; /* TimedOut, ResponseCodeMismatch */
    struct text balancer;
    struct net_addr address;
};

/* Each appends a line with its newline. */
void access_line_write(const struct access_line *line, struct buf *out);
void connection_line_write(const struct connection_line *line, struct buf *out);
void check_line_write(const struct check_line *line, struct buf *out);
