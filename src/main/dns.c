/* SPDX-License-Identifier: Apache-2.0 */
/* The name server's process: joins dns with the feed and the supervisor. */
#include "dns/dns.h"

#include "base/mem.h"
#include "main/outpost.h"
#include "main/places.h"
#include "main/role.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct dns_role {
    const struct options *options;
    struct outpost_user user;
    struct outpost *outpost;
    struct dns *dns;
    struct net_addr addr;
};

static enum rc apply(void *arg, struct snapshot *snapshot, const char **why)
{
    dns_apply(((struct dns_role *)arg)->dns, snapshot);
    return RC_OK;
}

static void end(void *arg)
{
    outpost_stop(((struct dns_role *)arg)->outpost);
}

static enum rc open_sockets(const struct dns_role *role, int *udp_fd, int *tcp_fd)
{
    const struct supply *supply = outpost_supply(role->outpost);

    TRY(supply_udp(supply, role->addr.ip4, role->addr.port, udp_fd));
    const enum rc rc = supply_tcp(supply, role->addr.ip4, role->addr.port, 0, tcp_fd);
    if (rc != RC_OK) {
        (void)close(*udp_fd);
    }
    return rc;
}

static enum rc serve(struct dns_role *role)
{
    int udp_fd;
    int tcp_fd;

    TRY(open_sockets(role, &udp_fd, &tcp_fd));
    return dns_serve(role->dns, udp_fd, tcp_fd);
}

static int run(struct dns_role *role)
{
    char place[NET_ADDR_SIZE];
    const int code = outpost_new(role->options, &role->user, &role->outpost);

    if (code != EXIT_DONE) {
        return code;
    }
    const struct dns_config config = {.domain = options_text(role->options, OPTION_DOMAIN),
                                      .own_ip = role->addr.ip4};
    role->dns = dns_new(outpost_loop(role->outpost), outpost_log(role->outpost), &config);
    const enum rc rc = serve(role);
    if (rc != RC_OK) {
        log_event(outpost_log(role->outpost), LOG_ERROR, "cannot listen",
                  {"address", net_addr_text(&role->addr, place)},
                  {"why", text_of(rc == RC_IO ? strerror(errno) : rc_name(rc))});
        return EXIT_FAILED;
    }
    return outpost_run(role->outpost, NULL);
}

int dns_run(const struct options *options)
{
    struct dns_role *role = MEM_NEW(struct dns_role);
    char why[OPTIONS_WHY_BYTES];

    role->options = options;
    role->user = (struct outpost_user){.role = "dns", .apply = apply, .end = end, .arg = role};
    int code = EXIT_WRONG_USE;
    if (places_dns(options, &role->addr, why) != RC_OK) {
        (void)role_fail("dns", code, "%s", why);
    } else {
        code = run(role);
    }
    dns_free(role->dns);
    outpost_free(role->outpost);
    mem_give(role);
    return code;
}
