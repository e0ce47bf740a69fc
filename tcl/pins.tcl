# SPDX-License-Identifier: MIT
# Which pin carries which QUADSPI signal by which alternate function: the table of
# data/quadspi-pins.csv and of data/quadspi-pins-packages.csv, read when the board file is sourced.
# Used by tcl/wiring.tcl.

# Read both tables. ::qspi_pin_af(PB2,CLK) = 9; ::qspi_pin_signals(PB2) = {CLK};
# ::qspi_signal_pins(BK1_NCS) = {PB6 PB10 PG6}; ::qspi_packages(LQFP176) = pins bonded out there.
proc qspi_pins_load {folder} {
	global qspi_pin_af qspi_pin_signals qspi_signal_pins
	foreach name {qspi_pin_af qspi_pin_signals qspi_signal_pins} {
		array unset $name
	}
	foreach row [lrange [qspi_csv_rows $folder/quadspi-pins.csv] 1 end] {
		lassign $row pin signal af
		set qspi_pin_af($pin,$signal) $af
		lappend qspi_pin_signals($pin) $signal
		lappend qspi_signal_pins($signal) $pin
	}
	qspi_packages_load $folder
}

proc qspi_packages_load {folder} {
	global qspi_packages
	array unset qspi_packages
	set rows [qspi_csv_rows $folder/quadspi-pins-packages.csv]
	set column 3
	foreach title [lrange [lindex $rows 0] 3 end] {
		set package [lindex $title 0]
		set qspi_packages($package) {}
		foreach row [lrange $rows 1 end] {
			if {[lindex $row $column] ne ""} {
				lappend qspi_packages($package) [lindex $row 0]
			}
		}
		incr column
	}
}

# The rows of a comma separated file without quoting, as lists.
proc qspi_csv_rows {path} {
	set rows {}
	set file [open $path r]
	while {[gets $file line] >= 0} {
		set line [string trim $line]
		if {$line ne ""} {
			lappend rows [split $line ,]
		}
	}
	close $file
	return $rows
}

# The table's spelling of a pin name: "pb02" -> "PB2".
proc qspi_pin_name {pin} {
	set pin [string toupper $pin]
	if {[regexp {^P([A-K])0*([0-9]+)(_C)?$} $pin -> port number analog]} {
		return "P$port$number$analog"
	}
	return $pin
}

# 1 if the part has such a GPIO pin at all (ports A-K, 0-15; PA0_C, PA1_C, PC2_C, PC3_C).
proc qspi_pin_exists {pin} {
	if {![regexp {^P([A-K])([0-9]+)(_C)?$} $pin -> port number analog]} {
		return 0
	}
	return [expr {$number <= 15}]
}

# AF number of `signal` on `pin`, or "" if the pin cannot carry it.
proc qspi_pin_af {pin signal} {
	global qspi_pin_af
	if {[info exists qspi_pin_af($pin,$signal)]} {
		return $qspi_pin_af($pin,$signal)
	}
	return ""
}

# Pins that can carry `signal`.
proc qspi_signal_pins {signal} {
	global qspi_signal_pins
	if {[info exists qspi_signal_pins($signal)]} {
		return $qspi_signal_pins($signal)
	}
	return {}
}
