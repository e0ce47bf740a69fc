// SPDX-License-Identifier: MIT
// State of the core, shared by the files of vboard/core only.
#pragma once
#include <unicorn/unicorn.h>
#include "core.h"

enum {
    IRQS = 150,
    EXCEPTIONS = 16 + IRQS,
    FP_COMPARATORS = 8,
    DWT_COMPARATORS = 4,
    MPU_REGIONS = 16
};

enum exception {
    EXC_RESET = 1,
    EXC_NMI = 2,
    EXC_HARDFAULT = 3,
    EXC_MEMMANAGE = 4,
    EXC_BUSFAULT = 5,
    EXC_USAGEFAULT = 6,
    EXC_SVCALL = 11,
    EXC_DEBUGMON = 12,
    EXC_PENDSV = 14,
    EXC_SYSTICK = 15,
};

// DHCSR, DEMCR, DFSR (ARMv7-M ARM, C1.6)
#define DHCSR_C_DEBUGEN    (1u << 0)
#define DHCSR_C_HALT       (1u << 1)
#define DHCSR_C_STEP       (1u << 2)
#define DHCSR_C_MASKINTS   (1u << 3)
#define DHCSR_S_REGRDY     (1u << 16)
#define DHCSR_S_HALT       (1u << 17)
#define DHCSR_S_SLEEP      (1u << 18)
#define DHCSR_S_LOCKUP     (1u << 19)
#define DHCSR_S_RETIRE_ST  (1u << 24)
#define DHCSR_S_RESET_ST   (1u << 25)
#define DEMCR_VC_CORERESET (1u << 0)
#define DEMCR_VC_MMERR     (1u << 4)
#define DEMCR_VC_NOCPERR   (1u << 5)
#define DEMCR_VC_CHKERR    (1u << 6)
#define DEMCR_VC_STATERR   (1u << 7)
#define DEMCR_VC_BUSERR    (1u << 8)
#define DEMCR_VC_INTERR    (1u << 9)
#define DEMCR_VC_HARDERR   (1u << 10)
#define DEMCR_TRCENA       (1u << 24)
#define DFSR_HALTED        (1u << 0)
#define DFSR_BKPT          (1u << 1)
#define DFSR_DWTTRAP       (1u << 2)
#define DFSR_VCATCH        (1u << 3)
#define DFSR_EXTERNAL      (1u << 4)

// CFSR and HFSR (B3.2.15, B3.2.16)
#define CFSR_IACCVIOL    (1u << 0)
#define CFSR_MMARVALID   (1u << 7)
#define CFSR_IBUSERR     (1u << 8)
#define CFSR_PRECISERR   (1u << 9)
#define CFSR_IMPRECISERR (1u << 10)
#define CFSR_BFARVALID   (1u << 15)
#define CFSR_UNDEFINSTR  (1u << 16)
#define CFSR_INVSTATE    (1u << 17)
#define CFSR_INVPC       (1u << 18)
#define CFSR_NOCP        (1u << 19)
#define CFSR_UNALIGNED   (1u << 24)
#define HFSR_VECTTBL     (1u << 1)
#define HFSR_FORCED      (1u << 30)
#define HFSR_DEBUGEVT    (1u << 31)

#define XPSR_T (1u << 24)

// Why Unicorn gave back control
enum stop_reason {
    STOP_NONE,
    STOP_STEP,       // one instruction was executed
    STOP_LIMIT,      // virtual time reached the limit, or an interrupt may be due
    STOP_BKPT,       // a BKPT instruction; PC stands on it
    STOP_SVC,        // PC behind it
    STOP_EXC_RETURN, // PC holds EXC_RETURN
    STOP_BREAKPOINT, // FPB match, before the instruction
    STOP_BUS,        // a device access failed
    STOP_HANG,       // a device access never completes
    STOP_UNDEFINED,
    STOP_NOCP,
    STOP_INVSTATE,
    STOP_INVALID_ACCESS, // an address at which nobody answers
};

enum { LOOP_BLOCKS = 16, FP_REGISTERS = 32, NESTED_FP = 32 };

// Watching for a loop that does nothing but wait (loop.c)
struct loop_watch {
    uint32_t anchor;
    uint32_t registers[17];
    vt_t anchor_time;
    uint64_t writes;
    struct bus_device *read_from;
    bool unsteady; // read something that changes by itself and has no next_event
    uint32_t block[LOOP_BLOCKS];
    uint32_t block_size[LOOP_BLOCKS];
    unsigned blocks;
    unsigned countdown, backoff;
};

struct core {
    struct core_config cfg;
    struct vclock *clock;
    uc_engine *uc;
    bool halted, lockup, sleeping, hung, held;
    bool event;         // WFE event register
    bool pending_dirty; // look for a pending exception before going on
    bool t_bit;

    // run state inside uc_emu_start
    vt_t limit;
    vt_t period; // picoseconds per instruction
    enum stop_reason stop;
    uint32_t fault_addr;
    bool fault_write, fault_fetch;
    bool in_emu;
    unsigned step; // instructions seen while single-stepping + 1, 0 = not stepping
    bool reset_request, watch_hit;
    bool remap; // memory map must be refreshed before the next run
    uint64_t instructions;
    struct loop_watch loop;
    struct {
        uint32_t addr, size, count;
    } icount[1024];
    struct {
        bool valid;
        uint8_t *at;
        uint8_t bytes[4];
        unsigned size;
    } undo; // a store into flash that Unicorn will do after the hook

    // debug
    uint32_t dhcsr, demcr, dcrdr, dfsr;
    uint32_t fp_ctrl, fp_comp[FP_COMPARATORS];
    uint32_t dwt_ctrl, dwt_function[DWT_COMPARATORS], dwt_comp[DWT_COMPARATORS],
        dwt_mask[DWT_COMPARATORS];
    uint32_t cyccnt;
    vt_t cyccnt_time;
    uc_hook fp_hook[FP_COMPARATORS], dwt_hook[DWT_COMPARATORS];
    bool fp_hooked[FP_COMPARATORS], dwt_hooked[DWT_COMPARATORS];

    // system control
    uint32_t vtor, aircr, scr, ccr, shcsr, cfsr, hfsr, mmfar, bfar, cpacr, csselr, actlr, nsacr;
    uint8_t priority[EXCEPTIONS];
    bool pending[EXCEPTIONS], active[EXCEPTIONS], enabled[EXCEPTIONS], level[EXCEPTIONS];
    uint32_t syst_csr, syst_rvr;
    vt_t syst_zero;       // when the counter is next zero, VT_NEVER if it does not run
    uint32_t syst_frozen; // value while it does not run
    uint32_t mpu_ctrl, mpu_rnr, mpu_rbar[MPU_REGIONS], mpu_rasr[MPU_REGIONS];
    uint32_t fpccr, fpcar, fpdscr;
    uint32_t itm_tcr;

    // floating-point registers of interrupted code
    uint32_t fp_saved[NESTED_FP][FP_REGISTERS + 1];
    unsigned fp_depth;
    bool mapped[BUS_MAX_MEMORIES];
    struct span *span_list;     // map.c
    struct shadow *shadow_list; // pages of a window from which code is executed
    bool shadows_stale;
    uint64_t executed[1024]; // pages (1 KiB, hashed) in which code ran
};

// core.c
uint32_t core_get(struct core *c, int uc_reg);
void core_set(struct core *c, int uc_reg, uint32_t value);
void core_enter_debug(struct core *c, uint32_t dfsr);
void core_lockup(struct core *c, const char *why);
void core_stop(struct core *c, enum stop_reason why);
void core_forget_code(struct core *c); // drop every translation
void core_do_reset(struct core *c);    // if one was asked for
enum bus_result core_read(struct core *c, uint32_t addr, unsigned size, uint32_t *value);
enum bus_result core_write(struct core *c, uint32_t addr, unsigned size, uint32_t value);

// map.c: what Unicorn sees of the bus
bool map_init(struct core *c);
void map_free(struct core *c);
void map_refresh(struct core *c);
void map_undo_store(struct core *c);
bool map_needs_shadow(struct core *c, uint32_t addr); // code there cannot be executed yet
void map_add_shadow(struct core *c, uint32_t addr);

// exceptions.c
void exc_reset(struct core *c);
int exc_next(struct core *c);   // number of the exception to take now, 0 = none
bool exc_wakes(struct core *c); // something pending ends WFI
bool exc_enter(struct core *c, unsigned number, uint32_t return_address);
void exc_return(struct core *c, uint32_t exc_return);
void exc_fault(struct core *c, enum exception kind, uint32_t cfsr_bits, uint32_t return_address);
int exc_priority(struct core *c, unsigned number);
int exc_current_priority(struct core *c);

// scs.c: 0xE0000000..0xE00FFFFF
enum bus_result scs_read(struct core *c, uint32_t addr, unsigned size, uint32_t *value);
enum bus_result scs_write(struct core *c, uint32_t addr, unsigned size, uint32_t value);
void scs_reset(struct core *c);
vt_t systick_next(struct core *c);
void systick_sync(struct core *c);
void systick_rate_change(struct core *c);
uint32_t dwt_cyccnt(struct core *c);

// debug.c
void debug_power_up(struct core *c);
bool debug_register(struct core *c, uint32_t addr, bool write, uint32_t *value);
bool debug_transfer(struct core *c, unsigned selector, bool write, uint32_t *value);
void debug_hooks(struct core *c);
void debug_step(struct core *c);

// loop.c
void loop_reset(struct core *c);
void loop_on_block(struct core *c, uint32_t addr, uint32_t size);

// decode.c: the little that the model must know of instructions
unsigned decode_count(const uint8_t *code, uint32_t size);
bool decode_stores(const uint8_t *code, uint32_t size);
uint32_t decode_find_access(struct core *c, uint32_t block, uint32_t fault_addr);
