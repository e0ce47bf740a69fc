# SPDX-License-Identifier: MIT
# Run the init stub on the target: load it with its parameter block, start it, wait for its bkpt and
# read the result block, by the ABI of init-stub/abi.h. Code and numbers come from the generated
# init-stub/init_stub.tcl (array ::qspi_stub). Used by tcl/bringup.tcl.

# The stub, its blocks and its stack lie one after another from here: DTCM, the work area of
# target/stm32h7x.cfg, which no cache or MPU default gets in the way of.
set ::qspi_stub_base 0x20000000

# Every wait in the stub is bounded: the longest is 3 s for an erase that is still running. Word is
# given after the first figure, the second is the end.
set ::qspi_stub_patience_ms 1000
set ::qspi_stub_limit_ms 15000

# Run the stub with the dict `params` (flags, sck_hz, size_hint, pins). Result: dict of the result
# block's fields, `status` by name. With `keep_ram` 1 the RAM it used is put back. Core registers are
# always put back, so that `resume` goes on where the core was.
proc qspi_stub_run {params {keep_ram 0}} {
	set image [qspi_stub_image $params]
	if {$keep_ram} {
		set ram [qspi_read_words $::qspi_stub_base [qspi_stub_words]]
	}
	set regs [qspi_regs_save]
	set failed [catch {qspi_stub_execute $image} result]
	catch {qspi_regs_restore $regs}
	if {$keep_ram} {
		catch {qspi_write_words $::qspi_stub_base $ram}
	}
	if {$failed} {
		return -code error $result
	}
	return $result
}

# Addresses of the parameter block, the result block and the top of the stack.
proc qspi_stub_param_at {} {
	return [expr {$::qspi_stub_base + 4 * [llength $::qspi_stub(words)]}]
}
proc qspi_stub_result_at {} {
	return [expr {[qspi_stub_param_at] + 4 * $::qspi_stub(qspi_params,words)}]
}
proc qspi_stub_stack_top {} {
	set end [expr {[qspi_stub_result_at] + 4 * $::qspi_stub(qspi_result,words)}]
	return [expr {($end + $::qspi_stub(STUB_STACK) + 7) & ~7}]
}
# RAM used, in words.
proc qspi_stub_words {} {
	return [expr {([qspi_stub_stack_top] - $::qspi_stub_base) / 4}]
}

# Code, parameter block and a cleared result block as one list of words.
proc qspi_stub_image {params} {
	set image $::qspi_stub(words)
	lappend image $::qspi_stub(PARAM_MAGIC)
	foreach field {flags sck_hz size_hint} {
		lappend image [dict get $params $field]
	}
	foreach word [dict get $params pins] {
		lappend image $word
	}
	for {set i 0} {$i < $::qspi_stub(qspi_result,words)} {incr i} {
		lappend image 0
	}
	return $image
}

proc qspi_stub_execute {image} {
	if {[catch {qspi_write_words $::qspi_stub_base $image}]} {
		qspi_fail [format "cannot load the init stub into RAM at 0x%08X: the debug port refuses the access. Check the wiring to the probe and try a lower `adapter speed`." $::qspi_stub_base]
	}
	qspi_stub_enter
	set state [qspi_stub_wait]
	set result [qspi_stub_result]
	if {$state ne "halted" || [dict get $result magic] != $::qspi_stub(RESULT_MAGIC)} {
		qspi_fail [qspi_stub_crash $state]
	}
	return $result
}

# Thread mode on the main stack, interrupts masked, Thumb.
proc qspi_stub_enter {} {
	set top [qspi_stub_stack_top]
	qspi_regs_restore [list control 0 primask 1 msp $top sp $top [qspi_reg_xpsr] 0x01000000 \
		r0 [qspi_stub_param_at] r1 [qspi_stub_result_at] pc $::qspi_stub_base]
	set ::qspi_core_held 1
	set failed [catch {qspi_quiet {resume}} message]
	set ::qspi_core_held 0
	if {$failed} {
		return -code error $message
	}
}

# Wait for the stub's bkpt: "halted", or "running" after the longest wait of all.
proc qspi_stub_wait {} {
	if {![catch {qspi_quiet [list wait_halt $::qspi_stub_patience_ms]}]} {
		return halted
	}
	qspi_say "the chip does not answer or is still busy with an earlier erase; waiting..."
	if {![catch {qspi_quiet [list wait_halt $::qspi_stub_limit_ms]}]} {
		return halted
	}
	catch {qspi_quiet {halt 1000}}
	return running
}

# The result block as a dict by field; `status` by name, jedec_id, sr and sfdp as lists of two.
proc qspi_stub_result {} {
	set words [qspi_read_words [qspi_stub_result_at] $::qspi_stub(qspi_result,words)]
	foreach field {magic detail value size sck_hz cr dcr ccr found} {
		dict set result $field [lindex $words $::qspi_stub(qspi_result,$field)]
	}
	foreach field {jedec_id sr sfdp} {
		set at $::qspi_stub(qspi_result,$field)
		dict set result $field [lrange $words $at [expr {$at + 1}]]
	}
	set status [lindex $words $::qspi_stub(qspi_result,status)]
	dict set result status UNKNOWN
	if {[info exists ::qspi_stub(status,$status)]} {
		dict set result status $::qspi_stub(status,$status)
	}
	return $result
}

# What to say of a stub that did not come back: where it stands and the fault registers of the core
# (CFSR 0xE000ED28, HFSR 0xE000ED2C, BFAR 0xE000ED38; ARMv7-M ARM B3.2).
proc qspi_stub_crash {state} {
	set pc "unknown"
	catch {set pc [format 0x%08X [qspi_reg_read pc]]}
	set faults "fault registers unreadable"
	if {![catch {qspi_read_words 0xE000ED28 5} words]} {
		set faults [format "CFSR=0x%08X HFSR=0x%08X BFAR=0x%08X" [lindex $words 0] [lindex $words 1] [lindex $words 4]]
	}
	set what [expr {$state eq "halted" ? "stopped before it was done" : "did not finish"}]
	return "the init stub $what (pc=$pc, $faults). Run `reset init`; if it happens again, power-cycle the board and check that the part is an STM32H742/743/750/753."
}
