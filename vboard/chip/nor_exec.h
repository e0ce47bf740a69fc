// SPDX-License-Identifier: MIT
// The functions that the rows of the command table (nor_table.c) refer to.
#pragma once
#include "nor_state.h"

// nor_read.c: the next byte out; n->count is its number.
uint8_t nor_out_array(struct nor *n);
uint8_t nor_out_sr1(struct nor *n);
uint8_t nor_out_sr2(struct nor *n);
uint8_t nor_out_sr3(struct nor *n);
uint8_t nor_out_jedec(struct nor *n);
uint8_t nor_out_mfr(struct nor *n);
uint8_t nor_out_device_id(struct nor *n);
uint8_t nor_out_unique_id(struct nor *n);
uint8_t nor_out_sfdp(struct nor *n);
uint8_t nor_out_security(struct nor *n);
uint8_t nor_out_lock(struct nor *n);
uint8_t nor_out_ext_addr(struct nor *n);

// Number 1..3 of the security register at `address`, 0 if there is none.
unsigned nor_security_number(uint32_t address);

// nor_exec.c: the effect at the rising edge of chip select; false = the chip ignores the command.
bool nor_do_write_enable(struct nor *n);
bool nor_do_write_disable(struct nor *n);
bool nor_do_volatile_sr(struct nor *n);
bool nor_do_write_sr1(struct nor *n);
bool nor_do_write_sr2(struct nor *n);
bool nor_do_write_sr3(struct nor *n);
bool nor_do_program(struct nor *n);
bool nor_do_erase_4k(struct nor *n);
bool nor_do_erase_32k(struct nor *n);
bool nor_do_erase_64k(struct nor *n);
bool nor_do_erase_chip(struct nor *n);
bool nor_do_security_program(struct nor *n);
bool nor_do_security_erase(struct nor *n);
bool nor_do_suspend(struct nor *n);
bool nor_do_resume(struct nor *n);
bool nor_do_lock(struct nor *n);
bool nor_do_unlock(struct nor *n);
bool nor_do_lock_all(struct nor *n);
bool nor_do_unlock_all(struct nor *n);
bool nor_do_power_down(struct nor *n);
bool nor_do_release(struct nor *n);
bool nor_do_reset_enable(struct nor *n);
bool nor_do_reset(struct nor *n);
bool nor_do_enter_qpi(struct nor *n);
bool nor_do_exit_qpi(struct nor *n);
bool nor_do_read_params(struct nor *n);
bool nor_do_burst_wrap(struct nor *n);
bool nor_do_enter_4byte(struct nor *n);
bool nor_do_exit_4byte(struct nor *n);
bool nor_do_write_ext_addr(struct nor *n);
