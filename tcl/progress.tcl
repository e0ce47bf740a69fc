# SPDX-License-Identifier: MIT
# Progress of long work in lines of their own: percent, KiB/s and time left. Few enough that a log
# file stays readable: none in the first second, then one per 10 % or per 10 s, a second apart at
# least. Used by tcl/console.tcl, tcl/erase.tcl and whatever else takes its time.

# Start a job of `total` bytes. `verb` is what is done to them, such as "erased".
proc qspi_progress_start {verb total} {
	set now [ms]
	set ::qspi_progress [dict create verb $verb total $total start $now told_at $now told 0]
}

# `done` bytes of the job are done.
proc qspi_progress_step {done} {
	set total [dict get $::qspi_progress total]
	if {$done >= $total} {
		return
	}
	set now [ms]
	set since [expr {$now - [dict get $::qspi_progress told_at]}]
	set tenth [expr {($done - [dict get $::qspi_progress told]) * 10 >= $total}]
	if {$since < 1000 || (!$tenth && $since < 10000)} {
		return
	}
	dict set ::qspi_progress told_at $now
	dict set ::qspi_progress told $done
	echo "QSPI: [qspi_progress_line $done [expr {$now - [dict get $::qspi_progress start]}]]"
}

# " 40 %, 3276 of 8192 KiB erased, 427 KiB/s, 11 s left"
proc qspi_progress_line {done elapsed} {
	dict with ::qspi_progress {
		set left [expr {$done ? ($total - $done) * $elapsed / $done : 0}]
		return [format "%3d %%, %d of %d KiB %s, %s, %s left" [expr {$done * 100 / $total}] [expr {$done / 1024}] \
			[expr {($total + 1023) / 1024}] $verb [qspi_rate_text $done $elapsed] [qspi_seconds_text $left]]
	}
}

# Milliseconds since the start.
proc qspi_progress_elapsed {} {
	return [expr {[ms] - [dict get $::qspi_progress start]}]
}

# "427 KiB/s", with one decimal below 10.
proc qspi_rate_text {bytes elapsed} {
	if {$elapsed < 1} {
		set elapsed 1
	}
	set tenths [expr {$bytes * 10000 / 1024 / $elapsed}]
	if {$tenths < 100} {
		return [format "%d.%d KiB/s" [expr {$tenths / 10}] [expr {$tenths % 10}]]
	}
	return "[expr {$tenths / 10}] KiB/s"
}

# "0.4 s", "12 s", "3 min 20 s"
proc qspi_seconds_text {elapsed} {
	if {$elapsed < 10000} {
		return [format "%d.%d s" [expr {$elapsed / 1000}] [expr {$elapsed % 1000 / 100}]]
	}
	set seconds [expr {($elapsed + 500) / 1000}]
	if {$seconds < 100} {
		return "$seconds s"
	}
	return "[expr {$seconds / 60}] min [expr {$seconds % 60}] s"
}
