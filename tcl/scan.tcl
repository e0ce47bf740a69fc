# SPDX-License-Identifier: MIT
# `qspi scan`: find out on which pins the flash chips are. The scan stub (init-stub/scan.c) tries the
# pins of the table; here it gets them, is run, and its findings are told and taken over. All
# registers are put back (tcl/scan_regs.tcl).

source $::qspi_root/init-stub/scan_stub.tcl

# The longest wait in the stub is 3 s for a chip that is busy, for each NCS and CLK.
set ::qspi_scan_patience_ms 1000
set ::qspi_scan_limit_ms    20000
# A chip in QPI that is busy with an erase answers nothing: look again for as long as one takes, and
# then by the way out of QPI of other makers.
set ::qspi_scan_tries       5
set ::qspi_scan_pause_ms    500

# Signals in the order of the parameter block (enum qspi_scan_signal).
set ::qspi_scan_signals {CLK BK1_NCS BK1_IO0 BK1_IO1 BK1_IO2 BK1_IO3 BK2_NCS BK2_IO0 BK2_IO1 BK2_IO2 BK2_IO3}

qspi_command scan {?-exclude {PIN ...}? ?-noreset?} \
	"Find the flash: try all pins that can carry QUADSPI, print and use the wiring of the chip that answers. Drives lines that other parts may share for a moment; -exclude leaves pins out. Resets and halts the core first, unless -noreset."
proc qspi_cmd_scan {args} {
	set options [qspi_options {-exclude 1 -noreset 0} $args]
	if {[llength [dict get $options words]]} {
		qspi_usage "unexpected [lindex [dict get $options words] 0]"
	}
	set choices [qspi_scan_choices [dict get $options -exclude]]
	set keep [dict get $options -noreset]
	qspi_scan_halt $keep
	qspi_say "scanning; lines that other parts share with these pins are driven for a moment: [qspi_scan_pin_list $choices]."
	set result [qspi_scan_all $choices $keep]
	qspi_scan_say_skipped $choices $result
	qspi_scan_report [dict get $result chips]
}

# --- Pins to try ---

# By signal the pins to try, without those excluded and those that the package does not have.
proc qspi_scan_choices {exclude} {
	set names {}
	foreach name $exclude {
		set name [qspi_pin_name $name]
		if {![info exists ::qspi_pin_signals($name)]} {
			qspi_usage "$name in -exclude cannot carry QUADSPI anyway; pins that can are [lsort [array names ::qspi_pin_signals]]"
		}
		lappend names $name
	}
	set package [qspi_setting QSPI_PACKAGE ""]
	set choices {}
	foreach signal $::qspi_scan_signals {
		set pins {}
		foreach pin [qspi_signal_pins $signal] {
			# PA1_C is one more ball of PA1.
			set pad [regsub {_C$} $pin ""]
			if {$pad ni $pins && $pad ni $names && $pin ni $names && [qspi_scan_bonded $pin $package]} {
				lappend pins $pad
			}
		}
		dict set choices $signal $pins
	}
	return $choices
}

proc qspi_scan_bonded {pin package} {
	if {$package eq ""} {
		return 1
	}
	if {![info exists ::qspi_packages($package)]} {
		qspi_fail "unknown package \"$package\" in QSPI_PACKAGE; it can be [qspi_or_text [lsort [array names ::qspi_packages]]]."
	}
	return [expr {$pin in $::qspi_packages($package)}]
}

proc qspi_scan_pin_list {choices} {
	set pins {}
	dict for {signal names} $choices {
		lappend pins {*}$names
	}
	return [lsort -unique $pins]
}

# The pin words of the parameter block.
proc qspi_scan_words {choices} {
	set words {}
	dict for {signal pins} $choices {
		set slots $::qspi_scan_stub(SCAN_CHOICES)
		foreach pin [lrange $pins 0 [expr {$slots - 1}]] {
			lappend words [qspi_pin_word $pin [qspi_pin_af $pin $signal]]
			incr slots -1
		}
		for {} {$slots > 0} {incr slots -1} {
			lappend words 0
		}
	}
	return $words
}

# --- Running the stub ---

proc qspi_scan_halt {keep} {
	if {$keep} {
		set failed [expr {[[target current] curstate] ne "halted" && [catch {qspi_quiet {halt 1000}}]}]
	} else {
		set failed [catch {qspi_quiet {reset halt}}]
	}
	if {$failed || [[target current] curstate] ne "halted"} {
		qspi_fail "cannot [expr {$keep ? "" : "reset and "}]halt the core: check SWDIO and SWCLK, and whether something holds NRST low."
	}
	qspi_forget
	if {$keep && [info commands qspi_core_ease] ne ""} {
		qspi_core_ease
	}
}

# Scan until something is found or nothing can be busy any more. Whatever happens, RAM (if `keep`),
# core registers, pins, clocks and QUADSPI are put back.
proc qspi_scan_all {choices keep} {
	set words [qspi_scan_words $choices]
	set ports {}
	foreach word $words {
		if {$word} {
			lappend ports [expr {($word >> 8) & 0xF}]
		}
	}
	set regs [qspi_regs_save]
	if {$keep} {
		set ram [qspi_read_words $::qspi_stub_base [qspi_scan_ram_words]]
	}
	set saved [qspi_scan_save [lsort -integer -unique $ports]]
	set failed [catch {qspi_scan_repeat $words} result]
	if {[[target current] curstate] ne "halted"} {
		catch {qspi_quiet {halt 1000}}
	}
	set lost [catch {
		qspi_scan_restore $saved
		if {$keep} {
			qspi_write_words $::qspi_stub_base $ram
		}
		qspi_regs_restore $regs
	}]
	if {$lost} {
		qspi_fail "the debug port was lost during the scan; the pins are not as before until the next reset."
	}
	if {$failed} {
		return -code error $result
	}
	return $result
}

proc qspi_scan_repeat {words} {
	for {set try 1} {1} {incr try} {
		set result [qspi_scan_run $words [expr {$try > 1 ? $::qspi_scan_stub(SCAN_TRY_F5) : 0}]]
		if {[dict get $result found] || $try == $::qspi_scan_tries} {
			return $result
		}
		if {$try == 1} {
			qspi_say "nothing answers; looking again for a chip that is busy with an erase or in another maker's QPI mode..."
		}
		sleep $::qspi_scan_pause_ms
	}
}

# Code, blocks and stack lie one after another from the base, as those of the init stub.
proc qspi_scan_param_at {} {
	return [expr {$::qspi_stub_base + 4 * [llength $::qspi_scan_stub(words)]}]
}
proc qspi_scan_result_at {} {
	return [expr {[qspi_scan_param_at] + 4 * $::qspi_scan_stub(qspi_scan_params,words)}]
}
proc qspi_scan_stack_top {} {
	set end [expr {[qspi_scan_result_at] + 4 * $::qspi_scan_stub(qspi_scan_result,words)}]
	return [expr {($end + $::qspi_scan_stub(SCAN_STACK) + 7) & ~7}]
}
proc qspi_scan_ram_words {} {
	return [expr {([qspi_scan_stack_top] - $::qspi_stub_base) / 4}]
}

proc qspi_scan_run {words flags} {
	set image [concat $::qspi_scan_stub(words) $::qspi_scan_stub(SCAN_PARAM_MAGIC) $flags $words]
	lappend image 0
	qspi_write_words $::qspi_stub_base $image
	set top [qspi_scan_stack_top]
	qspi_regs_restore [list control 0 primask 1 msp $top sp $top [qspi_reg_xpsr] 0x01000000 \
		r0 [qspi_scan_param_at] r1 [qspi_scan_result_at] pc $::qspi_stub_base]
	# Not firmware goes on: what was eased for the stub stays eased (tcl/core.tcl).
	set ::qspi_core_held 1
	set failed [catch {qspi_scan_go} message]
	set ::qspi_core_held 0
	if {$failed} {
		return -code error $message
	}
	# Without the magic word, which comes last, the rest of the block means nothing.
	if {[qspi_read_word [qspi_scan_result_at]] != $::qspi_scan_stub(SCAN_RESULT_MAGIC)} {
		qspi_fail "the scan was interrupted; all pins and registers are put back. Run `qspi scan` again."
	}
	set result [qspi_scan_result]
	set status $::qspi_scan_stub(status,[dict get $result status])
	if {$status ne "SCAN_OK"} {
		qspi_fail [format "the scan stopped (%s, 0x%08X); all pins and registers are put back. Run `qspi scan` without -noreset; if it happens again, power-cycle the board and check that the part is an STM32H742/743/750/753." $status [dict get $result value]]
	}
	return $result
}

proc qspi_scan_go {} {
	qspi_quiet {resume}
	if {![catch {qspi_quiet [list wait_halt $::qspi_scan_patience_ms]}]} {
		return
	}
	qspi_say "a chip is busy with an earlier erase; waiting..."
	catch {qspi_quiet [list wait_halt $::qspi_scan_limit_ms]}
	if {[[target current] curstate] ne "halted"} {
		qspi_quiet {halt 1000}
	}
}

# The result block as a dict; `chips` is a list of dicts with flags, lines (pin words), id, bytes.
proc qspi_scan_result {} {
	set words [qspi_read_words [qspi_scan_result_at] $::qspi_scan_stub(qspi_scan_result,words)]
	foreach field {status value tried found} {
		dict set result $field [lindex $words $::qspi_scan_stub(qspi_scan_result,$field)]
	}
	set at $::qspi_scan_stub(qspi_scan_result,skipped)
	dict set result skipped [lrange $words $at [expr {$at + $::qspi_scan_stub(SCAN_SIGNALS) - 1}]]
	set chips {}
	for {set n 0} {$n < [dict get $result found]} {incr n} {
		set at [expr {$::qspi_scan_stub(qspi_scan_result,chips) + $n * $::qspi_scan_stub(qspi_scan_chip,words)}]
		foreach field {flags id bytes density} {
			dict set chip $field [lindex $words [expr {$at + $::qspi_scan_stub(qspi_scan_chip,$field)}]]
		}
		incr at $::qspi_scan_stub(qspi_scan_chip,lines)
		dict set chip lines [lrange $words $at [expr {$at + 5}]]
		lappend chips $chip
	}
	dict set result chips $chips
	return $result
}

# --- Telling what was found ---

proc qspi_scan_say_skipped {choices result} {
	foreach signal $::qspi_scan_signals word [dict get $result skipped] {
		foreach pin [dict get $choices $signal] {
			switch -- [expr {$word & 0xFF}] {
				1 { qspi_say "skipped $pin ($signal): firmware has locked it until the next reset." }
				2 { qspi_say "skipped $pin ($signal): something else drives it high." }
				3 { qspi_say "skipped $pin ($signal): something else drives it low." }
				4 { qspi_say "skipped $pin ($signal): something else drives it up and down." }
			}
			set word [expr {$word >> 8}]
		}
	}
}

proc qspi_scan_flag {chip name} {
	return [expr {([dict get $chip flags] & $::qspi_scan_stub(SCAN_$name)) != 0}]
}

# {clk PB2 ncs PB6 ...} of a chip; a line that was not told is "-".
proc qspi_scan_wiring {chip {names {clk ncs io0 io1 io2 io3}}} {
	set wiring {}
	foreach name $names word [dict get $chip lines] {
		if {$name ne ""} {
			lappend wiring $name [expr {$word ? [qspi_pin_of_word $word] : "-"}]
		}
	}
	return $wiring
}

# Both chips side by side as one bank, or "" if they cannot be: they need one CLK, and a bank each.
proc qspi_scan_dual_wiring {first second} {
	if {[qspi_scan_flag $first BANK2] || ![qspi_scan_flag $second BANK2] || [dict get $first id] != [dict get $second id] \
		|| [lindex [dict get $first lines] 0] != [lindex [dict get $second lines] 0]} {
		return ""
	}
	set ncs2 [expr {[qspi_scan_flag $second SHARED] ? "" : "ncs2"}]
	return [concat [qspi_scan_wiring $first] [qspi_scan_wiring $second [list "" $ncs2 io4 io5 io6 io7]]]
}

proc qspi_scan_report {chips} {
	if {[llength $chips] == 0} {
		qspi_fail "no flash answers on any pins. Is one fitted and powered? Is its NCS on a QUADSPI pin, not on another one that firmware drives? A pin named as skipped or excluded is not tried. QSPI NAND is not found. At last, power-cycle the board and scan again."
	}
	set wirings {}
	foreach chip $chips {
		lappend wirings [qspi_scan_say_chip $chip]
	}
	if {[llength $chips] >= 2} {
		set dual [qspi_scan_dual_wiring [lindex $chips 0] [lindex $chips 1]]
		if {$dual ne ""} {
			qspi_say "both chips as one bank of twice the size:"
			echo "set QSPI_BOARD_WIRING {$dual}"
		}
	}
	if {[qspi_scan_flag [lindex $chips 0] BUSY]} {
		qspi_fail "the chip is busy for more than 3 s, with a chip erase perhaps; run `qspi scan` again later."
	}
	set ::qspi_wiring [qspi_wiring_parse [lindex $wirings 0]]
	qspi_say "this session uses [expr {[llength $chips] > 1 ? "the first of these wirings" : "this wiring"}] now: go on with `reset init`."
}

# Print one chip and its wiring; returns the wiring.
proc qspi_scan_say_chip {chip} {
	set wiring [qspi_scan_wiring $chip]
	set bank [expr {[qspi_scan_flag $chip BANK2] ? 2 : 1}]
	if {[qspi_scan_flag $chip BUSY]} {
		qspi_say "found a chip on bank $bank that is busy, on [qspi_scan_text $wiring]."
		return $wiring
	}
	set size [expr {[dict get $chip bytes] ? [qspi_size_text [dict get $chip bytes]] : "size unknown"}]
	set sfdp [expr {[dict get $chip density] ? "SFDP" : "no SFDP"}]
	qspi_say "found [qspi_scan_part [dict get $chip id]] ([qspi_id_text [dict get $chip id]]), $size, $sfdp, on bank $bank:"
	if {[qspi_scan_flag $chip SHARED]} {
		qspi_say "it shares NCS with the chip before and works only side by side with it, on [qspi_scan_text $wiring]."
		return $wiring
	}
	echo "set QSPI_BOARD_WIRING {$wiring}"
	if {"-" in $wiring} {
		set lines [expr {[dict get $wiring io2] ne "-" ? "IO3" : [dict get $wiring io3] ne "-" ? "IO2" : "IO2 and IO3"}]
		set why [expr {[qspi_scan_flag $chip NO_QE] ? "QE is 0 and does not take a volatile 1" : "no quad read shows them; QE may be 0, or they are not wired to pins of this bank"}]
		qspi_say "$lines cannot be told: $why. Reads and writes on one line work without."
	}
	if {[qspi_scan_flag $chip HOLD]} {
		qspi_say "IO3 was told by its /HOLD or /RESET function."
	}
	return $wiring
}

proc qspi_scan_text {wiring} {
	set text {}
	dict for {signal pin} $wiring {
		lappend text "[string toupper $signal]=$pin"
	}
	return [join $text]
}

# Makers by JEP106, as far as they make SPI NOR.
array set ::qspi_scan_makers {
	0x01 Infineon 0x0B XTX 0x1C EON 0x1F Renesas 0x20 Micron/XMC 0x5E Zbit 0x68 Boya 0x85 Puya
	0x8C ESMT 0x9D ISSI 0xA1 Fudan 0xBF Microchip 0xC2 Macronix 0xC8 GigaDevice 0xEF Winbond
}

# "Winbond W25Q64", "ISSI flash": the id does not tell more.
proc qspi_scan_part {id} {
	set maker [format 0x%02X [expr {$id >> 16}]]
	set code [expr {$id & 0xFF}]
	if {$maker eq "0xEF" && (($id >> 8) & 0xFF) in {64 96 112 128} && $code >= 20 && $code <= 25} {
		return "Winbond W25Q[lindex {80 16 32 64 128 256} [expr {$code - 20}]]"
	}
	if {[info exists ::qspi_scan_makers($maker)]} {
		return "$::qspi_scan_makers($maker) flash"
	}
	return "a flash of unknown make"
}

# `make scan`: ends OpenOCD, with status 1 if nothing was found.
proc qspi_cli_scan {args} {
	qspi_cli {
		if {[catch {qspi_traceless {init}}]} {
			qspi_fail "[expr {[command mode] eq "config" ? "no debug probe: check its USB cable and permissions, or choose another one with `-f interface/....cfg` before the board file" : "the probe answers, but not the microcontroller: check its power, SWDIO, SWCLK and GND"}]."
		}
		set failed [catch {qspi scan {*}$args} message]
		catch {reset run}
		if {$failed} {
			return -code error $message
		}
	}
}
