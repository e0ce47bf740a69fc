# SPDX-License-Identifier: MIT
# OpenOCD's flash banks as the kit sees them: found by name or address, never by number. Used by
# tcl/bringup.tcl, tcl/guard.tcl and tcl/program.tcl.

# Start of the memory-mapped window of the QUADSPI (RM0433 2.3.2).
set ::qspi_window_start 0x90000000

# All banks in OpenOCD's order: dicts with name, driver, base, size. `flash banks` is worded alike
# in all versions: "#2 : stm32h7x.qspi (stmqspi) at 0x90000000, size 0x00800000, buswidth 0, ...".
proc qspi_banks {} {
	set banks {}
	foreach line [split [flash banks] "\n"] {
		if {[regexp {^#[0-9]+ : (.*) \(([^()]*)\) at (0x[0-9a-fA-F]+), size (0x[0-9a-fA-F]+)} $line -> name driver base size]} {
			lappend banks [list name $name driver $driver base [expr {$base}] size [expr {$size}]]
		}
	}
	return $banks
}

# Number of the QSPI bank, -1 if it is not there.
proc qspi_bank_number {} {
	set number 0
	foreach bank [qspi_banks] {
		if {[dict get $bank name] eq $::qspi_bank} {
			return $number
		}
		incr number
	}
	return -1
}

# Bytes of the QSPI bank, 0 if not probed.
proc qspi_bank_size {} {
	set number [qspi_bank_number]
	if {$number < 0} {
		return 0
	}
	return [dict get [lindex [qspi_banks] $number] size]
}

# 1 if `id` (a number or a name, as `flash` commands take it) is the QSPI bank.
proc qspi_bank_is {id} {
	return [expr {$id eq $::qspi_bank || $id eq "stmqspi" || $id eq "stmqspi.0" || $id eq [qspi_bank_number]}]
}

# 1 if any byte of the range lies in the QUADSPI window or above, where no other flash is: before it
# is probed, OpenOCD takes all of that for the QSPI bank's.
proc qspi_window_touched {start size} {
	return [expr {$start + $size > $::qspi_window_start}]
}

# Flash as ranges, neighbouring banks joined: list of {start size}. Banks of size 0 are left out.
proc qspi_flash_ranges {} {
	set ranges {}
	foreach bank [lsort -command qspi_by_base [qspi_banks]] {
		set base [dict get $bank base]
		set size [dict get $bank size]
		if {$size == 0} {
			continue
		}
		set last [lindex $ranges end]
		if {[llength $last] && [lindex $last 0] + [lindex $last 1] == $base} {
			set ranges [lrange $ranges 0 end-1]
			lappend ranges [list [lindex $last 0] [expr {[lindex $last 1] + $size}]]
		} else {
			lappend ranges [list $base $size]
		}
	}
	return $ranges
}

proc qspi_by_base {a b} {
	return [expr {[dict get $a base] - [dict get $b base]}]
}

# Erase unit of the QSPI bank, from `flash info`.
proc qspi_sector_size {} {
	set number [qspi_bank_number]
	if {![catch {flash info $number} text] && [regexp {sector size = ([0-9]+) ?(Ki)?} $text -> count kilo]} {
		return [expr {$kilo eq "Ki" ? $count * 1024 : $count}]
	}
	return 65536
}
