/* SPDX-License-Identifier: Apache-2.0 */
#include "main/process.h"

#include "test.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own, whose exit code tells: what is given up does not come back. */
static int guarded(void)
{
    struct rlimit core = {1, 1};

    process_guard_memory();
    return prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 &&
                   core.rlim_cur == 0 && core.rlim_max == 0
               ? 0
               : 1;
}

TEST(process_guard_memory, leaves_no_core)
{
    const pid_t child = fork();
    int status = -1;

    if (child == 0) {
        _exit(guarded());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

TESTS({
    CASE(process_guard_memory__leaves_no_core),
})
