# SPDX-License-Identifier: MIT
# `qspi protect` and `qspi unprotect`: set the chip's own protection bits (BP, TB, SEC, CMP; with WPS=1
# the individual locks), by default in their volatile copies. The rules are those of tcl/protect.tcl.
# Never written: the one-time bits (LB, SRL); they go back as they were read.

# What one chip of `size` bytes can protect: list of {start length sr1-bits sr2-bits}, each range once,
# the way with the fewest bits first.
proc qspi_lock_choices {size} {
	set large [expr {$size > 16777216}]
	set choices {}
	foreach cmp {0 0x40} {
		foreach sec [expr {$large ? {0} : {0 0x40}}] {
			foreach tb [expr {$large ? {0 0x40} : {0 0x20}}] {
				for {set bp 0} {$bp < ($large ? 16 : 8)} {incr bp} {
					set sr1 [expr {$sec | $tb | $bp << 2}]
					set range [qspi_protect_range $sr1 $cmp $size]
					if {![info exists seen($range)]} {
						set seen($range) 1
						lappend choices [concat $range $sr1 [expr {$cmp + 0}]]
					}
				}
			}
		}
	}
	return $choices
}

# The choice that protects exactly start..start+length, {} if there is none.
proc qspi_lock_exact {choices start length} {
	foreach choice $choices {
		lassign $choice from count
		if {$count == $length && ($length == 0 || $from == $start)} {
			return $choice
		}
	}
	return {}
}

# The smallest choice that covers a range and the largest one within it, each {} if there is none.
proc qspi_lock_nearest {choices start length} {
	set around {}
	set within {}
	foreach choice $choices {
		lassign $choice from count
		set end [expr {$from + $count}]
		if {$from <= $start && $end >= $start + $length && ($around eq {} || $count < [lindex $around 1])} {
			set around $choice
		}
		if {$count && $from >= $start && $end <= $start + $length && ($within eq {} || $count > [lindex $within 1])} {
			set within $choice
		}
	}
	return [list $around $within]
}

# --- The commands ---

qspi_command protect "ADDR LEN \[-permanent\]" "Let the chip itself protect a range: until it is reset or loses power, or with -permanent for good."
proc qspi_cmd_protect {args} {
	set options [qspi_options {-permanent 0} $args]
	if {[llength [dict get $options words]] != 2} {
		qspi_usage "an address and a length are needed"
	}
	lassign [dict get $options words] address length
	if {[catch {expr {$address + $length}}] || $length <= 0} {
		qspi_usage "an address and a length are numbers"
	}
	qspi_lock_ready
	qspi_check_inside $address $length
	set chips [qspi_chips]
	set offset [expr {$address - $::qspi_window_start}]
	if {$offset % $chips || $length % $chips} {
		qspi_fail "two chips side by side share every two bytes: start and length must be even."
	}
	if {[qspi_lock_wps]} {
		qspi_fail "the chip uses individual block locks (WPS=1 in SR3) in place of ranges; `qspi unprotect -permanent` goes back to ranges."
	}
	set choices [qspi_lock_choices [expr {[qspi_bank_size] / $chips}]]
	set start [expr {$offset / $chips}]
	set count [expr {$length / $chips}]
	set choice [qspi_lock_exact $choices $start $count]
	if {$choice eq {}} {
		qspi_fail [qspi_lock_cannot $address $length [qspi_lock_nearest $choices $start $count]]
	}
	qspi_lock_write $choice [dict get $options -permanent]
}

qspi_command unprotect "\[-permanent\]" "Lift the chip's own protection: until it is reset or loses power, or with -permanent for good."
proc qspi_cmd_unprotect {args} {
	set options [qspi_options {-permanent 0} $args]
	if {[llength [dict get $options words]]} {
		qspi_usage "the protection is lifted as a whole"
	}
	qspi_lock_ready
	if {[qspi_lock_wps]} {
		qspi_lock_unlock_all [dict get $options -permanent]
		if {![dict get $options -permanent]} {
			return
		}
	}
	qspi_lock_write {0 0 0 0} [dict get $options -permanent]
}

# The sentence for a range that the bits cannot express.
proc qspi_lock_cannot {address length nearest} {
	set words {}
	foreach choice $nearest what {"the smallest around it" "the largest within it"} {
		if {$choice eq {}} {
			continue
		}
		lassign $choice start count
		set from [expr {$::qspi_window_start + $start * [qspi_chips]}]
		set bytes [expr {$count * [qspi_chips]}]
		lappend words [format "%s (`qspi protect 0x%08X 0x%X`), %s" [qspi_range_text $from $bytes] $from $bytes $what]
	}
	return "nothing was changed: the chip cannot protect exactly [qspi_range_text $address $length]; it can protect [join $words "; or "]."
}

# The chip answers, and the kit knows its status registers.
proc qspi_lock_ready {} {
	qspi_ready
	if {![qspi_protect_known]} {
		qspi_fail "how chips with JEDEC ID [qspi_id_text [lindex [dict get $::qspi_result jedec_id] 0]] protect blocks is not known to the kit; use `stmqspi cmd` by the chip's datasheet."
	}
}

proc qspi_lock_wps {} {
	foreach sr3 [qspi_chip_bytes 0x15] {
		if {$sr3 & 4} {
			return 1
		}
	}
	return 0
}

# Raise what keeps the status registers from being written (W25Q64JV-DTR datasheet 7.1, SRL and SRP).
proc qspi_lock_check_writable {sr1s sr2s} {
	foreach sr1 $sr1s sr2 $sr2s {
		if {$sr2 & 1} {
			qspi_fail [format "nothing was changed: the chip's status registers are locked by SRL=1 (SR2=0x%02X), until its next power-up or, if it was ordered so, for ever." $sr2]
		}
		if {($sr1 & 0x80) && !($sr2 & 2)} {
			qspi_fail [format "nothing was changed: the chip's status registers are locked by its /WP pin (SRP=1 in SR1=0x%02X, QE=0), which is IO2, held low by QUADSPI in one-line commands." $sr1]
		}
	}
}

# Write the bits of `choice` into SR1 and SR2 of each chip, and see that they took.
proc qspi_lock_write {choice permanent} {
	lassign $choice - - bits1 bits2
	set sr1s [qspi_chip_bytes 0x05]
	set sr2s [qspi_chip_bytes 0x35]
	set new1 [lmap sr1 $sr1s {expr {($sr1 & 0x80) | $bits1}}]
	set new2 [lmap sr2 $sr2s {expr {($sr2 & 0x3B) | $bits2}}]
	if {$permanent || [lmap sr $sr1s {expr {$sr & 0xFC}}] ne $new1 || [lmap sr $sr2s {expr {$sr & 0x7B}}] ne $new2} {
		qspi_lock_check_writable $sr1s $sr2s
		qspi_lock_send $permanent 0x01 [concat $new1 $new2]
		if {[lmap sr [qspi_chip_bytes 0x35] {expr {$sr & 0x7B}}] ne $new2} {
			# Some makers take SR2 by a command of its own only.
			qspi_lock_send $permanent 0x31 $new2
		}
	}
	qspi_lock_verify $new1 $new2
	if {!$permanent} {
		set ::qspi_keep_chip 1
	}
	qspi_say "[qspi_protect_text $::qspi_result [qspi_bank_size]][qspi_lock_until $permanent]"
}

proc qspi_lock_until {permanent} {
	return [expr {$permanent ? ", for good" : ", until the chip is reset or loses power"}]
}

# WPS=1: unlock every block until the chip's next reset; for good by clearing WPS.
proc qspi_lock_unlock_all {permanent} {
	set sr3s [qspi_chip_bytes 0x15]
	if {$permanent} {
		qspi_lock_check_writable [qspi_chip_bytes 0x05] [qspi_chip_bytes 0x35]
		qspi_lock_send 1 0x11 [lmap sr3 $sr3s {expr {$sr3 & ~4}}]
		if {[qspi_lock_wps]} {
			qspi_fail "the chip does not take WPS=0; its individual block locks stay."
		}
		return
	}
	qspi_stock "stmqspi cmd" [qspi_bank_number] 0 0x06
	qspi_stock "stmqspi cmd" [qspi_bank_number] 0 0x98
	set ::qspi_keep_chip 1
	foreach lock [qspi_chip_bytes 0x3D 0 0 0] {
		if {$lock & 1} {
			qspi_fail "the chip does not take the global unlock (98h); its individual block locks stay."
		}
	}
	qspi_say "each of the chip's individual block locks (WPS=1) is open[qspi_lock_until 0]"
}

# Write enable (50h: volatile, 06h: non-volatile), the command with its bytes, and wait for its end.
proc qspi_lock_send {permanent opcode bytes} {
	set number [qspi_bank_number]
	qspi_stock "stmqspi cmd" $number 0 [expr {$permanent ? 0x06 : 0x50}]
	qspi_stock "stmqspi cmd" $number 0 $opcode {*}$bytes
	# tW is 15 ms at most
	for {set i 0} {$i < 100} {incr i} {
		set busy 0
		foreach sr1 [qspi_chip_bytes 0x05] {
			set busy [expr {$busy || $sr1 & 1}]
		}
		if {!$busy} {
			return
		}
		sleep 1 busy
	}
	qspi_fail "the chip stays busy after its status registers were written; run `reset init`."
}

# Read back, and remember what is there now.
proc qspi_lock_verify {new1 new2} {
	set sr1s [qspi_chip_bytes 0x05]
	set sr2s [qspi_chip_bytes 0x35]
	set sr3s [qspi_chip_bytes 0x15]
	set words {}
	foreach sr1 $sr1s sr2 $sr2s sr3 $sr3s want1 $new1 want2 $new2 {
		lappend words [expr {$sr1 | $sr2 << 8 | $sr3 << 16}]
		if {($sr1 & 0xFC) != $want1 || ($sr2 & 0x7B) != $want2} {
			set wrong [format "the chip did not take its protection bits: SR1=0x%02X SR2=0x%02X were written, SR1=0x%02X SR2=0x%02X are there." $want1 $want2 $sr1 $sr2]
		}
	}
	dict set ::qspi_result sr $words
	if {[info exists wrong]} {
		qspi_fail $wrong
	}
}
