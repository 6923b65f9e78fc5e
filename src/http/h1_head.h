/* SPDX-License-Identifier: Apache-2.0 */
/* h1_head: what the readers of requests, responses and trailers share: lines, fields, framing
 * facts. Private to this room.
 *
 * A line that is not yet complete is never judged: so the same bytes give the same answer however
 * they are split. */
#pragma once
#include "http/h1.h"
#include "http/scan.h"

enum h1_line {
    H1_LINE_FIELD,
    H1_LINE_EMPTY, /* the end of the fields */
    H1_LINE_PART,  /* more bytes are needed */
    H1_LINE_BAD,
};

/* One field line that starts at `at`. FIELD: *field is filled (with its id), *next is behind the
 * line, *is_odd is set when the value holds controls that must be cleaned. BAD: *why tells, and the
 * line may still lack its end. */
enum h1_line h1_head_line(const char *at, const char *end, struct http_field *field, bool *is_odd,
                          const char **next, const char **why);

/* Text of fields that came in odd clothes: controls become spaces, the ends are trimmed.
 * RC_LIMIT: the arena is full. */
MUST_USE enum rc h1_head_clean_value(struct arena *arena, struct text *value);

/* How a head, or a line of it, is limited. */
struct h1_head_limits {
    size_t line_bytes; /* without CRLF: one more is refused */
    size_t head_bytes; /* with everything */
};

/* The texts of a message may have to move with the buffer. */
struct h1_head_texts {
    struct text *texts[5]; /* those of the first line; NULL ends */
    struct http_fields *fields;
};

/* Called first: corrects the texts after the buffer moved. */
void h1_head_move(struct h1_reader *reader, struct text in, const struct h1_head_texts *texts);

/* Whether the line that starts at reader->line may be complete. If not, remembers how far it
 * looked; RC_AGAIN, or RC_LIMIT when it can never become acceptable. */
MUST_USE enum rc h1_head_line_ready(struct h1_reader *reader, struct text in,
                                    const struct h1_head_limits *limits);

/* Reads field lines from reader->line to the empty line. RC_OK: reader->line is behind it.
 * RC_BAD: *why tells and *bad_end is behind the bad line. RC_LIMIT: *why tells. */
MUST_USE enum rc h1_head_fields(struct h1_reader *reader, struct text in, struct arena *arena,
                                const struct h1_head_limits *limits, struct http_fields *fields,
                                const char **why, size_t *bad_end);

/* What the fields say about the connection and the body. */
struct h1_head_facts {
    const struct http_field *transfer_encoding; /* the first */
    const struct http_field *host;              /* the first */
    unsigned transfer_encodings;
    unsigned content_lengths;
    unsigned hosts;
    bool has_bad_length;  /* not digits, or more than 64 bits */
    bool has_two_lengths; /* of different value */
    bool is_chunked;      /* exactly one Transfer-Encoding, exactly "chunked" */
    bool is_identity;     /* exactly one, exactly "identity" */
    bool is_chunked_twice;
    bool says_close;
    bool says_keep_alive;
    bool says_upgrade;
    bool expects_continue;
    uint64_t content_length;
    struct text upgrade; /* the Upgrade field's value */
};
void h1_head_facts(const struct http_fields *fields, struct h1_head_facts *facts);

/* Fills in the refusal and gives rc. */
enum rc h1_head_refuse(struct h1_refusal *refusal, enum fault_side side, enum rc rc, int status,
                       const char *why);
