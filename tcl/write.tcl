# SPDX-License-Identifier: MIT
# `qspi write`: rewrite only what differs, with the loader (tcl/loader.tcl) working on the chip while
# the next blocks arrive. Takes image files and pack files (loader/pack.h).

qspi_command write "FILE \[ADDR\] \[-full\] \[-noverify\] \[-dry-run\] \[-json\]" "Write a file to the flash, changing only sectors that differ. A .bin goes to ADDR, 0x90000000 if not given."
proc qspi_cmd_write {args} {
	set options [qspi_options {-full 0 -noverify 0 -dry-run 0 -json 0} $args]
	set words [dict get $options words]
	if {[llength $words] ni {1 2}} {
		qspi_usage "wrong number of arguments"
	}
	set flags 0
	foreach {option flag} {-full FLAG_REWRITE -noverify FLAG_TRUST -dry-run FLAG_DRY} {
		if {[dict get $options $option]} {
			set flags [expr {$flags | $::qspi_loader($flag)}]
		}
	}
	set job [qspi_write_open {*}$words]
	qspi_ready
	if {$::qspi_ram_kept} {
		qspi_say "the loader takes RAM of the firmware that is halted: reset the board before it runs again"
	}
	qspi_write_check $job
	qspi_progress_start written [dict get $job bytes]
	set result [qspi_write_run $job $flags]
	return [qspi_write_report $job $options $result]
}

# --- What is to be written: a job ---
# Dict: name, path, bytes (of data), pack (1 for a pack file), shift (address of the file's byte or
# section 0), blocks: dict by block address of {mask span parts data}. `parts`: {address length
# offset} of pieces of sectors; `data`: {offset length form} of a pack file. hashes: {address blocks
# offset} or {}.

proc qspi_write_open {name {address ""}} {
	set path [qspi_image_find $name]
	if {[qspi_pack_is $path]} {
		if {$address ne ""} {
			qspi_usage "a pack file has its address in it"
		}
		return [qspi_pack_open $name $path]
	}
	set binary [expr {[qspi_image_type $path ""] eq "bin"}]
	set shift [expr {$address ne "" ? [qspi_number $address ADDR] : $binary ? $::qspi_window_start : 0}]
	set job [dict create name $name path $path pack 0 shift $shift bytes 0 hashes {} blocks {}]
	set window_end [expr {$::qspi_window_start + 0x10000000}]
	foreach extent [qspi_image_extents $name $shift] {
		lassign $extent start size
		set end [expr {$start + $size}]
		set from [expr {$start > $::qspi_window_start ? $start : $::qspi_window_start}]
		set to [expr {$end < $window_end ? $end : $window_end}]
		if {$from != $start || $to != $end || $from >= $to} {
			qspi_say "left alone: [qspi_range_text $start $size] of $name[expr {$from < $to ? ", as far as it is outside the QSPI window" : " is not in the QSPI window"}]"
		}
		if {$from < $to} {
			dict incr job bytes [expr {$to - $from}]
			dict set job blocks [qspi_write_blocks [dict get $job blocks] $from $to]
		}
	}
	if {[dict get $job bytes] == 0} {
		qspi_fail "$name has nothing for the QSPI flash at [format 0x%08X $::qspi_window_start]."
	}
	return $job
}

# Add the bytes from `from` up to `to` to the dict of blocks.
proc qspi_write_blocks {blocks from to} {
	set size $::qspi_loader(BLOCK)
	set sector $::qspi_loader(SECTOR)
	for {set block [expr {$from & ~($size - 1)}]} {$block < $to} {incr block $size} {
		set first [expr {$from > $block ? $from : $block}]
		set last [expr {$to < $block + $size ? $to : $block + $size}]
		# whole sectors from `low` up to `high`
		set low [expr {($first - $block + $sector - 1) / $sector}]
		set high [expr {($last - $block) / $sector}]
		set whole [expr {$high > $low ? (1 << $high) - (1 << $low) : 0}]
		set touched [expr {(1 << (($last - $block + $sector - 1) / $sector)) - (1 << (($first - $block) / $sector))}]
		lassign {0 0 0} mask span parts
		if {[dict exists $blocks $block]} {
			lassign [dict get $blocks $block] mask span parts
		}
		dict set blocks $block [list [expr {$mask | $touched}] [expr {$span | $whole}] [expr {$parts || $touched != $whole}] {}]
	}
	return $blocks
}

# Everything must be inside the chip and unlocked.
proc qspi_write_check {job} {
	set end [qspi_write_check_size $job]
	set blocks [lsort -integer [dict keys [dict get $job blocks]]]
	set first [lindex $blocks 0]
	set mask [lindex [dict get [dict get $job blocks] $first] 0]
	while {!($mask & 1)} {
		set mask [expr {$mask >> 1}]
		incr first $::qspi_loader(SECTOR)
	}
	qspi_check_unlocked $first [expr {$end - $first}]
}

# Everything must be inside the chip. Returns the end of the last sector.
proc qspi_write_check_size {job} {
	set size [qspi_bank_size]
	foreach block [lsort -integer [dict keys [dict get $job blocks]]] {
		set mask [lindex [dict get [dict get $job blocks] $block] 0]
		for {set high 16} {!($mask >> ($high - 1) & 1)} {incr high -1} {}
		set end [expr {$block + $high * $::qspi_loader(SECTOR)}]
		if {$block < $::qspi_window_start || $end > $::qspi_window_start + $size} {
			qspi_fail "[dict get $job name] does not fit: it reaches to [format 0x%08X [expr {$end - 1}]], and the flash is at [qspi_range_text $::qspi_window_start $size]."
		}
	}
	return $end
}

# --- Work it off ---

# Returns the loader's last box with `sent` (bytes of data that went over) added.
proc qspi_write_run {job flags} {
	set regs [qspi_write_regs]
	set failed [catch {qspi_write_steps $job $flags} result]
	if {$failed} {
		qspi_loader_abandon
	}
	catch {qspi_regs_restore $regs}
	set ::qspi_core_held 0
	if {$failed} {
		set ::qspi_up 0
		return -code error $result
	}
	set ::qspi_up 1
	return $result
}

# Registers to put back: after a reset only those that say where the core starts.
proc qspi_write_regs {} {
	if {$::qspi_ram_kept} {
		return [qspi_regs_save]
	}
	set saved {}
	foreach name [list control primask msp sp [qspi_reg_xpsr] pc] {
		lappend saved $name [qspi_reg_read $name]
	}
	return $saved
}

proc qspi_write_steps {job flags} {
	set hashes [dict get $job hashes]
	set sent 0
	lassign {0 0} first count
	if {[llength $hashes]} {
		lassign $hashes first count
		incr sent [qspi_write_hashes $job]
	}
	qspi_loader_start $flags [expr {$count ? $first - $::qspi_window_start : 0}] $count
	set blocks [dict get $job blocks]
	if {$count} {
		qspi_loader_wait_hashed list
		set blocks [qspi_write_differing $blocks $first $count]
	}
	set unsent 0
	if {$flags & $::qspi_loader(FLAG_VERIFY)} {
		lassign [qspi_write_first $blocks] blocks unsent
	}
	set items [qspi_write_items $blocks]
	set todo [llength $items]
	set number 0
	foreach item $items {
		set box [qspi_loader_wait_slot $number FREE]
		qspi_write_told $job $todo [dict get $box done]
		incr sent [qspi_write_block $job $number {*}$item]
		set number [expr {($number + 1) % $::qspi_loader(SLOTS)}]
	}
	qspi_loader_drain [list qspi_write_told $job $todo]
	set box [qspi_loader_stop]
	dict incr box different $unsent
	dict set box sent [expr {[dict get $job pack] ? $sent : [dict get $job bytes]}]
	return $box
}

# Blocks in rising order as a list of {address entry}. A packed block fills the buffer from its start,
# so pieces of sectors go extra.
proc qspi_write_items {blocks} {
	set items {}
	foreach block [lsort -integer [dict keys $blocks]] {
		set entry [dict get $blocks $block]
		lassign $entry mask span parts data
		if {[lindex $data 2] eq "lz4" && ($mask & ~$span)} {
			if {$mask & $span} {
				lappend items [list $block [list [expr {$mask & $span}] $span {} $data]]
			}
			set entry [list [expr {$mask & ~$span}] 0 $parts {}]
		}
		lappend items [list $block $entry]
	}
	return $items
}

# Progress: `done` of `todo` blocks stand for the bytes of the job.
proc qspi_write_told {job todo done} {
	qspi_progress_step [expr {[dict get $job bytes] * $done / ($todo > 0 ? $todo : 1)}]
}

# Put the table of hashes and its masks into RAM. Returns the bytes sent.
proc qspi_write_hashes {job} {
	lassign [dict get $job hashes] first count offset
	set length [expr {$count * 64}]
	qspi_write_slice $job $::qspi_loader(TABLE) $offset $length
	set masks {}
	for {set i 0} {$i < $count} {incr i} {
		set block [expr {$first + $i * $::qspi_loader(BLOCK)}]
		set span 0
		if {[dict exists [dict get $job blocks] $block]} {
			set span [lindex [dict get [dict get $job blocks] $block] 1]
		}
		lappend masks $span
	}
	qspi_write_words $::qspi_loader(MASK) $masks
	return [expr {$length + 4 * $count}]
}

# Take out of the dict of blocks what the hashes show to be there already.
proc qspi_write_differing {blocks first count} {
	set left {}
	set masks [qspi_read_words $::qspi_loader(MASK) $count]
	dict for {block entry} $blocks {
		lassign $entry mask span
		set differs [lindex $masks [expr {($block - $first) / $::qspi_loader(BLOCK)}]]
		set mask [expr {($mask & ~$span) | $differs}]
		if {$mask} {
			dict set left $block [lreplace $entry 0 0 $mask]
		}
	}
	return $left
}

# For a comparison: of all whole sectors that differ by their hashes only the first is worth sending,
# to find the byte. Result: the dict of blocks, and how many sectors differ that are left out.
proc qspi_write_first {blocks} {
	set left {}
	set out 0
	set found 0
	foreach block [lsort -integer [dict keys $blocks]] {
		set entry [dict get $blocks $block]
		lassign $entry mask span
		set keep [expr {$mask & ~$span}]
		for {set i 0} {$i < 16} {incr i} {
			if {!(($mask & $span) >> $i & 1)} {
				continue
			}
			if {$found} {
				incr out
			} else {
				set keep [expr {$keep | 1 << $i}]
				set found 1
			}
		}
		if {$keep} {
			dict set left $block [lreplace $entry 0 0 $keep]
		}
	}
	return [list $left $out]
}

# Fill one slot. Returns the bytes sent.
proc qspi_write_block {job number block entry} {
	lassign $entry mask span parts data
	set buffer [qspi_loader_buffer $number]
	set sent 0
	set packed 0
	set pieces [expr {$mask & ~$span}]
	if {$pieces} {
		# sectors of which the file has only a part: their other bytes stay
		qspi_loader_put $number $block $pieces 0 0 FETCH
		qspi_loader_wait_slot $number FETCHED
	}
	if {![dict get $job pack]} {
		qspi_write_file $job $buffer $block
	} else {
		foreach part $parts {
			lassign $part address length offset
			incr sent [qspi_write_slice $job [expr {$buffer + $address - $block}] $offset $length]
		}
		set whole [expr {$mask & $span}]
		if {$whole && [lindex $data 2] eq "lz4"} {
			set packed [lindex $data 1]
			incr sent [qspi_write_slice $job $buffer [lindex $data 0] $packed]
		} elseif {$whole} {
			incr sent [qspi_write_sectors $job $buffer $whole $span [lindex $data 0]]
		}
	}
	qspi_loader_put $number $block $mask $span $packed FILLED
	return $sent
}

# What the image file has for a block, by one load_image: the file's addresses
# are moved so that the block falls onto the buffer.
proc qspi_write_file {job buffer block} {
	set path [dict get $job path]
	set from [format 0x%x [expr {$buffer - $block + [dict get $job shift]}]]
	qspi_load_image $path $from [qspi_image_type $path ""] $buffer $::qspi_loader(BLOCK)
}

# `length` bytes of the file from byte `offset` on to `address` in RAM. Returns `length`.
proc qspi_write_slice {job address offset length} {
	qspi_load_image [dict get $job path] [format 0x%x [expr {$address - $offset}]] bin $address $length
	return $length
}

# The part of an image that falls onto `length` bytes from `address`, with the image moved by `from`.
proc qspi_load_image {path from type address length} {
	if {[catch {qspi_quiet [list load_image $path $from $type $address $length]} message]} {
		qspi_fail "cannot load $path into the target's RAM: [string trim $message]"
	}
}

# Sectors that differ of a raw block, runs of neighbours by one transfer each.
proc qspi_write_sectors {job buffer mask span offset} {
	set size $::qspi_loader(SECTOR)
	for {set low 0} {!($span >> $low & 1)} {incr low} {}
	set sent 0
	for {set i 0} {$i < 16} {incr i} {
		if {!($mask >> $i & 1)} {
			continue
		}
		for {set end $i} {$mask >> $end & 1} {incr end} {}
		incr sent [qspi_write_slice $job [expr {$buffer + $i * $size}] [expr {$offset + ($i - $low) * $size}] [expr {($end - $i) * $size}]]
		set i $end
	}
	return $sent
}

# --- The summary ---

proc qspi_write_report {job options box} {
	set elapsed [qspi_progress_elapsed]
	set bytes [dict get $job bytes]
	set verified [expr {!([dict get $options -noverify] || [dict get $options -dry-run])}]
	lassign [dict get $box erases] small middle large
	if {[dict get $options -json]} {
		return [qspi_json [list file s [dict get $job name] size n $bytes \
			unchanged n [dict get $box same] programmed n [dict get $box programmed] erased n [dict get $box erased] \
			pages n [dict get $box pages] erases_4k n $small erases_32k n $middle erases_64k n $large \
			sent n [dict get $box sent] lines n [dict get $box lines] sck_hz n [dict get $box sck] \
			retries n [dict get $box retries] milliseconds n $elapsed verified b $verified \
			dry_run b [dict get $options -dry-run]]]
	}
	set sectors "[dict get $box same] sectors unchanged, [dict get $box programmed] programmed without erase, [dict get $box erased] erased"
	if {[dict get $options -dry-run]} {
		return "QSPI: nothing written (dry run): $sectors; it would take the chip about [qspi_seconds_text [expr {[dict get $box predicted_us] / 1000}]]"
	}
	set text "QSPI: wrote [dict get $job name], [qspi_size_text $bytes]: $sectors; [qspi_size_text [dict get $box sent]] sent, [qspi_seconds_text $elapsed], [qspi_rate_text $bytes $elapsed], [expr {$verified ? "verified" : "not verified"}]"
	if {[dict get $box retries]} {
		append text "; [dict get $box retries] blocks needed a second try"
	}
	return $text
}

# --- Comparing ---

# Compare the flash with a pack file. Result: {} or {address flash file sectors}: the first byte that
# differs and how many sectors do. Used by `qspi verify` (tcl/console.tcl).
proc qspi_pack_compare {job} {
	set box [qspi_write_run $job $::qspi_loader(FLAG_VERIFY)]
	if {[dict get $box different] == 0} {
		return {}
	}
	return [list [format 0x%08X [expr {$::qspi_window_start + [dict get $box difference]}]] \
		[dict get $box found] [dict get $box expected] [dict get $box different]]
}

# The host tool, which makes pack files: beside the kit, or "".
proc qspi_pack_tool {} {
	foreach path [list $::qspi_root/build/rel/qspi-flash $::qspi_root/bin/qspi-flash] {
		if {[file executable $path]} {
			return $path
		}
	}
	return ""
}

# A pack file of an image that lies in the QSPI flash with all of its parts, in a file of its own to be
# deleted; "" if there is no host tool or it cannot.
proc qspi_pack_make {path binary offset extents} {
	set tool [qspi_pack_tool]
	foreach extent $extents {
		if {[lindex $extent 0] < $::qspi_window_start} {
			set tool ""
		}
	}
	if {$tool eq "" || (!$binary && $offset != 0)} {
		return ""
	}
	set pack [file tempfile]
	set what [expr {$binary ? "$path@[format 0x%08X $offset]" : $path}]
	if {[catch {exec $tool --pack $pack $what 2>/dev/null}] || ![qspi_pack_is $pack]} {
		file delete $pack
		return ""
	}
	return $pack
}
