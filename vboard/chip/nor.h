// SPDX-License-Identifier: MIT
// A SPI NOR flash chip at its pins: chip select, clock cycles and four data lines. The chip is a
// row of the parts table; it knows nothing of who drives it.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "../report.h"
#include "../vclock.h"

struct nor_part; // parts.h
struct nor;

// A new, powered chip with `part`'s factory state and blank contents. NULL without memory.
struct nor *nor_new(const struct nor_part *part, struct vclock *clock, struct report *report);
void nor_free(struct nor *n);

// Bind the array to a file, mapped shared so that contents survive any end of the process. A
// missing file is made, blank (FFh); a file of another size is an error. The non-volatile registers
// live in
// "<path>.nv", a text file that is made from the chip's present registers if it is missing and
// replaced at each change. Returns false with a sentence in `err`.
bool nor_attach_file(struct nor *n, const char *path, char *err, unsigned err_size);

// Power off and on: volatile state is lost, a program or erase under way leaves its page or sector
// half done. While off nothing is driven. After power-up commands are taken from tVSL (20 us) on,
// write enable from tPUW (5 ms) on.
void nor_power(struct nor *n, bool on);

// Chip select edge. `low` true selects. Commands take effect at the rising edge.
void nor_select(struct nor *n, bool low);

// What the chip will drive in the coming clock cycle: bit 0..3 = IO0..IO3. Levels mean something on
// the lines of `mask` only.
struct nor_drive {
    uint8_t mask; // lines driven
    uint8_t rise; // levels valid around the rising edge
    uint8_t fall; // levels valid around the falling edge (equal to rise outside DTR data)
};
struct nor_drive nor_drive(struct nor *n);

// One full clock cycle of period `period_ps` ending at vclock.now: levels of IO0..IO3 (bits 0..3)
// at the rising and the falling edge as resolved on the nets. The chip judges the clock by the
// period: above the limit of the opcode in use what it drives has bit errors, above the limit of
// the part (DTR: of DTR input) what it takes as well.
void nor_clock(struct nor *n, uint8_t rise, uint8_t fall, uint32_t period_ps);

// Levels of IO0..IO3 while the clock rests; needed only where /RESET on IO3 (SR3 HOLD/RST set, QE
// clear) or the end of a /HOLD between two clocks matters.
void nor_idle(struct nor *n, uint8_t levels);

// For tests, scenario set-up and reports; not reachable from the pins.
uint8_t *nor_array(struct nor *n); // part size bytes
uint32_t nor_size(const struct nor *n);

// Busy times: the datasheet's maximum instead of its typical values. Off when new.
void nor_set_worst_case(struct nor *n, bool worst);

struct nor_stuck_bits {
    uint32_t address;
    uint8_t mask, value; // bits of `mask` read as in `value`
};

// Defects, all off when new.
struct nor_faults {
    bool mute;             // never drives a line
    bool stuck_busy;       // BUSY stays set once set
    bool program_fails;    // page program takes its time and changes nothing
    bool erase_fails;      // erase likewise
    bool wel_refused;      // 06h does not set WEL
    unsigned slow_percent; // busy times in percent of normal; 0 = 100
    unsigned stuck_count;
    struct nor_stuck_bits stuck[4];
};
void nor_set_faults(struct nor *n, const struct nor_faults *faults);

// Status registers as if written non-volatile, without any rule; WEL, BUSY and SUS bits are
// ignored.
void nor_set_status(struct nor *n, uint8_t sr1, uint8_t sr2, uint8_t sr3);
// What 05h (1), 35h (2), 15h (3) would read now.
uint8_t nor_status(struct nor *n, unsigned number);

// The state that firmware may have left the chip in.
enum nor_mode {
    NOR_IN_SPI,
    NOR_IN_QPI,                 // after 38h
    NOR_IN_CONTINUOUS_DUAL,     // after BBh with M5-4 = 10
    NOR_IN_CONTINUOUS_QUAD,     // after EBh with M5-4 = 10
    NOR_IN_QPI_CONTINUOUS_QUAD, // both
    NOR_IN_POWER_DOWN,          // after B9h
    NOR_IN_ERASE,               // a 64 KiB erase of block 0 has just begun
    NOR_IN_SUSPENDED_ERASE,     // the same, suspended
};
// Returns false if the part cannot be in that mode (QPI on a part without). Quad modes set QE.
bool nor_set_mode(struct nor *n, enum nor_mode mode);

struct nor_counters {
    unsigned long opcode[256];      // instructions received, refused ones included
    unsigned long pages_programmed; // completed
    unsigned long double_programs;  // page programs that met a byte not blank
    unsigned long erases_4k, erases_32k, erases_64k, erases_chip;
    unsigned long status_writes; // non-volatile
};
const struct nor_counters *nor_counters(const struct nor *n);

// One instruction as the chip saw it, at the rising edge of chip select.
struct nor_trace {
    uint8_t opcode;
    bool qpi;        // instruction on four lines
    bool continuous; // no instruction was sent; `opcode` is that of the read going on
    bool executed;   // false: refused, ignored or incomplete
    bool has_address;
    uint32_t address; // as clocked in
    uint32_t length;  // whole data bytes, in or out
};
void nor_set_trace(struct nor *n, void (*trace)(void *ctx, const struct nor_trace *t), void *ctx);
