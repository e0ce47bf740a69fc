# SPDX-License-Identifier: MIT
# `qspi doctor`, a chip that answers: SFDP, status registers and protection, the four data lines. Used
# by tcl/doctor.tcl.

proc qspi_doctor_sfdp {} {
	return [qspi_doctor_each_chip qspi_doctor_sfdp_chip]
}

proc qspi_doctor_sfdp_chip {roles} {
	qspi_bb_select 1
	qspi_bb_send [qspi_reg NOR_CMD_READ_SFDP] 8
	qspi_bb_send 0 32
	set word [dict get [qspi_bb_receive 48 io1] io1]
	qspi_bb_end
	# "SFDP", then minor and major revision
	if {$word >> 16 != 0x53464450} {
		qspi_doctor_note "no SFDP table$::qspi_doctor(which) (reads [format %08X [expr {$word >> 16}]]); the size comes from the JEDEC ID"
		return
	}
	set ::qspi_doctor(sfdp) 1
	qspi_doctor_ok "signature found$::qspi_doctor(which), revision [expr {$word & 255}].[expr {$word >> 8 & 255}]"
}

proc qspi_doctor_status {} {
	return [qspi_doctor_each_chip qspi_doctor_status_chip]
}

proc qspi_doctor_status_chip {roles} {
	set sr {}
	foreach name {NOR_CMD_READ_SR1 NOR_CMD_READ_SR2 NOR_CMD_READ_SR3} {
		lappend sr [qspi_bb_register [qspi_reg $name]]
	}
	lassign $sr sr1 sr2 sr3
	set ::qspi_doctor(sr) $sr
	set text [format "SR1 %02X SR2 %02X SR3 %02X" $sr1 $sr2 $sr3]
	if {[format 0x%02X [expr {$::qspi_doctor(id) >> 16}]] ni $::qspi_bp_makers} {
		qspi_doctor_ok "$text$::qspi_doctor(which) (their layout is not known for this maker)"
		return
	}
	if {$sr2 & [qspi_reg NOR_SR2_SUS]} {
		qspi_doctor_note "the chip$::qspi_doctor(which) has an erase or a write suspended; the bring-up below finishes it"
	}
	if {[qspi_doctor_protected $sr $text]} {
		return
	}
	if {!($sr2 & [qspi_reg NOR_SR2_QE])} {
		qspi_doctor_note "$text: QE=0, so the chip$::qspi_doctor(which) takes no command on four lines (the kit needs none)" \
			"firmware that reads with four lines must set QE first: bit 1 of SR2, by 06h and 31h"
		return
	}
	qspi_doctor_ok "$text$::qspi_doctor(which), no block protected, QE=1"
}

# Says so and returns 1 if blocks are locked.
proc qspi_doctor_protected {sr text} {
	lassign $sr sr1 sr2 sr3
	set why ""
	set capacity [expr {$::qspi_doctor(id) & 255}]
	if {$sr3 & [qspi_reg NOR_SR3_WPS]} {
		set why "individual block locks are in use (WPS=1)"
	} elseif {$capacity >= 16 && $capacity <= 28} {
		lassign [qspi_protect_range $sr1 $sr2 [expr {1 << $capacity}]] start length
		if {$length} {
			set why "bytes [format 0x%X $start] to [format 0x%X [expr {$start + $length - 1}]] of the chip are locked"
		}
	}
	if {$why eq ""} {
		return 0
	}
	set next "look which bits are set: the datasheet's table of BP, TB, SEC and CMP; a refused write names the command that unlocks"
	if {[dict exists $::qspi_commands unprotect]} {
		set next "`qspi unprotect`"
	}
	qspi_doctor_fault "$text: the chip$::qspi_doctor(which) is write-protected, $why" \
		"firmware or an earlier programmer has set the chip's own protection" $next
	return 1
}

# --- The four data lines ---

proc qspi_doctor_quad {} {
	if {[info exists ::qspi_doctor(bad)]} {
		qspi_doctor_say - "not tried: see the lines above"
		return
	}
	return [qspi_doctor_each_chip qspi_doctor_quad_chip]
}

# Quad reads need QE; set for the moment where a volatile write (50h, 31h) does it.
proc qspi_doctor_quad_chip {roles} {
	set before [qspi_bb_register [qspi_reg NOR_CMD_READ_SR2]]
	set qe [qspi_reg NOR_SR2_QE]
	if {!($before & $qe)} {
		qspi_doctor_write_sr2 [expr {$before | $qe}]
		if {!([qspi_bb_register [qspi_reg NOR_CMD_READ_SR2]] & $qe)} {
			qspi_doctor_write_sr2 $before
			qspi_doctor_say - "not tried$::qspi_doctor(which): QE=0 and the chip does not take it for the moment"
			return
		}
	}
	set outcome [qspi_doctor_quad_lines $roles]
	if {!($before & $qe)} {
		qspi_doctor_write_sr2 $before
	}
	return $outcome
}

# Volatile: gone with the next power cycle, and without wear.
proc qspi_doctor_write_sr2 {value} {
	qspi_bb_tell [qspi_reg NOR_CMD_WRITE_ENABLE_VOLATILE_SR]
	qspi_bb_tell [qspi_reg NOR_CMD_WRITE_SR2] $value
}

proc qspi_doctor_quad_lines {roles} {
	# Maker and device id on one line (90h), then on four (94h): the same two bytes.
	qspi_bb_select 1
	qspi_bb_send [qspi_reg NOR_CMD_READ_MFR_ID] 8
	qspi_bb_send 0 24
	set bytes [dict get [qspi_bb_receive 16 io1] io1]
	qspi_bb_end
	set up [qspi_bb_quad_id 1]
	set down [qspi_bb_quad_id 2]
	if {[dict get $up io0] == 15 && [dict get $down io0] == 0} {
		qspi_doctor_say - "not tried$::qspi_doctor(which): the chip knows no quad identification (94h)"
		return
	}
	set expected {}
	foreach bit {0 1 2 3} {
		dict set expected io$bit [expr {($bytes >> (12 + $bit) & 1) << 3 | ($bytes >> (8 + $bit) & 1) << 2 | ($bytes >> (4 + $bit) & 1) << 1 | ($bytes >> $bit & 1)}]
	}
	if {[dict get $up io2] != [dict get $expected io2] && [dict get $up io2] == [dict get $expected io3] \
			&& [dict get $up io3] == [dict get $expected io2] && $up eq $down} {
		qspi_doctor_swapped io2 io3 $roles
		return
	}
	set wired {}
	foreach role {io0 io1 io2 io3} {
		if {![info exists ::qspi_bb($role)]} {
			continue
		}
		lappend wired [string toupper $role]
		if {[qspi_doctor_quad_line $role $roles [dict get $up $role] [dict get $down $role] [dict get $expected $role]] eq "stop"} {
			set outcome stop
		}
	}
	if {[info exists outcome]} {
		return
	}
	set ::qspi_doctor(quad) [expr {[llength $wired] == 4}]
	qspi_doctor_ok "[join $wired {, }] carry their bits of a quad read$::qspi_doctor(which)"
}

# 94h, address 0 and mode FFh on four lines, four dummy clocks, two bytes back; lines pulled up (1) or
# down (2) meanwhile. Dict role -> the four bits that came on it.
proc qspi_bb_quad_id {pull} {
	qspi_bb_select 1
	qspi_bb_send [qspi_reg NOR_CMD_READ_MFR_ID_QUAD] 8
	foreach {level clocks} {0 6 1 2} {
		foreach role {io0 io1 io2 io3} {
			if {[info exists ::qspi_bb($role)]} {
				qspi_pad_output $::qspi_bb($role) $level
			}
		}
		qspi_bb_skip $clocks
	}
	foreach role {io0 io1 io2 io3} {
		if {[info exists ::qspi_bb($role)]} {
			qspi_pad_input $::qspi_bb($role) $pull
		}
	}
	qspi_bb_skip 4
	set answer [qspi_bb_receive 4 {io0 io1 io2 io3}]
	qspi_bb_end
	foreach role {io1 io2 io3} {
		if {[info exists ::qspi_bb($role)]} {
			qspi_pad_input $::qspi_bb($role) 1
		}
	}
	qspi_pad_output $::qspi_bb(io0) 0
	return $answer
}

proc qspi_doctor_quad_line {role roles up down expected} {
	if {$up == $expected && $down == $expected} {
		return
	}
	set pin [qspi_doctor_pin [dict get $roles $role]]
	set ::qspi_doctor(step) [lindex [split $pin =] 0]
	if {$up == 15 && $down == 0} {
		qspi_doctor_fault "$pin does not reach the chip: nothing drives it in a quad read" \
			"the line is broken, or the signal goes to another pin of the microcontroller" \
			"check the solder joints of $pin and of the chip; if the board does not wire it, write \"[string tolower [lindex [split $pin =] 0]] -\" in QSPI_WIRING"
	} else {
		qspi_doctor_fault [format "$pin carries wrong bits in a quad read: %04b instead of %04b" $up $expected] \
			"the line goes to another pin of the chip, or another part drives it" \
			"compare the wiring with the schematic; `qspi scan` finds it by itself"
	}
	set ::qspi_doctor(step) "data lines"
	return stop
}
