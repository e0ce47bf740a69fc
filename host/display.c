// SPDX-License-Identifier: MIT
// Sorts and shows the lines of openocd; see display.h. The form of progress lines is that of
// tcl/progress.tcl.
#include "display.h"
#include <stdio.h>
#include <string.h>

enum { BAR_WIDTH = 30, LINE_SIZE = DISPLAY_JSON };

static bool starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

// "QSPI:  40 %, 3276 of 8192 KiB written, 427 KiB/s, 11 s left"
static bool is_progress(const char *line, unsigned *percent, const char **rest)
{
    int length = 0;
    unsigned done, total;
    if (sscanf(line, "QSPI: %u %%, %n%u of %u KiB", percent, &length, &done, &total) != 3)
        return false;
    *rest = line + length;
    return *percent <= 100;
}

static void clear_bar(struct display *d)
{
    if (d->bar)
        fputs("\r\033[K", stdout);
    d->bar = false;
}

static void draw_bar(struct display *d, unsigned percent, const char *rest)
{
    char bar[BAR_WIDTH + 1] = {0};
    unsigned full = percent * BAR_WIDTH / 100;
    memset(bar, ' ', BAR_WIDTH);
    memset(bar, '#', full);
    // No longer than 80 columns, so that it never wraps.
    printf("\r\033[K[%s] %3u %%  %.38s", bar, percent, rest);
    fflush(stdout);
    d->bar = true;
}

static void say(struct display *d, const char *line)
{
    if (d->quiet)
        return;
    clear_bar(d);
    puts(line);
    fflush(stdout);
}

static void complain(struct display *d, const char *line)
{
    clear_bar(d);
    fflush(stdout);
    fprintf(stderr, "%s\n", line);
}

// `line` with the first d->hide replaced by d->show.
static void rename_files(const struct display *d, const char *line, char shown[LINE_SIZE])
{
    const char *at = d->hide ? strstr(line, d->hide) : NULL;
    if (at)
        snprintf(shown, LINE_SIZE, "%.*s%s%s", (int)(at - line), line, d->show,
                 at + strlen(d->hide));
    else
        snprintf(shown, LINE_SIZE, "%s", line);
}

void display_line(void *display, const char *text)
{
    struct display *d = display;
    char line[LINE_SIZE];
    rename_files(d, text, line);
    unsigned percent;
    const char *rest;
    snprintf(d->tail[d->lines++ % DISPLAY_TAIL], DISPLAY_LINE, "%.*s", DISPLAY_LINE - 1, line);
    if (is_progress(line, &percent, &rest)) {
        if (d->terminal && !d->quiet && !d->verbose)
            draw_bar(d, percent, rest);
        else
            say(d, line);
        return;
    }
    if (line[0] == '{')
        snprintf(d->json, sizeof(d->json), "%s", line);
    bool error = starts(line, "Error: "), message = starts(line, "QSPI: ");
    if (line[0] == '{' && !d->verbose)
        return;
    if (error || message)
        snprintf(d->message, sizeof(d->message), "%.*s", DISPLAY_LINE - 1, line);
    if (error)
        complain(d, line);
    else if (message || d->verbose)
        say(d, line);
}

void display_end(struct display *d, bool failed)
{
    clear_bar(d);
    fflush(stdout);
    if (!failed || d->message[0] || d->verbose)
        return;
    unsigned first = d->lines > DISPLAY_TAIL ? d->lines - DISPLAY_TAIL : 0;
    for (unsigned i = first; i < d->lines; i++)
        fprintf(stderr, "openocd: %s\n", d->tail[i % DISPLAY_TAIL]);
}
