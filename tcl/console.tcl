# SPDX-License-Identifier: MIT
# The qspi commands that look: info, read, dump and verify. What they return is for people, or with
# -json the same facts for scripts; tcl/command.tcl runs them.

# Bytes per step of a long read or comparison, after which progress may be shown.
set ::qspi_step 65536

# --- qspi info ---

qspi_command info "\[-json\]" "Tell what is known of the chip, its wiring, its status registers and the window."
proc qspi_cmd_info {args} {
	set options [qspi_options {-json 0} $args]
	if {[llength [dict get $options words]]} {
		qspi_usage "wrong number of arguments"
	}
	if {![qspi_is_mapped_quad]} {
		qspi_ready
	}
	set facts [qspi_info_facts]
	if {[dict get $options -json]} {
		return [qspi_info_json $facts]
	}
	return [qspi_info_text $facts]
}

# A dict of all that both forms show. Status registers are read now, from a controller that stays as
# it is found.
proc qspi_info_facts {} {
	set quad [qspi_is_mapped_quad]
	set chips [qspi_chips]
	set name "unknown"
	catch {regexp {'([^']*)'} [qspi_stock "flash info" [qspi_bank_number]] -> name}
	set sr [qspi_info_status]
	if {$quad} {
		qspi_map_quad
	}
	set facts [dict create name $name quad $quad status $sr bank [qspi_bank_number] size [qspi_bank_size] chips $chips \
		sck_hz [dict get $::qspi_result sck_hz] wiring [dict get $::qspi_wiring text] protected [qspi_info_protected $sr]]
	dict set facts jedec [lrange [dict get $::qspi_result jedec_id] 0 [expr {$chips - 1}]]
	return $facts
}

# Status registers of each chip: {SR1 SR2 SR3}, or {SR1} where the others are not known: 35h is no
# status register everywhere, on some chips it enters QPI.
proc qspi_info_status {} {
	if {![qspi_protect_known]} {
		return [lmap sr1 [qspi_chip_bytes 0x05] {list $sr1}]
	}
	set status {}
	foreach sr1 [qspi_chip_bytes 0x05] sr2 [qspi_chip_bytes 0x35] sr3 [qspi_chip_bytes 0x15] {
		lappend status [list $sr1 $sr2 $sr3]
	}
	return $status
}

# What the status registers lock: "unknown", "blocks" (individual locks), or a list of {start size}.
proc qspi_info_protected {status} {
	if {![qspi_protect_known]} {
		return unknown
	}
	set chips [llength $status]
	foreach registers $status {
		lassign $registers sr1 sr2 sr3
		if {$sr3 & 4} {
			return blocks
		}
		lassign [qspi_protect_range $sr1 $sr2 [expr {[qspi_bank_size] / $chips}]] start length
		set range [list [expr {$::qspi_window_start + $start * $chips}] [expr {$length * $chips}]]
		if {$length} {
			return [list $range]
		}
	}
	return {}
}

proc qspi_info_text {facts} {
	set ids [lmap id [dict get $facts jedec] {qspi_id_text $id}]
	set status [lmap sr [dict get $facts status] {qspi_status_words $sr}]
	set size [dict get $facts size]
	set hz [dict get $facts sck_hz]
	set protected [dict get $facts protected]
	if {$protected eq "blocks"} {
		set protected "individual block locks in use"
	} elseif {$protected eq ""} {
		set protected "nothing"
	} elseif {$protected ne "unknown"} {
		set protected [qspi_range_text {*}[lindex $protected 0]]
	}
	set rows [list \
		chip      [dict get $facts name] \
		"JEDEC ID" [join $ids " and "] \
		size      "[qspi_size_text $size] at [qspi_range_text $::qspi_window_start $size]" \
		bank      "[dict get $facts bank] ($::qspi_bank)" \
		wiring    [dict get $facts wiring] \
		clock     [format "%d.%03d MHz" [expr {$hz / 1000000}] [expr {$hz % 1000000 / 1000}]] \
		window    [expr {[dict get $facts quad] ? "quad read, 1-4-4 (EBh)" : "single read, 1-1-1 (03h)"}] \
		status    [join $status "; "] \
		protected $protected]
	set lines {}
	foreach {what value} $rows {
		lappend lines [format "  %-10s %s" $what $value]
	}
	return [join $lines "\n"]
}

# "SR1 0x00  SR2 0x02  SR3 0x60"
proc qspi_status_words {registers} {
	set words {}
	foreach name {SR1 SR2 SR3} value $registers {
		if {$value ne ""} {
			lappend words [format "%s 0x%02X" $name $value]
		}
	}
	return [join $words "  "]
}

proc qspi_info_json {facts} {
	set wiring {}
	foreach pair [dict get $facts wiring] {
		lassign [split $pair =] signal pin
		lappend wiring [string tolower $signal] s $pin
	}
	set status {}
	foreach sr [dict get $facts status] {
		set fields {}
		foreach name {sr1 sr2 sr3} value $sr {
			if {$value ne ""} {
				lappend fields $name n $value
			}
		}
		lappend status $fields
	}
	set protected {}
	if {[dict get $facts protected] ni {unknown blocks}} {
		foreach range [dict get $facts protected] {
			lappend protected [list address n [lindex $range 0] size n [lindex $range 1]]
		}
		set known yes
	} else {
		set known [dict get $facts protected]
	}
	return [qspi_json [list name s [dict get $facts name] \
		jedec_id S [lmap id [dict get $facts jedec] {format %06X $id}] \
		address n $::qspi_window_start size n [dict get $facts size] bank n [dict get $facts bank] \
		bank_name s $::qspi_bank wiring o $wiring sck_hz n [dict get $facts sck_hz] \
		window s [expr {[dict get $facts quad] ? "1-4-4" : "1-1-1"}] status O $status \
		protection_known s $known protected O $protected]]
}

# --- qspi read ---

qspi_command read "ADDR \[LEN\] \[-json\]" "Show bytes of the flash in hex; LEN is 256 if not given."
proc qspi_cmd_read {args} {
	set options [qspi_options {-json 0} $args]
	set words [dict get $options words]
	if {[llength $words] ni {1 2}} {
		qspi_usage "wrong number of arguments"
	}
	set address [qspi_number [lindex $words 0] ADDR]
	set length [expr {[llength $words] == 2 ? [qspi_number [lindex $words 1] LEN] : 256}]
	if {$length == 0} {
		qspi_usage "LEN is 0"
	}
	if {$length > 65536} {
		qspi_fail "[qspi_size_text $length] are too much for the console; `qspi dump` writes them to a file."
	}
	if {![qspi_is_mapped_quad]} {
		qspi_ready
	}
	qspi_check_inside $address $length
	set bytes [qspi_read_bytes $address $length]
	if {[dict get $options -json]} {
		return [qspi_json [list address n $address length n $length data s [join [lmap byte $bytes {format %02x $byte}] ""]]]
	}
	return [qspi_hex_dump $address $bytes]
}

# Bytes through the window, read as words.
proc qspi_read_bytes {address length} {
	set first [expr {$address & ~3}]
	set count [expr {($address + $length - $first + 3) / 4}]
	set bytes {}
	foreach word [qspi_read_words $first $count] {
		lappend bytes [expr {$word & 255}] [expr {($word >> 8) & 255}] [expr {($word >> 16) & 255}] [expr {($word >> 24) & 255}]
	}
	set skip [expr {$address - $first}]
	return [lrange $bytes $skip [expr {$skip + $length - 1}]]
}

# "0x90000000  00 01 ... 0f  |................|", in rows that start at a multiple of 16.
proc qspi_hex_dump {address bytes} {
	set lines {}
	set at $address
	while {[llength $bytes]} {
		set row [expr {$at & ~15}]
		set skip [expr {$at - $row}]
		set part [lrange $bytes 0 [expr {15 - $skip}]]
		set bytes [lrange $bytes [expr {16 - $skip}] end]
		set hex [string repeat "   " $skip]
		set text [string repeat " " $skip]
		foreach byte $part {
			append hex [format " %02x" $byte]
			append text [expr {$byte >= 32 && $byte < 127 ? [format %c $byte] : "."}]
		}
		lappend lines [format "0x%08X %-48s  |%s|" $row $hex $text]
		set at [expr {$row + 16}]
	}
	return [join $lines "\n"]
}

# --- qspi dump ---

qspi_command dump "FILE ADDR LEN \[-json\]" "Write bytes of the flash to a file."
proc qspi_cmd_dump {args} {
	set options [qspi_options {-json 0} $args]
	set words [dict get $options words]
	if {[llength $words] != 3} {
		qspi_usage "wrong number of arguments"
	}
	lassign $words name address length
	set address [qspi_number $address ADDR]
	set length [qspi_number $length LEN]
	if {$length == 0} {
		qspi_usage "LEN is 0"
	}
	qspi_ready
	qspi_check_inside $address $length
	if {[file isdirectory $name] || [catch {open $name w} file]} {
		qspi_fail "cannot write $name."
	}
	qspi_progress_start read $length
	set part [file tempfile]
	set failed [catch {qspi_dump_parts $file $part $address $length} message]
	$file close
	file delete $part
	if {$failed} {
		qspi_fail "reading [qspi_range_text $address $length] into $name failed: [string trim $message]"
	}
	set elapsed [qspi_progress_elapsed]
	if {[dict get $options -json]} {
		return [qspi_json [list file s $name address n $address size n $length milliseconds n $elapsed]]
	}
	return "QSPI: wrote [qspi_size_text $length] from [qspi_range_text $address $length] to $name in [qspi_seconds_text $elapsed], [qspi_rate_text $length $elapsed]"
}

# Read by `flash read_bank`, which does not depend on the window, one step a call.
proc qspi_dump_parts {file part address length} {
	for {set done 0} {$done < $length} {incr done $count} {
		set count [expr {$length - $done > $::qspi_step ? $::qspi_step : $length - $done}]
		qspi_stock "flash read_bank" [qspi_bank_number] $part [expr {$address - $::qspi_window_start + $done}] $count
		set in [open $part r]
		set copied [$in copyto $file]
		$in close
		if {$copied != $count} {
			error "only $copied of $count bytes came"
		}
		qspi_progress_step [expr {$done + $count}]
	}
}

# --- qspi verify ---

qspi_command verify "FILE \[ADDR\] \[-json\]" "Compare a file with the flash, of an ELF, HEX or S-record file all parts that lie in flash. A .bin starts at ADDR, 0x90000000 if not given."
proc qspi_cmd_verify {args} {
	set options [qspi_options {-json 0} $args]
	set words [dict get $options words]
	if {[llength $words] ni {1 2}} {
		qspi_usage "wrong number of arguments"
	}
	set name [lindex $words 0]
	set path [qspi_image_find $name]
	if {[qspi_pack_is $path]} {
		return [qspi_verify_packed $name $path [dict get $options -json]]
	}
	set binary [expr {[qspi_image_type $path ""] eq "bin"}]
	set offset [expr {[llength $words] == 2 ? [qspi_number [lindex $words 1] ADDR] : $binary ? $::qspi_window_start : 0}]
	set size 0
	set here 0
	set extents [qspi_quiet {qspi_check_image $name $offset ""}]
	foreach extent $extents {
		if {[qspi_check_extent $name {*}$extent]} {
			incr size [lindex $extent 1]
		}
		set here [expr {$here || [qspi_window_touched {*}$extent]}]
	}
	if {!$here} {
		qspi_fail "$name has nothing in the QSPI flash at [qspi_range_text $::qspi_window_start [qspi_bank_size]]."
	}
	# the loader takes RAM that halted firmware may need when it goes on
	qspi_ready
	set pack [expr {$::qspi_ram_kept ? "" : [qspi_pack_make $path $binary $offset $extents]}]
	if {$pack ne ""} {
		set failed [catch {qspi_verify_packed $name $pack [dict get $options -json]} result]
		file delete $pack
		if {$failed} {
			return -code error $result
		}
		return $result
	}
	qspi_progress_start compared $size
	if {$binary} {
		set difference [qspi_verify_parts $path $offset $size]
	} else {
		set difference [qspi_verify_image $path $offset ""]
	}
	return [qspi_verify_report $name $size $difference [dict get $options -json]]
}

# Compare by the loader, which reads the chip on four lines: only hashes go over, and the first sector
# that differs.
proc qspi_verify_packed {name path json} {
	set job [qspi_pack_open $name $path]
	qspi_ready
	qspi_write_check_size $job
	set size [dict get $job bytes]
	qspi_progress_start compared $size
	return [qspi_verify_report $name $size [qspi_pack_compare $job] $json]
}

# Compare a raw file in steps. Result: {} or {address flash file} of the first difference.
proc qspi_verify_parts {path start size} {
	set part [file tempfile]
	set in [open $path r]
	set difference {}
	for {set done 0} {$done < $size && $difference eq ""} {incr done $::qspi_step} {
		set out [open $part w]
		set count [$in copyto $out $::qspi_step]
		$out close
		set difference [qspi_verify_image $part [expr {$start + $done}] bin]
		qspi_progress_step [expr {$done + $count}]
	}
	$in close
	file delete $part
	return $difference
}

# OpenOCD compares what lies in flash, by a checksum that the target computes. Result as above.
proc qspi_verify_image {path address type} {
	if {![catch {qspi_quiet {qspi_stock "flash verify_image" $path $address {*}$type}}]} {
		return {}
	}
	return [qspi_first_difference $path $address $type]
}

# Where they differ, by OpenOCD's own comparison through the window.
proc qspi_first_difference {path address type} {
	if {![catch {qspi_quiet {verify_image $path $address {*}$type}} text]} {
		return {unknown}
	}
	if {[regexp {address (0x[0-9a-fA-F]+). Was 0x([0-9a-fA-F]+) instead of 0x([0-9a-fA-F]+)} $text -> at flash file]} {
		return [list $at 0x$flash 0x$file]
	}
	return {unknown}
}

proc qspi_verify_report {name size difference json} {
	set elapsed [qspi_progress_elapsed]
	if {$json} {
		set fields [list file s $name size n $size equal b [expr {$difference eq ""}] milliseconds n $elapsed]
		if {[llength $difference] >= 3} {
			lassign $difference at flash file sectors
			lappend fields address n $at flash_byte n $flash file_byte n $file
		}
		if {[llength $difference] == 4} {
			lappend fields sectors n $sectors
		}
		set text [qspi_json $fields]
		if {$difference ne ""} {
			return -code error $text
		}
		return $text
	}
	if {[llength $difference] == 4} {
		lassign $difference at flash file sectors
		qspi_fail [format "%s differs from the flash in %d sector%s of 4 KiB, first at %s: the flash has %02X, the file %02X." $name $sectors [expr {$sectors == 1 ? "" : "s"}] $at $flash $file]
	} elseif {[llength $difference] == 3} {
		qspi_fail [format "%s differs from the flash, first at 0x%08X: the flash has %02X, the file %02X." $name {*}$difference]
	} elseif {$difference ne ""} {
		qspi_fail "$name differs from the flash."
	}
	return "QSPI: $name equals the flash ([qspi_size_text $size] in [qspi_seconds_text $elapsed], [qspi_rate_text $size $elapsed])"
}
