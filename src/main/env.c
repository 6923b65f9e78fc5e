/* SPDX-License-Identifier: Apache-2.0 */
/* What a shell needs to talk to us, as lines for eval. */
#include "main/role.h"
#include "main/state.h"

#include <stdio.h>

enum { LINE_BYTES_MAX = 4096 };

/* aws CLI before 1.29 and 2.13 knows no AWS_ENDPOINT_URL (Debian 12 has 2.9): a function gives it
 * the option that every version knows. */
static void print_shell(const struct state_key *key, struct text url, struct text region)
{
    (void)printf("export AWS_ENDPOINT_URL=%.*s\n"
                 "export AWS_ACCESS_KEY_ID=%s\n"
                 "export AWS_SECRET_ACCESS_KEY=%s\n"
                 "export AWS_DEFAULT_REGION=%.*s\n"
                 "export AWS_REGION=%.*s\n"
                 "export AWS_PAGER=\"\"\n"
                 "unset AWS_PROFILE AWS_SESSION_TOKEN\n"
                 "aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; }\n",
                 TEXT_ARG(url), key->id, key->secret, TEXT_ARG(region), TEXT_ARG(region));
}

int env_run(const struct options *options)
{
    struct state state;
    struct state_key key;
    struct buf url, region;
    char why[OPTIONS_WHY_BYTES];

    if (state_find(options, &state, why) != RC_OK) {
        return role_fail("env", EXIT_WRONG_USE, "%s", why);
    }
    buf_init(&url, LINE_BYTES_MAX);
    buf_init(&region, LINE_BYTES_MAX);
    enum rc rc = state_key_read(&state, &key, why);
    if (rc == RC_OK) {
        rc = state_endpoint_read(&state, &url, &region);
        (void)snprintf(why, sizeof(why), "%.200s says nothing of where the API is", state.folder);
    }
    if (rc == RC_ABSENT) {
        (void)snprintf(why, sizeof(why),
                       "no server has begun a state in %.200s yet: start `openalb serve`, or give "
                       "its --state",
                       state.folder);
    }
    if (rc == RC_OK) {
        print_shell(&key, buf_text(&url), buf_text(&region));
    }
    buf_done(&url);
    buf_done(&region);
    return rc == RC_OK ? EXIT_DONE : role_fail("env", EXIT_FAILED, "%s", why);
}
