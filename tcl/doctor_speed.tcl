# SPDX-License-Identifier: MIT
# `qspi doctor`, the QUADSPI's side: the init stub, reads at rising SCK, memory-mapped reads against
# indirect ones up to the last byte. Used by tcl/doctor.tcl.

# Run the init stub as every bring-up does, the chip's volatile bits kept.
proc qspi_doctor_controller {} {
	set result [qspi_doctor_stub]
	# What the kit wants to run at; the speed step tells what works.
	set ::qspi_doctor(sck) [dict get $result sck_hz]
	if {[dict get $result status] eq "ERR_UNSTABLE_ID"} {
		set result [qspi_doctor_stub 4000000]
	}
	if {[dict get $result status] ne "OK" && [info exists ::qspi_doctor(bad)]} {
		qspi_doctor_say - "no answer through the QUADSPI: mend the lines above first; while IO3 is low, a chip with QE=0 is on hold"
		return stop
	}
	if {[dict get $result status] ne "OK"} {
		return [qspi_doctor_fault [qspi_status_sentence $result] {*}[qspi_doctor_stub_cause [dict get $result status]]]
	}
	set id [lindex [dict get $result jedec_id] 0]
	if {$::qspi_doctor(id) && $id != $::qspi_doctor(id)} {
		return [qspi_doctor_fault "the QUADSPI reads the JEDEC ID [qspi_id_text $id], GPIO reads [qspi_id_text $::qspi_doctor(id)]" \
			"a line is noisy or slow" "see the step `speed` of a second run, or lower the clock with `set QSPI_SCK_HZ 4000000`"]
	}
	set ::qspi_doctor(result) $result
	set ::qspi_doctor(heard) 1
	qspi_doctor_ok "the QUADSPI reads JEDEC ID [qspi_id_text $id], [qspi_size_text [dict get $result size]], SCK [qspi_mhz_text [dict get $result sck_hz]]"
}

# Cause and next thing to do, where the lines and the chip were found to work before.
proc qspi_doctor_stub_cause {status} {
	switch -- $status {
		ERR_SIZE { return {"a chip without SFDP table and with an ID that does not tell its size" "give its bytes with `set QSPI_FLASH_SIZE` before the board file"} }
		ERR_BUSY - ERR_TIMEOUT { return {"wrong clock: the QUADSPI's kernel clock stands, or the controller hangs" "run `reset init`; if it happens again, power-cycle the board"} }
		ERR_NO_CHIP { return {"the chip answers by GPIO but not through the QUADSPI: the wrong bank, or a line too slow even for 250 kHz" "compare the wiring with the schematic; `qspi scan` finds it by itself"} }
		ERR_DUAL_MISMATCH { return {"two chips of different types side by side" "fit two of one type, or use one of them alone"} }
	}
	return {"the microcontroller refuses a setting" "run `reset init`, then `qspi doctor` again"}
}

proc qspi_doctor_stub {{sck_hz ""}} {
	set params $::qspi_wiring
	dict set params flags [expr {[dict get $params flags] | $::qspi_stub(FLAG_KEEP_CHIP)}]
	dict set params sck_hz [expr {$sck_hz eq "" ? $::qspi_sck_hz : $sck_hz}]
	dict set params size_hint $::qspi_size_hint
	return [qspi_stub_run $params 1]
}

# "32 MHz", "66.7 MHz"
proc qspi_mhz_text {hz} {
	set tenths [expr {($hz + 50000) / 100000}]
	if {$tenths % 10} {
		return "[expr {$tenths / 10}].[expr {$tenths % 10}] MHz"
	}
	return "[expr {$tenths / 10}] MHz"
}

# --- Reads by register pokes. A command's shape is its CCR without FMODE, as in driver/qspi.h. ---

proc qspi_shape {opcode address_lines dummy data_lines} {
	set shape [expr {$opcode | 1 << [qspi_reg QUADSPI_CCR_IMODE_Pos] | $dummy << [qspi_reg QUADSPI_CCR_DCYC_Pos] | $data_lines << [qspi_reg QUADSPI_CCR_DMODE_Pos]}]
	if {$address_lines} {
		set shape [expr {$shape | $address_lines << [qspi_reg QUADSPI_CCR_ADMODE_Pos] | [qspi_reg QUADSPI_SIZE_24] << [qspi_reg QUADSPI_CCR_ADSIZE_Pos]}]
	}
	return $shape
}

# Cut off what runs, memory-mapped mode included.
proc qspi_ctl_stop {} {
	qspi_poke QUADSPI_CR [expr {[qspi_peek QUADSPI_CR] | [qspi_reg QUADSPI_CR_ABORT]}]
	return [expr {[qspi_await QUADSPI_CR [qspi_reg QUADSPI_CR_ABORT] 0] && [qspi_await QUADSPI_SR [qspi_reg QUADSPI_SR_BUSY] 0]}]
}

# `count` words from `address`, at most 8 (the FIFO); an error if they do not come.
proc qspi_ctl_read {shape address count} {
	qspi_poke QUADSPI_FCR [expr {[qspi_reg QUADSPI_FCR_CTCF] | [qspi_reg QUADSPI_FCR_CTEF]}]
	qspi_poke QUADSPI_DLR [expr {4 * $count - 1}]
	qspi_poke QUADSPI_CCR [expr {$shape | [qspi_reg QUADSPI_FMODE_READ] << [qspi_reg QUADSPI_CCR_FMODE_Pos]}]
	if {$shape & [qspi_reg QUADSPI_CCR_ADMODE_Msk]} {
		qspi_poke QUADSPI_AR $address
	}
	# DR read before the bytes are there would stall the bus.
	set full [expr {4 * $count << [qspi_reg QUADSPI_SR_FLEVEL_Pos]}]
	if {![qspi_await QUADSPI_SR [qspi_reg QUADSPI_SR_FLEVEL_Msk] $full 400]} {
		catch {qspi_ctl_stop}
		return -code error "a QUADSPI transfer does not finish (QUADSPI_SR=[format 0x%08X [qspi_peek QUADSPI_SR]])"
	}
	set words {}
	for {set i 0} {$i < $count} {incr i} {
		lappend words [qspi_peek QUADSPI_DR]
	}
	qspi_await QUADSPI_SR [qspi_reg QUADSPI_SR_BUSY] 0
	return $words
}

# --- How fast? ---

# What is read at every speed: list of shape, address, words. Fast read (0Bh) on one line, SFDP, whose
# bytes are never blank, and on boards with four good lines quad reads.
proc qspi_doctor_samples {} {
	set samples {}
	set one [qspi_reg QUADSPI_LINES_1]
	lappend samples [list [qspi_shape [qspi_reg NOR_CMD_READ_JEDEC_ID] 0 0 $one] 0 1]
	if {[dict get $::qspi_doctor(result) sfdp] ne {0 0}} {
		set shape [qspi_shape [qspi_reg NOR_CMD_READ_SFDP] $one 8 $one]
		lappend samples [list $shape 0 8] [list $shape 0x80 8]
	}
	lappend samples [list [qspi_shape [qspi_reg NOR_CMD_FAST_READ] $one 8 $one] 0 8]
	if {[qspi_doctor_quad_now]} {
		lappend samples [list [qspi_shape [qspi_reg NOR_CMD_FAST_READ_QUAD] $one 8 [qspi_reg QUADSPI_LINES_4]] 0 8]
	}
	return $samples
}

# Four good lines and QE=1.
proc qspi_doctor_quad_now {} {
	set sr2 [expr {[lindex [dict get $::qspi_doctor(result) sr] 0] >> 8}]
	return [expr {$::qspi_doctor(quad) && ($sr2 & [qspi_reg NOR_SR2_QE])}]
}

proc qspi_doctor_sample_all {} {
	set answers {}
	foreach sample $::qspi_doctor(samples) {
		lappend answers [qspi_ctl_read {*}$sample]
	}
	return $answers
}

# All samples twice at `prescaler`: 1 if they are as read slowly.
proc qspi_doctor_speed_good {prescaler} {
	set cr [expr {[dict get $::qspi_doctor(result) cr] & ~[qspi_reg QUADSPI_CR_PRESCALER_Msk]}]
	qspi_poke QUADSPI_CR [expr {$cr | $prescaler << [qspi_reg QUADSPI_CR_PRESCALER_Pos]}]
	foreach turn {1 2} {
		if {[catch {qspi_doctor_sample_all} answers] || $answers ne $::qspi_doctor(slow)} {
			return 0
		}
	}
	return 1
}

# SCK through PLL2: prescaler; DIVN and DIVR of PLL2 (VCO = 16 MHz * DIVN, 192 to 836 MHz by DS12110).
# It ends at 100 MHz, below the chip's 133 MHz: the core voltage is left at scale 3, whose limit for
# the kernel clock is believed to be there (not verified), and raising it could not be taken back.
set ::qspi_doctor_plls {
	1 30 6   1 25 4   0 25 6   0 30 6   0 25 4
}

proc qspi_doctor_speed {} {
	if {![qspi_ctl_stop]} {
		return [qspi_doctor_fault "the QUADSPI does not leave memory-mapped mode (QUADSPI_SR=[format 0x%08X [qspi_peek QUADSPI_SR]])" \
			"its kernel clock stands" "run `reset init`"]
	}
	set ::qspi_doctor(samples) [qspi_doctor_samples]
	# The reference, at HSI / 64
	qspi_poke QUADSPI_CR [expr {([dict get $::qspi_doctor(result) cr] & ~[qspi_reg QUADSPI_CR_PRESCALER_Msk]) | 63 << [qspi_reg QUADSPI_CR_PRESCALER_Pos]}]
	if {[catch {set ::qspi_doctor(slow) [qspi_doctor_sample_all]} message]} {
		return [qspi_doctor_fault "$message at [qspi_mhz_text [expr {$::qspi_doctor(hsi) / 64}]]" \
			"wrong clock: the QUADSPI's kernel clock stands" "run `reset init`"]
	}
	set good {}
	set bad 0
	foreach prescaler {7 3 1} {
		set hz [expr {$::qspi_doctor(hsi) / ($prescaler + 1)}]
		if {![qspi_doctor_speed_good $prescaler]} {
			set bad $hz
			break
		}
		lappend good $hz
	}
	set more ""
	if {!$bad} {
		set more [qspi_doctor_speed_pll]
		foreach entry $more {
			lassign $entry hz works
			if {!$works} {
				set bad $hz
				break
			}
			lappend good $hz
		}
	}
	return [qspi_doctor_speed_say $good $bad]
}

# Through PLL2, the system clock stays as it is; clocks put back. List of {Hz works}, ended by the first
# that fails.
proc qspi_doctor_speed_pll {} {
	set on [expr {[qspi_reg RCC_CR_PLL1ON] | [qspi_reg RCC_CR_PLL2ON] | [qspi_reg RCC_CR_PLL3ON]}]
	if {[qspi_peek RCC_CR] & $on || $::qspi_doctor(hsi) != 64000000} {
		qspi_doctor_note "not tried above [qspi_mhz_text [expr {$::qspi_doctor(hsi) / 2}]]: firmware has the PLLs running; `reset halt` frees them"
		return {}
	}
	foreach name {RCC_PLL2DIVR RCC_PLLCFGR RCC_PLLCKSELR} {
		qspi_doctor_keep $name
		lappend kept $name [qspi_peek $name]
	}
	set result {}
	set failed [catch {
		foreach {prescaler divn divr} $::qspi_doctor_plls {
			set hz [expr {16000000 * $divn / $divr / ($prescaler + 1)}]
			qspi_pll2_start $divn $divr
			set works [qspi_doctor_speed_good $prescaler]
			qspi_ctl_stop
			qspi_pll2_stop
			lappend result [list $hz $works]
			if {!$works} {
				break
			}
		}
	} message]
	catch {qspi_pll2_stop}
	foreach {name value} $kept {
		qspi_poke $name $value
	}
	if {$failed} {
		return -code error $message
	}
	return $result
}

# PLL2 R = 16 MHz * divn / divr becomes the kernel clock.
proc qspi_pll2_start {divn divr} {
	set shift [expr {[qspi_reg RCC_PLLCKSELR_DIVM1_Pos] + 8}]
	qspi_poke RCC_PLLCKSELR [expr {([qspi_peek RCC_PLLCKSELR] & ~([qspi_reg RCC_PLLCKSELR_PLLSRC_Msk] | 63 << $shift)) | 4 << $shift}]
	# PLL2: reference 8 to 16 MHz, wide VCO, no fraction, output R
	set pll2 [expr {([qspi_reg RCC_PLLCFGR_PLL1RGE_Msk] | [qspi_reg RCC_PLLCFGR_PLL1VCOSEL] | [qspi_reg RCC_PLLCFGR_PLL1FRACEN]) << 4}]
	set cfg [expr {([qspi_peek RCC_PLLCFGR] & ~$pll2) | [qspi_reg RCC_PLLCFGR_PLL1RGE_Msk] << 4 | [qspi_reg RCC_PLLCFGR_DIVR1EN] << 3}]
	qspi_poke RCC_PLLCFGR $cfg
	qspi_poke RCC_PLL2DIVR [expr {($divn - 1) << [qspi_reg RCC_PLLDIVR_DIVN_Pos] | ($divr - 1) << [qspi_reg RCC_PLLDIVR_DIVP_Pos] | ($divr - 1) << [qspi_reg RCC_PLLDIVR_DIVQ_Pos] | ($divr - 1) << [qspi_reg RCC_PLLDIVR_DIVR_Pos]}]
	qspi_poke RCC_CR [expr {[qspi_peek RCC_CR] | [qspi_reg RCC_CR_PLL2ON]}]
	if {![qspi_await RCC_CR [qspi_reg RCC_CR_PLL2RDY] [qspi_reg RCC_CR_PLL2RDY]]} {
		return -code error "PLL2 does not lock (RCC_CR [format 0x%08X [qspi_peek RCC_CR]])"
	}
	qspi_kernel_clock RCC_QSPISEL_PLL2R
}

# Back to per_ck = HSI while both clocks run, then PLL2 off.
proc qspi_pll2_stop {} {
	qspi_kernel_clock RCC_QSPISEL_PER
	qspi_poke RCC_CR [expr {[qspi_peek RCC_CR] & ~[qspi_reg RCC_CR_PLL2ON]}]
	qspi_await RCC_CR [qspi_reg RCC_CR_PLL2RDY] 0
}

proc qspi_kernel_clock {name} {
	set ccipr [qspi_peek RCC_D1CCIPR]
	qspi_poke RCC_D1CCIPR [expr {($ccipr & ~[qspi_reg RCC_D1CCIPR_QSPISEL_Msk]) | [qspi_reg $name] << [qspi_reg RCC_D1CCIPR_QSPISEL_Pos]}]
}

proc qspi_doctor_speed_say {good bad} {
	set how [expr {[qspi_doctor_quad_now] ? "one and four lines" : "one line"}]
	set list "[join [lmap hz $good {string map {" MHz" ""} [qspi_mhz_text $hz]}] {, }] MHz"
	if {!$bad} {
		qspi_doctor_ok "reads on $how are right at SCK $list"
		return
	}
	set text "unstable from SCK [qspi_mhz_text $bad] on: reads differ from those at [qspi_mhz_text [expr {$::qspi_doctor(hsi) / 64}]]"
	if {[llength $good]} {
		append text " (right at $list)"
	}
	if {$bad > $::qspi_doctor(sck)} {
		qspi_doctor_note $text "keep firmware below [qspi_mhz_text $bad]; the kit runs at [qspi_mhz_text $::qspi_doctor(sck)]"
		return
	}
	set slow [expr {[llength $good] ? [lindex $good end] : 4000000}]
	qspi_doctor_fault $text "long or thin wires, ground missing beside them, no capacitor at the chip, or pins set to a low speed (OSPEEDR) and locked" \
		"shorten the wires and add ground; meanwhile `set QSPI_SCK_HZ $slow` before the board file"
	return stop
}

# --- Memory-mapped reads ---

proc qspi_doctor_mapped {} {
	return [qspi_doctor_window 0 "start"]
}

# The erratum of the last byte of the FSIZE range: FSIZE is one larger than the chip (ES0392).
proc qspi_doctor_last {} {
	return [qspi_doctor_window [expr {[dict get $::qspi_doctor(result) size] - 32}] "end"]
}

# 32 bytes of the window against an indirect read of the same bytes with the same opcode.
proc qspi_doctor_window {offset where} {
	set result [qspi_doctor_stub]
	if {[dict get $result status] ne "OK"} {
		return [qspi_doctor_fault [qspi_status_sentence $result] "it worked before: a line or the supply is unreliable" "run `qspi doctor` again"]
	}
	set address [expr {$::qspi_window_start + $offset}]
	if {[catch {qspi_read_words $address 8} mapped]} {
		return [qspi_doctor_fault "the window at [format 0x%08X $address] cannot be read" \
			"the QUADSPI is not in memory-mapped mode" "run `reset init`"]
	}
	qspi_ctl_stop
	set shape [expr {[dict get $result ccr] & ~[qspi_reg QUADSPI_CCR_FMODE_Msk]}]
	set indirect [qspi_ctl_read $shape $offset 8]
	if {$mapped ne $indirect} {
		return [qspi_doctor_fault "the [qspi_range_text $address 32] reads otherwise through the window than by an indirect read" \
			"a line is unreliable at [qspi_mhz_text [dict get $result sck_hz]]" "lower the clock with `set QSPI_SCK_HZ 8000000` before the board file"]
	}
	qspi_doctor_ok "[qspi_range_text $address 32] reads alike through the window and by an indirect read"
}
