# SPDX-License-Identifier: MIT
# `program`, the command most people use, with the arguments and the output of OpenOCD's own, but
# stopping at the first thing that is wrong, with a sentence and exit status 1; and the procs behind
# `make flash`, `make verify` and `make dump` (openocd/user.mk).

# 1 while `program` runs: a failed bring-up has been told and is not tried again.
set ::qspi_in_program 0

proc program {filename args} {
	set exit [expr {"exit" in $args}]
	set ::qspi_in_program 1
	set failed [catch {qspi_program $filename $args} message]
	set ::qspi_in_program 0
	if {$failed && $exit} {
		qspi_stop $message
	}
	if {$failed} {
		return -code error $message
	}
	if {$exit} {
		shutdown
	}
}

proc qspi_program {filename words} {
	set address {}
	foreach word $words {
		if {$word ni {preverify verify reset exit}} {
			set address $word
		}
	}
	qspi_image_extents $filename
	qspi_connect
	if {"preverify" in $words && [qspi_program_same $filename $address]} {
		echo "**Verified OK - No flashing**"
	} else {
		qspi_program_write $filename $address [expr {"verify" in $words}]
	}
	if {"reset" in $words} {
		if {"exit" in $words} {
			poll off
		}
		echo "** Resetting Target **"
		reset run
	}
}

proc qspi_program_same {filename address} {
	echo "**pre-verifying**"
	return [expr {[catch {verify_image {*}[qspi_image_words $filename {*}$address]}] == 0}]
}

proc qspi_program_write {filename address verify} {
	echo "** Programming Started **"
	if {[catch {flash write_image erase $filename {*}$address} message]} {
		if {[string match "QSPI: *" $message] && $message ne $::qspi_why} {
			echo $message
		}
		return -code error "** Programming Failed **"
	}
	echo "** Programming Finished **"
	if {$verify} {
		echo "** Verify Started **"
		if {[catch {verify_image {*}[qspi_image_words $filename {*}$address]}]} {
			return -code error "** Verify Failed **"
		}
		echo "** Verified OK **"
	}
}

# Probe, target, reset, QSPI. `command mode` tells how far a failed `init` came: it is "exec" once
# the adapter answered.
proc qspi_connect {{how {reset init}}} {
	if {[catch {qspi_traceless {init}}]} {
		if {[command mode] eq "config"} {
			qspi_fail "no debug probe: OpenOCD found no [string trim [adapter name]] adapter. Check its USB cable and permissions, or choose another one with `-f interface/....cfg` before the board file."
		}
		qspi_fail "the probe answers, but not the microcontroller: check its power, SWDIO, SWCLK and GND, and try a lower `adapter speed`."
	}
	if {[catch {qspi_traceless $how} message]} {
		qspi_fail "cannot reset and halt the core ($message): check SWDIO and SWCLK, and whether something holds NRST low."
	}
}

# --- Behind the make targets: each ends OpenOCD, with status 1 and a sentence if it failed ---

proc qspi_cli {script} {
	set ::qspi_in_program 1
	if {[catch {uplevel 1 $script} message]} {
		qspi_stop $message
	}
	shutdown
}

proc qspi_cli_verify {filename args} {
	qspi_cli {
		qspi_image_extents $filename
		qspi_connect
		qspi_cli_ready
		qspi_check_image $filename [lindex $args 0] ""
		if {[catch {verify_image $filename {*}$args} message]} {
			qspi_fail "$filename differs from the flash."
		}
		echo "** Verified OK **"
		reset run
	}
}

# Write `length` bytes (0: all) of the QSPI flash from `address` to a file.
proc qspi_cli_dump {filename address length} {
	qspi_cli {
		qspi_connect
		qspi_cli_ready
		set offset [expr {$address - $::qspi_window_start}]
		if {$length == 0} {
			set length [expr {[qspi_bank_size] - $offset}]
		}
		qspi_check_inside $address $length
		if {[catch {flash read_bank [qspi_bank_number] $filename $offset $length} message]} {
			qspi_fail "cannot dump to $filename: [string trim $message]"
		}
		echo "** Wrote $length bytes to $filename **"
		reset run
	}
}

# After qspi_connect has told why there is no chip, only say that this was the end of it.
proc qspi_cli_ready {} {
	if {[catch {qspi_ready} message]} {
		if {$message eq $::qspi_why} {
			return -code error "** Failed **"
		}
		return -code error $message
	}
}
