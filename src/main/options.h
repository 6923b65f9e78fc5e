/* SPDX-License-Identifier: Apache-2.0 */
/* options: how the program was told to behave. One table (options.def) for the command line, the
 * environment and openalb.conf, which win over each other in this order. What is unknown or makes
 * no sense is refused with its source: "openalb serve: --port-offset: "x" is not a number of 0 to
 * 60000".
 *
 * Owner    options own copies of everything; texts are borrowed from them. */
#pragma once
#include "base/buf.h"
#include "base/log.h"

enum role {
    ROLE_SERVE,
    ROLE_CONTROL,
    ROLE_NODE,
    ROLE_DNS,
    ROLE_ENV,
    ROLE_STATUS,
};

enum option {
#define OPTION(id, name, kind, preset, min, max, value, roles, help) OPTION_##id,
#include "main/options.def"
#undef OPTION
    OPTION_COUNT
};

enum { OPTIONS_WHY_BYTES = 400 };

struct options {
    enum role role;
    char *values[OPTION_COUNT]; /* own; NULL: not given, the preset holds */
    int sources[OPTION_COUNT];  /* who gave it; a stronger one wins */
};

void options_init(struct options *options, enum role role);
void options_done(struct options *options);

/* Arguments behind the role. RC_BAD: `why` tells. RC_END: --help was asked for. */
MUST_USE enum rc options_read_arguments(struct options *options, int count, char *const *arguments,
                                        char *why);
/* OPENALB_X of the environment; a variable that no option knows is refused. */
MUST_USE enum rc options_read_environment(struct options *options, char *const *environment,
                                          char *why);
/* The text of openalb.conf; `name` is what to call it in `why`. */
MUST_USE enum rc options_read_file(struct options *options, struct text content, const char *name,
                                   char *why);
/* Everything together: arguments, environment, and the file that they name or the usual one. */
MUST_USE enum rc options_read_all(struct options *options, int count, char *const *arguments,
                                  char *const *environment, char *why);

struct text options_text(const struct options *options, enum option option);
const char *options_string(const struct options *options, enum option option);
int64_t options_number(const struct options *options, enum option option);
bool options_flag(const struct options *options, enum option option);
/* Sets it as if given on the command line: what follows from other options. */
void options_set(struct options *options, enum option option, struct text value);
/* "OPENALB_STATE=/x" for an option that was given, else false: for the environment of a child. */
bool options_print_variable(const struct options *options, enum option option, struct buf *out);

void options_print_help(enum role role, struct buf *out);
MUST_USE enum rc options_log(const struct options *options, const char *role, struct log *out,
                             char *why);
