/* SPDX-License-Identifier: Apache-2.0 */
/* role: what the program can be. Each runs until it is done and gives the exit code. */
#pragma once
#include "main/options.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };

typedef int role_fn(const struct options *options);

int serve_run(const struct options *options);
int control_run(const struct options *options);
int node_run(const struct options *options);
int dns_run(const struct options *options);
int env_run(const struct options *options);
int status_run(const struct options *options);

/* Says it on stderr, as "openalb serve: ..."; gives `code`. */
int role_fail(const char *role, int code, const char *format, ...) PRINTF_LIKE(3, 4);
