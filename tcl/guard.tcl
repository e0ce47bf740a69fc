# SPDX-License-Identifier: MIT
# OpenOCD's own `flash` and `stmqspi` commands, with a look before the leap: bring the QSPI up if a
# reset or firmware took it down, refuse what cannot work in one sentence, and only then run the stock
# command. Installed by openocd/qspi.cfg once OpenOCD has registered its commands.

# Commands looked after, and the proc that checks their arguments.
set ::qspi_guards {
	"flash write_image"   qspi_check_write_image
	"flash verify_image"  qspi_check_verify_image
	"flash write_bank"    qspi_check_write_bank
	"flash read_bank"     qspi_check_bank
	"flash verify_bank"   qspi_check_file_bank
	"flash probe"         qspi_check_bank
	"flash info"          qspi_check_bank
	"flash erase_check"   qspi_check_bank
	"flash protect"       qspi_check_bank
	"flash erase_sector"  qspi_check_erase_sector
	"flash erase_address" qspi_check_erase_address
	"flash filld"         {qspi_check_fill 8}
	"flash fillw"         {qspi_check_fill 4}
	"flash fillh"         {qspi_check_fill 2}
	"flash fillb"         {qspi_check_fill 1}
	"flash mdw"           {qspi_check_read 4}
	"flash mdh"           {qspi_check_read 2}
	"flash mdb"           {qspi_check_read 1}
	"stmqspi mass_erase"  qspi_check_mass_erase
	"stmqspi set"         qspi_check_bank
	"stmqspi cmd"         qspi_check_bank
}

# Wrap the commands. OpenOCD 0.12 and later register "flash probe" as one Jim command with a space
# in its name; before, all is dispatched by `flash`.
proc qspi_guard_install {} {
	if {[info exists ::qspi_guarded]} {
		return
	}
	set ::qspi_guarded {}
	foreach {name check} $::qspi_guards {
		if {[qspi_command_exists $name]} {
			qspi_guard_wrap $name "qspi_guard_run {$name} {$check} \$args"
		}
	}
	if {[llength $::qspi_guarded] == 0} {
		foreach group {flash stmqspi} {
			qspi_guard_wrap $group "qspi_guard_dispatch $group \$args"
		}
	}
	foreach name {resume step} {
		if {[qspi_command_exists $name]} {
			qspi_guard_wrap $name "qspi_guard_go $name \$args"
		}
	}
}

proc qspi_command_exists {name} {
	return [expr {[llength [info commands $name]] > 0}]
}

proc qspi_guard_wrap {name body} {
	rename $name "qspi_hidden $name"
	proc $name {args} "set failed \[catch {$body} result\]; qspi_clear_trace; if {\$failed} {return -code error \$result}; return \$result"
	lappend ::qspi_guarded $name
	lappend ::_telnet_autocomplete_skip "qspi_hidden $name"
}

# Firmware goes on: first give it back what tcl/core.tcl eased.
proc qspi_guard_go {name arguments} {
	if {[[target current] curstate] eq "halted"} {
		qspi_core_restore
	}
	return [qspi_stock $name {*}$arguments]
}

proc qspi_guard_dispatch {group arguments} {
	set name "$group [lindex $arguments 0]"
	if {[dict exists $::qspi_guards $name]} {
		return [qspi_guard_run $name [dict get $::qspi_guards $name] [lrange $arguments 1 end]]
	}
	return [qspi_stock_as $group {*}$arguments]
}

# Check, run, and leave the bank with a size whatever came out.
proc qspi_guard_run {name check arguments} {
	if {[catch {{*}$check {*}$arguments} message]} {
		return -code error [qspi_guard_message $name $message]
	}
	if {$name in {"flash write_image" "flash verify_image"}} {
		set arguments [qspi_guard_image_words $arguments]
	}
	if {[qspi_dual_odd $name $arguments]} {
		return [qspi_dual_run $name $arguments]
	}
	set failed [catch {qspi_stock $name {*}$arguments} result]
	if {[qspi_bank_size] == 0 && $name in {"flash probe" "stmqspi set"} && [qspi_bank_is [lindex $arguments 0]]} {
		set ::qspi_up 0
		catch {qspi_park 0}
		if {$name eq "flash probe"} {
			# Something beside the controller was changed: pins, or the mode of the chip.
			return [qspi_bring_up 1]
		}
		qspi_fail "the chip does not answer any more; run `reset init`."
	}
	if {$failed} {
		return -code error $result
	}
	return $result
}

proc qspi_guard_image_words {arguments} {
	set first 0
	while {[lindex $arguments $first] in {erase unlock}} {
		incr first
	}
	return [concat [lrange $arguments 0 $first-1] [qspi_image_words {*}[lrange $arguments $first end]]]
}

# Sentences pass; a call with the wrong number of arguments gets the command's usage line.
proc qspi_guard_message {name message} {
	if {[string match "QSPI: *" $message]} {
		return $message
	}
	if {[string match "wrong # args*" $message]} {
		usage {*}$name
		return "wrong arguments for `$name`"
	}
	return $message
}

# Run the stock command under its own name, so that its usage text fits.
proc qspi_stock {name args} {
	if {[qspi_command_exists "qspi_hidden $name"]} {
		return [qspi_stock_as $name {*}$args]
	}
	return [qspi_stock_as {*}$name {*}$args]
}

proc qspi_stock_as {name args} {
	if {![qspi_command_exists "qspi_hidden $name"]} {
		return [$name {*}$args]
	}
	rename $name "qspi_guard $name"
	rename "qspi_hidden $name" $name
	set failed [catch {$name {*}$args} result]
	rename $name "qspi_hidden $name"
	rename "qspi_guard $name" $name
	if {$failed} {
		return -code error $result
	}
	return $result
}

# --- What each command needs ---

proc qspi_check_bank {bank args} {
	if {[qspi_bank_is $bank]} {
		qspi_ready
	}
}

proc qspi_check_read {width address {count 1}} {
	if {[catch {expr {$address + $count}}] || ![qspi_window_touched $address 1]} {
		return
	}
	qspi_ready
	qspi_check_inside $address [expr {$count * $width}]
}

proc qspi_check_file_bank {bank file {offset 0}} {
	set path [qspi_image_find $file]
	if {![qspi_bank_is $bank]} {
		return
	}
	qspi_ready
	qspi_check_inside [expr {$::qspi_window_start + $offset}] [file size $path]
}

proc qspi_check_write_bank {bank file {offset 0}} {
	qspi_check_file_bank $bank $file $offset
	if {[qspi_bank_is $bank]} {
		qspi_check_unlocked [expr {$::qspi_window_start + $offset}] [file size [qspi_image_find $file]]
	}
}

proc qspi_check_erase_sector {bank first last} {
	if {![qspi_bank_is $bank]} {
		return
	}
	qspi_ready
	set sector [qspi_sector_size]
	if {$last eq "last"} {
		set last [expr {[qspi_bank_size] / $sector - 1}]
	}
	if {![catch {expr {($last - $first + 1) * $sector}} size] && $size > 0} {
		qspi_check_unlocked [expr {$::qspi_window_start + $first * $sector}] $size
	}
}

proc qspi_check_erase_address {args} {
	while {[lindex $args 0] in {pad unlock}} {
		set args [lrange $args 1 end]
	}
	lassign $args address size
	if {[catch {expr {$address + $size}}] || ![qspi_window_touched $address 1]} {
		return
	}
	qspi_ready
	if {$size == 0} {
		set size [qspi_bank_size]
	}
	qspi_check_inside $address $size
	qspi_check_unlocked $address $size
}

proc qspi_check_fill {width address value {count 1}} {
	if {[catch {expr {$address + $count}}] || ![qspi_window_touched $address 1]} {
		return
	}
	qspi_ready
	qspi_check_inside $address [expr {$count * $width}]
	qspi_check_unlocked $address [expr {$count * $width}]
}

proc qspi_check_mass_erase {bank} {
	if {[qspi_bank_is $bank]} {
		qspi_ready
		qspi_check_unlocked $::qspi_window_start [qspi_bank_size]
	}
}

proc qspi_check_verify_image {file {offset 0} {type ""}} {
	qspi_check_image $file $offset $type
}

proc qspi_check_write_image {args} {
	set erase 0
	while {[lindex $args 0] in {erase unlock}} {
		set erase [expr {$erase || [lindex $args 0] eq "erase"}]
		set args [lrange $args 1 end]
	}
	if {[llength $args] < 1 || [llength $args] > 3} {
		error "wrong # args"
	}
	lassign $args file offset type
	foreach extent [qspi_check_image $file $offset $type] {
		lassign $extent start size
		if {![qspi_window_touched $start $size]} {
			continue
		}
		if {$erase} {
			set sector [qspi_sector_size]
			set end [expr {($start + $size + $sector - 1) / $sector * $sector}]
			set start [expr {$start / $sector * $sector}]
			set size [expr {$end - $start}]
		}
		qspi_check_unlocked $start $size
	}
}

# Every part of the image must lie in flash; parts for RAM are left to OpenOCD, which skips them.
# Result: the image's extents.
proc qspi_check_image {file offset type} {
	if {$offset eq ""} {
		set offset 0
	}
	if {[catch {expr {$offset + 0}}]} {
		qspi_fail "\"$offset\" is no address; write it like 0x90000000."
	}
	set extents [qspi_image_extents $file $offset $type]
	foreach extent $extents {
		if {[qspi_window_touched {*}$extent]} {
			qspi_ready
			break
		}
	}
	qspi_probe_others
	set written [expr {$type in {mem build}}]
	foreach extent $extents {
		if {[qspi_check_extent $file {*}$extent]} {
			set written 1
		}
	}
	if {!$written} {
		qspi_fail "$file goes to [qspi_range_text {*}[lindex $extents 0]], where there is no flash ([qspi_flash_text])."
	}
	return $extents
}

# 1 if the range is in flash, 0 if it is RAM; an error if it is neither or runs out of flash.
proc qspi_check_extent {file start size} {
	foreach range [qspi_flash_ranges] {
		lassign $range base length
		if {$start < $base || $start >= $base + $length} {
			continue
		}
		if {$start + $size > $base + $length} {
			set over [expr {$start + $size - $base - $length}]
			qspi_fail "$file does not fit: [qspi_range_text $start $size] ends [qspi_bytes_text $over] past the end of the flash at [qspi_range_text $base $length]."
		}
		return 1
	}
	# ITCM, DTCM and the SRAMs (RM0433 2.3.2)
	if {$start < 0x08000000 || ($start >= 0x20000000 && $start < 0x40000000)} {
		return 0
	}
	qspi_fail "[qspi_range_text $start $size] of $file is outside any flash bank ([qspi_flash_text])."
}

proc qspi_flash_text {} {
	set words {}
	foreach range [qspi_flash_ranges] {
		set name [expr {[lindex $range 0] == $::qspi_window_start ? "QSPI" : "internal"}]
		lappend words "$name [qspi_range_text {*}$range]"
	}
	return "flash is [join $words ", "]"
}

# Let OpenOCD size the banks of the internal flash.
proc qspi_probe_others {} {
	set number 0
	foreach bank [qspi_banks] {
		if {[dict get $bank size] == 0 && [dict get $bank name] ne $::qspi_bank} {
			catch {qspi_stock "flash info" $number}
		}
		incr number
	}
}

proc qspi_check_inside {start size} {
	set length [qspi_bank_size]
	if {$start < $::qspi_window_start || $start + $size > $::qspi_window_start + $length} {
		qspi_fail "[qspi_range_text $start $size] is not inside the QSPI flash at [qspi_range_text $::qspi_window_start $length] ([qspi_size_text $length])."
	}
}

proc qspi_check_unlocked {start size} {
	set clash [qspi_protect_clash [expr {$start - $::qspi_window_start}] $size]
	if {[llength $clash] == 0} {
		return
	}
	lassign $clash offset length why
	qspi_fail "nothing was changed: the chip's own protection locks [qspi_range_text [expr {$::qspi_window_start + $offset}] $length] ($why), and [qspi_range_text $start $size] is to be written. To unlock it until the chip is reset: `qspi unprotect`; for good: `qspi unprotect -permanent`."
}
