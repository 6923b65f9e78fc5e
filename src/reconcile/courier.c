/* SPDX-License-Identifier: Apache-2.0 */
#include "reconcile/courier.h"

#include "control/board.h"

#define SEED_BYTES_MAX (16 * 1024 * 1024) /* far above 1000 targets in each of 100 groups */

static void joined(void *arg, struct feed_peer *peer);
static enum rc reported(void *arg, struct feed_peer *peer, struct text report);
static enum rc logged(void *arg, struct feed_peer *peer, struct text pages);
static void left(void *arg, struct feed_peer *peer);

void courier_init(struct courier *courier, struct control *control, struct log_keeper *keeper,
                  const struct log *log)
{
    *courier = (struct courier){
        .user = {.joined = joined,
                 .reported = reported,
                 .logged = logged,
                 .left = left,
                 .arg = courier},
        .control = control,
        .keeper = keeper,
        .log = log,
    };
}

static bool is_node(const struct feed_peer *peer)
{
    return text_eq(feed_peer_role(peer), TEXT("node"));
}

static void joined(void *arg, struct feed_peer *peer)
{
    const struct courier *courier = arg;
    struct buf seed;

    log_event(courier->log, LOG_INFO, "joined", {"role", feed_peer_role(peer)},
              {"zone", feed_peer_zone(peer)});
    if (!is_node(peer)) {
        return;
    }
    buf_init(&seed, SEED_BYTES_MAX);
    board_seed(courier->control->board, feed_peer_zone(peer), &seed);
    if (buf_result(&seed) == RC_OK) {
        feed_peer_send(peer, FEED_SEED, buf_text(&seed));
    }
    buf_done(&seed);
}

static enum rc reported(void *arg, struct feed_peer *peer, struct text report)
{
    const struct courier *courier = arg;
    enum rc rc;

    if (!is_node(peer)) {
        return RC_OK;
    }
    rc = board_take(courier->control->board, feed_peer_zone(peer), report);
    if (rc != RC_OK) {
        log_event(courier->log, LOG_WARN, "report refused", {"zone", feed_peer_zone(peer)},
                  {"why", text_of(rc_name(rc))});
    }
    return rc;
}

static enum rc logged(void *arg, struct feed_peer *peer, struct text pages)
{
    const struct courier *courier = arg;

    return courier->keeper && is_node(peer)
               ? log_keeper_take(courier->keeper, feed_peer_zone(peer), pages)
               : RC_BAD;
}

static void left(void *arg, struct feed_peer *peer)
{
    const struct courier *courier = arg;

    log_event(courier->log, LOG_WARN, "left", {"role", feed_peer_role(peer)},
              {"zone", feed_peer_zone(peer)});
    if (is_node(peer)) {
        board_lose(courier->control->board, feed_peer_zone(peer));
    }
}
