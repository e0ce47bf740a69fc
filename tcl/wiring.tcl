# SPDX-License-Identifier: MIT
# From a wiring list such as {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13} to the pin words of
# the stub's parameter block, with one clear sentence for each mistake in it. Two chips in dual-flash
# mode add io4..io7 (bank 2) and, if the second chip has a select of its own, ncs2. A line that is not
# wired is written as "-" (io2, io3 and io6, io7 only). Needs init-stub/init_stub.tcl. Used by
# openocd/qspi.cfg and tcl/bringup.tcl.

# Signals in the order of the parameter block (enum qspi_pin_slot in init-stub/abi.h).
set ::qspi_slots {}
for {set _qspi_slot 0} {$_qspi_slot < $::qspi_stub(SLOTS)} {incr _qspi_slot} {
	foreach {_qspi_name _qspi_value} [array get ::qspi_stub SLOT_*] {
		if {$_qspi_value == $_qspi_slot} {
			lappend ::qspi_slots [string tolower [string range $_qspi_name 5 end]]
		}
	}
}

# Parse and check. Result: dict with `flags` (QSPI_FLAG_*), `pins` (one word a slot) and `text`
# ("CLK=PB2 NCS=PB6 ..."). `package` may be "" (not known).
proc qspi_wiring_parse {wiring {package ""}} {
	array set pin [qspi_wiring_list $wiring]
	set dual [expr {[llength [array names pin io4]] > 0}]
	qspi_wiring_complete pin $dual
	set bank [qspi_wiring_bank pin $dual]
	set words {}
	set text {}
	foreach slot $::qspi_slots {
		if {![info exists pin($slot)] || $pin($slot) eq "-"} {
			lappend words 0
			continue
		}
		set af [qspi_wiring_af $slot $pin($slot) $bank $dual [info exists pin(ncs2)]]
		qspi_wiring_bonded $slot $pin($slot) $package
		lappend words [qspi_pin_word $pin($slot) $af]
		lappend text "[string toupper $slot]=$pin($slot)"
	}
	set flags [expr {$dual ? $::qspi_stub(FLAG_DUAL) : $bank == 2 ? $::qspi_stub(FLAG_BANK2) : 0}]
	return [list flags [expr {$flags + 0}] pins $words text [join $text]]
}

# The list as checked pairs: known signals, each once, known pins, each once.
proc qspi_wiring_list {wiring} {
	if {[catch {llength $wiring} count] || $count % 2} {
		qspi_fail "QSPI_WIRING is not a list of signal and pin pairs: {$wiring}. Write it like {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13}."
	}
	set pairs {}
	foreach {signal name} $wiring {
		set signal [string tolower $signal]
		set name [qspi_pin_name $name]
		if {$signal ni $::qspi_slots} {
			qspi_fail "unknown signal \"$signal\" in QSPI_WIRING; signals are clk, ncs, io0, io1, io2, io3, and for a second chip io4, io5, io6, io7, ncs2."
		}
		if {[info exists seen($signal)]} {
			qspi_fail "signal [string toupper $signal] is given twice in QSPI_WIRING: $seen($signal) and $name; leave one of them."
		}
		set seen($signal) $name
		lappend pairs $signal $name
		if {$name eq "-"} {
			continue
		}
		if {![qspi_pin_exists $name]} {
			qspi_fail "unknown pin \"$name\" for [string toupper $signal] in QSPI_WIRING; pins are named like PB2 (ports A to K, numbers 0 to 15)."
		}
		if {[info exists owner($name)]} {
			qspi_fail "pin $name is given twice in QSPI_WIRING: for [string toupper $owner($name)] and for [string toupper $signal]."
		}
		set owner($name) $signal
	}
	return $pairs
}

proc qspi_wiring_complete {pins dual} {
	upvar 1 $pins pin
	set needed {clk ncs io0 io1 io2 io3}
	if {$dual || [llength [array names pin io\[5-7\]]] || [info exists pin(ncs2)]} {
		lappend needed io4 io5 io6 io7
	}
	foreach slot $needed {
		if {![info exists pin($slot)]} {
			qspi_fail "signal [string toupper $slot] is missing in QSPI_WIRING. [qspi_wiring_choice $slot][expr {$slot in {io2 io3 io6 io7} ? " If the board does not wire it, write \"$slot -\"." : ""}]"
		}
		if {$pin($slot) eq "-" && $slot ni {io2 io3 io6 io7}} {
			qspi_fail "signal [string toupper $slot] cannot be left unwired. [qspi_wiring_choice $slot]"
		}
	}
}

# The bank of a single chip, told by its NCS pin; 1 in dual-flash mode.
proc qspi_wiring_bank {pins dual} {
	upvar 1 $pins pin
	if {!$dual && [qspi_pin_af $pin(ncs) BK2_NCS] ne ""} {
		return 2
	}
	return 1
}

# Names in the pin table that `slot` may stand for.
proc qspi_slot_signals {slot bank dual own_ncs2} {
	switch -glob -- $slot {
		clk     { return {CLK} }
		ncs2    { return {BK2_NCS} }
		ncs     { return [expr {$dual && !$own_ncs2 ? {BK1_NCS BK2_NCS} : "BK${bank}_NCS"}] }
		io[4-7] { return "BK2_IO[expr {[string index $slot 2] - 4}]" }
	}
	return "BK${bank}_[string toupper $slot]"
}

proc qspi_wiring_af {slot pin bank dual own_ncs2} {
	foreach signal [qspi_slot_signals $slot $bank $dual $own_ncs2] {
		set af [qspi_pin_af $pin $signal]
		if {$af ne ""} {
			return $af
		}
	}
	set name [string toupper $slot]
	set other [expr {$bank == 1 ? 2 : 1}]
	if {!$dual && [qspi_pin_af $pin "BK${other}_$name"] ne ""} {
		qspi_fail "$pin is $name of bank $other, but NCS is on bank $bank: all lines of one chip must be of one bank. $name of bank $bank can be [qspi_or_text [qspi_signal_pins BK${bank}_$name]]."
	}
	qspi_fail "$pin cannot carry QUADSPI $name; [qspi_wiring_choice $slot]"
}

# "NCS can be PB6, PB10 or PG6 (bank 1) or PC11 (bank 2)."
proc qspi_wiring_choice {slot} {
	set name [string toupper $slot]
	switch -glob -- $slot {
		clk     { return "CLK can be [qspi_or_text [qspi_signal_pins CLK]]." }
		ncs2    { return "NCS2 can be [qspi_or_text [qspi_signal_pins BK2_NCS]]." }
		io[4-7] { return "$name can be [qspi_or_text [qspi_signal_pins [qspi_slot_signals $slot 2 1 1]]]." }
	}
	return "$name can be [qspi_or_text [qspi_signal_pins BK1_$name]] (bank 1) or [qspi_or_text [qspi_signal_pins BK2_$name]] (bank 2)."
}

proc qspi_wiring_bonded {slot pin package} {
	global qspi_packages
	if {$package eq ""} {
		return
	}
	if {![info exists qspi_packages($package)]} {
		qspi_fail "unknown package \"$package\" in QSPI_PACKAGE; it can be [qspi_or_text [lsort [array names qspi_packages]]]."
	}
	if {$pin ni $qspi_packages($package)} {
		qspi_fail "[string toupper $slot]=$pin: the $package package has no pin $pin."
	}
}

# QSPI_PIN_WORD of driver/qspi_pin.h. PA1_C is the pad of PA1 behind its analog switch.
proc qspi_pin_word {pin af} {
	regexp {^P([A-K])([0-9]+)} $pin -> port number
	scan $port %c code
	return [expr {$::qspi_stub(PIN_VALID) | ($code - 65) << 8 | $number << 4 | $af}]
}

# "PD12" from a pin word, for messages.
proc qspi_pin_of_word {word} {
	return [format "P%c%d" [expr {65 + (($word >> 8) & 0xF)}] [expr {($word >> 4) & 0xF}]]
}
