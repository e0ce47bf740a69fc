# SPDX-License-Identifier: MIT
# `qspi map`: choose the read command of the window at 0x90000000. OpenOCD's driver derives all its
# commands from the window's CCR and must find 1-1-1 there, so tcl/bringup.tcl asks here before any
# `flash` command whether the window has to be put back.

# RM0433 23.5: CR.ABORT, SR.BUSY; CCR fields FMODE, DMODE, DCYC, ABSIZE, ABMODE, ADSIZE, ADMODE, IMODE
set ::qspi_cr_abort 0x2
set ::qspi_sr_busy  0x20

# EBh: opcode on 1 line, address, mode byte and data on 4; 4 dummy clocks behind the mode byte
# (W25Q64JV datasheet 8.2.12). ADSIZE is that of the 1-1-1 window.
proc qspi_quad_ccr {} {
	set address_size [expr {[dict get $::qspi_result ccr] & 0x3000}]
	return [expr {3 << 26 | 3 << 24 | 4 << 18 | 0 << 16 | 3 << 14 | $address_size | 3 << 10 | 1 << 8 | 0xEB}]
}

# Mode byte FFh: no continuous read, so that the chip takes commands after every read.
set ::qspi_quad_mode_byte 0xFF

# 1 while the window is as `qspi map 4` left it.
proc qspi_is_mapped_quad {} {
	if {!$::qspi_up || [catch {qspi_read_words $::qspi_io_base 6} words]} {
		return 0
	}
	return [expr {[lindex $words 1] == [dict get $::qspi_result dcr] && [lindex $words 5] == [qspi_quad_ccr]}]
}

proc qspi_map_quad {} {
	qspi_map_ccr [qspi_quad_ccr] $::qspi_quad_mode_byte
}

# Back to what OpenOCD's driver probed.
proc qspi_map_single {} {
	qspi_map_ccr [dict get $::qspi_result ccr] 0
}

# Leave memory-mapped mode and enter it again with another read command. CCR is only taken while BUSY
# is 0.
proc qspi_map_ccr {ccr alternate} {
	set cr [qspi_read_word $::qspi_io_base]
	qspi_write_words $::qspi_io_base [list [expr {$cr | $::qspi_cr_abort}]]
	set end [expr {[ms] + 100}]
	while {([qspi_read_word $::qspi_io_base] & $::qspi_cr_abort) || ([qspi_read_word [expr {$::qspi_io_base + 8}]] & $::qspi_sr_busy)} {
		if {[ms] > $end} {
			qspi_fail "the QUADSPI stays BUSY; run `reset init`."
		}
	}
	qspi_write_words [expr {$::qspi_io_base + 0x1C}] [list $alternate]
	qspi_write_words [expr {$::qspi_io_base + 0x14}] [list $ccr]
}

qspi_command map "\[1 | 4\] \[-json\]" "Read the window at 0x90000000 on one line (03h) or four (EBh); without a number tell which."
proc qspi_cmd_map {args} {
	set options [qspi_options {-json 0} $args]
	set lines [dict get $options words]
	if {$lines ni {{} 1 4}} {
		qspi_usage "\"$lines\" is neither 1 nor 4"
	}
	if {![qspi_is_mapped_quad]} {
		qspi_ready
		if {$lines eq "4"} {
			qspi_quad_check
			qspi_map_quad
		}
	} elseif {$lines eq "1"} {
		qspi_map_single
	}
	set quad [qspi_is_mapped_quad]
	if {[dict get $options -json]} {
		return [qspi_json [list window s [expr {$quad ? "1-4-4" : "1-1-1"}] opcode n [expr {$quad ? 0xEB : 0x03}]]]
	}
	return "QSPI: the window reads [expr {$quad ? "on four lines, 1-4-4 (EBh)" : "on one line, 1-1-1 (03h)"}]"
}

# Four lines need IO2 and IO3 wired and the chip's QE bit.
proc qspi_quad_check {} {
	foreach signal {io2 io3} {
		if {![regexp -nocase "$signal=" [dict get $::qspi_wiring text]]} {
			qspi_fail "[string toupper $signal] is not wired ([dict get $::qspi_wiring text]), so the chip cannot be read on four lines."
		}
	}
	if {![qspi_protect_known]} {
		qspi_fail "where a chip with JEDEC ID [qspi_id_text [lindex [dict get $::qspi_result jedec_id] 0]] has its QE bit is not known here; the window stays on one line."
	}
	set sr2 [qspi_chip_bytes 0x35]
	set off 0
	foreach byte $sr2 {
		set off [expr {$off || !($byte & 2)}]
	}
	if {$off} {
		qspi_quad_enable $sr2
	}
}

# Set QE (SR2 bit 1) until the next reset of the chip: 50h, then 31h.
proc qspi_quad_enable {sr2} {
	set bank [qspi_bank_number]
	qspi_stock "stmqspi cmd" $bank 0 0x50
	qspi_stock "stmqspi cmd" $bank 0 0x31 {*}[lmap byte $sr2 {expr {($byte | 2) & 0x7F}}]
	foreach byte [qspi_chip_bytes 0x35] {
		if {!($byte & 2)} {
			qspi_fail [format "the chip does not take its QE bit (SR2=0x%02X); the window stays on one line." $byte]
		}
	}
	qspi_say "set the chip's QE bit until it is reset or loses power"
}
