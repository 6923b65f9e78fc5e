/* SPDX-License-Identifier: Apache-2.0 */
/* state: the folder where a server keeps everything (0700): the store, the feed's socket, the lock,
 * the key that was generated (credentials, 0600, as the AWS clients write theirs), and where the
 * API is (endpoint). */
#pragma once
#include "base/buf.h"
#include "main/options.h"

#define STATE_KEY_BYTES    21 /* "AKIA", 16 more, and the end */
#define STATE_SECRET_BYTES 41

struct state {
    char folder[4000];
    int lock_fd; /* -1: not locked */
};

struct state_key {
    char id[STATE_KEY_BYTES];
    char secret[STATE_SECRET_BYTES];
};

/* The folder that the options name, or the usual one; nothing is touched. RC_BAD: `why`. */
MUST_USE enum rc state_find(const struct options *options, struct state *out, char *why);
/* Makes the folder and takes the lock, for a server. RC_CONFLICT: another one has it; RC_IO. */
MUST_USE enum rc state_open(struct state *state, char *why);
void state_close(struct state *state); /* lets go of the lock; fine when not locked */

/* "<folder>/<name>" into `out`, terminated. */
void state_path(const struct state *state, const char *name, char *out, size_t out_size);

/* The key; generated at first start. RC_IO, RC_BAD: `why`. */
MUST_USE enum rc state_key_make(const struct state *state, struct state_key *out, char *why);
/* RC_ABSENT: there is none yet; RC_IO, RC_BAD: `why`. */
MUST_USE enum rc state_key_read(const struct state *state, struct state_key *out, char *why);
/* The two values of such a file. RC_BAD. */
MUST_USE enum rc state_key_parse(struct text content, struct state_key *out);

/* Two lines: the URL and the region, for env and status. */
MUST_USE enum rc state_endpoint_write(const struct state *state, struct text url,
                                      struct text region);
MUST_USE enum rc state_endpoint_read(const struct state *state, struct buf *url,
                                     struct buf *region);
