// SPDX-License-Identifier: MIT
// The child process of openocd.h: fork, one pipe for both of its outputs, lines, signals.
#include "openocd.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, TICK_MS = 100, MIN_MAJOR = 0, MIN_MINOR = 11 };

static volatile sig_atomic_t stop_signal;
static volatile sig_atomic_t child_pid;

static void on_signal(int number)
{
    stop_signal = number;
    // A terminal sends Ctrl-C to both; the second one does no harm to openocd.
    if (child_pid > 0)
        kill(child_pid, number);
}

int openocd_signal(void)
{
    return stop_signal;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

// In the child: both outputs into the pipe, no input. `report` tells the parent why exec failed.
static void become(const char *const *argv, int output, int report)
{
    signal(SIGPIPE, SIG_DFL);
    if (dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0) {
        close(STDIN_FILENO);
        close(output);
        execvp(argv[0], (char *const *)argv);
    }
    int why = errno;
    ssize_t written = write(report, &why, sizeof(why));
    _exit(written < 0 ? 126 : 127);
}

// Start the child; its output's read end, or -1. The report pipe closes itself when exec succeeds.
static int start(const char *const *argv, pid_t *pid)
{
    int output[2], report[2];
    if (pipe(output) != 0)
        return -1;
    if (pipe2(report, O_CLOEXEC) != 0) {
        close(output[0]);
        close(output[1]);
        return -1;
    }
    fflush(NULL);
    *pid = fork();
    if (*pid == 0) {
        close(output[0]);
        become(argv, output[1], report[1]);
    }
    close(output[1]);
    close(report[1]);
    int why = 0;
    bool started = *pid > 0 && read(report[0], &why, sizeof(why)) != (ssize_t)sizeof(why);
    close(report[0]);
    if (started)
        return output[0];
    close(output[0]);
    if (*pid > 0)
        waitpid(*pid, NULL, 0);
    errno = why;
    return -1;
}

struct lines {
    char text[LINE_MAX_BYTES];
    unsigned length;
};

static void end_line(struct lines *l, openocd_line line, void *context)
{
    l->text[l->length] = 0;
    l->length = 0;
    line(context, l->text);
}

static void take(struct lines *l, const char *bytes, ssize_t count, openocd_line line,
                 void *context)
{
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] == '\n' || l->length == LINE_MAX_BYTES - 1)
            end_line(l, line, context);
        if (bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != 0)
            l->text[l->length++] = bytes[i];
    }
}

static void read_all(int fd, openocd_line line, void *context)
{
    struct lines l = {.length = 0};
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, TICK_MS);
        char bytes[4096];
        ssize_t count = ready > 0 ? read(fd, bytes, sizeof(bytes)) : -1;
        if (ready > 0 && (count == 0 || (count < 0 && errno != EINTR)))
            break;
        take(&l, bytes, count, line, context);
    }
    if (l.length)
        end_line(&l, line, context);
}

int openocd_run(const char *const *argv, openocd_line line, void *context)
{
    pid_t pid;
    catch_signals();
    int fd = start(argv, &pid);
    if (fd < 0)
        return -1;
    child_pid = pid;
    read_all(fd, line, context);
    close(fd);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    child_pid = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct version {
    char *text;
    unsigned size;
    int major, minor;
};

static void version_line(void *context, const char *line)
{
    struct version *v = context;
    static const char name[] = "Open On-Chip Debugger ";
    if (v->text[0] == 0)
        snprintf(v->text, v->size, "%s", line);
    const char *at = strstr(line, name);
    if (at && v->major < 0) {
        snprintf(v->text, v->size, "%s", line);
        if (sscanf(at + sizeof(name) - 1, "%d.%d", &v->major, &v->minor) != 2)
            v->major = -1;
    }
}

enum openocd_found openocd_check(const char *program, char *version, unsigned size)
{
    struct version v = {version, size, -1, 0};
    const char *const argv[] = {program, "--version", NULL};
    version[0] = 0;
    if (openocd_run(argv, version_line, &v) < 0)
        return OPENOCD_MISSING;
    if (v.major < 0)
        return OPENOCD_STRANGE;
    bool old = v.major < MIN_MAJOR || (v.major == MIN_MAJOR && v.minor < MIN_MINOR);
    return old ? OPENOCD_OLD : OPENOCD_GOOD;
}
