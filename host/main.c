// SPDX-License-Identifier: MIT
// qspi-flash: packs images and has the stock openocd write them by the kit's `qspi write`.
#include "display.h"
#include "input.h"
#include "openocd.h"
#include "options.h"
#include "report.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGS_MAX = 64 };

struct job {
    struct options options;
    struct input input;
    struct display display;
    char version[200];
    char pack_path[PATH_MAX];
    char board[PATH_MAX], interface[PATH_MAX];
    struct bytes script; // Tcl, ends with a zero byte
};

static int fail(int status, const char *format, const char *word)
{
    fputs("qspi-flash: ", stderr);
    fprintf(stderr, format, word);
    fputc('\n', stderr);
    return status;
}

static bool is_path(const char *name)
{
    size_t length = strlen(name);
    return strchr(name, '/') || (length > 4 && strcmp(name + length - 4, ".cfg") == 0);
}

// The kit's folder seen from this program: of a checkout (build/rel), or as installed (bin).
static bool find_in_kit(const char *file, char found[PATH_MAX])
{
    static const char *const places[] = {"../..", "../share/openocd/site/stmqspi-kit"};
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0)
        return false;
    self[length] = 0;
    const char *folder = dirname(self);
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int n = snprintf(found, PATH_MAX, "%s/%s/%s", folder, places[i], file);
        if (n < PATH_MAX && access(found, R_OK) == 0)
            return true;
    }
    return false;
}

static int find_board(struct job *j)
{
    char file[PATH_MAX];
    const char *name = j->options.board;
    if (is_path(name)) {
        snprintf(j->board, sizeof(j->board), "%s", name);
        return 0;
    }
    snprintf(file, sizeof(file), "board/%s.cfg", name);
    if (!find_in_kit(file, j->board))
        return fail(EXIT_USAGE, "the kit has no board file board/%s.cfg", name);
    return 0;
}

static int check_openocd(struct job *j)
{
    const char *program = j->options.openocd;
    switch (openocd_check(program, j->version, sizeof(j->version))) {
    case OPENOCD_GOOD:
        return 0;
    case OPENOCD_MISSING:
        return fail(EXIT_OPENOCD,
                    "cannot start %s: install openocd (apt install openocd), or name it with "
                    "--openocd PATH",
                    program);
    case OPENOCD_OLD:
        return fail(EXIT_OPENOCD, "'%s' is too old: version 0.11 or later is needed", j->version);
    default:
        return fail(EXIT_OPENOCD, "%s is not an openocd: it does not tell an OpenOCD version",
                    program);
    }
}

// A word of Tcl that means exactly `text`.
static bool add_quoted(struct bytes *b, const char *text)
{
    bool good = true;
    for (; *text && good; text++) {
        if (strchr(" \t{}[]$\"\\;#", *text))
            good = bytes_add(b, "\\", 1);
        good = good && bytes_add(b, text, 1);
    }
    return good;
}

// `qspi_cli` (tcl/program.tcl) ends openocd with a sentence and status 1 if the script fails.
static bool make_script(struct job *j)
{
    const struct options *o = &j->options;
    struct bytes *s = &j->script;
    return bytes_print(s, "qspi_cli {qspi_connect; qspi_cli_ready; echo [qspi write ") &&
           add_quoted(s, j->pack_path) &&
           bytes_print(s, "%s%s%s -json]%s}", o->full ? " -full" : "",
                       o->no_verify ? " -noverify" : "", o->dry_run ? " -dry-run" : "",
                       o->reset ? "; reset run" : "") &&
           bytes_add(s, "", 1);
}

static unsigned make_args(struct job *j, const char *argv[ARGS_MAX])
{
    const struct options *o = &j->options;
    unsigned n = 0;
    argv[n++] = o->openocd;
    // No servers: nobody shall talk to the board in between, and two boards can be written at once.
    argv[n++] = "-c";
    argv[n++] = "gdb_port disabled; telnet_port disabled; tcl_port disabled";
    for (unsigned i = 0; i < o->commands; i++) {
        argv[n++] = "-c";
        argv[n++] = o->command[i];
    }
    if (o->interface) {
        snprintf(j->interface, sizeof(j->interface),
                 is_path(o->interface) ? "%s" : "interface/%s.cfg", o->interface);
        argv[n++] = "-f";
        argv[n++] = j->interface;
    }
    argv[n++] = "-f";
    argv[n++] = j->board;
    argv[n++] = "-c";
    argv[n++] = (const char *)j->script.data;
    argv[n] = NULL;
    return n;
}

static bool write_all(int fd, const struct bytes *b)
{
    size_t at = 0;
    while (at < b->size) {
        ssize_t count = write(fd, b->data + at, b->size - at);
        if (count < 0 && errno != EINTR)
            return false;
        at += count > 0 ? (size_t)count : 0;
    }
    return true;
}

static int write_pack(struct job *j)
{
    const char *folder = getenv("TMPDIR");
    snprintf(j->pack_path, sizeof(j->pack_path), "%s/qspi-flash-XXXXXX",
             folder && folder[0] ? folder : "/tmp");
    int fd = mkstemp(j->pack_path);
    if (fd < 0)
        return fail(EXIT_IMAGE, "cannot make a temporary file: %s", strerror(errno));
    bool good = write_all(fd, &j->input.file);
    if (close(fd) != 0 || !good) {
        unlink(j->pack_path);
        return fail(EXIT_IMAGE, "cannot write the temporary pack file: %s", strerror(errno));
    }
    return 0;
}

// --pack: keep the file and stop.
static int save_pack(const struct job *j)
{
    const char *path = j->options.pack;
    FILE *f = fopen(path, "wb");
    const struct bytes *b = &j->input.file;
    bool good = f && fwrite(b->data, 1, b->size, f) == b->size;
    if (f && fclose(f) != 0)
        good = false;
    if (!good)
        return fail(EXIT_IMAGE, "cannot write the pack file: %s", strerror(errno));
    return 0;
}

// Openocd's status and last message as our own status.
static int judge(const struct job *j, int status)
{
    static const char *const reach[] = {"no debug probe", "the probe answers, but not",
                                        "cannot reset and halt"};
    int signal = openocd_signal();
    if (signal)
        return 128 + signal;
    if (status <= 0 || status >= 128)
        return status < 0 ? EXIT_OPENOCD : status;
    for (unsigned i = 0; i < sizeof(reach) / sizeof(reach[0]); i++)
        if (strstr(j->display.message, reach[i]))
            return EXIT_REACH;
    return EXIT_BOARD;
}

// Tell what came of it. A run that left out a sector is a failure, whatever openocd says.
static int finish(struct job *j, int status)
{
    const struct options *o = &j->options;
    struct report r = {.files = o->count == 1 ? o->files[0] : "the files",
                       .openocd = j->version,
                       .error = status ? j->display.message : "",
                       .json = j->display.json,
                       .bytes = j->input.pack.data,
                       .sectors = pack_sectors(&j->input.pack),
                       .packed = pack_sent(&j->input.pack)};
    display_end(&j->display, status != 0);
    if (status == 0 && !report_complete(&r)) {
        r.error = "not every sector of the image is accounted for; write it again with --full";
        status = fail(EXIT_BOARD, "%s", r.error);
    }
    r.status = status;
    if (o->json)
        report_print_json(&r);
    else if (status == 0)
        report_print(&r);
    if (openocd_signal())
        fail(status, "%s", "interrupted; the same command finishes the work");
    return status;
}

static int run(struct job *j)
{
    const char *argv[ARGS_MAX];
    int status = openocd_signal() ? 0 : write_pack(j);
    if (status)
        return status;
    if (!make_script(j)) {
        unlink(j->pack_path);
        return fail(EXIT_IMAGE, "%s", "out of memory");
    }
    make_args(j, argv);
    j->display.terminal = isatty(STDOUT_FILENO);
    j->display.quiet = j->options.json;
    j->display.verbose = j->options.verbose;
    j->display.hide = j->pack_path;
    j->display.show = j->options.count == 1 ? j->options.files[0] : "the files";
    status = openocd_signal() ? 0 : openocd_run(argv, display_line, &j->display);
    unlink(j->pack_path);
    status = judge(j, status);
    return finish(j, status);
}

static int flash(struct job *j)
{
    int status = input_load(&j->input, j->options.files, j->options.count);
    if (status || j->options.pack)
        return status ? status : save_pack(j);
    status = find_board(j);
    if (!status)
        status = check_openocd(j);
    if (!status && !j->options.json) {
        printf("%u bytes, %llu to send at most\n", (unsigned)j->input.pack.data,
               (unsigned long long)pack_sent(&j->input.pack));
        fflush(stdout);
    }
    return status ? status : run(j);
}

int main(int argc, char **argv)
{
    static struct job j;
    int status = options_read(&j.options, argc, argv);
    if (status < 0)
        status = flash(&j);
    input_free(&j.input);
    bytes_free(&j.script);
    return status;
}
