# SPDX-License-Identifier: MIT
# The console command `qspi`: one word per job. Each file that offers one registers it here with its
# usage and help text, which OpenOCD's own `help` and `usage` show too.

# What is registered: name -> {usage help}.
set ::qspi_commands {}

# Offer `qspi name`: runs proc qspi_cmd_<name> with the words that follow. `usage` is what follows the
# name, `help` one sentence.
proc qspi_command {name usage help} {
	dict set ::qspi_commands $name [list $usage $help]
	# By this proc OpenOCD's `help` knows that the command exists; `qspi name` itself runs proc qspi.
	proc "qspi $name" {args} "tailcall qspi $name {*}\$args"
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
		return -code error "QSPI: no such command: qspi $name. There are: [join [lsort [dict keys $::qspi_commands]] {, }]."
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
		lappend lines "  qspi [string trim "$name $usage"]" "      $help"
	}
	return [join $lines "\n"]
}

# A number such as 0x1000, 4096, 4K or 1M; `what` is its name in the usage line.
proc qspi_number {text what} {
	if {![regexp {^(0[xX][0-9a-fA-F]+|[0-9]+)([kKmM]?)$} $text -> digits unit]} {
		qspi_usage "$what is \"$text\", which is no number"
	}
	if {[string match {0[0-9]*} $digits]} {
		set digits [string trimleft $digits 0]
	}
	set factor [expr {$unit eq "" ? 1 : $unit in {k K} ? 1024 : 1048576}]
	return [expr {"$digits" * $factor}]
}
