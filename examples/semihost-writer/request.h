// SPDX-License-Identifier: MIT
// The contract between the host (tcl/semihost.tcl) and the semihosting writer: one block at the
// start of the writer's image, all of it 32-bit words but the two texts. The generated Tcl form of
// the writer carries these offsets and numbers.
//
// Start: PC = WRITER_ENTRY of the image (Thumb), PRIMASK = 1; the writer sets its own stack.
// End:   SYS_EXIT_EXTENDED with an enum writer_exit; with WRITER_FLAG_STOP instead a bkpt, for a
//        host that must not be ended by its own semihosting (OpenOCD's exits).
#pragma once
#include <stdint.h>
#include "init-stub/abi.h"

#define WRITER_MAGIC 0x31574853u // "SHW1"
#define WRITER_FILE  256u        // bytes of the file's name with its NUL
#define WRITER_TEXT  256u        // bytes of a message with its NUL

// Messages by a bkpt each, for the host to read from `text`, instead of SYS_WRITE0; and the end
// likewise.
#define WRITER_FLAG_STOP 1u

// Why the writer stands at a bkpt of its own
enum writer_stop {
    WRITER_STOP_NONE,
    WRITER_STOP_SAYS, // resume it after reading `text`
    WRITER_STOP_DONE, // `code` holds the exit code
};

enum writer_exit {
    WRITER_EXIT_OK = 0,
    WRITER_EXIT_REQUEST = 1, // this block is wrong
    WRITER_EXIT_FILE = 2,    // the file cannot be opened
    WRITER_EXIT_SIZE = 3,    // the file is empty, or does not fit
    WRITER_EXIT_CHIP = 4,    // the flash does not answer
    WRITER_EXIT_READ = 5,    // the host stopped giving data
    WRITER_EXIT_WRITE = 6,   // erase or program failed
    WRITER_EXIT_VERIFY = 7,  // the flash reads back something else
};

struct writer_request {
    uint32_t magic;
    uint32_t flags;
    uint32_t address;          // where in the QSPI window the file goes, any byte
    uint32_t stop;             // enum writer_stop
    uint32_t code;             // enum writer_exit
    struct qspi_params qspi;   // wiring and clock, as for the init stub
    struct qspi_result result; // what the init stub's code found
    char file[WRITER_FILE];
    char text[WRITER_TEXT];
};
