# SPDX-License-Identifier: MIT
# The registers that a pin scan changes, kept on the host, so that they can be put back even if the
# scan stub does not come back. Used by tcl/scan.tcl.

# RM0433 8.7 RCC
set ::qspi_rcc_cr       0x58024400
set ::qspi_rcc_pllcfgr  0x5802442C
set ::qspi_rcc_d1ccipr  0x5802444C
set ::qspi_rcc_ahb3rstr 0x5802447C
set ::qspi_rcc_ahb4enr  0x580244E0
# HSION, PLL1ON, PLL2ON: what the driver may switch on
set ::qspi_rcc_cr_used  0x05000001
# RM0433 11.4 GPIO: offsets in the order in which they are put back. A pin is an input then, and its
# mode comes last. ODR, OTYPER, OSPEEDR, PUPDR, AFRL, AFRH, MODER
set ::qspi_gpio_base    0x58020000
set ::qspi_gpio_order   {0x14 0x04 0x08 0x0C 0x20 0x24 0x00}
# RM0433 23.5 QUADSPI: CR, DCR, LPTR, PSMKR, PSMAR, PIR, ABR; DR is not to be read, it would wait
set ::qspi_io_order     {0x00 0x04 0x30 0x24 0x28 0x2C 0x1C}

# What `ports` (numbers, A = 0), RCC and QUADSPI hold: a dict for qspi_scan_restore. Switches the
# clocks of the ports on, without which they cannot be read.
proc qspi_scan_save {ports} {
	dict set saved ahb4enr [qspi_read_word $::qspi_rcc_ahb4enr]
	dict set saved ahb3enr [qspi_read_word $::qspi_rcc_ahb3enr]
	dict set saved cr [qspi_read_word $::qspi_rcc_cr]
	dict set saved pllcfgr [qspi_read_word $::qspi_rcc_pllcfgr]
	dict set saved d1ccipr [qspi_read_word $::qspi_rcc_d1ccipr]
	dict set saved ports {}
	set clocks [dict get $saved ahb4enr]
	foreach port $ports {
		set clocks [expr {$clocks | 1 << $port}]
	}
	qspi_write_words $::qspi_rcc_ahb4enr [list $clocks]
	foreach port $ports {
		set base [expr {$::qspi_gpio_base + 0x400 * $port}]
		dict set saved ports $base [qspi_read_words $base 10]
	}
	dict set saved quadspi {}
	if {[dict get $saved ahb3enr] & $::qspi_rcc_qspien} {
		set low [qspi_read_words $::qspi_io_base 8]
		set high [qspi_read_words [expr {$::qspi_io_base + 0x24}] 4]
		dict set saved quadspi [concat $low 0 $high]
	}
	return $saved
}

proc qspi_scan_restore {saved} {
	dict for {base words} [dict get $saved ports] {
		set now [qspi_read_words $base 10]
		foreach offset $::qspi_gpio_order {
			set word [lindex $words [expr {$offset / 4}]]
			if {[lindex $now [expr {$offset / 4}]] != $word} {
				qspi_write_words [expr {$base + $offset}] [list $word]
			}
		}
	}
	qspi_scan_restore_quadspi [dict get $saved quadspi]
	qspi_write_words $::qspi_rcc_ahb3enr [list [dict get $saved ahb3enr]]
	qspi_write_words $::qspi_rcc_d1ccipr [list [dict get $saved d1ccipr]]
	set now [qspi_read_word $::qspi_rcc_cr]
	set before [dict get $saved cr]
	set cr [expr {($now & ~$::qspi_rcc_cr_used) | ($before & $::qspi_rcc_cr_used)}]
	if {$cr != $now} {
		qspi_write_words $::qspi_rcc_cr [list $cr]
	}
	if {[qspi_read_word $::qspi_rcc_pllcfgr] != [dict get $saved pllcfgr]} {
		qspi_write_words $::qspi_rcc_pllcfgr [list [dict get $saved pllcfgr]]
	}
	qspi_write_words $::qspi_rcc_ahb4enr [list [dict get $saved ahb4enr]]
}

# `words` is {} if QUADSPI was off: a reset leaves it as it was. CCR is written only for memory-mapped
# mode: any other would send a spent command again.
proc qspi_scan_restore_quadspi {words} {
	set enabled [qspi_read_word $::qspi_rcc_ahb3enr]
	qspi_write_words $::qspi_rcc_ahb3enr [list [expr {$enabled | $::qspi_rcc_qspien}]]
	set resets [qspi_read_word $::qspi_rcc_ahb3rstr]
	qspi_write_words $::qspi_rcc_ahb3rstr [list [expr {$resets | $::qspi_rcc_qspien}]]
	qspi_write_words $::qspi_rcc_ahb3rstr [list [expr {$resets & ~$::qspi_rcc_qspien}]]
	if {[llength $words] == 0} {
		return
	}
	foreach offset $::qspi_io_order {
		qspi_write_words [expr {$::qspi_io_base + $offset}] [list [lindex $words [expr {$offset / 4}]]]
	}
	set ccr [lindex $words 5]
	if {(($ccr >> 26) & 3) == 3} {
		qspi_write_words [expr {$::qspi_io_base + 0x14}] [list $ccr]
	}
}
