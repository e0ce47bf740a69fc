# SPDX-License-Identifier: MIT
# `qspi doctor`, the chip as it answers on lines moved by GPIO: JEDEC ID, the mode it was left in,
# swapped, missing and misplaced lines. Used by tcl/doctor.tcl.

# Roles of each chip: list of dicts role -> pin word.
proc qspi_doctor_chips {} {
	array set pin {}
	foreach slot $::qspi_slots word [dict get $::qspi_wiring pins] {
		set pin($slot) $word
	}
	set chips [list [list clk $pin(clk) ncs $pin(ncs) io0 $pin(io0) io1 $pin(io1) io2 $pin(io2) io3 $pin(io3)]]
	if {[qspi_chips] == 2} {
		set ncs [expr {$pin(ncs2) ? $pin(ncs2) : $pin(ncs)}]
		lappend chips [list clk $pin(clk) ncs $ncs io0 $pin(io4) io1 $pin(io5) io2 $pin(io6) io3 $pin(io7)]
	}
	return $chips
}

# The wiring's name of a pin: "IO1=PD12".
proc qspi_doctor_pin {word} {
	return [qspi_wiring_signal $word]
}

# Run `script` for each chip; the first that says "stop" ends it.
proc qspi_doctor_each_chip {script} {
	if {[info exists ::qspi_doctor(locked)]} {
		qspi_doctor_say - "not measured: pins are locked"
		return
	}
	set index 0
	foreach roles [qspi_doctor_chips] {
		set ::qspi_doctor(which) [qspi_which_chip $index]
		set ::qspi_doctor(chip) $index
		qspi_bb_take $roles
		set outcome [$script $roles]
		qspi_bb_release
		if {$outcome eq "stop"} {
			return stop
		}
		incr index
	}
}

# JEDEC ID on IO1, or on another role.
proc qspi_bb_id {{role io1}} {
	return [dict get [qspi_bb_ask [qspi_reg NOR_CMD_READ_JEDEC_ID] 3 $role] $role]
}

# No line that rests high or low makes such an ID: a maker, and a capacity of 64 KiB to 256 MiB.
proc qspi_id_plausible {id} {
	set maker [expr {$id >> 16}]
	set capacity [expr {$id & 0xFF}]
	return [expr {$maker ni {0 0x7F 127 255} && $capacity >= 16 && $capacity <= 34}]
}

# An answer that is neither all ones nor all zeros, twice the same.
proc qspi_bb_id_stable {} {
	set id [qspi_bb_id]
	if {$id == 0 || $id == 0xFFFFFF || [qspi_bb_id] != $id} {
		return 0
	}
	return $id
}

proc qspi_doctor_jedec {} {
	return [qspi_doctor_each_chip qspi_doctor_jedec_chip]
}

proc qspi_doctor_jedec_chip {roles} {
	set id [qspi_doctor_wake]
	if {$id eq "busy"} {
		return [qspi_doctor_fault "the chip$::qspi_doctor(which) stays busy: SR1 reads [format 0x%02X $::qspi_doctor(sr1)] for more than 5 s" \
			"a chip erase is running (up to 100 s), or the chip is damaged" \
			"wait two minutes without a reset, then `qspi doctor` again; if it stays busy, power-cycle the board"]
	}
	if {!$id} {
		return [qspi_doctor_silent $roles]
	}
	set ::qspi_doctor(id) $id
	qspi_doctor_healed
	qspi_doctor_ok "[qspi_id_text $id]$::qspi_doctor(which) on one line, moved by GPIO without the QUADSPI"
}

# Bring the chip to SPI mode step by step, so that it shows what state it was in. Returns the ID, 0,
# or "busy".
proc qspi_doctor_wake {} {
	if {[set id [qspi_bb_id_stable]]} {
		return $id
	}
	if {[qspi_doctor_was_busy]} {
		return [qspi_doctor_wait_ready]
	}
	# IO1 to IO3 rest high meanwhile: the mode bits that end a continuous read.
	foreach {text script} {
		"in continuous read mode"         {}
		"in power-down mode"              {qspi_bb_ask [qspi_reg NOR_CMD_RELEASE_POWER_DOWN] 4}
		"in QPI mode"                     {qspi_bb_ones 2}
		"in continuous read mode"         {qspi_bb_ones 9}
		"in continuous read mode (QPI)"   {qspi_bb_ones 2}
		"in continuous read mode (4-byte address)" {qspi_bb_ones 11}
		"in continuous read mode (2 lines)"        {qspi_bb_ones 16; qspi_bb_ones 20}
	} {
		eval $script
		if {[set id [qspi_bb_id_stable]]} {
			qspi_doctor_note "the chip$::qspi_doctor(which) was left $text; it takes commands again"
			return $id
		}
	}
	if {[qspi_doctor_was_busy]} {
		return [qspi_doctor_wait_ready]
	}
	return 0
}

# A busy chip answers to 05h only.
proc qspi_bb_register {opcode} {
	return [dict get [qspi_bb_ask $opcode 1] io1]
}

proc qspi_doctor_was_busy {} {
	set sr1 [qspi_bb_register [qspi_reg NOR_CMD_READ_SR1]]
	set ::qspi_doctor(sr1) $sr1
	return [expr {$sr1 != 255 && ($sr1 & [qspi_reg NOR_SR1_WIP])}]
}

proc qspi_doctor_wait_ready {} {
	for {set i 0} {$i < 50} {incr i} {
		if {![qspi_doctor_was_busy]} {
			qspi_doctor_note "the chip$::qspi_doctor(which) was still busy with an erase or a write; it is ready now"
			return [qspi_bb_id_stable]
		}
		sleep 100
	}
	return busy
}

# What the last bring-up already had to heal.
proc qspi_doctor_healed {} {
	set found [qspi_found_text $::qspi_doctor(found)]
	if {$found ne "" && $::qspi_doctor(chip) == 0} {
		qspi_doctor_note "at the last bring-up the chip $found"
	}
}

# --- No answer: where does it get lost? ---

proc qspi_doctor_silent {roles} {
	if {[info exists ::qspi_doctor(bad)]} {
		qspi_doctor_say - "no answer$::qspi_doctor(which): mend the lines above first; while IO3 is low, a chip with QE=0 is on hold"
		return stop
	}
	if {[qspi_doctor_alive]} {
		return [qspi_doctor_io1 $roles]
	}
	foreach pair [qspi_doctor_swaps $roles] {
		lassign $pair a b
		set try $roles
		dict set try $a [dict get $roles $b]
		dict set try $b [dict get $roles $a]
		if {[qspi_doctor_try $try]} {
			return [qspi_doctor_swapped $a $b $roles]
		}
	}
	foreach {role word name} [qspi_doctor_other_pins $roles] {
		set try $roles
		dict set try $role $word
		if {[qspi_doctor_try $try]} {
			return [qspi_doctor_elsewhere $role $name $roles]
		}
	}
	qspi_bb_release
	qspi_bb_take $roles
	if {[qspi_doctor_babbles]} {
		return [qspi_doctor_io0 $roles]
	}
	set names [join [lmap role {CLK NCS IO0} {qspi_doctor_pin [dict get $roles [string tolower $role]]}] ", "]
	return [qspi_doctor_fault "no chip answers$::qspi_doctor(which), nor drives any line" \
		"the chip is not fitted or has no power, or one of $names does not reach it" \
		"measure 2.7 to 3.6 V at the chip (pins 8 and 4), then continuity of $names; if the board may be wired otherwise: `qspi scan`"]
}

# Does the chip drive IO0 in a dual read (3Bh)? It moves against both pulls then, whatever IO1 does.
proc qspi_doctor_alive {} {
	set seen {}
	foreach pull {1 2} {
		qspi_bb_select 1
		qspi_bb_send [qspi_reg NOR_CMD_FAST_READ_DUAL] 8
		qspi_bb_send 0 24
		qspi_pad_input $::qspi_bb(io0) $pull
		qspi_bb_skip 8
		lappend seen [dict get [qspi_bb_receive 16 io0] io0]
		qspi_bb_end
		qspi_pad_output $::qspi_bb(io0) 0
	}
	return [expr {[lindex $seen 0] == [lindex $seen 1]}]
}

# A chip that sees noise on IO0 takes it for some read now and then and drives IO1, against the pull.
# Harmless: no exchange is of whole bytes, so the chip carries out none that writes.
proc qspi_doctor_babbles {} {
	set heard 0
	for {set i 0} {$i < 64 && !$heard} {incr i} {
		set pull [expr {1 + $i % 2}]
		qspi_pad_input $::qspi_bb(io1) $pull
		qspi_bb_select 1
		qspi_bb_send [qspi_reg NOR_CMD_READ_SR1] 8
		set first [dict get [qspi_bb_receive 8 io1] io1]
		qspi_bb_skip 24
		set second [dict get [qspi_bb_receive 8 io1] io1]
		qspi_bb_end
		set heard [expr {($first << 8 | $second) != ($pull == 1 ? 0xFFFF : 0)}]
	}
	qspi_pad_input $::qspi_bb(io1) 1
	if {$heard} {
		# The noise may have been a continuous read.
		qspi_bb_ones 9
		qspi_bb_ones 16
	}
	return $heard
}

proc qspi_doctor_io0 {roles} {
	set pin [qspi_doctor_pin [dict get $roles io0]]
	set ::qspi_doctor(step) [string range $pin 0 2]
	qspi_doctor_fault "the chip$::qspi_doctor(which) is selected and clocked and drives IO1 now and then, but commands on $pin do not reach it" \
		"the line of $pin is broken, or IO0 of the chip is wired to another pin" \
		"check the solder joint of $pin and of pin 5 of the chip, and continuity between them"
	return stop
}

# The chip hears CLK, NCS and IO0, but IO1 is silent: its answer may be on IO2 or IO3, or on another
# pin.
proc qspi_doctor_io1 {roles} {
	foreach role {io2 io3} {
		if {[info exists ::qspi_bb($role)] && [qspi_id_plausible [qspi_bb_id $role]]} {
			return [qspi_doctor_swapped io1 $role $roles]
		}
	}
	foreach {role word name} [qspi_doctor_other_pins $roles] {
		set try $roles
		dict set try $role $word
		if {$role eq "io1" && [qspi_doctor_try $try]} {
			return [qspi_doctor_elsewhere $role $name $roles]
		}
	}
	set pin [qspi_doctor_pin [dict get $roles io1]]
	set ::qspi_doctor(step) [string range $pin 0 2]
	qspi_doctor_fault "the chip$::qspi_doctor(which) hears commands and drives IO0 in a dual read, but its answer does not reach $pin" \
		"the line of $pin is broken, or IO1 of the chip is wired to another pin" \
		"check the solder joint of $pin and of pin 2 of the chip, and continuity between them"
	return stop
}

# Pairs to try: those with an input line in them.
proc qspi_doctor_swaps {roles} {
	set pairs {}
	foreach a {io0 clk ncs} {
		foreach b {io1 io2 io3 ncs clk io0} {
			if {$a ne $b && [dict get $roles $b] && [list $b $a] ni $pairs} {
				lappend pairs [list $a $b]
			}
		}
	}
	return $pairs
}

proc qspi_doctor_try {roles} {
	qspi_bb_release
	qspi_bb_take $roles
	set id [qspi_bb_id]
	return [expr {[qspi_id_plausible $id] && [qspi_bb_id] == $id}]
}

# Other pins that could carry a line of this chip: role, pin word, pin name. A pin that other parts of
# the board drive or that firmware uses is left alone.
proc qspi_doctor_other_pins {roles} {
	set dual [expr {[qspi_chips] == 2}]
	set bank [expr {[dict get $::qspi_wiring flags] & $::qspi_stub(FLAG_BANK2) || $::qspi_doctor(chip) ? 2 : 1}]
	set found {}
	foreach role {ncs clk io0 io1} {
		set signal [expr {$role eq "clk" ? "CLK" : "BK${bank}_[string toupper $role]"}]
		foreach name [qspi_signal_pins $signal] {
			if {[string match *_C $name]} {
				continue
			}
			set word [qspi_pin_word $name [qspi_pin_af $name $signal]]
			if {$word ni [dict get $::qspi_wiring pins] && [qspi_doctor_pin_free $word]} {
				lappend found $role $word $name
			}
		}
	}
	return $found
}

proc qspi_doctor_pin_free {word} {
	set enable [expr {1 << (($word >> 8) & 15)}]
	if {!([qspi_peek RCC_AHB4ENR] & $enable)} {
		qspi_poke_sticks RCC_AHB4ENR $enable
	}
	if {[qspi_pad_get $word MODER] in {1 2} && ![info exists ::qspi_pads_saved($word)]} {
		return 0
	}
	qspi_pad_take $word
	set levels {}
	foreach pull {1 2} {
		qspi_pad_input $word $pull
		lappend levels [qspi_pad_get $word IDR]
	}
	return [expr {$levels ne {0 0}}]
}

proc qspi_doctor_swapped {a b roles} {
	lassign [split [qspi_doctor_pin [dict get $roles $a]] =] signal_a pin_a
	lassign [split [qspi_doctor_pin [dict get $roles $b]] =] signal_b pin_b
	set ::qspi_doctor(step) "wiring"
	set next "cross the two lines back; the QUADSPI cannot exchange them, $pin_a is no $signal_b or $pin_b no $signal_a"
	set wiring [qspi_doctor_wiring_with [string tolower $signal_a] $pin_b [string tolower $signal_b] $pin_a]
	if {![catch {qspi_wiring_parse $wiring}]} {
		set next "start with -c \"set QSPI_WIRING {$wiring}\" before the board file"
	}
	qspi_doctor_fault "$signal_a and $signal_b are swapped: the chip answers with $signal_a on $pin_b and $signal_b on $pin_a" \
		"the two lines are crossed between microcontroller and chip, or exchanged in the wiring given" $next
	return stop
}

# The wiring list with other pins for some signals.
proc qspi_doctor_wiring_with {args} {
	set wiring {}
	foreach slot $::qspi_slots word [dict get $::qspi_wiring pins] {
		if {[dict exists $args $slot]} {
			lappend wiring $slot [dict get $args $slot]
		} elseif {$word} {
			lappend wiring $slot [qspi_pin_of_word $word]
		} elseif {$slot in {io2 io3}} {
			lappend wiring $slot -
		}
	}
	return $wiring
}

proc qspi_doctor_elsewhere {role name roles} {
	set was [qspi_doctor_pin [dict get $roles $role]]
	lassign [split $was =] signal pin
	set ::qspi_doctor(step) "wiring"
	qspi_doctor_fault "$signal is on $name, not on $pin: with it the chip answers" \
		"the wiring given is not that of this board" \
		"start with -c \"set QSPI_WIRING {[qspi_doctor_wiring_with [string tolower $signal] $name]}\" before the board file; `qspi scan` checks the other lines"
	return stop
}
