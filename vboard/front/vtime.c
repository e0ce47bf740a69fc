// SPDX-License-Identifier: MIT
// Virtual time for OpenOCD: gettimeofday, time, clock_gettime, usleep, nanosleep and select of the
// main thread run on the host's virtual clock. Sleeping costs no real time. Only select() waits for
// real: there are people and debuggers behind its sockets.
#include "front.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// Seconds since 1970 at virtual time zero, the same in every run
#define EPOCH 1767225600
// Every look at the clock takes this long, so that polling loops end
#define LOOK (100 * VT_NS)

vt_t front_now;
static __thread int model_depth;

bool front_active(void)
{
    static int active = -1;
    if (active < 0) {
        const char *name = strrchr(program_invocation_name, '/');
        active = strcmp(name ? name + 1 : program_invocation_name, "openocd") == 0;
    }
    return active;
}

void front_enter_model(void)
{
    model_depth++;
}

void front_leave_model(void)
{
    model_depth--;
}

static bool is_virtual(void)
{
    return front_active() && model_depth == 0 && getpid() == (pid_t)syscall(SYS_gettid);
}

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static void look(long *seconds, long *nanoseconds)
{
    front_now += LOOK;
    *seconds = EPOCH + (long)(front_now / VT_S);
    *nanoseconds = (long)(front_now % VT_S / VT_NS);
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    if (!is_virtual()) {
        static int (*next)(struct timeval *, void *);
        if (!next)
            next = (int (*)(struct timeval *, void *))real("gettimeofday");
        return next(tv, tz);
    }
    long s, ns;
    look(&s, &ns);
    tv->tv_sec = s;
    tv->tv_usec = ns / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timeval tv;
    gettimeofday(&tv, NULL);
    if (out)
        *out = tv.tv_sec;
    return tv.tv_sec;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    bool wall = id == CLOCK_REALTIME || id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_RAW;
    if (!wall || !is_virtual())
        return (int)syscall(SYS_clock_gettime, id, ts);
    long s, ns;
    look(&s, &ns);
    ts->tv_sec = s;
    ts->tv_nsec = ns;
    return 0;
}

int usleep(useconds_t us)
{
    if (!is_virtual()) {
        struct timespec ts = {us / 1000000, us % 1000000 * 1000};
        return (int)syscall(SYS_nanosleep, &ts, NULL);
    }
    front_now += us * VT_US;
    return 0;
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
    if (!is_virtual())
        return (int)syscall(SYS_nanosleep, want, left);
    front_now += (vt_t)want->tv_sec * VT_S + (vt_t)want->tv_nsec * VT_NS;
    return 0;
}

static vt_t real_now(void)
{
    struct timespec ts;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
    return (vt_t)ts.tv_sec * VT_S + (vt_t)ts.tv_nsec * VT_NS;
}

int select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e,
           struct timeval *restrict timeout)
{
    static int (*next)(int, fd_set *, fd_set *, fd_set *, struct timeval *);
    if (!next)
        next = (int (*)(int, fd_set *, fd_set *, fd_set *, struct timeval *))real("select");
    if (!is_virtual())
        return next(n, r, w, e, timeout);
    vt_t before = real_now();
    int ready = next(n, r, w, e, timeout);
    front_now += real_now() - before;
    return ready;
}
