# SPDX-License-Identifier: MIT
# `qspi erase`: exactly the bytes asked for, with 4 KiB sectors at the edges and 64 KiB blocks inside.
# The commands go out one by one through `stmqspi cmd`, because OpenOCD's own table knows only one
# erase unit and gives up after 2 s, which a good W25Q64 may take.

# Unit (bytes of one chip), opcode, and how long it may take in ms: the longest time by the W25Q64JV
# datasheet (Rev J, 9.6: 400 ms and 2000 ms) and more for other makers.
set ::qspi_erase_units {
	{65536 0xD8 3000}
	{4096  0x20 1000}
}

qspi_command erase "(ADDR LEN \[-keep\] | all) \[-json\]" "Erase exactly these bytes, or the whole chip; -keep preserves the rest of the 4 KiB sectors at the edges."
proc qspi_cmd_erase {args} {
	set options [qspi_options {-keep 0 -json 0} $args]
	set words [dict get $options words]
	if {$words ne "all" && [llength $words] != 2} {
		qspi_usage "wrong number of arguments"
	}
	if {$words eq "all"} {
		qspi_ready
		set start $::qspi_window_start
		set size [qspi_bank_size]
	} else {
		set start [qspi_number [lindex $words 0] "ADDR"]
		set size [qspi_number [lindex $words 1] "LEN"]
		qspi_ready
	}
	if {$size == 0} {
		qspi_usage "LEN is 0"
	}
	qspi_check_inside $start $size
	set unit [expr {4096 * [qspi_chips]}]
	set from [expr {$start / $unit * $unit}]
	set to [expr {($start + $size + $unit - 1) / $unit * $unit}]
	if {($from != $start || $to != $start + $size) && ![dict get $options -keep]} {
		qspi_fail "[qspi_range_text $start $size] is not whole [qspi_size_text $unit] sectors, so nothing was erased. The sectors are [qspi_range_text $from [expr {$to - $from}]]; `-keep` erases your bytes only and writes the others back."
	}
	qspi_check_unlocked $from [expr {$to - $from}]
	qspi_progress_start erased [expr {$to - $from}]
	set kept [qspi_erase_save [list $from [expr {$start - $from}]] [list [expr {$start + $size}] [expr {$to - $start - $size}]]]
	set counts [qspi_erase_range $from $to]
	qspi_erase_put_back $kept
	return [qspi_erase_report $start $size $counts $kept [dict get $options -json]]
}

# The erase commands for a range of whole small units: list of {address unit}, unit as in
# qspi_erase_units.
proc qspi_erase_plan {from to chips} {
	set plan {}
	while {$from < $to} {
		foreach unit $::qspi_erase_units {
			set step [expr {[lindex $unit 0] * $chips}]
			if {$from % $step == 0 && $from + $step <= $to} {
				break
			}
		}
		lappend plan [list $from $unit]
		incr from $step
	}
	return $plan
}

# Erase; result: how many units of each size, as {65536 n 4096 n}.
proc qspi_erase_range {from to} {
	set counts {65536 0 4096 0}
	set chips [qspi_chips]
	foreach step [qspi_erase_plan $from $to $chips] {
		lassign $step address unit
		qspi_erase_unit $address $unit $chips
		dict incr counts [lindex $unit 0]
		qspi_progress_step [expr {$address - $from + [lindex $unit 0] * $chips}]
	}
	return $counts
}

proc qspi_erase_unit {address unit chips} {
	lassign $unit size opcode patience
	set bank [qspi_bank_number]
	qspi_stock "stmqspi cmd" $bank 0 0x06
	foreach sr1 [qspi_chip_bytes 0x05] {
		if {!($sr1 & 2)} {
			qspi_fail [format "the chip refuses write enable (SR1=0x%02X) at 0x%08X; run `reset init`, and check its supply and WP." $sr1 $address]
		}
	}
	qspi_stock "stmqspi cmd" $bank 0 $opcode {*}[qspi_address_bytes [expr {($address - $::qspi_window_start) / $chips}] $chips]
	set end [expr {[ms] + $patience}]
	while {[qspi_chip_busy]} {
		if {[ms] > $end} {
			qspi_fail [format "erasing 0x%08X takes longer than %d ms, which no good chip does; power-cycle the board and check the supply of the chip." $address $patience]
		}
		sleep 5
	}
	set length [expr {$size * $chips}]
	foreach at [list $address [expr {$address + $length / 2}] [expr {$address + $length - 16}]] {
		foreach word [qspi_read_words $at 4] {
			if {$word != 0xFFFFFFFF} {
				qspi_fail [format "the bytes at 0x%08X are not blank after erasing them: the chip took the command (%02Xh) but did nothing. `qspi info` shows its protection." $at $opcode]
			}
		}
	}
}

proc qspi_chip_busy {} {
	foreach sr1 [qspi_chip_bytes 0x05] {
		if {$sr1 & 1} {
			return 1
		}
	}
	return 0
}

# Address bytes as data of `stmqspi cmd`, each once per chip; four if the chip is in 4-byte mode
# (QUADSPI_CCR.ADSIZE of the window).
proc qspi_address_bytes {offset chips} {
	set bytes {}
	set long [expr {(([dict get $::qspi_result ccr] >> 12) & 3) == 3}]
	foreach shift [expr {$long ? {24 16 8 0} : {16 8 0}}] {
		for {set i 0} {$i < $chips} {incr i} {
			lappend bytes [expr {($offset >> $shift) & 0xFF}]
		}
	}
	return $bytes
}

# Read what is to be preserved into files: list of {start size file}.
proc qspi_erase_save {args} {
	set kept {}
	foreach range $args {
		lassign $range start size
		if {$size > 0} {
			set file [file tempfile]
			qspi_stock "flash read_bank" [qspi_bank_number] $file [expr {$start - $::qspi_window_start}] $size
			lappend kept [list $start $size $file]
		}
	}
	return $kept
}

proc qspi_erase_put_back {kept} {
	foreach range $kept {
		lassign $range start size file
		set offset [expr {$start - $::qspi_window_start}]
		if {[catch {
			qspi_stock "flash write_bank" [qspi_bank_number] $file $offset
			qspi_stock "flash verify_bank" [qspi_bank_number] $file $offset
		}]} {
			qspi_fail "could not write back [qspi_range_text $start $size], which was to be kept. Its bytes are in $file."
		}
	}
	foreach range $kept {
		file delete [lindex $range 2]
	}
}

proc qspi_erase_report {start size counts kept json} {
	set elapsed [qspi_progress_elapsed]
	set bytes 0
	foreach range $kept {
		incr bytes [lindex $range 1]
	}
	set chips [qspi_chips]
	if {$json} {
		return [qspi_json [list address n $start size n $size blocks n [dict get $counts 65536] \
			block_size n [expr {65536 * $chips}] sectors n [dict get $counts 4096] \
			sector_size n [expr {4096 * $chips}] preserved n $bytes milliseconds n $elapsed]]
	}
	set words {}
	foreach unit {65536 4096} name {block sector} {
		set count [dict get $counts $unit]
		if {$count} {
			lappend words "$count [qspi_size_text [expr {$unit * $chips}]] $name[expr {$count == 1 ? "" : "s"}]"
		}
	}
	set text "QSPI: erased [qspi_size_text $size] at [qspi_range_text $start $size] ([join $words ", "]) in [qspi_seconds_text $elapsed]"
	if {$bytes} {
		append text "; [qspi_bytes_text $bytes] around it preserved"
	}
	return $text
}
