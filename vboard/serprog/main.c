// SPDX-License-Identifier: MIT
// vboard-serprog: the virtual board's NOR chip behind a serprog programmer on a loopback TCP port,
// for flashrom -p serprog:ip=127.0.0.1:PORT. It holds the chip model to a stranger's idea of the
// part.
#include "serprog.h"
#include "../chip/parts.h"
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char usage[] =
    "usage: vboard-serprog --chip PART --contents FILE [--port N] [--worst-case] [--wp-low]\n"
    "\n"
    "  --chip PART      a part of the list below\n"
    "  --contents FILE  the chip's contents; made, blank, if missing. Its registers are in "
    "FILE.nv\n"
    "  --port N         TCP port on 127.0.0.1; 0 or none: any free one, which is printed\n"
    "  --worst-case     the datasheet's maximum times instead of the typical ones\n"
    "  --wp-low         tie the chip's /WP pin low\n"
    "\n"
    "SIGTERM and SIGINT end it; it then lists what the chip was asked to do wrongly.\n"
    "\n"
    "parts:";

struct options {
    const struct nor_part *part;
    const char *contents;
    long port;
    bool worst_case, wp_low;
};

static volatile sig_atomic_t stop, server_fd = -1, client_fd = -1;

// Shutting the sockets down makes a call that waits on them return, whenever it began to wait.
static void on_signal(int number)
{
    (void)number;
    stop = 1;
    if (server_fd >= 0)
        shutdown(server_fd, SHUT_RDWR);
    if (client_fd >= 0)
        shutdown(client_fd, SHUT_RDWR);
}

static void print_usage(FILE *out)
{
    fputs(usage, out);
    for (unsigned i = 0; i < nor_parts_count; i++)
        fprintf(out, " %s", nor_parts[i].name);
    fputc('\n', out);
}

static bool parse_port(const char *text, long *port)
{
    char *end;
    *port = strtol(text, &end, 10);
    return *text && !*end && *port >= 0 && *port <= 65535;
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {{"chip", required_argument, NULL, 'c'},
                                          {"contents", required_argument, NULL, 'f'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"worst-case", no_argument, NULL, 'w'},
                                          {"wp-low", no_argument, NULL, 'l'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (c == 'h') {
            print_usage(stdout);
            exit(EXIT_SUCCESS);
        }
        if (c == 'c' && !(o->part = nor_part_find(optarg))) {
            fprintf(stderr, "vboard-serprog: no such part: %s\n", optarg);
            return false;
        }
        if (c == 'p' && !parse_port(optarg, &o->port)) {
            fprintf(stderr, "vboard-serprog: no port: %s\n", optarg);
            return false;
        }
        if (c == 'f')
            o->contents = optarg;
        o->worst_case |= c == 'w';
        o->wp_low |= c == 'l';
        if (c == '?')
            return false;
    }
    return o->part && o->contents && optind == argc;
}

static int listen_on(long *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)*port),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(a);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(a.sin_port);
    return fd;
}

static void serve_client(struct serprog *s, int client)
{
    int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    int copy = dup(client);
    FILE *in = fdopen(client, "rb");
    FILE *out = copy < 0 ? NULL : fdopen(copy, "wb");
    if (in && out)
        serprog_serve(s, in, out);
    if (in)
        fclose(in);
    else
        close(client);
    if (out)
        fclose(out);
}

static int run(struct nor *chip, struct vclock *clock, struct options *o)
{
    char err[300];
    if (!nor_attach_file(chip, o->contents, err, sizeof(err))) {
        fprintf(stderr, "vboard-serprog: %s\n", err);
        return EXIT_FAILURE;
    }
    nor_set_worst_case(chip, o->worst_case);
    int server = listen_on(&o->port);
    if (server < 0) {
        fprintf(stderr, "vboard-serprog: port %ld: %s\n", o->port, strerror(errno));
        return EXIT_FAILURE;
    }
    printf("listening on 127.0.0.1:%ld\n", o->port);
    fflush(stdout);
    struct serprog s;
    serprog_init(&s, clock, chip);
    s.wp_low = o->wp_low;
    server_fd = server;
    while (!stop) {
        client_fd = accept(server, NULL, NULL);
        if (client_fd >= 0)
            serve_client(&s, client_fd);
        client_fd = -1;
    }
    server_fd = -1;
    close(server);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    if (!parse(argc, argv, &o)) {
        print_usage(stderr);
        return 2;
    }
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    signal(SIGPIPE, SIG_IGN);

    struct vclock clock = {0};
    struct report *report = report_new();
    struct nor *chip = nor_new(o.part, &clock, report);
    if (!report || !chip) {
        fputs("vboard-serprog: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    int status = run(chip, &clock, &o);
    nor_free(chip);
    report_print(report, stderr);
    report_free(report);
    return status;
}
