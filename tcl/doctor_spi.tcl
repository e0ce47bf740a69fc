# SPDX-License-Identifier: MIT
# `qspi doctor`: pins as GPIO, and SPI made of them bit by bit, without the QUADSPI. Used by
# tcl/doctor_lines.tcl, doctor_chip.tcl and doctor_data.tcl.

# --- One pin: register of its port, field of it. A pin is its word (driver/qspi_pin.h). ---

proc qspi_pad_number {word} {
	return [expr {($word >> 4) & 15}]
}

# Address of the port's register. AFR is AFRL or AFRH.
proc qspi_pad_address {word register} {
	if {$register eq "AFR"} {
		set register [expr {[qspi_pad_number $word] < 8 ? "AFRL" : "AFRH"}]
	}
	return [expr {[qspi_reg GPIO_BASE] + [qspi_reg GPIO_STRIDE] * (($word >> 8) & 15) + [qspi_reg GPIO_${register}_OFFSET]}]
}

proc qspi_pad_read {word register} {
	return [qspi_read_word [qspi_pad_address $word $register]]
}

# Bits a pin has in a register, and where.
proc qspi_pad_place {word register} {
	set number [qspi_pad_number $word]
	switch -- $register {
		AFR     { return [list [expr {$number % 8 * 4}] 15] }
		OTYPER - ODR - IDR { return [list $number 1] }
	}
	return [list [expr {$number * 2}] 3]
}

proc qspi_pad_get {word register} {
	lassign [qspi_pad_place $word $register] shift mask
	return [expr {[qspi_pad_read $word $register] >> $shift & $mask}]
}

proc qspi_pad_set {word register value} {
	lassign [qspi_pad_place $word $register] shift mask
	set address [qspi_pad_address $word $register]
	set old [qspi_read_word $address]
	qspi_write_words $address [list [expr {($old & ~($mask << $shift)) | $value << $shift}]]
}

# Output level, whether or not the pin is an output now.
proc qspi_pad_level {word level} {
	set bit [expr {1 << [qspi_pad_number $word]}]
	qspi_write_words [qspi_pad_address $word BSRR] [list [expr {$level ? $bit : $bit << 16}]]
	if {[qspi_pad_address $word ODR] == $::qspi_bb_odr_at} {
		set ::qspi_bb_odr [expr {$level ? $::qspi_bb_odr | $bit : $::qspi_bb_odr & ~$bit}]
	}
}

# Input with a pull: 1 up, 2 down (0 none).
proc qspi_pad_input {word pull} {
	qspi_pad_set $word PUPDR $pull
	qspi_pad_set $word MODER 0
}

proc qspi_pad_output {word level} {
	qspi_pad_level $word $level
	qspi_pad_set $word MODER 1
}

# Take a pin for GPIO; its setting comes back with the doctor's last step.
proc qspi_pad_take {word} {
	if {[info exists ::qspi_pads_saved($word)]} {
		return
	}
	set ::qspi_pads_saved($word) 1
	# The mode comes back last, as in the bring-up.
	foreach register {MODER AFR PUPDR OSPEEDR OTYPER ODR} {
		qspi_doctor_undo [list qspi_pad_set $word $register [qspi_pad_get $word $register]]
	}
	qspi_pad_set $word OSPEEDR 0
	qspi_pad_set $word OTYPER 0
}

# --- SPI by GPIO. An exchange is of no whole number of bytes wherever the chip may mishear it: then it
# takes no misheard command for one that writes. Roles (clk ncs io0 io1 io2 io3) name pins for one exchange: array ::qspi_bb ---

# Set the pins up: NCS high, CLK low, IO0 out, the others in with pull-ups. `roles` is a dict role ->
# pin word; io2 and io3 may be missing.
proc qspi_bb_take {roles} {
	array unset ::qspi_bb
	foreach role {ncs clk io0 io1 io2 io3} {
		if {[dict exists $roles $role] && [dict get $roles $role]} {
			set ::qspi_bb($role) [dict get $roles $role]
			qspi_pad_take $::qspi_bb($role)
		}
	}
	qspi_pad_output $::qspi_bb(ncs) 1
	foreach role {io1 io2 io3} {
		if {[info exists ::qspi_bb($role)]} {
			qspi_pad_input $::qspi_bb($role) 1
		}
	}
	qspi_pad_output $::qspi_bb(clk) 0
	qspi_pad_output $::qspi_bb(io0) 0
	qspi_bb_edges
}

# A clock cycle is one block of two words: ODR with CLK high, then BSRR, which lies behind it and pulls
# CLK low. ::qspi_bb_odr follows the port's other outputs.
proc qspi_bb_edges {} {
	set bit [expr {1 << [qspi_pad_number $::qspi_bb(clk)]}]
	set ::qspi_bb_odr_at [qspi_pad_address $::qspi_bb(clk) ODR]
	set ::qspi_bb_odr [qspi_read_word $::qspi_bb_odr_at]
	set ::qspi_bb_rise $bit
	set ::qspi_bb_fall [expr {$bit << 16}]
}

proc qspi_bb_cycle {} {
	qspi_write_words $::qspi_bb_odr_at [list [expr {$::qspi_bb_odr | $::qspi_bb_rise}] $::qspi_bb_fall]
}

# All pins of the exchange inputs with pull-ups, NCS last.
proc qspi_bb_release {} {
	if {![info exists ::qspi_bb(ncs)]} {
		return
	}
	qspi_pad_level $::qspi_bb(ncs) 1
	foreach role {io0 io1 io2 io3 clk ncs} {
		if {[info exists ::qspi_bb($role)]} {
			qspi_pad_input $::qspi_bb($role) 1
		}
	}
	array unset ::qspi_bb
	set ::qspi_bb_odr_at 0
}

# The port register that qspi_bb_cycle writes, 0 outside of exchanges, and its value with CLK low.
set ::qspi_bb_odr_at 0
set ::qspi_bb_odr 0

# Clocks behind an exchange that only reads, so that it is of no whole number of bytes.
set ::qspi_bb_odd 3

# Send `bits` bits on IO0, the highest first.
proc qspi_bb_send {value bits} {
	set level -1
	for {set i [expr {$bits - 1}]} {$i >= 0} {incr i -1} {
		set bit [expr {$value >> $i & 1}]
		if {$bit != $level} {
			qspi_pad_level $::qspi_bb(io0) $bit
			set level $bit
		}
		qspi_bb_cycle
	}
}

# `count` clocks with nothing sent.
proc qspi_bb_skip {count} {
	for {set i 0} {$i < $count} {incr i} {
		qspi_bb_cycle
	}
}

# Receive for `count` clocks on `roles`: dict role -> number, first bit highest. A role without a pin
# reads ones.
proc qspi_bb_receive {count roles} {
	foreach role $roles {
		set value($role) 0
		set there($role) [info exists ::qspi_bb($role)]
		if {$there($role)} {
			set address($role) [qspi_pad_address $::qspi_bb($role) IDR]
			set number($role) [qspi_pad_number $::qspi_bb($role)]
		}
	}
	for {set i 0} {$i < $count} {incr i} {
		array unset port
		foreach role $roles {
			set bit 1
			if {$there($role)} {
				if {![info exists port($address($role))]} {
					set port($address($role)) [qspi_read_word $address($role)]
				}
				set bit [expr {$port($address($role)) >> $number($role) & 1}]
			}
			set value($role) [expr {$value($role) << 1 | $bit}]
		}
		qspi_bb_cycle
	}
	return [array get value]
}

proc qspi_bb_select {on} {
	qspi_pad_level $::qspi_bb(ncs) [expr {!$on}]
}

# A command on one line: opcode, then `bytes` bytes in; what comes on `roles`, as qspi_bb_receive has
# it.
proc qspi_bb_ask {opcode bytes {roles io1}} {
	qspi_bb_select 1
	qspi_bb_send $opcode 8
	set answer [qspi_bb_receive [expr {8 * $bytes}] $roles]
	qspi_bb_end
	return $answer
}

# End a read: deselect between two bytes.
proc qspi_bb_end {} {
	qspi_bb_skip $::qspi_bb_odd
	qspi_bb_select 0
}

# An opcode and data bytes out.
proc qspi_bb_tell {args} {
	qspi_bb_select 1
	foreach byte $args {
		qspi_bb_send $byte 8
	}
	qspi_bb_select 0
}

# All data lines high for `count` clocks: ends QPI (2) or a continuous read (9 and more).
proc qspi_bb_ones {count} {
	foreach role {io0 io1 io2 io3} {
		if {[info exists ::qspi_bb($role)]} {
			qspi_pad_output $::qspi_bb($role) 1
		}
	}
	qspi_bb_select 1
	qspi_bb_skip $count
	qspi_bb_select 0
	foreach role {io1 io2 io3} {
		if {[info exists ::qspi_bb($role)]} {
			qspi_pad_input $::qspi_bb($role) 1
		}
	}
}
