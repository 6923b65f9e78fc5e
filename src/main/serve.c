/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor: opens every listening socket and keeps it, starts one control, a node per zone
 * and a dns, gives them what they ask for at their desks, and starts again what dies. It reads no
 * request and holds no state of its own, so that it has no reason to die. */
#include "base/mem.h"
#include "main/child.h"
#include "main/names.h"
#include "main/notify.h"
#include "main/places.h"
#include "main/process.h"
#include "main/reception.h"
#include "main/role.h"
#include "main/state.h"
#include "main/unix_socket.h"
#include "net/listen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ZONES_MAX = 6,
    CHILDREN_MAX = ZONES_MAX + 2,
    CONTROL = 0, /* its index */
    HOPELESS_STARTS = 4,
    LAST_WORDS_MS = 2000, /* beyond the drain, before SIGKILL */
    ZONE_BYTES = 60,
    TAKEN_MS = 1000,
    TAKEN_LOOK_MS = 20,
};

struct serve {
    const struct options *options;
    struct log log;
    struct loop *loop;
    struct state state;
    struct reception reception;
    struct net_addr api;
    char zones[ZONES_MAX][ZONE_BYTES];
    size_t zone_count;
    struct child children[CHILDREN_MAX];
    size_t child_count;
    struct signals *signals;
    struct names *names; /* NULL: the hosts file is left alone */
    struct loop_timer kill_timer;
    int64_t began_ms;
    bool is_ready;
    bool is_ending;
    int exit_code;
};

/* ---- what the children ask for ------------------------------------------------------------ */

static void tell_ready(struct serve *serve)
{
    char took[32];
    char api[NET_ADDR_SIZE];

    (void)snprintf(took, sizeof(took), "%lld",
                   (long long)(loop_now_ms(serve->loop) - serve->began_ms));
    log_event(&serve->log, LOG_INFO, "ready", {"api", net_addr_text(&serve->api, api)},
              {"state", text_of(serve->state.folder)}, {"after_ms", text_of(took)});
    notify_manager("READY=1");
}

static void child_is_ready(struct serve *serve, struct child *child)
{
    bool is_all = true;

    child->is_ready = true;
    sockets_sweep(&serve->reception.sockets, child->index);
    for (size_t i = 0; i < serve->child_count; i++) {
        is_all &= serve->children[i].is_ready;
    }
    if (is_all && !serve->is_ready) {
        serve->is_ready = true;
        tell_ready(serve);
    }
}

static void child_asks(struct child *child)
{
    struct serve *serve = child->arg;
    struct desk_question question;
    const enum rc rc = desk_take(child->desk_fd, &question);

    if (rc == RC_OK) {
        int fd = -1;
        int own_fd = -1;
        const enum rc answer = reception_answer(&serve->reception, child, &question, &fd, &own_fd);
        desk_answer(child->desk_fd, answer, answer == RC_OK ? fd : -1);
        if (own_fd >= 0) {
            (void)close(own_fd);
        }
        if (question.verb == DESK_READY) {
            child_is_ready(serve, child);
        }
    } else if (rc != RC_AGAIN) {
        loop_watch_stop(serve->loop, &child->watch); /* it is ending: waitpid() tells the rest */
    }
}

/* ---- the children's lives ----------------------------------------------------------------- */

static void child_started(struct child *child)
{
    struct serve *serve = child->arg;
    char name[100];

    sockets_forget(&serve->reception.sockets, child->index);
    log_event(&serve->log, child->starts > 1 ? LOG_WARN : LOG_DEBUG,
              child->starts > 1 ? "started again" : "started",
              {"child", child_name(child, name, sizeof(name))});
}

static bool is_any_running(const struct serve *serve)
{
    for (size_t i = 0; i < serve->child_count; i++) {
        if (serve->children[i].pid > 0) {
            return true;
        }
    }
    return false;
}

/* Nodes and dns end first; then control, which they may still report to. */
static void end_next(struct serve *serve)
{
    for (size_t i = 0; i < serve->child_count; i++) {
        if (i != CONTROL && serve->children[i].pid > 0) {
            return;
        }
    }
    if (is_any_running(serve)) {
        child_signal(&serve->children[CONTROL], SIGTERM);
    } else {
        loop_stop(serve->loop);
    }
}

static void end_all(struct serve *serve, int exit_code)
{
    if (serve->is_ending) {
        return;
    }
    serve->is_ending = true;
    serve->exit_code = exit_code;
    notify_manager("STOPPING=1");
    log_event(&serve->log, LOG_INFO, "ending");
    sockets_done(&serve->reception.sockets); /* the nodes hold theirs until they have drained */
    loop_timer_set(serve->loop, &serve->kill_timer,
                   loop_now_ms(serve->loop) +
                       options_number(serve->options, OPTION_DRAIN_SECONDS) * 1000 + LAST_WORDS_MS);
    for (size_t i = 0; i < serve->child_count; i++) {
        child_stop(&serve->children[i]);
        if (i != CONTROL) {
            child_signal(&serve->children[i], SIGTERM);
        }
    }
    end_next(serve);
}

static void describe_end(int status, char *out, size_t out_size)
{
    if (WIFSIGNALED(status)) {
        (void)snprintf(out, out_size, "signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    } else {
        (void)snprintf(out, out_size, "exit code %d", WEXITSTATUS(status));
    }
}

static void child_ended(struct child *child, int status)
{
    struct serve *serve = child->arg;
    char name[100];
    char how[100];

    describe_end(status, how, sizeof(how));
    if (serve->is_ending) {
        end_next(serve);
        return;
    }
    log_event(&serve->log, LOG_WARN, "died", {"child", child_name(child, name, sizeof(name))},
              {"how", text_of(how)});
    /* It never came so far: starting it once more would only hide why. */
    const bool is_wrong_use = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WRONG_USE;
    if (!serve->is_ready && (is_wrong_use || child->starts >= HOPELESS_STARTS)) {
        log_event(&serve->log, LOG_ERROR, "cannot start; giving up", {"child", text_of(name)});
        end_all(serve, is_wrong_use ? EXIT_WRONG_USE : EXIT_FAILED);
    }
}

static const struct child_user child_user = {
    .started = child_started,
    .ended = child_ended,
    .asks = child_asks,
};

static void add_child(struct serve *serve, const char *role, struct text zone)
{
    struct child *child = &serve->children[serve->child_count];

    *child = (struct child){.user = &child_user,
                            .loop = serve->loop,
                            .log = &serve->log,
                            .options = serve->options,
                            .arg = serve,
                            .role = role,
                            .index = (int)serve->child_count};
    (void)snprintf(child->zone, sizeof(child->zone), "%.*s", TEXT_ARG(zone));
    serve->child_count++;
    child_begin(child);
}

static void add_children(struct serve *serve)
{
    add_child(serve, "control", TEXT(""));
    for (size_t i = 0; i < serve->zone_count; i++) {
        add_child(serve, "node", text_of(serve->zones[i]));
    }
    if (!options_flag(serve->options, OPTION_NO_DNS)) {
        add_child(serve, "dns", TEXT(""));
    }
}

/* ---- signals ------------------------------------------------------------------------------ */

static void reap(struct serve *serve)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < serve->child_count; i++) {
            if (serve->children[i].pid == pid) {
                child_reaped(&serve->children[i], status);
            }
        }
    }
}

static void signal_all(struct serve *serve, int number)
{
    for (size_t i = 0; i < serve->child_count; i++) {
        child_signal(&serve->children[i], number);
    }
}

static void signal_arrived(void *arg, int number)
{
    struct serve *serve = arg;

    if (number == SIGCHLD) {
        reap(serve);
    } else if (number == SIGHUP) {
        signal_all(serve, SIGHUP);
    } else if (serve->is_ending) {
        signal_all(serve, SIGKILL); /* asked a second time */
    } else {
        end_all(serve, EXIT_DONE);
    }
}

static void kill_is_due(struct loop_timer *timer)
{
    signal_all(CONTAINER_OF(timer, struct serve, kill_timer), SIGKILL);
}

/* ---- beginning and end -------------------------------------------------------------------- */

static int fail(const char *why)
{
    return role_fail("serve", EXIT_FAILED, "%s", why);
}

static int wrong(const char *why)
{
    return role_fail("serve", EXIT_WRONG_USE, "%s", why);
}

static int fail_listen(struct net_addr addr, const char *option, enum rc rc)
{
    char place[NET_ADDR_SIZE];

    (void)net_addr_text(&addr, place);
    switch (rc) {
    case RC_DENIED:
        return role_fail("serve", EXIT_FAILED,
                         "no right to listen on %s: run as root or grant CAP_NET_BIND_SERVICE "
                         "(setcap cap_net_bind_service=+ep), or give --port-offset N to use other "
                         "ports",
                         place);
    case RC_CONFLICT:
        return role_fail("serve", EXIT_FAILED,
                         "cannot listen on %s: another program does; end it, or give %s", place,
                         option);
    case RC_ABSENT:
        return role_fail("serve", EXIT_FAILED,
                         "cannot listen on %s: not an address of this machine; give %s", place,
                         option);
    case RC_OK:
    case RC_AGAIN:
    case RC_END:
    case RC_BAD:
    case RC_LIMIT:
    case RC_LATE:
    case RC_IO:
        break;
    }
    return role_fail("serve", EXIT_FAILED, "cannot listen on %s: %s", place, strerror(errno));
}

/* The children of a server that was killed need a moment to end. */
static bool stays_taken(struct serve *serve, struct net_addr addr)
{
    for (int waited_ms = 0; waited_ms < TAKEN_MS; waited_ms += TAKEN_LOOK_MS) {
        if (!sockets_is_taken(addr)) {
            return false;
        }
        loop_turn(serve->loop, TAKEN_LOOK_MS); /* nobody is in it yet */
    }
    return true;
}

static int open_api(struct serve *serve)
{
    const enum rc rc = stays_taken(serve, serve->api)
                           ? RC_CONFLICT
                           : listen_open(serve->api, &serve->reception.api_fd);

    return rc == RC_OK ? EXIT_DONE : fail_listen(serve->api, "--api ADDRESS:PORT", rc);
}

/* Before anything runs: whoever has no right to low ports shall hear it now. */
static int check_dns(struct serve *serve)
{
    const struct net_addr dns = serve->reception.dns;
    struct net_addr place;
    int fd;

    if (options_flag(serve->options, OPTION_NO_DNS)) {
        return EXIT_DONE;
    }
    if (reception_place(&serve->reception, dns.ip4, dns.port, &place) != RC_OK) {
        return wrong("--port-offset moves DNS beyond the last port");
    }
    const enum rc rc = stays_taken(serve, place) ? RC_CONFLICT : listen_open(place, &fd);
    if (rc != RC_OK) {
        return fail_listen(place, "--dns ADDRESS:PORT or --no-dns", rc);
    }
    (void)close(fd);
    return EXIT_DONE;
}

static enum rc read_zones(struct serve *serve, char *why)
{
    struct text letters = options_text(serve->options, OPTION_ZONES);
    struct text letter;

    while (text_next(&letters, ',', &letter)) {
        letter = text_trim(letter);
        if (letter.len != 1 || letter.at[0] < 'a' || letter.at[0] > 'z' ||
            serve->zone_count == ZONES_MAX) {
            (void)snprintf(why, OPTIONS_WHY_BYTES, "--zones: 1 to %d letters with commas, as a,b",
                           ZONES_MAX);
            return RC_BAD;
        }
        (void)snprintf(serve->zones[serve->zone_count++], ZONE_BYTES, "%.40s%c",
                       options_string(serve->options, OPTION_REGION), letter.at[0]);
    }
    return RC_OK;
}

static int read_options(struct serve *serve)
{
    char why[OPTIONS_WHY_BYTES];

    if (options_log(serve->options, "serve", &serve->log, why) != RC_OK ||
        read_zones(serve, why) != RC_OK || places_api(serve->options, &serve->api, why) != RC_OK ||
        places_pools(serve->options, &serve->reception.pools, why) != RC_OK ||
        (!options_flag(serve->options, OPTION_NO_DNS) &&
         places_dns(serve->options, &serve->reception.dns, why) != RC_OK) ||
        state_find(serve->options, &serve->state, why) != RC_OK) {
        return wrong(why);
    }
    return EXIT_DONE;
}

static int open_state(struct serve *serve)
{
    struct state_key key;
    /* 0.0.0.0 is where we listen, not where anybody can be reached. */
    const struct net_addr reached =
        serve->api.ip4 ? serve->api : net_addr_ip4(INADDR_LOOPBACK, serve->api.port);
    char url[NET_ADDR_SIZE + 8] = "http://";
    char why[OPTIONS_WHY_BYTES];

    if (state_open(&serve->state, why) != RC_OK ||
        state_key_make(&serve->state, &key, why) != RC_OK) {
        return fail(why);
    }
    (void)net_addr_text(&reached, url + strlen(url));
    if (state_endpoint_write(&serve->state, text_of(url),
                             options_text(serve->options, OPTION_REGION)) != RC_OK) {
        return role_fail("serve", EXIT_FAILED, "cannot write to %s: %s", serve->state.folder,
                         strerror(errno));
    }
    state_path(&serve->state, "feed.sock", serve->reception.feed_path,
               sizeof(serve->reception.feed_path));
    if (unix_listen(serve->reception.feed_path, &serve->reception.feed_fd) != RC_OK) {
        return role_fail("serve", EXIT_FAILED, "cannot listen on %s: %s",
                         serve->reception.feed_path, strerror(errno));
    }
    return EXIT_DONE;
}

static bool keeps_hosts_file(const struct serve *serve)
{
    return geteuid() == 0 && !options_flag(serve->options, OPTION_NO_HOSTS_FILE);
}

static void start(struct serve *serve)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0};

    loop_timer_init(&serve->kill_timer, kill_is_due);
    serve->signals = signals_new(serve->loop, numbers, signal_arrived, serve);
    add_children(serve);
    if (keeps_hosts_file(serve)) {
        serve->names =
            names_new(serve->loop, &serve->log, options_string(serve->options, OPTION_HOSTS_FILE),
                      text_of(serve->state.folder), serve->reception.feed_path);
    }
}

static int run(struct serve *serve)
{
    int code = read_options(serve);

    if (code == EXIT_DONE) {
        code = open_state(serve);
    }
    if (code == EXIT_DONE) {
        code = open_api(serve);
    }
    if (code == EXIT_DONE) {
        code = check_dns(serve);
    }
    if (code == EXIT_DONE) {
        start(serve);
        loop_run(serve->loop);
        code = serve->exit_code;
    }
    return code;
}

int serve_run(const struct options *options)
{
    struct serve *serve = MEM_NEW(struct serve);

    serve->options = options;
    serve->loop = loop_new();
    serve->began_ms = loop_now_ms(serve->loop);
    serve->state.lock_fd = -1;
    reception_init(&serve->reception, &serve->log);
    serve->reception.port_offset = (uint16_t)options_number(options, OPTION_PORT_OFFSET);
    process_name("openalb");
    (void)process_raise_files(); /* what there is must do */
    process_guard_memory();
    const int code = run(serve);

    names_free(serve->names);
    signals_free(serve->signals);
    reception_done(&serve->reception);
    state_close(&serve->state);
    loop_free(serve->loop);
    mem_give(serve);
    return code;
}
