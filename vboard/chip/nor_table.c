// SPDX-License-Identifier: MIT
// The command table of the NOR chip model (W25Q64JV-DTR datasheet Rev J, tables 8.1.2 to 8.1.5; the
// four-byte rows are those of the 256 Mbit parts). nor_decode.c walks its rows.
#include "nor_exec.h"

// An instruction alone
#define ALONE(op, fl, exec)                                                                        \
    {                                                                                              \
        .opcode = (op), .flags = (fl), .execute = nor_do_##exec                                    \
    }
// Instruction and data in, `min` to `max` bytes
#define REGISTER_WRITE(op, fl, min, max, exec)                                                     \
    {                                                                                              \
        .opcode = (op), .flags = (fl), .data_lines = 1, .in_min = (min), .in_max = (max),          \
        .execute = nor_do_##exec                                                                   \
    }
// Instruction and data out
#define REGISTER_READ(op, fl, out)                                                                 \
    {                                                                                              \
        .opcode = (op), .flags = (fl), .data_lines = 1, .next = nor_out_##out                      \
    }
// Instruction, address `a`, dummy clocks, data out
#define ADDRESSED_READ(op, fl, a, lines_a, lines_d, clocks, out)                                   \
    {                                                                                              \
        .opcode = (op), .flags = (fl), .address = (a), .address_lines = (lines_a),                 \
        .data_lines = (lines_d), .dummy = (clocks), .next = nor_out_##out                          \
    }
#define READ(op, fl, a, lines_a, lines_d, clocks)                                                  \
    ADDRESSED_READ(op, (fl) | F_ARRAY, a, lines_a, lines_d, clocks, array)
// The same on both edges, with the dummy clocks of QPI
#define READ_DTR(op, fl, lines, clocks, clocks_qpi)                                                \
    {                                                                                              \
        .opcode = (op), .flags = (fl) | F_ARRAY | F_DTR | F_NEEDS_DTR, .address = ADDR_MODE,       \
        .address_lines = (lines), .data_lines = (lines), .dummy = (clocks),                        \
        .dummy_qpi = (clocks_qpi), .next = nor_out_array                                           \
    }
// Instruction and address
#define ADDRESSED(op, fl, a, exec)                                                                 \
    {                                                                                              \
        .opcode = (op), .flags = (fl), .address = (a), .address_lines = 1,                         \
        .execute = nor_do_##exec                                                                   \
    }
// Instruction, address, data in
#define PROGRAM(op, fl, a, lines_d, exec)                                                          \
    {                                                                                              \
        .opcode = (op), .flags = (fl) | F_WEL | F_PAGE | F_NOT_IN_PROGRAM_SUSPEND, .address = (a), \
        .address_lines = 1, .data_lines = (lines_d), .in_min = 1, .execute = nor_do_##exec         \
    }

#define ERASE_FLAGS (F_WEL | F_NOT_SUSPENDED)
#define MODE_BYTE   (F_MODE | F_CONTINUOUS)
#define ONLY_256M   F_NEEDS_ADDR4
#define ONLY_QPI    (F_QPI | F_NEEDS_QPI)

const struct nor_cmd nor_cmds[] = {
    ALONE(NOR_CMD_WRITE_ENABLE, F_BOTH, write_enable),
    ALONE(NOR_CMD_WRITE_ENABLE_VOLATILE_SR, F_BOTH, volatile_sr),
    ALONE(NOR_CMD_WRITE_DISABLE, F_BOTH, write_disable),

    REGISTER_READ(NOR_CMD_READ_SR1, F_BOTH | F_WHILE_BUSY, sr1),
    REGISTER_READ(NOR_CMD_READ_SR2, F_BOTH | F_NOT_35H | F_WHILE_BUSY, sr2),
    REGISTER_READ(NOR_CMD_READ_SR3, F_BOTH | F_NOT_35H | F_WHILE_BUSY, sr3),
    REGISTER_WRITE(NOR_CMD_WRITE_SR1, F_BOTH | F_NOT_SUSPENDED, 1, 2, write_sr1),
    REGISTER_WRITE(NOR_CMD_WRITE_SR2, F_BOTH | F_NOT_SUSPENDED, 1, 1, write_sr2),
    REGISTER_WRITE(NOR_CMD_WRITE_SR3, F_BOTH | F_NOT_SUSPENDED, 1, 1, write_sr3),

    REGISTER_READ(NOR_CMD_READ_JEDEC_ID, F_BOTH, jedec),
    ADDRESSED_READ(NOR_CMD_READ_MFR_ID, F_BOTH, ADDR_MODE, 1, 1, 0, mfr),
    ADDRESSED_READ(NOR_CMD_READ_MFR_ID_DUAL, F_SPI | F_MODE, ADDR_MODE, 2, 2, 0, mfr),
    ADDRESSED_READ(NOR_CMD_READ_MFR_ID_QUAD, F_SPI | F_MODE | F_QE, ADDR_MODE, 4, 4, 4, mfr),
    ADDRESSED_READ(NOR_CMD_READ_UNIQUE_ID, F_SPI, ADDR_NONE, 1, 1, 32, unique_id),
    ADDRESSED_READ(NOR_CMD_READ_SFDP, F_SPI, ADDR_3, 1, 1, 8, sfdp),

    READ(NOR_CMD_READ, F_SPI | F_READ_LIMIT, ADDR_MODE, 1, 1, 0),
    READ(NOR_CMD_FAST_READ, F_BOTH | F_DUMMY_P, ADDR_MODE, 1, 1, 8),
    READ(NOR_CMD_FAST_READ_DUAL, F_SPI, ADDR_MODE, 1, 2, 8),
    READ(NOR_CMD_FAST_READ_DUAL_IO, F_SPI | MODE_BYTE, ADDR_MODE, 2, 2, 0),
    READ(NOR_CMD_FAST_READ_QUAD, F_SPI | F_QE, ADDR_MODE, 1, 4, 8),
    READ(NOR_CMD_FAST_READ_QUAD_IO, F_BOTH | MODE_BYTE | F_QE | F_WRAP_W | F_DUMMY_P, ADDR_MODE, 4,
         4, 4),
    READ(NOR_CMD_BURST_READ_WRAP, ONLY_QPI | F_WRAP_P | F_DUMMY_P, ADDR_MODE, 4, 4, 0),
    {.opcode = NOR_CMD_SET_BURST_WRAP,
     .flags = F_SPI | F_QE,
     .address = ADDR_MODE,
     .address_lines = 4,
     .data_lines = 4,
     .in_min = 1,
     .in_max = 1,
     .execute = nor_do_burst_wrap},

    READ_DTR(NOR_CMD_DTR_FAST_READ, F_BOTH, 1, 6, 8),
    READ_DTR(NOR_CMD_DTR_READ_DUAL_IO, F_SPI | MODE_BYTE, 2, 4, 0),
    READ_DTR(NOR_CMD_DTR_READ_QUAD_IO, F_BOTH | MODE_BYTE | F_QE | F_WRAP_W, 4, 7, 7),
    READ_DTR(NOR_CMD_DTR_BURST_READ, ONLY_QPI | F_WRAP_P, 4, 0, 8),

    PROGRAM(NOR_CMD_PAGE_PROGRAM, F_BOTH | F_ARRAY, ADDR_MODE, 1, program),
    PROGRAM(NOR_CMD_PAGE_PROGRAM_QUAD, F_SPI | F_ARRAY | F_QE, ADDR_MODE, 4, program),
    ADDRESSED(NOR_CMD_ERASE_4K, F_BOTH | F_ARRAY | ERASE_FLAGS, ADDR_MODE, erase_4k),
    ADDRESSED(NOR_CMD_ERASE_32K, F_BOTH | F_ARRAY | ERASE_FLAGS, ADDR_MODE, erase_32k),
    ADDRESSED(NOR_CMD_ERASE_64K, F_BOTH | F_ARRAY | ERASE_FLAGS, ADDR_MODE, erase_64k),
    ALONE(NOR_CMD_ERASE_CHIP, F_BOTH | ERASE_FLAGS, erase_chip),
    ALONE(NOR_CMD_ERASE_CHIP_ALT, F_BOTH | ERASE_FLAGS, erase_chip),
    ALONE(NOR_CMD_SUSPEND, F_BOTH | F_WHILE_BUSY, suspend),
    ALONE(NOR_CMD_RESUME, F_BOTH, resume),

    ADDRESSED(NOR_CMD_ERASE_SECURITY, F_SPI | ERASE_FLAGS, ADDR_MODE, security_erase),
    PROGRAM(NOR_CMD_PROGRAM_SECURITY, F_SPI, ADDR_MODE, 1, security_program),
    ADDRESSED_READ(NOR_CMD_READ_SECURITY, F_SPI, ADDR_MODE, 1, 1, 8, security),

    ADDRESSED(NOR_CMD_BLOCK_LOCK, F_BOTH | F_ARRAY | F_WEL, ADDR_MODE, lock),
    ADDRESSED(NOR_CMD_BLOCK_UNLOCK, F_BOTH | F_ARRAY | F_WEL, ADDR_MODE, unlock),
    ADDRESSED_READ(NOR_CMD_READ_BLOCK_LOCK, F_BOTH | F_ARRAY, ADDR_MODE, 1, 1, 0, lock),
    ALONE(NOR_CMD_GLOBAL_LOCK, F_BOTH | F_WEL, lock_all),
    ALONE(NOR_CMD_GLOBAL_UNLOCK, F_BOTH | F_WEL, unlock_all),

    ALONE(NOR_CMD_POWER_DOWN, F_BOTH, power_down),
    {.opcode = NOR_CMD_RELEASE_POWER_DOWN,
     .flags = F_BOTH | F_ANY_LENGTH,
     .address = ADDR_3,
     .address_lines = 1,
     .data_lines = 1,
     .next = nor_out_device_id,
     .execute = nor_do_release},
    ALONE(NOR_CMD_RESET_ENABLE, F_BOTH | F_WHILE_BUSY, reset_enable),
    ALONE(NOR_CMD_RESET, F_BOTH | F_WHILE_BUSY, reset),

    ALONE(NOR_CMD_ENTER_QPI, F_SPI | F_NEEDS_QPI | F_QE, enter_qpi),
    ALONE(NOR_CMD_EXIT_QPI, ONLY_QPI, exit_qpi),
    ALONE(NOR_CMD_ENTER_QPI_35, F_SPI | F_NEEDS_35H | F_ANY_LENGTH, enter_qpi),
    ALONE(NOR_CMD_EXIT_QPI_F5, F_QPI | F_NEEDS_35H, exit_qpi),
    REGISTER_WRITE(NOR_CMD_SET_READ_PARAMS, ONLY_QPI, 1, 1, read_params),

    ALONE(NOR_CMD_ENTER_4BYTE, F_SPI | ONLY_256M, enter_4byte),
    ALONE(NOR_CMD_EXIT_4BYTE, F_SPI | ONLY_256M, exit_4byte),
    REGISTER_READ(NOR_CMD_READ_EXT_ADDR, F_SPI | ONLY_256M, ext_addr),
    REGISTER_WRITE(NOR_CMD_WRITE_EXT_ADDR, F_SPI | F_WEL | ONLY_256M, 1, 1, write_ext_addr),
    READ(NOR_CMD_READ_4B, F_SPI | F_READ_LIMIT | ONLY_256M, ADDR_4, 1, 1, 0),
    READ(NOR_CMD_FAST_READ_4B, F_SPI | ONLY_256M, ADDR_4, 1, 1, 8),
    READ(NOR_CMD_FAST_READ_DUAL_4B, F_SPI | ONLY_256M, ADDR_4, 1, 2, 8),
    READ(NOR_CMD_FAST_READ_DUAL_IO_4B, F_SPI | MODE_BYTE | ONLY_256M, ADDR_4, 2, 2, 0),
    READ(NOR_CMD_FAST_READ_QUAD_4B, F_SPI | F_QE | ONLY_256M, ADDR_4, 1, 4, 8),
    READ(NOR_CMD_FAST_READ_QUAD_IO_4B, F_SPI | MODE_BYTE | F_QE | F_WRAP_W | ONLY_256M, ADDR_4, 4,
         4, 4),
    PROGRAM(NOR_CMD_PAGE_PROGRAM_4B, F_SPI | F_ARRAY | ONLY_256M, ADDR_4, 1, program),
    PROGRAM(NOR_CMD_PAGE_PROGRAM_QUAD_4B, F_SPI | F_ARRAY | F_QE | ONLY_256M, ADDR_4, 4, program),
    ADDRESSED(NOR_CMD_ERASE_4K_4B, F_SPI | F_ARRAY | ERASE_FLAGS | ONLY_256M, ADDR_4, erase_4k),
    ADDRESSED(NOR_CMD_ERASE_64K_4B, F_SPI | F_ARRAY | ERASE_FLAGS | ONLY_256M, ADDR_4, erase_64k),
};
const unsigned nor_cmds_count = sizeof(nor_cmds) / sizeof(nor_cmds[0]);
