# SPDX-License-Identifier: MIT
# Read pack files (loader/pack.h), which the host tool makes: an image with hashes and compressed
# blocks. Used by tcl/write.tcl.

proc qspi_pack_is {path} {
	set file [open $path r]
	set head [$file read 9]
	$file close
	return [expr {$head eq "QSPIPACK "}]
}

# The job (tcl/write.tcl) in a pack file. What does not fit together is refused here, before anything
# is erased; data is checked against its hashes by the loader, block by block.
proc qspi_pack_open {name path} {
	if {[catch {qspi_pack_lines $path} lines]} {
		qspi_fail "$name is a corrupt pack file ($lines); make it again."
	}
	set job [dict create name $name path $path pack 1 shift 0 bytes 0 hashes {} blocks {}]
	set size [file size $path]
	if {[catch {
		foreach line $lines {
			set job [qspi_pack_line $job $line $size]
		}
	} why]} {
		qspi_fail "$name is a corrupt pack file ($why); make it again."
	}
	return $job
}

# The header's lines behind the first, up to `end`, whose CRC-32 of all before it must be right.
proc qspi_pack_lines {path} {
	set file [open $path r]
	set lines {}
	set crc 0xFFFFFFFF
	set found ""
	while {[$file gets line] >= 0} {
		if {[regexp {^end (0x[0-9a-fA-F]{8})$} $line -> found]} {
			break
		}
		if {[string length $line] > 100 || ![regexp {^[ -~]+$} $line]} {
			break
		}
		set crc [qspi_crc32 $crc "$line\n"]
		lappend lines $line
	}
	$file close
	if {$found eq ""} {
		error "its header ends too early"
	}
	if {($crc ^ 0xFFFFFFFF) != $found} {
		error "the checksum of its header is wrong"
	}
	if {[lindex $lines 0] ne "QSPIPACK 1"} {
		error "it is of another version of the kit: [lindex $lines 0]"
	}
	return [lrange $lines 1 end]
}

# CRC-32 (IEEE 802.3, not inverted) of ASCII text, by half bytes.
set ::qspi_crc_table {}
for {set _qspi_i 0} {$_qspi_i < 16} {incr _qspi_i} {
	set _qspi_c $_qspi_i
	for {set _qspi_k 0} {$_qspi_k < 4} {incr _qspi_k} {
		set _qspi_c [expr {$_qspi_c & 1 ? ($_qspi_c >> 1) ^ 0xEDB88320 : $_qspi_c >> 1}]
	}
	lappend ::qspi_crc_table $_qspi_c
}
proc qspi_crc32 {crc text} {
	foreach character [split $text ""] {
		scan $character %c code
		set crc [expr {$crc ^ $code}]
		set crc [expr {($crc >> 4) ^ [lindex $::qspi_crc_table [expr {$crc & 15}]]}]
		set crc [expr {($crc >> 4) ^ [lindex $::qspi_crc_table [expr {$crc & 15}]]}]
	}
	return $crc
}

proc qspi_pack_line {job line size} {
	switch -- [lindex $line 0] {
		size {
			if {[lindex $line 1] != $size} {
				error "it should have [lindex $line 1] bytes, but has $size"
			}
		}
		data {
			dict set job bytes [lindex $line 1]
		}
		hashes {
			dict set job hashes [lrange $line 1 3]
		}
		block {
			lassign $line - address mask offset length form
			if {$offset + $length > $size} {
				error "a block ends behind the end of the file"
			}
			set address [expr {$address + 0}]
			set mask [expr {$mask + 0}]
			dict set job blocks $address [list $mask $mask {} [list $offset $length $form]]
		}
		part {
			set job [qspi_pack_part $job {*}[lrange $line 1 3]]
		}
	}
	return $job
}

proc qspi_pack_part {job address length offset} {
	set address [expr {$address + 0}]
	set block [expr {$address & ~($::qspi_loader(BLOCK) - 1)}]
	lassign {0 0 {} {}} mask span parts data
	if {[dict exists [dict get $job blocks] $block]} {
		lassign [dict get [dict get $job blocks] $block] mask span parts data
	}
	set mask [expr {$mask | 1 << (($address - $block) / $::qspi_loader(SECTOR))}]
	lappend parts [list $address $length $offset]
	dict set job blocks $block [list $mask $span $parts $data]
	return $job
}
