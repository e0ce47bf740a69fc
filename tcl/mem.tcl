# SPDX-License-Identifier: MIT
# Words in target memory and core registers, the same on OpenOCD 0.11, 0.12 and later. Block writes
# go out as one transfer. Used by tcl/stub.tcl and tcl/bringup.tcl.

# `count` 32-bit words from `address`, as numbers. Raises an error if the target refuses.
proc qspi_read_words {address count} {
	set target [target current]
	set words {}
	if {[info commands read_memory] ne ""} {
		foreach word [$target read_memory $address 32 $count] {
			lappend words [expr {$word + 0}]
		}
		return $words
	}
	$target mem2array block 32 $address $count
	for {set i 0} {$i < $count} {incr i} {
		lappend words $block($i)
	}
	return $words
}

proc qspi_read_word {address} {
	return [lindex [qspi_read_words $address 1] 0]
}

# Write the list of 32-bit words to `address`.
proc qspi_write_words {address words} {
	set target [target current]
	if {[info commands write_memory] ne ""} {
		$target write_memory $address 32 $words
		return
	}
	set i 0
	foreach word $words {
		set block($i) $word
		incr i
	}
	$target array2mem block 32 $address $i
}

# Value of a core register as a number; an error if the target has none of that name.
proc qspi_reg_read {name} {
	if {![regexp {:[ ]*(0x[0-9a-fA-F]+)} [reg $name] -> value]} {
		return -code error "no register $name"
	}
	return [expr {$value + 0}]
}

# OpenOCD only prints something if there is no such register: look at what comes back.
proc qspi_reg_write {name value} {
	if {![regexp {:[ ]*0x} [reg $name [format "0x%x" $value]]]} {
		return -code error "no register $name"
	}
}

# The program status register goes by two names.
proc qspi_reg_xpsr {} {
	return [expr {[catch {qspi_reg_read xPSR}] ? "xpsr" : "xPSR"}]
}

# Save what a stub run changes: list of name and value pairs for qspi_regs_restore.
proc qspi_regs_save {} {
	set saved {}
	set names {r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc msp psp primask control}
	foreach name [concat $names [qspi_reg_xpsr]] {
		lappend saved $name [qspi_reg_read $name]
	}
	return $saved
}

proc qspi_regs_restore {saved} {
	foreach {name value} $saved {
		qspi_reg_write $name $value
	}
}
