/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FIRST_SOURCE = 0x7f006201 }; /* 127.0.98.1 */

int64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void die(const char *format, ...)
{
    const int error = errno;
    va_list arguments;

    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
    exit(1);
}

struct sockaddr_in parse_address(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strchr(text, ':');
    char ip[64] = "";

    if (colon && (size_t)(colon - text) < sizeof(ip)) {
        memcpy(ip, text, (size_t)(colon - text));
        address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    }
    if (inet_pton(AF_INET, ip, &address.sin_addr) != 1) {
        errno = 0;
        die("%s: not an address and port", text);
    }
    return address;
}

int dial(const struct sockaddr_in *to, int sources)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;

    if (fd < 0) {
        die("socket");
    }
    if (sources) {
        const struct sockaddr_in from = {
            .sin_family = AF_INET,
            .sin_addr.s_addr = htonl(FIRST_SOURCE + (unsigned)(fd % sources)),
        };
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
        if (bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0) {
            die("bind");
        }
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0 && errno != EINPROGRESS) {
        die("connect");
    }
    return fd;
}

void die_if_closed(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLRDHUP};

    errno = 0;
    if (poll(&one, 1, 0) != 0) {
        die("a held connection was closed");
    }
}

static const struct tool_option *find_option(const struct tool_option *option, const char *word)
{
    while (option->name && (strncmp(word, "--", 2) != 0 || strcmp(word + 2, option->name) != 0)) {
        option++;
    }
    return option->name ? option : NULL;
}

static void set_option(const struct tool_option *option, const char *value)
{
    switch (option->kind) {
    case TOOL_SWITCH:
        *(bool *)option->at = true;
        return;
    case TOOL_COUNT:
        *(int *)option->at = (int)strtol(value, NULL, 10);
        return;
    case TOOL_NUMBER:
        *(double *)option->at = strtod(value, NULL);
        return;
    case TOOL_TEXT:
        *(const char **)option->at = value;
        return;
    case TOOL_ADDRESS:
        *(struct sockaddr_in *)option->at = parse_address(value);
        return;
    }
}

void read_options(int argc, char **argv, const struct tool_option *options)
{
    for (int i = 1; i < argc; i++) {
        const struct tool_option *option = find_option(options, argv[i]);
        const bool has_value = option && option->kind != TOOL_SWITCH;

        if (!option || (has_value && i + 1 == argc)) {
            (void)fprintf(stderr, "%s: %s\n", argv[i],
                          option ? "its value is missing" : "no such option");
            exit(2);
        }
        set_option(option, has_value ? argv[++i] : NULL);
    }
}
