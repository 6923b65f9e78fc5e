/* SPDX-License-Identifier: Apache-2.0 */
#include "control/ticket_keys.h"

#include "codec/hex.h"
#include "crypto/digest.h"

#include <string.h>

static enum rc make_key(struct turn *turn)
{
    char bytes[TICKET_KEY_BYTES];
    char hex[2 * TICKET_KEY_BYTES + 1];

    random_bytes(bytes, sizeof(bytes));
    hex_encode((struct text){bytes, sizeof(bytes)}, hex);
    const struct ticket_key_row row = {.created_ms = turn->now_unix_ms, .hex = text_of(hex)};
    const enum rc rc = ticket_key_row_insert(turn->store, &row);
    explicit_bzero(bytes, sizeof(bytes));
    explicit_bzero(hex, sizeof(hex));
    return rc;
}

enum rc ticket_keys_due(struct turn *turn, int64_t *unix_ms)
{
    struct ticket_key_rows rows;

    TRY(ticket_key_row_list(turn->store, turn->arena, &rows));
    *unix_ms = rows.count ? rows.at[0].created_ms + TICKET_KEY_ROTATE_MS : turn->now_unix_ms;
    return RC_OK;
}

enum rc ticket_keys_rotate(struct turn *turn)
{
    int64_t due;

    TRY(ticket_keys_due(turn, &due));
    if (turn->now_unix_ms < due) {
        return RC_OK;
    }
    TRY(make_key(turn));
    return ticket_key_row_delete_before(turn->store, turn->now_unix_ms - TICKET_KEY_KEEP_MS);
}
