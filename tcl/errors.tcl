# SPDX-License-Identifier: MIT
# How the kit speaks: one sentence an error, no stack trace, and a way to silence OpenOCD for a step
# whose outcome the kit judges itself. Used by every other file in this folder.

# Raise an error that reads "QSPI: <sentence>" in the caller.
proc qspi_fail {sentence} {
	return -code error "QSPI: $sentence"
}

# Print one line for the user.
proc qspi_say {sentence} {
	echo "QSPI: $sentence"
}

# End OpenOCD with exit status 1 after one last line.
proc qspi_stop {message} {
	echo $message
	qspi_clear_trace
	shutdown error
}

# Drop the stack trace of errors that were caught; OpenOCD would print it with a later error of its
# own, as if it came from there.
proc qspi_clear_trace {} {
	catch {error "" ""}
	return ""
}

# Evaluate `script` in the caller with OpenOCD's own messages switched off; result and errors pass
# through. With debug_level 3 and up everything is shown.
proc qspi_quiet {script} {
	set before 2
	regexp {(-?[0-9]+)} [debug_level] -> before
	if {$before >= 3} {
		return [uplevel 1 $script]
	}
	debug_level -3
	set failed [catch {uplevel 1 $script} result]
	debug_level $before
	if {$failed} {
		return -code error $result
	}
	return $result
}

# Evaluate `script`, during which OpenOCD prints the message of an error without its stack trace:
# errors inside `init` are printed before they come back to Tcl.
proc qspi_traceless {script} {
	rename errorInfo qspi_error_info
	proc errorInfo {message args} { return $message }
	set failed [catch {uplevel 1 $script} result]
	rename errorInfo ""
	rename qspi_error_info errorInfo
	qspi_clear_trace
	if {$failed} {
		return -code error $result
	}
	return $result
}

# "8 MiB", "64 KiB", "100 bytes"
proc qspi_size_text {bytes} {
	if {$bytes >= 1048576 && $bytes % 1048576 == 0} {
		return "[expr {$bytes / 1048576}] MiB"
	}
	if {$bytes >= 1024 && $bytes % 1024 == 0} {
		return "[expr {$bytes / 1024}] KiB"
	}
	return [qspi_bytes_text $bytes]
}

proc qspi_bytes_text {bytes} {
	return "$bytes byte[expr {$bytes == 1 ? "" : "s"}]"
}

# "0x90000000-0x907FFFFF"
proc qspi_range_text {start size} {
	return [format "0x%08X-0x%08X" $start [expr {$start + $size - 1}]]
}

# "a, b or c"
proc qspi_or_text {words} {
	if {[llength $words] < 2} {
		return [join $words]
	}
	return "[join [lrange $words 0 end-1] ", "] or [lindex $words end]"
}
