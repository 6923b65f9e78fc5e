/* SPDX-License-Identifier: Apache-2.0 */
#include "main/process.h"

#include "base/mem.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    struct loop *loop;
    struct loop_watch watch;
    signals_fn *arrived;
    void *arg;
};

static void signal_ready(struct loop_watch *watch, unsigned events)
{
    struct signals *signals = CONTAINER_OF(watch, struct signals, watch);
    struct signalfd_siginfo info;

    if (read(watch->fd, &info, sizeof(info)) == sizeof(info)) {
        signals->arrived(signals->arg, (int)info.ssi_signo);
    }
}

struct signals *signals_new(struct loop *loop, const int *numbers, signals_fn *arrived, void *arg)
{
    struct signals *signals = MEM_NEW(struct signals);
    sigset_t set;

    (void)sigemptyset(&set);
    for (; *numbers; numbers++) {
        (void)sigaddset(&set, *numbers);
    }
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);

    const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    ASSERT(fd >= 0);
    signals->loop = loop;
    signals->arrived = arrived;
    signals->arg = arg;
    const enum rc rc = loop_watch_level(loop, &signals->watch, fd, signal_ready);
    ASSERT(rc == RC_OK);
    return signals;
}

void signals_free(struct signals *signals)
{
    if (signals) {
        const int fd = signals->watch.fd;
        loop_watch_stop(signals->loop, &signals->watch);
        (void)close(fd);
        mem_give(signals);
    }
}

void process_name(const char *name)
{
    (void)prctl(PR_SET_NAME, name); /* for people only */
}

size_t process_raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* else what we have */
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

void process_guard_memory(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}
