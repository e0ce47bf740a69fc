// SPDX-License-Identifier: MIT
// The command line of options.h, and the text of --help.
#include "options.h"
#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "Usage: qspi-flash [options] FILE[@ADDR]...\n"
    "\n"
    "Write image files to the QSPI NOR flash of an STM32H7 board through a debug probe, with the\n"
    "stock openocd. Only what differs from the flash is sent, compressed, and verified.\n"
    "\n"
    "FILE is a raw binary (at ADDR; default 0x90000000), an ELF, Intel HEX or S-record file "
    "(which\n"
    "have their own addresses), or a pack file made by --pack. Several files become one image.\n"
    "\n"
    "  -b, --board NAME      board file of the kit, or a path (default stm32h743-w25q64)\n"
    "  -i, --interface NAME  file in OpenOCD's interface folder, or a path (default: CMSIS-DAP)\n"
    "  -c, --command TCL     OpenOCD command to run before the board file; may be repeated\n"
    "      --openocd PATH    openocd to run (default: openocd on the PATH)\n"
    "  -n, --dry-run         compare with the flash, say what would be done, change nothing\n"
    "  -f, --full            rewrite every sector of the image, changed or not\n"
    "      --no-verify       do not read back what was written\n"
    "  -r, --reset           reset the board and let it run afterwards\n"
    "  -o, --pack OUT        only write the pack file OUT; needs no board\n"
    "      --json            print the result as one JSON object\n"
    "  -v, --verbose         show everything openocd says\n"
    "  -h, --help            show this text\n"
    "\n"
    "Exit status: 0 done; 1 writing or verifying failed; 2 wrong arguments; 3 an image or pack\n"
    "file cannot be used; 4 openocd is missing or too old; 5 no debug probe or no "
    "microcontroller;\n"
    "128 + N ended by signal N. After any failure the same command can be given again.\n";

enum { OPT_OPENOCD = 256, OPT_NO_VERIFY, OPT_JSON };

static const struct option longs[] = {
    {"board", required_argument, NULL, 'b'},
    {"interface", required_argument, NULL, 'i'},
    {"command", required_argument, NULL, 'c'},
    {"openocd", required_argument, NULL, OPT_OPENOCD},
    {"dry-run", no_argument, NULL, 'n'},
    {"full", no_argument, NULL, 'f'},
    {"no-verify", no_argument, NULL, OPT_NO_VERIFY},
    {"reset", no_argument, NULL, 'r'},
    {"pack", required_argument, NULL, 'o'},
    {"json", no_argument, NULL, OPT_JSON},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static int wrong(const char *sentence)
{
    fprintf(stderr, "qspi-flash: %s\nTry 'qspi-flash --help'.\n", sentence);
    return EXIT_USAGE;
}

// One option; -1 to go on.
static int take(struct options *o, int letter)
{
    switch (letter) {
    case 'b':
        o->board = optarg;
        return -1;
    case 'i':
        o->interface = optarg;
        return -1;
    case 'c':
        if (o->commands == OPTIONS_COMMANDS)
            return wrong("too many --command options");
        o->command[o->commands++] = optarg;
        return -1;
    case OPT_OPENOCD:
        o->openocd = optarg;
        return -1;
    case 'n':
        o->dry_run = true;
        return -1;
    case 'f':
        o->full = true;
        return -1;
    case OPT_NO_VERIFY:
        o->no_verify = true;
        return -1;
    case 'r':
        o->reset = true;
        return -1;
    case 'o':
        o->pack = optarg;
        return -1;
    case OPT_JSON:
        o->json = true;
        return -1;
    case 'v':
        o->verbose = true;
        return -1;
    case 'h':
        fputs(help, stdout);
        return 0;
    default:
        fputs("Try 'qspi-flash --help'.\n", stderr); // getopt has said what is wrong
        return EXIT_USAGE;
    }
}

int options_read(struct options *o, int argc, char **argv)
{
    *o = (struct options){.board = "stm32h743-w25q64", .openocd = "openocd"};
    int letter;
    while ((letter = getopt_long(argc, argv, "b:i:c:nfro:vh", longs, NULL)) != -1) {
        int status = take(o, letter);
        if (status >= 0)
            return status;
    }
    o->files = argv + optind;
    o->count = argc - optind;
    if (o->count == 0)
        return wrong("no image file given");
    return -1;
}
