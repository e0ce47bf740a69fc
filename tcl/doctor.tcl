# SPDX-License-Identifier: MIT
# `qspi doctor`: why does the flash not answer? Goes from the debug port to the last byte of the bank
# and prints for each step `ok`, or the fault, its likely cause and what to do next. The steps are in
# tcl/doctor_mcu.tcl, doctor_lines.tcl, doctor_chip.tcl, doctor_data.tcl and doctor_speed.tcl. Nothing
# is written to the flash array; what is changed in clocks, pins and the chip's volatile bits is put
# back.

# Steps in order: title and proc. A proc calls qspi_doctor_say for what it finds, and returns "stop"
# if the steps behind it cannot work.
set ::qspi_doctor_steps {
	"debug port"    qspi_doctor_debug_port
	"power"         qspi_doctor_power
	"clocks"        qspi_doctor_clocks
	"pin setting"   qspi_doctor_locks
	"lines"         qspi_doctor_lines
	"JEDEC ID"      qspi_doctor_jedec
	"SFDP"          qspi_doctor_sfdp
	"status"        qspi_doctor_status
	"data lines"    qspi_doctor_quad
	"controller"    qspi_doctor_controller
	"speed"         qspi_doctor_speed
	"mapped read"   qspi_doctor_mapped
	"last bytes"    qspi_doctor_last
}

qspi_command doctor {[-json]} "Find out why the flash does not answer: power, clocks, pins, lines, chip, speed."
proc qspi_cmd_doctor {args} {
	set options [qspi_options {-json 0} $args]
	if {[llength [dict get $options words]]} {
		qspi_usage "unexpected word [lindex [dict get $options words] 0]"
	}
	if {[[target current] curstate] ne "halted"} {
		qspi_fail "the core is running; stop it first with `reset init` or `halt`."
	}
	qspi_doctor_start [dict get $options -json]
	qspi_core_ease
	set failed [catch {qspi_doctor_run} message]
	qspi_doctor_put_back
	if {$failed} {
		return -code error $message
	}
	return [qspi_doctor_verdict]
}

# Fresh notes of this run: `report` is the list of dicts step, result, text, cause, next.
proc qspi_doctor_start {json} {
	set found 0
	if {$::qspi_up} {
		set found [dict get $::qspi_result found]
	}
	set ::qspi_up 0
	array unset ::qspi_doctor
	array set ::qspi_doctor [list json $json report {} step "" found $found id 0 sfdp 0 quad 0 heard 0 pulled {} restore {}]
	array unset ::qspi_pads_saved
	if {!$json} {
		echo "QSPI doctor: $::QSPI_BOARD_NAME, [dict get $::qspi_wiring text]"
	}
}

proc qspi_doctor_run {} {
	set stopped 0
	foreach {title step} $::qspi_doctor_steps {
		set ::qspi_doctor(step) $title
		qspi_dog_feed
		if {$stopped} {
			qspi_doctor_say - "not tried"
		} elseif {[$step] eq "stop"} {
			set stopped 1
		}
	}
}

# One line of the report: `result` is ok, note, FAULT or -. A fault has its cause and the next thing to
# do; a note may have the latter.
proc qspi_doctor_say {result text {cause ""} {next ""}} {
	lappend ::qspi_doctor(report) [list step $::qspi_doctor(step) result $result text $text cause $cause next $next]
	if {$::qspi_doctor(json)} {
		return
	}
	echo [format "  %-12s %-6s %s" $::qspi_doctor(step) $result $text]
	if {$cause ne ""} {
		echo [format "  %-12s %-6s cause: %s" "" "" $cause]
	}
	if {$next ne ""} {
		echo [format "  %-12s %-6s next:  %s" "" "" $next]
	}
}

proc qspi_doctor_ok {text} {
	qspi_doctor_say ok $text
}

# A fault ends the run unless the step goes on by itself.
proc qspi_doctor_fault {text cause next} {
	qspi_doctor_say FAULT $text $cause $next
	return stop
}

# Something worth knowing that is no fault.
proc qspi_doctor_note {text {next ""}} {
	qspi_doctor_say note $text "" $next
}

# Pins and clocks as they were, then the flash up again, or the bank parked if the chip does not hear
# well; a bring-up that fails parks it itself.
proc qspi_doctor_put_back {} {
	catch {qspi_bb_release}
	foreach script [lreverse $::qspi_doctor(restore)] {
		catch $script
	}
	set ::qspi_doctor(restore) {}
	if {!$::qspi_doctor(heard)} {
		# A chip that may mishear is sent nothing more.
		catch {qspi_park 0}
		qspi_clear_trace
		return
	}
	if {[catch {qspi_doctor_quietly {qspi_bring_up 1}} message]} {
		set ::qspi_doctor(step) "bring-up"
		qspi_doctor_fault [string map {"QSPI: " ""} $message] "the chip works, but OpenOCD cannot use it as it is" "as the sentence above says"
	}
	qspi_clear_trace
}

# With -json nothing but the object is printed.
proc qspi_doctor_quietly {script} {
	if {!$::qspi_doctor(json)} {
		return [uplevel 1 $script]
	}
	rename qspi_say qspi_doctor_saved_say
	proc qspi_say {sentence} {}
	set failed [catch {uplevel 1 $script} result]
	rename qspi_say ""
	rename qspi_doctor_saved_say qspi_say
	if {$failed} {
		return -code error $result
	}
	return $result
}

# Register `script` to undo something; the last one is run first.
proc qspi_doctor_undo {script} {
	lappend ::qspi_doctor(restore) $script
}

proc qspi_doctor_faults {} {
	set faults {}
	foreach entry $::qspi_doctor(report) {
		if {[dict get $entry result] eq "FAULT"} {
			lappend faults "[dict get $entry step]: [dict get $entry text]"
		}
	}
	return $faults
}

# The last line; an error if there was a fault.
proc qspi_doctor_verdict {} {
	set faults [qspi_doctor_faults]
	if {$::qspi_doctor(json)} {
		qspi_doctor_print_json $faults
	}
	if {[llength $faults]} {
		qspi_fail "the doctor found [llength $faults] fault[expr {[llength $faults] == 1 ? "" : "s"}]: [lindex $faults 0]"
	}
	if {!$::qspi_doctor(json)} {
		qspi_say "the doctor found no fault."
	}
}

proc qspi_doctor_print_json {faults} {
	set steps {}
	foreach entry $::qspi_doctor(report) {
		set fields {}
		foreach key {step result text cause next} {
			lappend fields $key s [dict get $entry $key]
		}
		lappend steps $fields
	}
	echo [qspi_json [list command s doctor board s $::QSPI_BOARD_NAME wiring s [dict get $::qspi_wiring text] \
		faults n [llength $faults] steps O $steps]]
}

# Behind `make doctor`: no bring-up before, so that the state in which firmware left the chip shows.
proc qspi_cli_doctor {args} {
	qspi_cli {
		qspi_connect {reset halt}
		qspi doctor {*}$args
	}
}
