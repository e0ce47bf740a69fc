# SPDX-License-Identifier: MIT
# `qspi doctor`, the lines: each one measured with pulls and the GPIO input register before anything is
# said to the chip. Used by tcl/doctor.tcl.

# Lines of the wiring: array ::qspi_line, name -> pin word.

# "IO1=PD12"
proc qspi_line_text {line} {
	return "[string toupper $line]=[qspi_pin_of_word $::qspi_line($line)]"
}

# Levels of the lines as a dict, one read a port.
proc qspi_lines_read {lines} {
	set levels {}
	foreach line $lines {
		set address [qspi_pad_address $::qspi_line($line) IDR]
		if {![info exists port($address)]} {
			set port($address) [qspi_read_word $address]
		}
		dict set levels $line [expr {$port($address) >> [qspi_pad_number $::qspi_line($line)] & 1}]
	}
	return $levels
}

# QUADSPI off, NCS high, all wired pins inputs with pull-ups.
proc qspi_lines_take {} {
	array unset ::qspi_line
	foreach slot $::qspi_slots word [dict get $::qspi_wiring pins] {
		if {$word} {
			set ::qspi_line($slot) $word
		}
	}
	qspi_poke QUADSPI_CR 0
	foreach line [qspi_line_names] {
		qspi_pad_take $::qspi_line($line)
		if {[string match ncs* $line]} {
			qspi_pad_output $::qspi_line($line) 1
		} else {
			qspi_pad_input $::qspi_line($line) 1
		}
	}
	foreach line [array names ::qspi_line ncs*] {
		qspi_pad_input $::qspi_line($line) 1
	}
}

# Selects first, so that no chip sees a clock edge while it is selected by chance.
proc qspi_line_names {} {
	set names [lsort [array names ::qspi_line ncs*]]
	foreach slot $::qspi_slots {
		if {[info exists ::qspi_line($slot)] && $slot ni $names} {
			lappend names $slot
		}
	}
	return $names
}

# Stuck and bridged lines, by one drive after another against weak pulls. At any time one line moves,
# so no chip sees a command.
proc qspi_doctor_lines {} {
	if {[info exists ::qspi_doctor(locked)]} {
		qspi_doctor_say - "not measured: pins are locked"
		return
	}
	qspi_lines_take
	set lines [qspi_line_names]
	set bad {}
	set pairs {}
	set at_rest [qspi_lines_read $lines]
	foreach line $lines {
		set kind [qspi_line_stuck $line [dict get $at_rest $line]]
		if {$kind ne ""} {
			qspi_doctor_stuck $line $kind
			lappend bad $line
			continue
		}
		foreach other [qspi_line_follows $line $lines $at_rest] {
			lappend pairs [lsort [list $line $other]]
		}
	}
	foreach pair [lsort -unique $pairs] {
		qspi_doctor_bridge {*}$pair
		lappend bad {*}$pair
	}
	if {[llength $bad]} {
		# The chip answers without IO2 and IO3.
		set ::qspi_doctor(bad) 1
		return [expr {[llength [lsearch -all -regexp -not $bad {^io[2367]$}]] ? "stop" : ""}]
	}
	set text "[llength $lines] lines move freely, none stuck, none joined to another"
	if {[llength $::qspi_doctor(pulled)]} {
		append text "; the board pulls [join $::qspi_doctor(pulled) {, }]"
	}
	qspi_doctor_ok $text
}

# "low", "high" or "": a line that a pull does not move is driven; a resistor on the board gives way.
proc qspi_line_stuck {line level} {
	set word $::qspi_line($line)
	set kind ""
	if {!$level} {
		qspi_pad_output $word 1
		set kind [expr {[qspi_pad_get $word IDR] ? "" : "low"}]
		lappend ::qspi_doctor(pulled) "[string toupper $line] down"
	} else {
		qspi_pad_input $word 2
		if {[qspi_pad_get $word IDR]} {
			qspi_pad_output $word 0
			set kind [expr {[qspi_pad_get $word IDR] ? "high" : ""}]
			lappend ::qspi_doctor(pulled) "[string toupper $line] up"
		}
	}
	qspi_pad_input $word 1
	return $kind
}

# Lines that go low when this one is driven low.
proc qspi_line_follows {line lines at_rest} {
	qspi_pad_output $::qspi_line($line) 0
	set levels [qspi_lines_read $lines]
	qspi_pad_level $::qspi_line($line) 1
	qspi_pad_input $::qspi_line($line) 1
	set follow {}
	foreach other $lines {
		if {$other ne $line && [dict get $at_rest $other] && ![dict get $levels $other]} {
			lappend follow $other
		}
	}
	return $follow
}

proc qspi_doctor_stuck {line kind} {
	set ::qspi_doctor(step) [string toupper $line]
	set rail [expr {$kind eq "low" ? "ground" : "the supply"}]
	qspi_doctor_fault "[qspi_line_text $line] is stuck $kind: driven [expr {$kind eq "low" ? "high" : "low"}] it still reads [expr {$kind eq "low" ? 0 : 1}]" \
		"a short to $rail, or another part on the board drives the line" \
		"look at the solder joints of [qspi_line_text $line] at both ends; measure the resistance to $rail without power"
	set ::qspi_doctor(step) "lines"
}

proc qspi_doctor_bridge {a b} {
	set ::qspi_doctor(step) "[string toupper $a]+[string toupper $b]"
	qspi_doctor_fault "[qspi_line_text $a] and [qspi_line_text $b] are joined: when one is driven low the other follows" \
		"a solder bridge between the two pins, at the flash or at the microcontroller" \
		"remove the bridge (solder wick); without power the two must not conduct"
	set ::qspi_doctor(step) "lines"
}
