# SPDX-License-Identifier: MIT
# Run the loader on the target and feed it blocks while it works, by the contract of loader/abi.h.
# Code and numbers come from the generated loader/loader.tcl (array ::qspi_loader). Used by
# tcl/write.tcl.

# How long the loader may show no progress at all: more than the longest wait of its own, 4 s.
set ::qspi_loader_patience_ms 15000

# Word index of a field of the box, and its address.
proc qspi_loader_field {name} {
	return $::qspi_loader(loader_box,$name)
}
proc qspi_loader_address {name} {
	return [expr {$::qspi_loader(BOX) + 4 * [qspi_loader_field $name]}]
}

# All of the box as a dict by field; `erases` a list of three, `slots` the states of the slots.
proc qspi_loader_box {} {
	set words [qspi_read_words $::qspi_loader(BOX) $::qspi_loader(loader_box,words)]
	foreach field {state status address expected found hashed done sck lines same programmed erased pages retries different difference predicted_us} {
		dict set box $field [lindex $words [qspi_loader_field $field]]
	}
	set at [qspi_loader_field erases]
	dict set box erases [lrange $words $at [expr {$at + 2}]]
	set slots {}
	set at [expr {[qspi_loader_field slot] + $::qspi_loader(loader_slot,state)}]
	for {set i 0} {$i < $::qspi_loader(SLOTS)} {incr i} {
		lappend slots [lindex $words $at]
		incr at $::qspi_loader(loader_slot,words)
	}
	dict set box slots $slots
	return $box
}

# Load the loader and start it. `flags` as LOADER_FLAG_x, `first` and `blocks` describe the table of
# hashes that the caller has put into the target's RAM (0 0 for none).
proc qspi_loader_start {flags first blocks} {
	set wiring $::qspi_wiring
	if {[dict get $wiring flags] & $::qspi_stub(FLAG_BANK2)} {
		set flags [expr {$flags | $::qspi_loader(FLAG_BANK2)}]
	}
	if {[dict get $wiring flags] & $::qspi_stub(FLAG_DUAL)} {
		set flags [expr {$flags | $::qspi_loader(FLAG_DUAL)}]
	}
	if {[qspi_loader_quad_wired]} {
		set flags [expr {$flags | $::qspi_loader(FLAG_QUAD)}]
	}
	set box {}
	for {set i 0} {$i < $::qspi_loader(loader_box,words)} {incr i} {
		lappend box 0
	}
	foreach {field value} [list magic $::qspi_loader(MAGIC) flags $flags sck_hz $::qspi_sck_hz \
		size [dict get $::qspi_result size] jedec_id [lindex [dict get $::qspi_result jedec_id] 0] \
		first $first blocks $blocks] {
		set box [lreplace $box [qspi_loader_field $field] [qspi_loader_field $field] $value]
	}
	set ::qspi_loader_seen {}
	qspi_core_ease
	if {[catch {
		qspi_write_words $::qspi_loader(CODE) $::qspi_loader(words)
		qspi_write_words $::qspi_loader(BOX) $box
	}]} {
		qspi_fail "cannot load the loader into RAM: the debug port refuses the access. Check the wiring to the probe and try a lower `adapter speed`."
	}
	set ::qspi_core_held 1
	set top $::qspi_loader(STACK_TOP)
	qspi_regs_restore [list control 0 primask 1 msp $top sp $top [qspi_reg_xpsr] 0x01000000 pc $::qspi_loader(CODE)]
	qspi_quiet {resume}
}

proc qspi_loader_quad_wired {} {
	foreach slot $::qspi_slots pin [dict get $::qspi_wiring pins] {
		if {$slot in {io2 io3} && $pin == 0} {
			return 0
		}
		if {$slot in {io6 io7} && $pin == 0 && [qspi_chips] == 2} {
			return 0
		}
	}
	return 1
}

# Look at the box; an error of the loader ends in its sentence, no progress for too long as well.
proc qspi_loader_look {} {
	set box [qspi_loader_box]
	if {[dict get $box status] != $::qspi_loader(OK)} {
		qspi_fail [qspi_loader_sentence $box]
	}
	set now [ms]
	if {$box ne $::qspi_loader_seen} {
		set ::qspi_loader_seen $box
		set ::qspi_loader_since $now
	} elseif {$now - $::qspi_loader_since > $::qspi_loader_patience_ms} {
		qspi_fail "the loader has stopped: no progress for [expr {$::qspi_loader_patience_ms / 1000}] s ([qspi_loader_where]). Run `reset init` and write again; what is not written yet will be found."
	}
	return $box
}

# Where the core stands, for a message.
proc qspi_loader_where {} {
	catch {qspi_quiet {halt 1000}}
	set text "pc unknown"
	catch {set text [format "pc=0x%08X" [qspi_reg_read pc]]}
	catch {append text [format " CFSR=0x%08X HFSR=0x%08X" {*}[qspi_read_words 0xE000ED28 2]]}
	return $text
}

# Wait until the hashes are compared; `script` is told the number of blocks done so far.
proc qspi_loader_wait_hashed {script} {
	for {} 1 {} {
		set box [qspi_loader_look]
		if {[dict get $box state] != $::qspi_loader(STARTING)} {
			return $box
		}
		{*}$script [dict get $box hashed]
		sleep 5
	}
}

# Wait until the slot `number` is in state `name`.
proc qspi_loader_wait_slot {number name} {
	for {} 1 {} {
		set box [qspi_loader_look]
		if {[lindex [dict get $box slots] $number] == $::qspi_loader(SLOT_$name)} {
			return $box
		}
		sleep 2
	}
}

# Wait until every slot is free.
proc qspi_loader_drain {script} {
	for {} 1 {} {
		set box [qspi_loader_look]
		set busy 0
		foreach state [dict get $box slots] {
			incr busy [expr {$state != $::qspi_loader(SLOT_FREE)}]
		}
		if {$busy == 0} {
			return $box
		}
		{*}$script [dict get $box done]
		sleep 2
	}
}

# Hand a slot over: its state is the last word, so it arrives last.
proc qspi_loader_put {number address mask span packed state} {
	set at [expr {[qspi_loader_address slot] + 4 * $number * $::qspi_loader(loader_slot,words)}]
	qspi_write_words $at [list [expr {$address - $::qspi_window_start}] $mask $span $packed $::qspi_loader(SLOT_$state)]
}

proc qspi_loader_buffer {number} {
	return [expr {$::qspi_loader(BUFFERS) + $number * $::qspi_loader(BLOCK)}]
}

# Let the loader end: it leaves the controller as the init stub did. Returns the last box, or raises
# the error that it stopped for.
proc qspi_loader_stop {} {
	qspi_write_words [qspi_loader_address stop] {1}
	if {[catch {qspi_quiet {wait_halt 10000}}]} {
		qspi_fail "the loader does not end ([qspi_loader_where]); run `reset init` and write again."
	}
	set box [qspi_loader_box]
	if {[dict get $box status] != $::qspi_loader(OK)} {
		qspi_fail [qspi_loader_sentence $box]
	}
	if {[dict get $box state] != $::qspi_loader(DONE)} {
		qspi_fail "the loader stopped before it was done ([qspi_loader_where]); run `reset init` and write again."
	}
	return $box
}

# After an error: the core halted, whatever it takes; the next command brings the flash up again.
proc qspi_loader_abandon {} {
	catch {qspi_write_words [qspi_loader_address stop] {1}}
	if {[catch {qspi_quiet {wait_halt 6000}}]} {
		catch {qspi_quiet {halt 1000}}
	}
}

# The loader's status in one sentence.
proc qspi_loader_sentence {box} {
	dict with box {
		set where [format 0x%08X [expr {$::qspi_window_start + $address}]]
		set name "unknown"
		catch {set name $::qspi_loader(status,$status)}
		switch -- $name {
			ERR_VERIFY {
				return [format "the flash does not take the data: %s should read %02X, but reads %02X after a second try. The chip is worn out there, or protected." $where $expected $found]
			}
			ERR_BUSY {
				return [format "the chip stays busy with the erase or program at %s (SR1=0x%02X): it is defective, or its supply fails." $where $found]
			}
			ERR_WEL {
				return [format "the chip refuses the write at %s: it does not take write enable (SR1=0x%02X). Check its power and whether it answers (`qspi info`)." $where $found]
			}
			ERR_CONTROLLER {
				return "the QUADSPI hangs [qspi_command_text $address] (QUADSPI_SR=[format 0x%08X $found]); run `reset init` and write again."
			}
			ERR_DATA {
				return "the data for $where arrived damaged and was not written: the pack file is corrupt, or the debug connection is unreliable (try a lower `adapter speed`)."
			}
			ERR_TIMER {
				return "TIM7, which the loader counts time with, does not run; run `reset init`."
			}
		}
	}
	return "the loader ended with status $name ($status); take loader/loader.tcl and tcl/ from one release of the kit."
}
