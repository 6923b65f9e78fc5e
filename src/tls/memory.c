/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/memory.h"

#include "base/mem.h"
#include "tls/internal.h"

enum {
    CRATE_BYTES = 8 * 1024,
    /* A record's buffer: its bytes as they are on the wire, and what OpenSSL adds to align them. */
    RECORD_BYTES_MIN = SSL3_RT_MAX_PLAIN_LENGTH,
    RECORD_BYTES_MAX = SSL3_RT_MAX_PLAIN_LENGTH + 1024,
    RECORDS_KEPT = 8,
};

/* OpenSSL hands its allocator no argument of ours, so what the allocator must know lies here. */
struct desk {
    struct crate *making;    /* an SSL object is being made: where it goes, borrowed; or NULL */
    const void *freeing;     /* one that lives in a crate is being freed; or NULL */
    const char *record_file; /* the source file of OpenSSL's that asks for records' buffers */
    size_t records_count;
    void *records[RECORDS_KEPT]; /* own: of RECORD_BYTES_MAX, unused, the warmest last */
};
static __attribute__((tls_model("initial-exec"))) _Thread_local struct desk desk;

static bool is_record(size_t bytes)
{
    return bytes >= RECORD_BYTES_MIN && bytes <= RECORD_BYTES_MAX;
}

static void *take_record(const char *file)
{
    desk.record_file = file;
    return desk.records_count ? desk.records[--desk.records_count]
                              : mem_grow(NULL, RECORD_BYTES_MAX);
}

/* True: it was a record's buffer, and is kept. Any memory of that size would do; the file is asked
 * first because it costs next to nothing. */
static bool keep_record(void *object, const char *file)
{
    if (file != desk.record_file || desk.records_count == RECORDS_KEPT ||
        mem_size(object) < RECORD_BYTES_MAX || mem_size(object) > 2 * RECORD_BYTES_MAX) {
        return false;
    }
    desk.records[desk.records_count++] = object;
    return true;
}

static void *take(size_t bytes, const char *file, int line)
{
    (void)line;
    if (is_record(bytes)) {
        return take_record(file);
    }
    if (desk.making) { /* the object is the first thing that SSL_new() asks for */
        void *object = crate_take(MOVE(desk.making), bytes);

        if (object) {
            return object;
        }
    }
    return bytes ? mem_grow(NULL, bytes) : NULL;
}

static void give(void *object, const char *file, int line)
{
    (void)line;
    if (object && object != desk.freeing && !keep_record(object, file)) {
        mem_give(object);
    }
}

static void *grow(void *old, size_t bytes, const char *file, int line)
{
    if (bytes == 0) {
        give(old, file, line);
        return NULL;
    }
    return mem_grow(old, bytes);
}

void tls_memory_init(void)
{
    (void)CRYPTO_set_mem_functions(take, grow, give);
}

void tls_memory_done(void)
{
    while (desk.records_count > 0) {
        mem_give(desk.records[--desk.records_count]);
    }
}

static struct crate *take_crate(struct tls_crates *crates)
{
    return crates->count ? crates->kept[--crates->count] : crate_new(CRATE_BYTES);
}

static void give_crate(struct tls_crates *crates, struct crate *crate)
{
    if (!crate) {
        return;
    }
    if (crates->count == TLS_CRATES_KEPT) {
        crate_free(crate);
        return;
    }
    crate_clear(crate);
    crates->kept[crates->count++] = crate;
}

SSL *tls_memory_take(struct tls_crates *crates, SSL_CTX *ctx, struct crate **crate)
{
    struct crate *room = take_crate(crates);

    desk.making = room;
    SSL *ssl = SSL_new(ctx);
    desk.making = NULL;
    ASSERT(ssl != NULL);
    if (room && !crate_holds(room, ssl)) {
        ASSERT(crate_is_empty(room)); /* whatever else is in it would never be freed */
        give_crate(crates, MOVE(room));
    }
    *crate = room;
    return ssl;
}

void tls_memory_give(struct tls_crates *crates, SSL *ssl, struct crate *crate)
{
    desk.freeing = crate ? ssl : NULL;
    SSL_free(ssl);
    desk.freeing = NULL;
    give_crate(crates, crate);
}

void tls_crates_done(struct tls_crates *crates)
{
    while (crates->count > 0) {
        crate_free(crates->kept[--crates->count]);
    }
}
