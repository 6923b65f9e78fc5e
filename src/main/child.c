/* SPDX-License-Identifier: Apache-2.0 */
#include "main/child.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    QUICK_MS = 1000,       /* a life shorter than this is a quick death */
    QUICK_DEATHS_FREE = 3, /* so many in a row before pauses begin */
    PAUSE_MS = 100,        /* the first one; it doubles */
    PAUSE_MS_MAX = 5000,
    VARIABLES_MAX = 1000,
    VARIABLE_BYTES_MAX = 64 * 1024,
};

extern char **environ;

struct text child_name(const struct child *child, char *out, size_t out_size)
{
    (void)snprintf(out, out_size, "%s%s%s", child->role, *child->zone ? " " : "", child->zone);
    return text_of(out);
}

/* ---- the new process ---------------------------------------------------------------------- */

static char *add_variable(const struct child *child, enum option option)
{
    struct buf variable;
    char *copy = NULL;

    buf_init(&variable, VARIABLE_BYTES_MAX);
    if (option == OPTION_ZONE && *child->zone) {
        buf_printf(&variable, "OPENALB_ZONE=%s", child->zone);
        copy = mem_string(buf_text(&variable));
    } else if (options_print_variable(child->options, option, &variable)) {
        copy = mem_string(buf_text(&variable));
    }
    buf_done(&variable);
    return copy;
}

/* The options as variables: arguments could be read by everybody, and keys are among them. The
 * supervisor has read the file already. */
static char **make_environment(const struct child *child)
{
    char **variables = mem_take_array(VARIABLES_MAX + OPTION_COUNT + 3, sizeof(*variables));
    size_t count = 0;

    for (char **at = environ; *at && count < VARIABLES_MAX; at++) {
        if (!text_starts(text_of(*at), TEXT("OPENALB"))) {
            variables[count++] = *at;
        }
    }
    for (int i = 0; i < OPTION_COUNT; i++) {
        char *variable = i == OPTION_CONFIG ? NULL : add_variable(child, (enum option)i);
        if (variable) {
            variables[count++] = variable;
        }
    }
    variables[count++] = mem_string(TEXT(CHILD_VARIABLE "=1"));
    variables[count] = mem_string(TEXT("OPENALB_CONFIG=/dev/null"));
    return variables;
}

/* In the new process, until exec. A signal mask would be inherited: ours blocks what we read from
 * signalfd. Ctrl-C reaches the whole group; the supervisor alone answers it. */
static _Noreturn void become(const struct child *child, int desk_fd)
{
    char role[16];
    char zone_option[] = "--zone";
    char zone[sizeof(child->zone)];
    char name[] = "openalb";
    char *arguments[] = {name, role, *child->zone ? zone_option : NULL, zone, NULL};
    sigset_t none;

    (void)snprintf(role, sizeof(role), "%s", child->role);
    (void)snprintf(zone, sizeof(zone), "%s", child->zone);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGINT, SIG_IGN);
    if (desk_fd != CHILD_DESK_FD ? dup2(desk_fd, CHILD_DESK_FD) >= 0
                                 : fcntl(desk_fd, F_SETFD, 0) == 0) {
        char **environment = make_environment(child);
        (void)execve("/proc/self/exe", arguments, environment);
    }
    _exit(127);
}

static enum rc start_process(struct child *child)
{
    int desk[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, desk) != 0) {
        return RC_IO;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        become(child, desk[1]);
    }
    (void)close(desk[1]);
    if (pid < 0) {
        (void)close(desk[0]);
        return RC_IO;
    }
    child->pid = pid;
    child->desk_fd = desk[0];
    return RC_OK;
}

/* ---- its life ----------------------------------------------------------------------------- */

static void desk_ready(struct loop_watch *watch, unsigned events)
{
    struct child *child = CONTAINER_OF(watch, struct child, watch);

    child->user->asks(child);
}

static void close_desk(struct child *child)
{
    if (child->desk_fd >= 0) {
        loop_watch_stop(child->loop, &child->watch);
        (void)close(child->desk_fd);
        child->desk_fd = -1;
    }
}

static int64_t pause_ms(const struct child *child)
{
    int64_t pause = PAUSE_MS;

    if (child->quick_deaths <= QUICK_DEATHS_FREE) {
        return 0;
    }
    for (int i = QUICK_DEATHS_FREE + 1; i < child->quick_deaths && pause < PAUSE_MS_MAX; i++) {
        pause *= 2;
    }
    return pause < PAUSE_MS_MAX ? pause : PAUSE_MS_MAX;
}

static void start_now(struct loop_timer *timer)
{
    struct child *child = CONTAINER_OF(timer, struct child, restart);
    char name[100];

    child->started_ms = loop_now_ms(child->loop);
    child->is_ready = false;
    if (start_process(child) != RC_OK ||
        loop_watch_level(child->loop, &child->watch, child->desk_fd, desk_ready) != RC_OK) {
        log_event(child->log, LOG_ERROR, "cannot start a process",
                  {"child", child_name(child, name, sizeof(name))},
                  {"why", text_of(strerror(errno))});
        child->quick_deaths = QUICK_DEATHS_FREE + 1;
        loop_timer_set(child->loop, timer, child->started_ms + pause_ms(child));
        return;
    }
    child->starts++;
    child->user->started(child);
}

void child_begin(struct child *child)
{
    child->pid = 0;
    child->desk_fd = -1;
    child->is_wanted = true;
    child->quick_deaths = child->starts = 0;
    loop_timer_init(&child->restart, start_now);
    loop_timer_set(child->loop, &child->restart, loop_now_ms(child->loop));
}

void child_reaped(struct child *child, int status)
{
    const int64_t now_ms = loop_now_ms(child->loop);

    child->pid = 0;
    child->is_ready = false;
    close_desk(child);
    child->quick_deaths = now_ms - child->started_ms < QUICK_MS ? child->quick_deaths + 1 : 0;
    if (child->is_wanted) {
        loop_timer_set(child->loop, &child->restart, now_ms + pause_ms(child));
    }
    child->user->ended(child, status);
}

void child_signal(const struct child *child, int number)
{
    if (child->pid > 0) {
        (void)kill(child->pid, number); /* it may just have ended */
    }
}

void child_stop(struct child *child)
{
    child->is_wanted = false;
    loop_timer_cancel(child->loop, &child->restart);
}
