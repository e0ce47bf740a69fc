# SPDX-License-Identifier: MIT
# What the status registers of the chip protect: BP/TB/SEC/CMP of Winbond W25Q and its likes, and the
# individual block locks (WPS). W25Q64JV-DTR datasheet Rev J, 7.1. Used by tcl/bringup.tcl for its one
# line and by tcl/guard.tcl before anything is erased or written.

# Makers whose status registers are laid out like Winbond's: Winbond, GigaDevice, Puya, XMC, Boya.
set ::qspi_bp_makers {0xEF 0xC8 0x85 0x20 0x68}

# Bytes protected by BP, TB, SEC and CMP: {start size} as offsets in the chip, {0 0} for none.
proc qspi_protect_range {sr1 sr2 size} {
	set bp [expr {($sr1 >> 2) & 7}]
	set bottom [expr {($sr1 >> 5) & 1}]
	set small [expr {($sr1 >> 6) & 1}]
	set unit [expr {$size / 64 > 65536 ? $size / 64 : 65536}]
	if {$bp == 0} {
		set length 0
	} elseif {$bp == 7} {
		set length $size
	} elseif {$small} {
		set length [expr {$bp > 3 ? 32768 : 4096 << ($bp - 1)}]
	} else {
		set length [expr {$unit << ($bp - 1)}]
	}
	if {$length > $size} {
		set length $size
	}
	set start [expr {$bottom || $length == 0 ? 0 : $size - $length}]
	if {$sr2 & 0x40} {
		set start [expr {$start == 0 ? $length : 0}]
		set length [expr {$size - $length}]
	}
	return [list [expr {$length ? $start : 0}] $length]
}

# SR1, SR2 and SR3 as the chip has them now.
proc qspi_protect_read {} {
	set values {}
	foreach opcode {0x05 0x35 0x15} {
		lappend values [qspi_chip_byte $opcode]
	}
	return $values
}

# One command with a one-byte answer (two chips: of the first).
proc qspi_chip_byte {args} {
	set count [expr {[dict get $::qspi_wiring flags] & $::qspi_stub(FLAG_DUAL) ? 2 : 1}]
	set text [qspi_stock "stmqspi cmd" [qspi_bank_number] $count {*}$args]
	if {![regexp -- {->[ ]*([0-9a-fA-F]+)} $text -> byte]} {
		qspi_fail "the chip did not answer to command [lindex $args 0]; run `reset init` and try again."
	}
	return [expr {"0x$byte"}]
}

# First protected part of the range (offset and size in the bank): {start size sentence} or {}.
proc qspi_protect_clash {offset size} {
	lassign [qspi_protect_read] sr1 sr2 sr3
	set bank [qspi_bank_size]
	if {[qspi_protect_maker] ni $::qspi_bp_makers} {
		return {}
	}
	if {$sr3 & 4} {
		return [qspi_protect_blocks $offset $size $sr3]
	}
	lassign [qspi_protect_range $sr1 $sr2 $bank] start length
	if {$length == 0 || $offset >= $start + $length || $offset + $size <= $start} {
		return {}
	}
	set why [format "SR1=0x%02X SR2=0x%02X" $sr1 $sr2]
	set number [qspi_bank_number]
	set how [format "stmqspi cmd %d 0 0x06; stmqspi cmd %d 0 0x01 0x%02X 0x%02X" \
		$number $number [expr {$sr1 & 0x83}] [expr {$sr2 & 0xBF}]]
	return [list $start $length $why $how]
}

proc qspi_protect_maker {} {
	return [format "0x%02X" [expr {[lindex [dict get $::qspi_result jedec_id] 0] >> 16 & 0xFF}]]
}

# Individual locks, which every reset of the chip sets again; WPS itself stays. Ask block by
# block (3Dh; 4 KiB in the first and last 64 KiB, else 64 KiB).
proc qspi_protect_blocks {offset size sr3} {
	set bank [qspi_bank_size]
	set at [expr {$offset & ~0xFFF}]
	while {$at < $offset + $size} {
		set edge [expr {$at < 65536 || $at >= $bank - 65536}]
		set step [expr {$edge ? 4096 : 65536}]
		set at [expr {$at & ~($step - 1)}]
		if {[qspi_chip_byte 0x3D [expr {$at >> 16}] [expr {($at >> 8) & 0xFF}] 0] & 1} {
			set number [qspi_bank_number]
			return [list $at $step "WPS=1 in SR3: individual block locks" \
				[format "stmqspi cmd %d 0 0x06; stmqspi cmd %d 0 0x11 0x%02X" $number $number [expr {$sr3 & 0xFB}]]]
		}
		set at [expr {$at + $step}]
	}
	return {}
}

# "no block protected" or the locked range in words, for the line after a bring-up.
proc qspi_protect_text {result bank_size} {
	set sr [lindex [dict get $result sr] 0]
	set regs [format "SR1 %02X SR2 %02X SR3 %02X" [expr {$sr & 0xFF}] [expr {($sr >> 8) & 0xFF}] [expr {($sr >> 16) & 0xFF}]]
	if {[qspi_protect_maker] ni $::qspi_bp_makers} {
		return $regs
	}
	if {$sr & 0x040000} {
		return "$regs, individual block locks in use"
	}
	lassign [qspi_protect_range [expr {$sr & 0xFF}] [expr {($sr >> 8) & 0xFF}] $bank_size] start length
	if {$length == 0} {
		return "$regs, no block protected"
	}
	return "$regs, PROTECTED [qspi_range_text [expr {$::qspi_window_start + $start}] $length]"
}
