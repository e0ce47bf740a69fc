# SPDX-License-Identifier: MIT
# The console command `qspi`: one word per job. Each file that offers one registers it here with its
# usage and help text, which OpenOCD's own `help` and `usage` show too.

# Offer `qspi name`: runs proc qspi_cmd_<name> with the words that follow. `usage` is what follows the
# name, `help` one sentence.
proc qspi_command {name usage help} {
	dict set ::qspi_commands $name [list $usage $help]
	add_usage_text "qspi $name" $usage
	add_help_text "qspi $name" $help
}

# Take options out of a list of words. `known` is a dict: option -> number of its arguments (0 gives
# 1 if it is there). Returns a dict with every known option (0 or "" if absent) and `words`, the rest.
# An unknown option is an error of the caller's command.
proc qspi_options {known words} {
	set found [dict create words {}]
	dict for {option count} $known {
		dict set found $option [expr {$count ? "" : 0}]
	}
	while {[llength $words]} {
		set word [lindex $words 0]
		set words [lrange $words 1 end]
		if {![string match {-[a-zA-Z]*} $word]} {
			dict lappend found words $word
		} elseif {![dict exists $known $word]} {
			qspi_usage "unknown option $word"
		} elseif {[dict get $known $word] == 0} {
			dict set found $word 1
		} elseif {![llength $words]} {
			qspi_usage "$word needs a value"
		} else {
			dict set found $word [lindex $words 0]
			set words [lrange $words 1 end]
		}
	}
	return $found
}

# Wrong arguments: ends the running `qspi` command with its usage line.
proc qspi_usage {why} {
	return -level 0 -code error "usage: $why"
}

# The `qspi` command itself.
proc qspi {args} {
	set name [lindex $args 0]
	if {$name eq ""} {
		set name help
	}
	if {![dict exists $::qspi_commands $name]} {
		qspi_fail "no such command: qspi $name. There are: [join [lsort [dict keys $::qspi_commands]] {, }]."
	}
	set failed [catch {qspi_cmd_$name {*}[lrange $args 1 end]} result]
	if {!$failed} {
		return $result
	}
	qspi_clear_trace
	if {[string match "usage: *" $result] || [string match "wrong # args*" $result]} {
		set why [expr {[string match "usage: *" $result] ? [string range $result 7 end] : "wrong number of arguments"}]
		return -code error "QSPI: $why. Usage: qspi $name [lindex [dict get $::qspi_commands $name] 0]"
	}
	return -code error $result
}

qspi_command help {} "List the qspi commands."
proc qspi_cmd_help {} {
	foreach name [lsort [dict keys $::qspi_commands]] {
		lassign [dict get $::qspi_commands $name] usage help
		echo [format "  qspi %-40s %s" [string trim "$name $usage"] $help]
	}
}
