// SPDX-License-Identifier: MIT
// Opcodes and register bits of Winbond W25Q SPI NOR chips (W25Q64JV-DTR datasheet Rev J, 7.1 and
// 8.1), for the chip model, the target driver and the tests. Constants only, freestanding.
#ifndef NOR_CMDS_H
#define NOR_CMDS_H

// Write enable
#define NOR_CMD_WRITE_ENABLE             0x06u
#define NOR_CMD_WRITE_ENABLE_VOLATILE_SR 0x50u // for the next 01h/31h/11h only; does not set WEL
#define NOR_CMD_WRITE_DISABLE            0x04u

// Status registers
#define NOR_CMD_READ_SR1  0x05u
#define NOR_CMD_READ_SR2  0x35u
#define NOR_CMD_READ_SR3  0x15u
#define NOR_CMD_WRITE_SR1 0x01u // also takes two bytes: SR1, SR2
#define NOR_CMD_WRITE_SR2 0x31u
#define NOR_CMD_WRITE_SR3 0x11u

// Identification
#define NOR_CMD_READ_JEDEC_ID    0x9Fu
#define NOR_CMD_READ_MFR_ID      0x90u
#define NOR_CMD_READ_MFR_ID_DUAL 0x92u
#define NOR_CMD_READ_MFR_ID_QUAD 0x94u
#define NOR_CMD_READ_UNIQUE_ID   0x4Bu
#define NOR_CMD_READ_SFDP        0x5Au

// Reads; the three numbers are the lines of instruction, address and data
#define NOR_CMD_READ              0x03u // 1-1-1, 50 MHz at most
#define NOR_CMD_FAST_READ         0x0Bu // 1-1-1, 8 dummy clocks; 4-4-4 in QPI
#define NOR_CMD_FAST_READ_DUAL    0x3Bu // 1-1-2, 8 dummy clocks
#define NOR_CMD_FAST_READ_DUAL_IO 0xBBu // 1-2-2, M7-0
#define NOR_CMD_FAST_READ_QUAD    0x6Bu // 1-1-4, 8 dummy clocks, QE
#define NOR_CMD_FAST_READ_QUAD_IO 0xEBu // 1-4-4, M7-0, 4 dummy clocks, QE; 4-4-4 in QPI
#define NOR_CMD_SET_BURST_WRAP    0x77u // 1-4-4, QE
#define NOR_CMD_DTR_FAST_READ     0x0Du // 1-1-1 DTR, 6 dummy clocks
#define NOR_CMD_DTR_READ_DUAL_IO  0xBDu // 1-2-2 DTR, M7-0
#define NOR_CMD_DTR_READ_QUAD_IO  0xEDu // 1-4-4 DTR, M7-0, 7 dummy clocks, QE

// Program and erase
#define NOR_CMD_PAGE_PROGRAM      0x02u
#define NOR_CMD_PAGE_PROGRAM_QUAD 0x32u // 1-1-4, QE
#define NOR_CMD_ERASE_4K          0x20u
#define NOR_CMD_ERASE_32K         0x52u
#define NOR_CMD_ERASE_64K         0xD8u
#define NOR_CMD_ERASE_CHIP        0xC7u
#define NOR_CMD_ERASE_CHIP_ALT    0x60u
#define NOR_CMD_SUSPEND           0x75u
#define NOR_CMD_RESUME            0x7Au

// Security registers (OTP area)
#define NOR_CMD_ERASE_SECURITY   0x44u
#define NOR_CMD_PROGRAM_SECURITY 0x42u
#define NOR_CMD_READ_SECURITY    0x48u

// Individual block locks (WPS = 1)
#define NOR_CMD_BLOCK_LOCK      0x36u
#define NOR_CMD_BLOCK_UNLOCK    0x39u
#define NOR_CMD_READ_BLOCK_LOCK 0x3Du
#define NOR_CMD_GLOBAL_LOCK     0x7Eu
#define NOR_CMD_GLOBAL_UNLOCK   0x98u

// Power and reset
#define NOR_CMD_POWER_DOWN         0xB9u
#define NOR_CMD_RELEASE_POWER_DOWN 0xABu // with 3 dummy bytes: also the device id
#define NOR_CMD_RESET_ENABLE       0x66u
#define NOR_CMD_RESET              0x99u

// QPI (FV, JV-M)
#define NOR_CMD_ENTER_QPI       0x38u // needs QE
#define NOR_CMD_EXIT_QPI        0xFFu
#define NOR_CMD_ENTER_QPI_35    0x35u // ISSI, Macronix, Micron: no SR2, but this
#define NOR_CMD_EXIT_QPI_F5     0xF5u // and its end
#define NOR_CMD_SET_READ_PARAMS 0xC0u // QPI only
#define NOR_CMD_BURST_READ_WRAP 0x0Cu // QPI only; 4-byte address fast read on 256 Mbit in SPI
#define NOR_CMD_DTR_BURST_READ  0x0Eu // QPI only

// Four-byte addresses (256 Mbit)
#define NOR_CMD_ENTER_4BYTE          0xB7u
#define NOR_CMD_EXIT_4BYTE           0xE9u
#define NOR_CMD_READ_EXT_ADDR        0xC8u
#define NOR_CMD_WRITE_EXT_ADDR       0xC5u
#define NOR_CMD_READ_4B              0x13u
#define NOR_CMD_FAST_READ_4B         0x0Cu
#define NOR_CMD_FAST_READ_DUAL_4B    0x3Cu
#define NOR_CMD_FAST_READ_QUAD_4B    0x6Cu
#define NOR_CMD_FAST_READ_DUAL_IO_4B 0xBCu
#define NOR_CMD_FAST_READ_QUAD_IO_4B 0xECu
#define NOR_CMD_PAGE_PROGRAM_4B      0x12u
#define NOR_CMD_PAGE_PROGRAM_QUAD_4B 0x34u
#define NOR_CMD_ERASE_4K_4B          0x21u
#define NOR_CMD_ERASE_64K_4B         0xDCu

// SR1
#define NOR_SR1_WIP      0x01u // program, erase or register write under way ("BUSY")
#define NOR_SR1_WEL      0x02u
#define NOR_SR1_BP_SHIFT 2u
#define NOR_SR1_BP       0x1Cu // BP2..0; with a 256 Mbit chip BP3 is bit 5
#define NOR_SR1_TB       0x20u
#define NOR_SR1_SEC      0x40u
#define NOR_SR1_SRP      0x80u
#define NOR_SR1_BP_256M  0x3Cu // 256 Mbit: BP3..0
#define NOR_SR1_TB_256M  0x40u // 256 Mbit: TB in place of SEC

// SR2
#define NOR_SR2_SRL      0x01u
#define NOR_SR2_QE       0x02u
#define NOR_SR2_LB_SHIFT 3u
#define NOR_SR2_LB       0x38u // LB3..1, one-time
#define NOR_SR2_CMP      0x40u
#define NOR_SR2_SUS      0x80u

// SR3
#define NOR_SR3_ADS      0x01u // 256 Mbit: 4-byte address mode now
#define NOR_SR3_ADP      0x02u // 256 Mbit: 4-byte address mode after power-up
#define NOR_SR3_WPS      0x04u
#define NOR_SR3_DRV      0x60u
#define NOR_SR3_HOLD_RST 0x80u

// Mode byte: M5-4 = 10 keeps a BBh/EBh read going without an opcode
#define NOR_MODE_CONTINUOUS_MASK 0x30u
#define NOR_MODE_CONTINUOUS      0x20u

// Geometry common to all
#define NOR_PAGE_SIZE 256u

// Ids
#define NOR_MFR_WINBOND 0xEFu

#endif
