# SPDX-License-Identifier: MIT
# What the status registers of the chip protect: BP/TB/SEC/CMP of Winbond W25Q and its likes, and the
# individual block locks (WPS). W25Q64JV-DTR datasheet Rev J, 7.1. Used by tcl/bringup.tcl for its one
# line and by tcl/guard.tcl before anything is erased or written.

# Makers whose status registers are laid out like Winbond's: Winbond, GigaDevice, Puya, XMC, Boya.
set ::qspi_bp_makers {0xEF 0xC8 0x85 0x20 0x68}

# Bytes protected by BP, TB, SEC and CMP in one chip of `size` bytes: {start size} as offsets, {0 0}
# for none.
proc qspi_protect_range {sr1 sr2 size} {
	if {$size > 16777216} {
		# W25Q256: four BP bits, no SEC; TB is bit 6 (W25Q256JV datasheet, 7.1).
		set bp [expr {($sr1 >> 2) & 15}]
		set bottom [expr {($sr1 >> 6) & 1}]
		set length [expr {$bp == 0 ? 0 : $bp > 9 ? $size : 65536 << ($bp - 1)}]
	} else {
		set bottom [expr {($sr1 >> 5) & 1}]
		set length [qspi_protect_length [expr {($sr1 >> 2) & 7}] [expr {($sr1 >> 6) & 1}] $size]
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

# By BP2..0 and SEC: from 1/64 of the chip (at least 64 KiB) or from 4 KiB upwards.
proc qspi_protect_length {bp small size} {
	if {$bp == 0} {
		return 0
	}
	if {$bp == 7} {
		return $size
	}
	if {$small} {
		return [expr {$bp > 3 ? 32768 : 4096 << ($bp - 1)}]
	}
	set unit [expr {$size / 64 > 65536 ? $size / 64 : 65536}]
	return [expr {$unit << ($bp - 1)}]
}

# How many chips the bank has, their bytes side by side.
proc qspi_chips {} {
	return [expr {[dict get $::qspi_wiring flags] & $::qspi_stub(FLAG_DUAL) ? 2 : 1}]
}

# One command with a one-byte answer: the byte of each chip.
proc qspi_chip_bytes {args} {
	set chips [qspi_chips]
	set text [qspi_stock "stmqspi cmd" [qspi_bank_number] $chips {*}$args]
	if {![regexp -- {->(( +[0-9a-fA-F]+)+)} $text -> answer]} {
		qspi_fail "the chip did not answer to command [lindex $args 0]; run `reset init` and try again."
	}
	return [lmap byte [lrange [string trim $answer] 0 end] {expr {"0x$byte" + 0}}]
}

# First protected part of a range (offset and size in the bank): {start size why} or {}.
proc qspi_protect_clash {offset size} {
	if {![qspi_protect_known]} {
		return {}
	}
	set chips [qspi_chips]
	foreach sr1 [qspi_chip_bytes 0x05] sr2 [qspi_chip_bytes 0x35] sr3 [qspi_chip_bytes 0x15] {
		if {$sr3 & 4} {
			return [qspi_protect_blocks $offset $size]
		}
		lassign [qspi_protect_range $sr1 $sr2 [expr {[qspi_bank_size] / $chips}]] start length
		set start [expr {$start * $chips}]
		set length [expr {$length * $chips}]
		if {$length && $offset < $start + $length && $offset + $size > $start} {
			return [list $start $length [format "SR1=0x%02X SR2=0x%02X" $sr1 $sr2]]
		}
	}
	return {}
}

# 1 if the status registers are laid out as above. Micron shares its maker's number with XMC.
proc qspi_protect_known {} {
	set id [lindex [dict get $::qspi_result jedec_id] 0]
	set maker [format "0x%02X" [expr {$id >> 16 & 0xFF}]]
	return [expr {$maker in $::qspi_bp_makers && [format 0x%04X [expr {$id >> 8}]] ni {0x20BA 0x20BB}}]
}

# Individual locks, which every reset of the chip sets again; WPS itself stays. Ask block by
# block (3Dh; 4 KiB in the first and last 64 KiB, else 64 KiB).
proc qspi_protect_blocks {offset size} {
	set chips [qspi_chips]
	set end [expr {($offset + $size + $chips - 1) / $chips}]
	set last [expr {[qspi_bank_size] / $chips - 65536}]
	set at [expr {$offset / $chips}]
	while {$at < $end} {
		set step [expr {$at < 65536 || $at >= $last ? 4096 : 65536}]
		set at [expr {$at & ~($step - 1)}]
		foreach lock [qspi_chip_bytes 0x3D [expr {$at >> 16}] [expr {($at >> 8) & 0xFF}] 0] {
			if {$lock & 1} {
				return [list [expr {$at * $chips}] [expr {$step * $chips}] "WPS=1 in SR3: individual block locks"]
			}
		}
		set at [expr {$at + $step}]
	}
	return {}
}

# Status registers and what they lock, in words, for the line after a bring-up.
proc qspi_protect_text {result bank_size} {
	set chips [qspi_chips]
	set words {}
	foreach sr [lrange [dict get $result sr] 0 [expr {$chips - 1}]] {
		if {![qspi_protect_known]} {
			lappend words [format "SR1 %02X, protection bits of this maker not known" [expr {$sr & 0xFF}]]
			continue
		}
		lappend words [format "SR1 %02X SR2 %02X SR3 %02X" [expr {$sr & 0xFF}] [expr {($sr >> 8) & 0xFF}] [expr {($sr >> 16) & 0xFF}]]
		if {$sr & 0x040000} {
			lappend words "individual block locks in use"
			continue
		}
		lassign [qspi_protect_range [expr {$sr & 0xFF}] [expr {($sr >> 8) & 0xFF}] [expr {$bank_size / $chips}]] start length
		if {$length == 0} {
			lappend words "no block protected"
		} else {
			lappend words "PROTECTED [qspi_range_text [expr {$::qspi_window_start + $start * $chips}] [expr {$length * $chips}]]"
		}
	}
	return [join $words ", "]
}
