/* SPDX-License-Identifier: Apache-2.0 */
/* limits: every queue, buffer, loop and wait that a stranger can fill or hold, with the reason.
 * Each room keeps its block together; AWS numbers name their section of the ALB guide. */
#pragma once

/* http: AWS ALB, "Quotas: HTTP headers" (fixed, K = 1024). */
#define LIMIT_REQUEST_LINE_BYTES  (16 * 1024)
#define LIMIT_FIELD_BYTES         (16 * 1024) /* one request field, name and value */
#define LIMIT_REQUEST_HEAD_BYTES  (64 * 1024) /* whole request head */
#define LIMIT_RESPONSE_HEAD_BYTES (32 * 1024) /* whole response head, else 502 */
#define LIMIT_FIELDS              256  /* OURS: fields of a head; 64 K of "a:\n" is an attack */
#define LIMIT_CHUNK_LINE_BYTES    4096 /* OURS: size and extensions of one chunk */
#define LIMIT_CHUNK_EXCESS_BYTES \
    (16 * 1024) /* OURS: of a body's chunk lines beyond 16 + twice the data */
#define LIMIT_TRAILER_BYTES          (8 * 1024)   /* OURS: whole trailer section */
#define LIMIT_XFF_ADDRESSES          30           /* beyond: 463 */
#define LIMIT_LOCATION_BYTES         (8 * 1024)   /* AWS ALB: of a redirect, beyond: 507 */
#define LIMIT_H2_STREAMS             128          /* AWS ALB: concurrent streams of a client */
#define LIMIT_H2_REQUESTS            10000        /* AWS ALB: of one connection, then GOAWAY */
#define LIMIT_H2_STREAM_WINDOW_BYTES (128 * 1024) /* OURS: unread body of one stream */
#define LIMIT_H2_CONN_WINDOW_BYTES   (512 * 1024) /* OURS: unread bodies of one connection, once */
#define LIMIT_H2_GRANT_PERCENT       25 /* OURS: that much of the worker's memory is in use */
/* OURS: the same, of a connection to a target: the whole windows of all its streams, so that a slow
 * client holds back nobody but itself */
#define LIMIT_H2_TARGET_WINDOW_BYTES (LIMIT_H2_STREAMS * LIMIT_H2_STREAM_WINDOW_BYTES)
/* OURS: requests that wait for one connection to be made: as many streams as any target allows
 * before it said otherwise */
#define LIMIT_H2_RIDERS_WAITING  100
#define LIMIT_H2_BLOCK_BYTES     (256 * 1024) /* OURS: decoded header block; beyond: GOAWAY */
#define LIMIT_H2_CONTINUATIONS   16           /* OURS: of one header block; beyond: GOAWAY */
#define LIMIT_H2_ACKS            64    /* OURS: acknowledgements that wait for a slow reader */
#define LIMIT_H2_POINTS          10000 /* OURS: see http/h2_budget.h */
#define LIMIT_H2_POINTS_PER_S    330
#define LIMIT_H2_DATA_TURN_BYTES (32 * 1024) /* OURS: of one stream while others wait */
#define LIMIT_TRACE_HEAD_BYTES   (7 * 1024)  /* beyond: X-Amzn-Trace-Id holds Root only */

/* node and conn. */
#define LIMIT_REQUEST_ARENA_BYTES (256 * 1024) /* what one request may make us remember */
#define LIMIT_CONNECT_MS          10000        /* AWS ALB: connect timeout to target, then 504 */
#define LIMIT_HANDSHAKE_MS        10000        /* AWS ALB: TLS handshake, both sides */
#define LIMIT_REST_MS             500          /* OURS: quiet for so long, a connection is packed */
#define LIMIT_REST_LONGEST_MS     8000 /* OURS: the same, of one that is woken soon each time */

/* net. OURS: chosen so that one worker stays responsive and small. */
#define LIMIT_LISTEN_BACKLOG  4096 /* handshakes done, not yet accepted */
#define LIMIT_ACCEPT_BATCH    64   /* connections that one listening socket may bring in a turn */
#define LIMIT_ACCEPT_REST_MS  50   /* pause of accepting when descriptors or memory are out */
#define LIMIT_INGRESS_SOURCES 1000 /* networks of one filter: half of the 4096 BPF steps */
#define LIMIT_DATAGRAM_BYTES  4096 /* a longer datagram is dropped: no DNS query is that long */
#define LIMIT_DATAGRAM_BATCH  64   /* datagrams taken in a turn */

/* codec. */
#define LIMIT_JSON_DEPTH 32    /* OURS: the deepest of our documents has 9 levels */
#define LIMIT_FORM_PAIRS 10000 /* OURS: 1000 targets of RegisterTargets have 3000 */
/* tls: records collected for one write; a slow client holds at most this much of ours. */
#define LIMIT_TLS_OUT_BYTES      (160 * 1024)
#define LIMIT_CLIENT_CHAIN_BYTES (48 * 1024) /* OURS: a client's chain as a header's value */

/* snapshot and feed. */
#define LIMIT_SNAPSHOT_BYTES       (64 * 1024 * 1024)  /* OURS: of the document; 10^5 targets fit */
#define LIMIT_SNAPSHOT_ARENA_BYTES (256 * 1024 * 1024) /* OURS: what it becomes */
#define LIMIT_REPORT_BYTES         (32 * 1024 * 1024)  /* OURS: as many targets, reported */
#define LIMIT_FEED_HELLO_BYTES     4096                /* OURS: a role and a zone */
#define LIMIT_FEED_PEERS           256                 /* OURS: nodes and dns of one control */
#define LIMIT_FEED_HELLO_MS        5000 /* OURS: a peer that does not say who it is */
#define LIMIT_FEED_RETRY_MS        100  /* OURS: between attempts to reach control */
#define LIMIT_FEED_READS           16   /* OURS: reads of one peer in a turn */

/* dns. OURS: anybody may ask. */
#define LIMIT_DNS_ANSWERS_PER_S 2000  /* full answers by UDP to one /24; then "come by TCP" */
#define LIMIT_DNS_NETWORKS      4096  /* slots that count them: 64 KiB */
#define LIMIT_DNS_CONNECTIONS   256   /* of TCP, 8 KiB each */
#define LIMIT_DNS_QUERY_MS      10000 /* for one whole query over TCP, also the first */

/* api. */
#define LIMIT_API_CONNECTIONS 1024          /* OURS: clients of the API at once; more are closed */
#define LIMIT_API_BODY_BYTES  (1024 * 1024) /* AWS refuses larger ones too: 413 */
#define LIMIT_CANONICAL_BYTES (256 * 1024)  /* OURS: a head of 64 K, escaped, and its hash */
#define LIMIT_CALL_ARENA_BYTES                                         \
    (64 * 1024 * 1024) /* OURS: what one API call may make us remember \
                        */
#define LIMIT_ANSWER_BYTES         (32 * 1024 * 1024) /* OURS: 100,000 rules in one page */
#define LIMIT_VIOLATIONS_BYTES     (64 * 1024) /* OURS: what validation says about one input */
#define LIMIT_PATTERN_STEPS        100000      /* OURS: PCRE2 match and depth limit */
#define LIMIT_FILTER_VALUES        200         /* AWS EC2 guide, "Filter resources" */
#define LIMIT_FILTER_PATTERN_BYTES 256  /* OURS: a longer value matches nothing: no id is longer */
#define LIMIT_OBJECT_KEY_BYTES     1024 /* Amazon S3: of an object's key */

/* control. OURS: nodes get them with every snapshot. AWS takes 50 MB of one revocation list. */
#define LIMIT_BUNDLE_BYTES      (1024 * 1024)      /* a trust store's CAs, as PEM: 25 of 16 KB */
#define LIMIT_REVOCATIONS_BYTES (32 * 1024 * 1024) /* all revocation lists there are, as PEM */

/* conn. OURS: chosen by measuring (docs/performance.md); the times are what a slow honest client
 * needs. */
#define LIMIT_SMALL_BUFFER_BYTES (16 * 1024)  /* heads, and messages that come with them */
#define LIMIT_LARGE_BUFFER_BYTES (128 * 1024) /* bodies that flow, and heads that grew */
#define LIMIT_SMALL_BUFFERS_KEPT 128          /* unused ones a pool keeps */
#define LIMIT_LARGE_BUFFERS_KEPT 16
#define LIMIT_REQUESTS_KEPT      256          /* unused request objects a worker keeps */
#define LIMIT_SHELF_BYTES        (512 * 1024) /* unused memory of HTTP/2 streams, the same */
#define LIMIT_BODY_DISCARD_BYTES (64 * 1024)  /* of a body nobody read, before we rather close */
#define LIMIT_UNWATCHED_MS       20           /* OURS: until it shows that a client has left */
#define LIMIT_LINGER_MS          2000         /* for a client that still sends to read its answer */
#define LIMIT_INTERIM_RESPONSES  16           /* 1xx before one answer */
#define LIMIT_SPLICE_LEAST_BYTES (256 * 1024) /* shorter rests are cheaper to copy */
#define LIMIT_CONDUIT_BYTES      (512 * 1024) /* in the kernel's pipe, of one spliced body */
#define LIMIT_CONDUITS           128          /* bodies spliced at once; others are copied */
#define LIMIT_CONDUITS_KEPT      8

/* main. */
#define LIMIT_DESK_MS       5000  /* OURS: a child's wait for the supervisor's answer */
#define LIMIT_CHILD_SOCKETS 16384 /* OURS: listening sockets of one node, all workers together */

/* node and health. OURS: chosen so that one client, rule or target cannot hold up the others. */
#define LIMIT_PLAN_BYTES       (256 * 1024 * 1024) /* a snapshot made ready: rules, lists */
#define LIMIT_REGEX_STEPS      100000    /* of one match: a millisecond or so; beyond: no match */
#define LIMIT_REGEX_DEPTH      1000      /* backtracking points of one match */
#define LIMIT_REGEX_HEAP_KIB   64        /* of one match; the request's arena bounds it too */
#define LIMIT_LEASE_IDLE_MS    60000     /* an idle connection to a target */
#define LIMIT_LEASE_AGE_MS     3600000   /* no connection to a target is used for longer */
#define LIMIT_HALF_CLOSED_MS   2000      /* answer to a client that has shut its sending side */
#define LIMIT_RELAY_TURN_BYTES (2 << 20) /* of one request, before others get their turn */
#define LIMIT_LAG_MS           700       /* a request's wait for its turn; then 503: see 0005 */
/* Memory that clients and targets make a node hold (--memory-max sets another sum). */
#define LIMIT_MEMORY_PERCENT       25 /* of the machine's: two zones have a node each */
#define LIMIT_MEMORY_LARGE_PERCENT 50 /* of that: beyond, no large buffers, */
#define LIMIT_MEMORY_BUSY_PERCENT  75 /* and no new requests */
/* Descriptors: docs/decisions/0005-overload.md. The first two are for health checks, listening
 * sockets and files; the others divide what is left. */
#define LIMIT_RESERVED_DESCRIPTORS   256
#define LIMIT_RESERVED_PERCENT       5
#define LIMIT_CLIENTS_PERCENT        50 /* connections of clients that are served */
#define LIMIT_REFUSED_PERCENT        4  /* and that are answered 503 */
#define LIMIT_REQUESTS_PERCENT       42 /* requests under way, and connections to targets */
#define LIMIT_CONDUITS_PERCENT       4  /* pipes of spliced bodies */
#define LIMIT_LISTENER_SHARE_PERCENT 90 /* of all connections, and requests: what one listener, */
#define LIMIT_SOURCE_SHARE_PERCENT   80 /* and one client, may hold */
#define LIMIT_PROBE_ARENA_BYTES      (64 * 1024) /* what one health check may make us remember */

/* logs. OURS: lines of the logs of load balancers, on their way from a worker to a bucket. */
#define LIMIT_LOG_USER_AGENT_BYTES (8 * 1024)   /* AWS ALB: of User-Agent, in a line */
#define LIMIT_LOG_LINE_BYTES       (384 * 1024) /* a head of 64 K, escaped, some of it twice */
#define LIMIT_LOG_MAIL_BYTES       (64 * 1024)  /* lines that a worker posts together */
#define LIMIT_LOG_DELAY_MS         200          /* what a line waits at most for others */
#define LIMIT_LOG_HELD_BYTES       (1 << 20)    /* of one worker, not yet taken; then dropped */
#define LIMIT_LOG_COMPLAINT_MS     10000        /* between two complaints about dropped lines */
#define LIMIT_LOG_OBJECT_BYTES     (8 << 20)    /* packed lines of one object, then it is written */
#define LIMIT_LOG_LOOKUPS          256 /* of load balancers, for one frame of lines; then dropped */
#define LIMIT_LOG_KEPT_BYTES       (256 << 20) /* of all objects together, then all are written */
#define LIMIT_FEED_LINES_BYTES     (1 << 20)   /* of one frame: a mail, with the longest line */
