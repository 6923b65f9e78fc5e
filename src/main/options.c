/* SPDX-License-Identifier: Apache-2.0 */
#include "main/options.h"

#include "base/mem.h"
#include "main/file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum kind { TEXT_KIND, NUMBER_KIND, FLAG_KIND, LIST_KIND };

/* Of where a value came from; the larger wins. */
enum source { SOURCE_NONE, SOURCE_FILE, SOURCE_VARIABLE, SOURCE_ARGUMENT };

enum {
    S = 1 << ROLE_SERVE,
    C = 1 << ROLE_CONTROL,
    N = 1 << ROLE_NODE,
    D = 1 << ROLE_DNS,
    E = 1 << ROLE_ENV,
    T = 1 << ROLE_STATUS,
    CONFIG_BYTES_MAX = 64 * 1024,
};

struct row {
    const char *name;
    enum kind kind;
    const char *preset;
    int64_t min, max;
    const char *value;
    unsigned roles;
    const char *help;
};

static const struct row rows[] = {
#define OPTION(id, name, kind, preset, min, max, value, roles, help) \
    [OPTION_##id] = {name, kind##_KIND, preset, min, max, value, roles, help},
#include "main/options.def"
#undef OPTION
};

void options_init(struct options *options, enum role role)
{
    *options = (struct options){.role = role};
}

void options_done(struct options *options)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        mem_give(options->values[i]);
    }
    options_init(options, options->role);
}

static bool find(struct text name, enum option *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (text_eq(name, text_of(rows[i].name))) {
            *out = (enum option)i;
            return true;
        }
    }
    return false;
}

/* ---- values ------------------------------------------------------------------------------- */

static void replace(struct options *options, enum option option, struct text value)
{
    char *copy = mem_string(value);

    mem_give(options->values[option]);
    options->values[option] = copy;
}

/* A list that is given again by the same source grows. */
static void append(struct options *options, enum option option, struct text value)
{
    struct buf joined;

    buf_init(&joined, CONFIG_BYTES_MAX);
    buf_printf(&joined, "%s,%.*s", options->values[option], TEXT_ARG(value));
    replace(options, option, buf_text(&joined));
    buf_done(&joined);
}

static enum rc check_value(const struct row *row, struct text value, const char *told, char *why)
{
    int64_t number;

    if (row->kind == NUMBER_KIND && text_to_int(value, row->min, row->max, &number) != RC_OK) {
        (void)snprintf(why, OPTIONS_WHY_BYTES,
                       "%s: \"%.*s\" is not a number of %" PRId64 " to %" PRId64, told,
                       TEXT_ARG(text_slice(value, 0, 100)), row->min, row->max);
        return RC_BAD;
    }
    if (row->kind == FLAG_KIND && !text_eq(value, TEXT("yes")) && !text_eq(value, TEXT("no"))) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "%s: \"%.*s\" is not yes or no", told,
                       TEXT_ARG(text_slice(value, 0, 100)));
        return RC_BAD;
    }
    return RC_OK;
}

/* `told`: what to call the value's place in `why`. */
static enum rc give(struct options *options, enum option option, struct text value,
                    enum source source, const char *told, char *why)
{
    const struct row *row = &rows[option];

    TRY(check_value(row, value, told, why));
    if (options->sources[option] > (int)source) {
        return RC_OK;
    }
    if (row->kind == LIST_KIND && options->sources[option] == (int)source) {
        append(options, option, value);
    } else {
        replace(options, option, value);
    }
    options->sources[option] = (int)source;
    return RC_OK;
}

const char *options_string(const struct options *options, enum option option)
{
    const char *value = options->values[option];

    return value ? value : rows[option].preset;
}

struct text options_text(const struct options *options, enum option option)
{
    return text_of(options_string(options, option));
}

int64_t options_number(const struct options *options, enum option option)
{
    int64_t number = 0;
    const enum rc rc =
        text_to_int(options_text(options, option), rows[option].min, rows[option].max, &number);

    ASSERT(rc == RC_OK); /* it was checked when given */
    return number;
}

bool options_flag(const struct options *options, enum option option)
{
    return text_eq(options_text(options, option), TEXT("yes"));
}

void options_set(struct options *options, enum option option, struct text value)
{
    replace(options, option, value);
    options->sources[option] = SOURCE_ARGUMENT;
}

/* ---- the command line --------------------------------------------------------------------- */

/* At "--name" or "--name=value". */
static enum rc read_argument(struct options *options, struct text argument, const char *next,
                             bool *took_next, char *why)
{
    const struct text body = text_slice(argument, 2, argument.len);
    const struct text name = text_slice(body, 0, text_find(body, '='));
    const bool has_value = name.len < body.len;
    enum option option;
    char told[100];

    if (!find(name, &option) || !(rows[option].roles & 1u << options->role)) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "there is no option --%.*s; --help lists them",
                       TEXT_ARG(text_slice(name, 0, 100)));
        return RC_BAD;
    }
    (void)snprintf(told, sizeof(told), "--%s", rows[option].name);
    if (rows[option].kind == FLAG_KIND && !has_value) {
        return give(options, option, TEXT("yes"), SOURCE_ARGUMENT, told, why);
    }
    if (!has_value && !next) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "%s needs a value: %s", told, rows[option].value);
        return RC_BAD;
    }
    *took_next = !has_value;
    return give(options, option,
                has_value ? text_slice(body, name.len + 1, body.len) : text_of(next),
                SOURCE_ARGUMENT, told, why);
}

enum rc options_read_arguments(struct options *options, int count, char *const *arguments,
                               char *why)
{
    for (int i = 0; i < count; i++) {
        const struct text argument = text_of(arguments[i]);
        bool took_next = false;

        if (text_eq(argument, TEXT("--help")) || text_eq(argument, TEXT("-h"))) {
            return RC_END;
        }
        if (!text_starts(argument, TEXT("--")) || argument.len == 2) {
            (void)snprintf(why, OPTIONS_WHY_BYTES, "\"%.*s\" is not an option; --help lists them",
                           TEXT_ARG(text_slice(argument, 0, 100)));
            return RC_BAD;
        }
        TRY(read_argument(options, argument, i + 1 < count ? arguments[i + 1] : NULL, &took_next,
                          why));
        i += took_next;
    }
    return RC_OK;
}

/* ---- the environment ---------------------------------------------------------------------- */

static void print_variable_name(enum option option, struct buf *out)
{
    buf_printf(out, "OPENALB_");
    for (const char *c = rows[option].name; *c; c++) {
        buf_add_byte(out, *c == '-' ? '_' : (char)toupper((unsigned char)*c));
    }
}

static bool find_variable(struct text name, enum option *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        struct buf variable;
        buf_init(&variable, 100);
        print_variable_name((enum option)i, &variable);
        const bool is_it = text_eq(buf_text(&variable), name);
        buf_done(&variable);
        if (is_it) {
            *out = (enum option)i;
            return true;
        }
    }
    return false;
}

enum rc options_read_environment(struct options *options, char *const *environment, char *why)
{
    for (; *environment; environment++) {
        const struct text entry = text_of(*environment);
        const struct text name = text_slice(entry, 0, text_find(entry, '='));
        enum option option;
        char told[100];

        if (!text_starts(name, TEXT("OPENALB_"))) {
            continue;
        }
        (void)snprintf(told, sizeof(told), "the variable %.*s", TEXT_ARG(text_slice(name, 0, 80)));
        if (!find_variable(name, &option)) {
            (void)snprintf(why, OPTIONS_WHY_BYTES, "%s belongs to no option", told);
            return RC_BAD;
        }
        TRY(give(options, option, text_slice(entry, name.len + 1, entry.len), SOURCE_VARIABLE, told,
                 why));
    }
    return RC_OK;
}

bool options_print_variable(const struct options *options, enum option option, struct buf *out)
{
    if (!options->values[option]) {
        return false;
    }
    print_variable_name(option, out);
    buf_printf(out, "=%s", options->values[option]);
    return true;
}

/* ---- the file ----------------------------------------------------------------------------- */

enum rc options_read_file(struct options *options, struct text content, const char *name, char *why)
{
    struct text line;

    for (int number = 1; text_next(&content, '\n', &line); number++) {
        const size_t equals = text_find(line, '=');
        const struct text key = text_trim(text_slice(line, 0, equals));
        enum option option;
        char told[200];

        if (text_is_empty(text_trim(line)) || text_trim(line).at[0] == '#') {
            continue;
        }
        (void)snprintf(told, sizeof(told), "%.150s line %d", name, number);
        if (equals == line.len) {
            (void)snprintf(why, OPTIONS_WHY_BYTES, "%s: not of the form name = value", told);
            return RC_BAD;
        }
        if (!find(key, &option)) {
            (void)snprintf(why, OPTIONS_WHY_BYTES, "%s: no option is called \"%.*s\"", told,
                           TEXT_ARG(text_slice(key, 0, 60)));
            return RC_BAD;
        }
        TRY(give(options, option, text_trim(text_slice(line, equals + 1, line.len)), SOURCE_FILE,
                 told, why));
    }
    return RC_OK;
}

/* The usual file need not be there; one that was named must. */
static enum rc read_usual_file(struct options *options, char *why)
{
    const char *named = options_string(options, OPTION_CONFIG);
    const char *home = getenv("XDG_CONFIG_HOME");
    struct buf path, content;
    enum rc rc;

    buf_init(&path, 4096);
    buf_init(&content, CONFIG_BYTES_MAX);
    if (*named) {
        buf_printf(&path, "%s", named);
    } else if (geteuid() == 0) {
        buf_printf(&path, "/etc/openalb.conf");
    } else if (home && *home) {
        buf_printf(&path, "%s/openalb.conf", home);
    } else {
        buf_printf(&path, "%s/.config/openalb.conf", getenv("HOME") ? getenv("HOME") : "");
    }
    buf_add_byte(&path, '\0');
    rc = file_read(path.at, &content);
    if (!*named && (rc == RC_ABSENT || (rc == RC_IO && errno == EACCES))) {
        rc = RC_OK; /* none, or in a folder that is not ours to look into (sudo -u keeps $HOME) */
    } else if (rc != RC_OK) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "%.200s cannot be read", path.at);
        rc = RC_BAD;
    } else {
        rc = options_read_file(options, buf_text(&content), path.at, why);
    }
    buf_done(&path);
    buf_done(&content);
    return rc;
}

enum rc options_read_all(struct options *options, int count, char *const *arguments,
                         char *const *environment, char *why)
{
    TRY(options_read_arguments(options, count, arguments, why));
    TRY(options_read_environment(options, environment, why));
    return read_usual_file(options, why);
}

/* ---- for people --------------------------------------------------------------------------- */

enum { HELP_COLUMN = 30, HELP_WIDTH = 96 };

/* Wrapped at HELP_WIDTH, each line from HELP_COLUMN on. */
static void print_wrapped(const char *help, struct buf *out)
{
    struct text rest = text_of(help);
    struct text word;
    size_t column = HELP_COLUMN;

    while (text_next(&rest, ' ', &word)) {
        if (column + word.len > HELP_WIDTH) {
            buf_printf(out, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        buf_printf(out, "%s%.*s", column > HELP_COLUMN ? " " : "", TEXT_ARG(word));
        column += word.len + 1;
    }
}

void options_print_help(enum role role, struct buf *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct row *row = &rows[i];
        char head[100];

        if (!(row->roles & 1u << role)) {
            continue;
        }
        (void)snprintf(head, sizeof(head), "  --%s %s", row->name, row->value);
        buf_printf(out, "%-*s%s", HELP_COLUMN, head, strlen(head) >= HELP_COLUMN ? "\n" : "");
        if (strlen(head) >= HELP_COLUMN) {
            buf_printf(out, "%*s", HELP_COLUMN, "");
        }
        print_wrapped(row->help, out);
        if (*row->preset) {
            buf_printf(out, " (%s)", row->preset);
        }
        buf_add_byte(out, '\n');
    }
}

enum rc options_log(const struct options *options, const char *role, struct log *out, char *why)
{
    const struct text format = options_text(options, OPTION_LOG_FORMAT);

    *out = (struct log){.fd = STDERR_FILENO, .role = role};
    out->is_json = text_eq(format, TEXT("json"));
    if (!out->is_json && !text_eq(format, TEXT("text"))) {
        (void)snprintf(why, OPTIONS_WHY_BYTES, "--log-format: \"%.100s\" is not text or json",
                       format.at);
        return RC_BAD;
    }
    if (log_level_parse(options_text(options, OPTION_LOG_LEVEL), &out->level) != RC_OK) {
        (void)snprintf(why, OPTIONS_WHY_BYTES,
                       "--log-level: \"%.100s\" is not error, warn, info or debug",
                       options_string(options, OPTION_LOG_LEVEL));
        return RC_BAD;
    }
    return RC_OK;
}
