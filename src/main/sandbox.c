/* SPDX-License-Identifier: Apache-2.0 */
#include "main/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sanitizers make calls of their own (and LeakSanitizer traces the process): no filter then. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

/* What nodes and dns do once they run. Sockets are made only toward targets: see
 * add_socket_rules(). Nothing here opens a file, starts a program or sees another process. */
static const int calls[] = {
    /* connections */
    SCMP_SYS(accept4),
    SCMP_SYS(connect),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(splice),
    SCMP_SYS(sendfile),
    SCMP_SYS(close),
    SCMP_SYS(pipe2),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    SCMP_SYS(lseek),
    SCMP_SYS(ioctl),
    /* waiting */
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    SCMP_SYS(getrandom),
    /* threads and signals */
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(tgkill),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getrusage),
    SCMP_SYS(prlimit64),
    SCMP_SYS(membarrier),
};

/* Of one that stands alone, besides: its own listening sockets, its snapshot file. */
static const int calls_alone[] = {
    SCMP_SYS(bind),       SCMP_SYS(listen),  SCMP_SYS(openat), SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), SCMP_SYS(pread64), SCMP_SYS(unlink),
};

static enum rc tell(char *why, size_t why_size, const char *what, int error)
{
    (void)snprintf(why, why_size, "%s: %s", what, strerror(error));
    return RC_IO;
}

/* ---- user and capabilities ---------------------------------------------------------------- */

static enum rc leave_root(const char *name, char *why, size_t why_size)
{
    const struct passwd *user = getpwnam(name);

    if (!user) {
        (void)snprintf(why, why_size, "there is no user \"%.100s\"", name);
        return RC_ABSENT;
    }
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_change_id((int)user->pw_uid, (int)user->pw_gid,
                        CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) != 0) {
        return tell(why, why_size, "cannot change the user", errno);
    }
    return RC_OK;
}

/* Who stands alone must go on to open sockets, with the filters of security groups (Linux 6.x wants
 * CAP_NET_ADMIN for those), and the snapshot as whom it was started. */
static enum rc keep_what_sockets_need(char *why, size_t why_size)
{
    static const unsigned wanted[] = {CAP_NET_BIND_SERVICE, CAP_NET_ADMIN};
    bool had[ARRAY_LEN(wanted)];

    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        had[i] = capng_have_capability(CAPNG_EFFECTIVE, wanted[i]) > 0;
    }
    capng_clear(CAPNG_SELECT_BOTH);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        if (had[i] && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, wanted[i]) != 0) {
            return tell(why, why_size, "cannot choose capabilities", errno);
        }
    }
    /* Without CAP_SETPCAP the bounding set cannot be cleared, nor need it be: no new privileges. */
    if (capng_apply(CAPNG_SELECT_CAPS) != 0) {
        return tell(why, why_size, "cannot drop capabilities", errno);
    }
    return RC_OK;
}

/* ---- system calls ------------------------------------------------------------------------- */

static int add_calls(scmp_filter_ctx filter, const int *list, size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && error == 0; i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, list[i], 0);
    }
    return error;
}

/* TCP and UDP over IPv4 and IPv6: no raw, netlink, packet or Unix sockets. Alone, the feed is
 * reached by a Unix socket. */
static int add_socket_rules(scmp_filter_ctx filter, bool is_alone)
{
    int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                 SCMP_A0(SCMP_CMP_EQ, AF_INET));

    if (error == 0) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                 SCMP_A0(SCMP_CMP_EQ, AF_INET6));
    }
    if (error == 0 && is_alone) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                 SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
    }
    return error;
}

/* Threads, not processes. clone3's flags lie in memory, where no filter can look: glibc takes clone
 * when the kernel says that it has no clone3. */
static int add_thread_rules(scmp_filter_ctx filter)
{
    const int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

    return error ? error
                 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

/* The log of a process without rights: PR_SET_NAME of threads, and nothing else of prctl. */
static int add_name_rule(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
}

static int load_filter(scmp_filter_ctx filter, bool is_alone)
{
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);

    error = error ? error : add_calls(filter, calls, ARRAY_LEN(calls));
    if (is_alone) {
        error = error ? error : add_calls(filter, calls_alone, ARRAY_LEN(calls_alone));
    }
    error = error ? error : add_socket_rules(filter, is_alone);
    error = error ? error : add_thread_rules(filter);
    error = error ? error : add_name_rule(filter);
    return error ? error : seccomp_load(filter);
}

static enum rc filter_calls(bool is_alone, char *why, size_t why_size)
{
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

    if (!filter) {
        return tell(why, why_size, "cannot make a filter of system calls", ENOMEM);
    }
    const int error = load_filter(filter, is_alone);
    seccomp_release(filter);
    return error ? tell(why, why_size, "cannot filter system calls", -error) : RC_OK;
}

enum rc sandbox_enter(const struct sandbox *wanted, char *why, size_t why_size)
{
    if (wanted->is_alone) {
        TRY(keep_what_sockets_need(why, why_size));
    } else if (geteuid() == 0) {
        TRY(leave_root(wanted->user, why, why_size));
    }
    /* prctl(2): changing the user makes a process as dumpable as fs.suid_dumpable says. Keys are
     * in here, and a core that goes through a pipe knows no RLIMIT_CORE. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return tell(why, why_size, "cannot refuse core dumps", errno);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return tell(why, why_size, "cannot refuse new privileges", errno);
    }
    return IS_SANITIZED ? RC_OK : filter_calls(wanted->is_alone, why, why_size);
}
