/* SPDX-License-Identifier: Apache-2.0 */
/* pages: what the API port tells without a signature: /health, /ready, /metrics, /status.
 *
 * Everything is read when asked, from the store and the board.
 *
 * Thread   control's. */
#pragma once
#include "api/front.h"
#include "control/control.h"

struct pages {
    const struct control *control; /* borrowed */
    struct loop *loop;             /* borrowed */
};

/* The table for front_new(), whose `arg` is a struct pages. */
extern const struct front_page pages_table[];
extern const size_t pages_count;

/* AWS's name of a metric in Prometheus's style: RequestCount -> openalb_request_count_total,
 * HTTPCode_Target_2XX_Count -> openalb_http_code_target_2xx_count_total. */
void pages_metric_name(const char *aws_name, struct buf *out);
