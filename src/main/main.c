/* SPDX-License-Identifier: Apache-2.0 */
/* openalb: the Application Load Balancer on one's own machines. One binary, several roles; this
 * file finds out which, reads the options, and hands over. */
#include "main/role.h"

#include <stdio.h>
#include <unistd.h>

enum { HELP_BYTES_MAX = 32 * 1024 };

struct command {
    const char *name;
    role_fn *run;
    const char *what;
    const char *examples;
};

static const struct command commands[] = {
    [ROLE_SERVE] = {"serve", serve_run,
                    "Runs a whole load balancer on this machine: the AWS APIs, a node per "
                    "Availability Zone, DNS.",
                    "  openalb serve\n"
                    "  openalb serve --state ./state --port-offset 8000\n"
                    "  openalb serve --public-addresses 203.0.113.10,203.0.113.11 --dns "
                    "203.0.113.10:53\n"
                    "  eval \"$(openalb env)\"; aws elbv2 describe-load-balancers\n"},
    [ROLE_CONTROL] = {"control", control_run,
                      "Runs the AWS APIs and the store alone; nodes and dns follow its feed.",
                      "  openalb control --state ./state --api 127.0.0.1:4566\n"
                      "  openalb node --feed ./state/feed.sock --zone us-east-1a\n"},
    [ROLE_NODE] = {"node", node_run, "Runs the data plane of one Availability Zone alone.",
                   "  openalb node --snapshot world.json --zone us-east-1a\n"
                   "  openalb node --feed /var/lib/openalb/feed.sock --zone us-east-1b\n"},
    [ROLE_DNS] = {"dns", dns_run, "Answers for the names of load balancers, alone.",
                  "  openalb dns --snapshot world.json --dns 127.0.0.1:5353\n"
                  "  dig @127.0.0.1 -p 5353 my-alb-123456789.us-east-1.elb.internal\n"},
    [ROLE_ENV] = {"env", env_run,
                  "Prints what a shell needs so that the aws CLI, SDKs and Terraform talk to the "
                  "server of this state.",
                  "  eval \"$(openalb env)\"\n"
                  "  eval \"$(openalb env --state ./state)\"; aws sts get-caller-identity\n"},
    [ROLE_STATUS] = {"status", status_run,
                     "Shows the roles, load balancers and targets of a running server.",
                     "  openalb status\n"
                     "  openalb status --state ./state\n"},
};

static int print_version(void)
{
    (void)printf("openalb %s\n", OPENALB_VERSION);
    return EXIT_DONE;
}

static int print_usage(void)
{
    (void)printf("openalb %s: the AWS Application Load Balancer on your own machines\n\n"
                 "usage: openalb COMMAND [OPTIONS]\n\n",
                 OPENALB_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        (void)printf("  %-9s %s\n", commands[i].name, commands[i].what);
    }
    (void)printf(
        "  %-9s %s\n\n"
        "`openalb COMMAND --help` lists a command's options, with examples. Each option is "
        "also\na variable (--state DIR: OPENALB_STATE=DIR) and a line of openalb.conf "
        "(state = DIR).\n",
        "version", "Prints the version.");
    return EXIT_DONE;
}

static int print_help(enum role role)
{
    const struct command *command = &commands[role];
    struct buf help;

    buf_init(&help, HELP_BYTES_MAX);
    options_print_help(role, &help);
    (void)printf("usage: openalb %s [OPTIONS]\n\n%s\n\n%.*s\nexamples:\n%s", command->name,
                 command->what, TEXT_ARG(buf_text(&help)), command->examples);
    buf_done(&help);
    return EXIT_DONE;
}

static int run_role(enum role role, int count, char **arguments)
{
    struct options options;
    char why[OPTIONS_WHY_BYTES] = "";
    int code;

    options_init(&options, role);
    const enum rc rc = options_read_all(&options, count, arguments, environ, why);
    if (rc == RC_OK) {
        code = commands[role].run(&options);
    } else if (rc == RC_END) {
        code = print_help(role);
    } else {
        code = role_fail(commands[role].name, EXIT_WRONG_USE, "%s", why);
    }
    options_done(&options);
    return code;
}

int main(int count, char **arguments)
{
    const struct text word = count > 1 ? text_of(arguments[1]) : TEXT("");

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (text_eq(word, text_of(commands[i].name))) {
            return run_role((enum role)i, count - 2, arguments + 2);
        }
    }
    if (text_eq(word, TEXT("version")) || text_eq(word, TEXT("--version"))) {
        return print_version();
    }
    if (text_eq(word, TEXT("help")) || text_eq(word, TEXT("--help")) || text_eq(word, TEXT("-h"))) {
        return print_usage();
    }
    if (text_is_empty(word)) {
        return role_fail("", EXIT_WRONG_USE, "no command; openalb --help lists them");
    }
    return role_fail("", EXIT_WRONG_USE, "there is no command \"%.*s\"; openalb --help lists them",
                     TEXT_ARG(text_slice(word, 0, 100)));
}
