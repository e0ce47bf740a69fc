# SPDX-License-Identifier: MIT
# `qspi doctor`, the microcontroller's side: debug port, supply, clocks, pins locked by firmware; and
# registers by name. Used by tcl/doctor.tcl.

# Address or field by its name in driver/stm32h7_regs.h or driver/nor_cmds.h.
proc qspi_reg {name} {
	return $::qspi_reg($name)
}

proc qspi_peek {name} {
	return [qspi_read_word $::qspi_reg($name)]
}

proc qspi_poke {name value} {
	qspi_write_words $::qspi_reg($name) [list $value]
}

# Field `field` (NAME_Pos, NAME_Msk) of a register's value.
proc qspi_field {value field} {
	return [expr {($value & $::qspi_reg(${field}_Msk)) >> $::qspi_reg(${field}_Pos)}]
}

# Set bits and say if they stick.
proc qspi_poke_sticks {name bits} {
	qspi_poke $name [expr {[qspi_peek $name] | $bits}]
	return [expr {([qspi_peek $name] & $bits) == $bits}]
}

# Poll until (value & mask) == want; 0 if it does not come within about `tries` reads.
proc qspi_await {name mask want {tries 100}} {
	while {$tries > 0} {
		if {([qspi_peek $name] & $mask) == $want} {
			return 1
		}
		incr tries -1
	}
	return 0
}

# Write the register's present value back at the end.
proc qspi_doctor_keep {name} {
	qspi_doctor_undo [list qspi_poke $name [qspi_peek $name]]
}

proc qspi_doctor_debug_port {} {
	if {[catch {qspi_peek DBGMCU_IDC} idc]} {
		return [qspi_doctor_fault "the debug port refuses to read memory" \
			"the core is held in reset or the connection to the probe is bad" \
			"check SWDIO, SWCLK and GND, try a lower `adapter speed`, then `reset init`"]
	}
	set part [expr {$idc & 0xFFF}]
	if {$part != [qspi_reg DBGMCU_DEV_ID]} {
		return [qspi_doctor_fault [format "the microcontroller is another one: DBGMCU_IDC reads 0x%08X" $idc] \
			"this is no STM32H742/743/750/753" "use the kit with the right board"]
	}
	array set revisions {4099 Y 8193 X 8195 V}
	set revision [expr {$idc >> 16}]
	set name [expr {[info exists revisions($revision)] ? " revision $revisions($revision)" : ""}]
	qspi_doctor_ok [format "STM32H742/743/750/753%s (DBGMCU_IDC 0x%08X)" $name $idc]
}

# The voltage detector compares the supply with 2.85 V (RM0433 6.5.2); chips of the 3 V class need
# 2.7 V.
proc qspi_doctor_power {} {
	set cr1 [qspi_peek PWR_CR1]
	qspi_poke PWR_CR1 [expr {($cr1 & ~[qspi_reg PWR_CR1_PLS_Msk]) | (6 << [qspi_reg PWR_CR1_PLS_Pos]) | [qspi_reg PWR_CR1_PVDE]}]
	set low [expr {[qspi_peek PWR_CSR1] & [qspi_reg PWR_CSR1_PVDO]}]
	qspi_poke PWR_CR1 $cr1
	if {$low} {
		return [qspi_doctor_fault "the supply of the microcontroller is below 2.85 V" \
			"a weak regulator, cable or probe supply; a 3 V flash needs 2.7 V" "measure the 3.3 V rail of the board"]
	}
	set scale [expr {4 - [qspi_field [qspi_peek PWR_CSR1] PWR_CSR1_ACTVOS]}]
	qspi_doctor_ok "supply of the microcontroller above 2.85 V, core voltage scale $scale"
}

proc qspi_doctor_clocks {} {
	set cr [qspi_peek RCC_CR]
	if {!($cr & [qspi_reg RCC_CR_HSIRDY])} {
		qspi_poke RCC_CR [expr {$cr | [qspi_reg RCC_CR_HSION]}]
		if {![qspi_await RCC_CR [qspi_reg RCC_CR_HSIRDY] [qspi_reg RCC_CR_HSIRDY]]} {
			return [qspi_doctor_fault [format "the 64 MHz HSI does not start (RCC_CR 0x%08X)" $cr] \
				"the microcontroller's supply is unstable or the part is damaged" "run `reset init` and check the supply"]
		}
		qspi_doctor_note "the HSI was off; firmware runs from another clock"
	}
	set ::qspi_doctor(hsi) [expr {64000000 >> [qspi_field $cr RCC_CR_HSIDIV]}]
	if {$::qspi_doctor(hsi) < 64000000} {
		qspi_doctor_note "firmware divides the HSI to [qspi_mhz_text $::qspi_doctor(hsi)], so SCK is [qspi_mhz_text [expr {$::qspi_doctor(hsi) / 2}]] at most" "`reset init` gives it its 64 MHz"
	}
	qspi_doctor_kernel_clock $cr
	foreach {name bit} [list RCC_AHB3ENR [qspi_reg RCC_AHB3ENR_QSPIEN] RCC_AHB4ENR [qspi_doctor_ports]] {
		qspi_doctor_keep $name
		if {![qspi_poke_sticks $name $bit]} {
			return [qspi_doctor_fault [format "%s does not take 0x%08X" $name $bit] \
				"the part is no STM32H742/743/750/753 or is in a low-power state" "run `reset init`"]
		}
	}
	qspi_doctor_ok "HSI [expr {$::qspi_doctor(hsi) / 1000000}] MHz runs, QUADSPI and GPIO clocks switch on"
}

# Does the clock that QUADSPI is set to run? The kit selects the HSI in each bring-up.
proc qspi_doctor_kernel_clock {cr} {
	set ccipr [qspi_peek RCC_D1CCIPR]
	set select [qspi_field $ccipr RCC_D1CCIPR_QSPISEL]
	lassign [lindex {{HCLK3 ""} {"PLL1 Q" RCC_CR_PLL1RDY} {"PLL2 R" RCC_CR_PLL2RDY} {per_ck ""}} $select] name ready
	if {$select == [qspi_reg RCC_QSPISEL_PER]} {
		lassign [lindex {{HSI RCC_CR_HSIRDY} {CSI RCC_CR_CSIRDY} {HSE RCC_CR_HSERDY} {nothing ""}} \
			[qspi_field $ccipr RCC_D1CCIPR_CKPERSEL]] source ready
		set name "per_ck = $source"
	}
	if {$ready ne "" && !([qspi_peek RCC_CR] & [qspi_reg $ready])} {
		qspi_doctor_note "wrong clock: firmware left QUADSPI on $name, which does not run; the kit uses the HSI instead" \
			"in the firmware, start $name before QUADSPI or set QSPISEL in RCC_D1CCIPR"
	}
}

# Enable bits of the ports of the wiring.
proc qspi_doctor_ports {} {
	set bits 0
	foreach word [dict get $::qspi_wiring pins] {
		if {$word} {
			set bits [expr {$bits | 1 << (($word >> 8) & 15)}]
		}
	}
	return $bits
}

# Pins that firmware locked (LCKR) stay as they are until a reset.
proc qspi_doctor_locks {} {
	set count 0
	set wrong {}
	foreach slot $::qspi_slots word [dict get $::qspi_wiring pins] {
		if {!$word} {
			continue
		}
		incr count
		set lckr [qspi_pad_read $word LCKR]
		if {!($lckr & [qspi_reg GPIO_LCKR_LCKK]) || !($lckr >> [qspi_pad_number $word] & 1)} {
			continue
		}
		set mode [qspi_pad_get $word MODER]
		set af [qspi_pad_get $word AFR]
		set speed [qspi_pad_get $word OSPEEDR]
		lappend wrong "[string toupper $slot]=[qspi_pin_of_word $word] (mode $mode, AF $af, speed $speed)"
		if {$mode != 2 || $af != ($word & 15)} {
			set ::qspi_doctor(step) [string toupper $slot]
			return [qspi_doctor_fault "[string toupper $slot]=[qspi_pin_of_word $word] is locked in a wrong setting: mode $mode, AF $af instead of mode 2, AF [expr {$word & 15}]" \
				"firmware has locked the pin (GPIO LCKR) until the next reset" "run `reset init`, then `qspi doctor` again"]
		}
	}
	if {[llength $wrong]} {
		set ::qspi_doctor(locked) 1
		qspi_doctor_note "firmware has locked [join $wrong {, }]: the lines cannot be measured; run `reset init` for that"
		return
	}
	qspi_doctor_ok "$count pins, none locked by firmware"
}
