/* SPDX-License-Identifier: Apache-2.0 */
/* memory: where OpenSSL gets its memory in a process with many connections.
 *
 * Buffers of records come and go with every record; each thread keeps a few for the next ones.
 *
 * In OpenSSL 3.0 an SSL object has 7.6 KiB, room for 32 records at once, which nobody uses: four
 * fifths of them are zeros. Those of connections from clients go into crates, so that a stream at
 * rest can pack its own. Only this one object: it dies in SSL_free(), while sessions, certificates
 * and methods may outlive the connection for which they were made. */
#pragma once

/* Once a process, before OpenSSL is used in any way: else it declines, and no stream ever rests. */
void tls_memory_init(void);
/* At the end of a thread that used it: what was kept is freed. */
void tls_memory_done(void);
