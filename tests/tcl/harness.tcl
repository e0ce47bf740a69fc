# SPDX-License-Identifier: MIT
# Checks for tests of the kit's Tcl, run inside openocd (or jimsh): tests/e2e/tcl.bats does
#   openocd -f tests/tcl/harness.tcl -f tests/tcl/test_x.tcl -c finish
# What a Jim built minimal lacks is taken away first, so that nobody leans on it.

foreach name {binary ensemble zlib json json::decode json::encode jsonencode tcl::prefix} {
	catch {rename $name ""}
}
if {[info commands echo] eq ""} {
	proc echo {text} { puts $text }
}
foreach name {add_usage_text add_help_text} {
	if {[info commands $name] eq ""} {
		proc $name {args} {}
	}
}

set ::root [file dirname [file dirname [file dirname [info script]]]]
source $::root/init-stub/init_stub.tcl
set ::checks 0
set ::failures 0

proc use {args} {
	foreach name $args {
		uplevel #0 source $::root/tcl/$name.tcl
	}
}

proc complain {text} {
	incr ::failures
	echo "FAILED: $text"
}

# `script`, evaluated in the caller, gives `expected`.
proc check {script expected} {
	incr ::checks
	if {[catch {uplevel 1 $script} got]} {
		complain "$script\n  raised:   $got"
	} elseif {$got ne $expected} {
		complain "$script\n  gave:     $got\n  expected: $expected"
	}
}

# `script` raises an error that matches the glob `pattern`, in one line.
proc check_error {script pattern} {
	incr ::checks
	if {![catch {uplevel 1 $script} got]} {
		complain "$script\n  raised no error but gave: $got"
	} elseif {![string match $pattern $got] || [string match "*\n*" $got]} {
		complain "$script\n  raised:   $got\n  expected: $pattern"
	}
}

proc finish {} {
	echo "$::checks checks, $::failures failed"
	catch {error "" ""}
	if {$::checks == 0 || $::failures} {
		if {[info commands shutdown] ne ""} {
			shutdown error
		}
		exit 1
	}
	if {[info commands shutdown] ne ""} {
		shutdown
	}
}
