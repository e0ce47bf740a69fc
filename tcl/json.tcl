# SPDX-License-Identifier: MIT
# Emit JSON, for the -json option of the qspi commands. Used by every tcl file with such a command.

# One object from a list of {key type value ...} triples. Types: s string, n number (decimal or 0x),
# b truth, S list of strings, N list of numbers, o object (again triples), O list of objects.
proc qspi_json {fields} {
	set words {}
	foreach {key type value} $fields {
		lappend words "[qspi_json_string $key]: [qspi_json_value $type $value]"
	}
	return "{[join $words {, }]}"
}

proc qspi_json_value {type value} {
	switch -- $type {
		s { return [qspi_json_string $value] }
		n { return [expr {$value + 0}] }
		b { return [expr {$value ? "true" : "false"}] }
		o { return [qspi_json $value] }
	}
	set element [string map {S s N n O o} $type]
	set words {}
	foreach item $value {
		lappend words [qspi_json_value $element $item]
	}
	return "\[[join $words {, }]\]"
}

proc qspi_json_string {text} {
	set quoted [string map [list \\ \\\\ \" \\\" \n \\n \r \\r \t \\t] $text]
	for {set code 0} {$code < 32} {incr code} {
		set quoted [string map [list [format %c $code] [format \\u%04x $code]] $quoted]
	}
	return "\"$quoted\""
}
