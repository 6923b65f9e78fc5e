/* SPDX-License-Identifier: Apache-2.0 */
/* process: what every long-running role does with its own process. */
#pragma once
#include "loop/loop.h"

#include <signal.h>

struct signals;
typedef void signals_fn(void *arg, int number);

/* From now on the listed signals (0 ends the list) come to `arrived`, from the loop, and interrupt
 * nothing. SIGPIPE is ignored. Call it before threads are made. */
struct signals *signals_new(struct loop *loop, const int *numbers, signals_fn *arrived, void *arg);
void signals_free(struct signals *signals); /* NULL is fine */

void process_name(const char *name); /* as ps and top show it; 15 bytes */
/* As many descriptors as we may have. Gives how many. */
size_t process_raise_files(void);
/* No core dumps, no reading of our memory by others: keys live here. */
void process_guard_memory(void);
