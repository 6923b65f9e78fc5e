/* SPDX-License-Identifier: Apache-2.0 */
/* Each case lives in a process of its own, which tells by its exit code what it was refused. */
#include "main/sandbox.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifdef IS_SANITIZED
enum { HAS_FILTER = 0 };
#else
enum { HAS_FILTER = 1 };
#endif

typedef bool attempt_fn(void);

static bool opens_a_file(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool starts_a_program(void)
{
    char name[] = "true";
    char *arguments[] = {name, NULL};

    return execv("/bin/true", arguments) == 0 || errno != EPERM;
}

static bool forks(void)
{
    const pid_t pid = fork();

    if (pid == 0) {
        _exit(0);
    }
    return pid > 0;
}

static bool opens_a_raw_socket(void)
{
    return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0;
}

static bool opens_a_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
}

static bool listens(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return listen(fd, 1) == 0;
}

static bool traces(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool becomes_root(void)
{
    return setuid(0) == 0 && geteuid() == 0;
}

static bool opens_a_tcp_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
}

static void *idle(void *arg)
{
    return arg;
}

static bool makes_a_thread(void)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, idle, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool takes_memory(void)
{
    return mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

/* 0: it could, 1: it could not, 2: no sandbox. */
static int try_inside(attempt_fn *attempt, bool is_alone)
{
    const struct sandbox wanted = {.user = "nobody", .is_alone = is_alone};
    const pid_t pid = fork();
    char why[256];
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        if (sandbox_enter(&wanted, why, sizeof(why)) != RC_OK) {
            (void)fprintf(stderr, "%s\n", why);
            _exit(2);
        }
        _exit(attempt() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(sandbox_enter, refuses_what_a_node_never_does)
{
    if (!HAS_FILTER) {
        skip();
    }
    assert_int_equal(try_inside(opens_a_file, false), 1);
    assert_int_equal(try_inside(starts_a_program, false), 1);
    assert_int_equal(try_inside(forks, false), 1);
    assert_int_equal(try_inside(opens_a_raw_socket, false), 1);
    assert_int_equal(try_inside(opens_a_unix_socket, false), 1);
    assert_int_equal(try_inside(listens, false), 1);
    assert_int_equal(try_inside(traces, false), 1);
    assert_int_equal(try_inside(starts_a_program, true), 1);
    assert_int_equal(try_inside(forks, true), 1);
    assert_int_equal(try_inside(opens_a_raw_socket, true), 1);
}

TEST(sandbox_enter, lets_a_node_work)
{
    assert_int_equal(try_inside(opens_a_tcp_socket, false), 0);
    assert_int_equal(try_inside(makes_a_thread, false), 0);
    assert_int_equal(try_inside(takes_memory, false), 0);
    assert_int_equal(try_inside(opens_a_file, true), 0);
    assert_int_equal(try_inside(listens, true), 0);
}

static bool is_nobody(void)
{
    return geteuid() != 0 && getuid() != 0 && getegid() != 0;
}

TEST(sandbox_enter, leaves_root_for_good)
{
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(try_inside(is_nobody, false), 0);
    assert_int_equal(try_inside(becomes_root, false), 1);
}

TEST(sandbox_enter, refuses_a_user_that_is_not_there)
{
    const struct sandbox wanted = {.user = "no such user"};
    char why[256];

    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(sandbox_enter(&wanted, why, sizeof(why)), RC_ABSENT);
    assert_string_equal(why, "there is no user \"no such user\"");
}

TESTS({
    CASE(sandbox_enter__refuses_what_a_node_never_does),
    CASE(sandbox_enter__lets_a_node_work),
    CASE(sandbox_enter__leaves_root_for_good),
    CASE(sandbox_enter__refuses_a_user_that_is_not_there),
})
