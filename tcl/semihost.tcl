# SPDX-License-Identifier: MIT
# `qspi semihost`: load the semihosting writer into AXI SRAM and let it fetch a file from this host
# and write it, by the contract of examples/semihost-writer/request.h. Its code and numbers come from
# the generated semihost_writer.tcl (array ::qspi_writer). Also behind `make semihost-flash`.

# Longest silence of the writer: it speaks ten times a file, of which a tenth takes 26 s for 8 MiB
# with the slowest chip that its datasheet allows.
set ::qspi_writer_limit_ms 300000

qspi_command semihost "FILE ?ADDR?" "Write a raw binary to the QSPI flash (default: its start) by a program in RAM that reads the file by semihosting; the rest of each block is kept."
proc qspi_cmd_semihost {file {address 0x90000000}} {
	set request [qspi_writer_request $file $address $::qspi_writer(WRITER_FLAG_STOP)]
	set ::qspi_core_held 1
	set failed [catch {qspi_writer_attend $request} message]
	set ::qspi_core_held 0
	catch {qspi_quiet {halt 1000}}
	catch {arm semihosting disable}
	reset halt
	if {$failed} {
		return -code error $message
	}
	reset init
}

# Behind `make semihost-flash`: OpenOCD ends with the exit code that the writer returns by
# semihosting. Only what prevents its start ends here.
proc qspi_cli_semihost {file {address 0x90000000}} {
	qspi_cli {
		set request [qspi_writer_request $file $address 0]
		if {[catch {qspi_traceless {init}}]} {
			qspi_connect
		}
		qspi_writer_start $request
		qspi_writer_wait
		qspi_fail [qspi_writer_crash]
	}
}

# The writer's image with the request in it, as a list of words.
proc qspi_writer_request {file address flags} {
	if {[catch {expr {$address + 0}}] || $address < $::qspi_window_start} {
		qspi_usage "\"$address\" is no address in the QSPI flash"
	}
	if {[file exists $file] && [file isfile $file] && [file readable $file] && [qspi_image_type $file ""] ne "bin"} {
		qspi_fail "$file is no raw binary: `qspi semihost` writes a file byte by byte. Use `program` for it, or make a .bin of it with objcopy."
	}
	set name [qspi_utf8_bytes $file]
	if {[llength $name] == 0 || [llength $name] >= $::qspi_writer(WRITER_FILE)} {
		qspi_usage "a file name of 1 to [expr {$::qspi_writer(WRITER_FILE) - 1}] bytes is needed"
	}
	set params [list $::qspi_stub(PARAM_MAGIC) [dict get $::qspi_wiring flags] $::qspi_sck_hz $::qspi_size_hint]
	set image [qspi_writer_patch $::qspi_writer(words) flags [list $flags]]
	set image [qspi_writer_patch $image address [list [expr {$address + 0}]]]
	set image [qspi_writer_patch $image qspi [concat $params [dict get $::qspi_wiring pins]]]
	return [qspi_writer_patch $image file [qspi_bytes_words $name]]
}

proc qspi_writer_patch {image field words} {
	set at $::qspi_writer($field)
	return [lreplace $image $at [expr {$at + [llength $words] - 1}] {*}$words]
}

# Bytes of a text as numbers. A Jim built for UTF-8 counts characters, another one bytes already.
proc qspi_utf8_bytes {text} {
	set wide [expr {[string bytelength $text] != [string length $text]}]
	set bytes {}
	foreach character [split $text ""] {
		scan $character %c code
		if {!$wide || $code < 0x80} {
			lappend bytes [expr {$code & 0xFF}]
		} elseif {$code < 0x800} {
			lappend bytes [expr {0xC0 | $code >> 6}] [expr {0x80 | $code & 0x3F}]
		} elseif {$code < 0x10000} {
			lappend bytes [expr {0xE0 | $code >> 12}] [expr {0x80 | $code >> 6 & 0x3F}] [expr {0x80 | $code & 0x3F}]
		} else {
			lappend bytes [expr {0xF0 | $code >> 18}] [expr {0x80 | $code >> 12 & 0x3F}] [expr {0x80 | $code >> 6 & 0x3F}] [expr {0x80 | $code & 0x3F}]
		}
	}
	return $bytes
}

# Bytes as little-endian words, at least one byte 0 behind them.
proc qspi_bytes_words {bytes} {
	set words {}
	for {set at 0} {$at <= [llength $bytes]} {incr at 4} {
		set word 0
		for {set i 3} {$i >= 0} {incr i -1} {
			set byte [lindex $bytes [expr {$at + $i}]]
			set word [expr {$word << 8 | ($byte eq "" ? 0 : $byte)}]
		}
		lappend words $word
	}
	return $words
}

# From reset, so that no cache, MPU setting or interrupt of firmware is in the way.
proc qspi_writer_start {image} {
	qspi_traceless {reset halt}
	if {$::qspi_khz ne ""} {
		adapter speed $::qspi_khz
	}
	if {[catch {qspi_write_words $::qspi_writer(base) $image}]} {
		qspi_fail [format "cannot load the semihosting writer into RAM at 0x%08X: the debug port refuses the access. Check the wiring to the probe and try a lower `adapter speed`." $::qspi_writer(base)]
	}
	qspi_quiet {arm semihosting enable}
	qspi_regs_restore [list control 0 primask 1 [qspi_reg_xpsr] 0x01000000 pc $::qspi_writer(entry)]
	qspi_quiet {resume}
}

# Until the writer halts by itself; its semihosting calls are served meanwhile.
proc qspi_writer_wait {} {
	if {[catch {qspi_quiet [list wait_halt $::qspi_writer_limit_ms]}]} {
		catch {qspi_quiet {halt 1000}}
		qspi_fail "the semihosting writer does not come back; run `reset init` and try a lower `adapter speed`."
	}
}

# Run it, show what it says, and raise its last message if its exit code is not 0.
proc qspi_writer_attend {image} {
	qspi_writer_start $image
	set said ""
	while 1 {
		qspi_writer_wait
		set stop [qspi_writer_word stop]
		if {$stop == $::qspi_writer(WRITER_STOP_DONE)} {
			break
		}
		if {$stop != $::qspi_writer(WRITER_STOP_SAYS)} {
			qspi_fail [qspi_writer_crash]
		}
		if {$said ne ""} {
			qspi_say $said
		}
		set said [qspi_writer_text]
		qspi_quiet {resume}
	}
	if {[qspi_writer_word code] != 0} {
		qspi_fail "$said (exit code [qspi_writer_word code])."
	}
	qspi_say "$said."
}

proc qspi_writer_word {field} {
	return [qspi_read_word [expr {$::qspi_writer(base) + 4 * $::qspi_writer($field)}]]
}

# The message in the request. Its bytes go through as they are.
proc qspi_writer_text {} {
	set text ""
	set at [expr {$::qspi_writer(base) + 4 * $::qspi_writer(text)}]
	foreach word [qspi_read_words $at [expr {$::qspi_writer(WRITER_TEXT) / 4}]] {
		for {set i 0} {$i < 4} {incr i} {
			set code [expr {$word >> 8 * $i & 0xFF}]
			if {$code == 0} {
				return $text
			}
			append text [format %c $code]
		}
	}
	return $text
}

proc qspi_writer_crash {} {
	return "[string map {{init stub} {semihosting writer}} [qspi_stub_crash halted]]"
}
