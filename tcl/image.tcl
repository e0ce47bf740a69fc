# SPDX-License-Identifier: MIT
# Which addresses an image file will be written to, found before anything is erased: raw binary, ELF,
# Intel HEX and Motorola S-record, told apart as OpenOCD does (src/target/image.c). Used by
# tcl/guard.tcl and tcl/program.tcl.

# The file's path as OpenOCD would open it; an error sentence if there is nothing to read.
proc qspi_image_find {name} {
	set path $name
	if {![file exists $path] && [catch {find $name} path]} {
		qspi_fail "no such file: $name"
	}
	if {[file isdirectory $path]} {
		qspi_fail "$name is a folder, not an image file."
	}
	if {![file readable $path]} {
		qspi_fail "cannot read $name: permission denied."
	}
	if {[file size $path] == 0} {
		qspi_fail "$name is empty: there is nothing to write."
	}
	return $path
}

# bin, elf, ihex or s19; `type` as the user gave it, or "" to look into the file.
proc qspi_image_type {path type} {
	if {$type ne ""} {
		return $type
	}
	set file [open $path r]
	set head [$file read 9]
	$file close
	if {[string range $head 1 3] eq "ELF"} {
		return elf
	}
	if {[regexp {^:[0-9A-Fa-f]{6}0[0-5]} $head]} {
		return ihex
	}
	if {[regexp {^S[0-8][0-9A-Fa-f]{2}} $head]} {
		return s19
	}
	return bin
}

# The words {file ?offset? ?type?} of an image command, with the type added where OpenOCD would fail
# without a word: it reads nine bytes to tell the type, so a smaller file has to be named `bin`.
proc qspi_image_words {name {offset 0} {type ""}} {
	if {$offset eq ""} {
		set offset 0
	}
	if {$type eq "" && [file size [qspi_image_find $name]] < 9} {
		set type bin
	}
	return [list $name $offset {*}$type]
}

# List of {start size} in file order, moved by `offset`; neighbours are joined. Empty for the types
# that are no files ("mem", "build").
proc qspi_image_extents {name {offset 0} {type ""}} {
	if {$type in {mem build}} {
		return {}
	}
	set path [qspi_image_find $name]
	switch -- [qspi_image_type $path $type] {
		elf     { set extents [qspi_elf_extents $path $name] }
		ihex    { set extents [qspi_ihex_extents $path $name] }
		s19     { set extents [qspi_s19_extents $path $name] }
		default { set extents [list [list 0 [file size $path]]] }
	}
	if {[llength $extents] == 0} {
		qspi_fail "$name holds no data to write."
	}
	set moved {}
	foreach extent $extents {
		lappend moved [list [expr {[lindex $extent 0] + $offset}] [lindex $extent 1]]
	}
	return $moved
}

# --- ELF: loadable segments with file contents, at their physical address ---

proc qspi_elf_extents {path name} {
	set file [open $path r]
	set failed [catch {qspi_elf_segments $file [file size $path]} extents]
	$file close
	if {$failed} {
		qspi_fail "$name is a damaged ELF file ($extents)."
	}
	return $extents
}

proc qspi_elf_segments {file size} {
	set head [qspi_bytes $file 0 52]
	if {[lindex $head 4] != 1 || [lindex $head 5] != 1} {
		error "not a 32-bit little-endian one"
	}
	set at [qspi_le $head 28 4]
	set step [qspi_le $head 42 2]
	set count [qspi_le $head 44 2]
	set segments {}
	set physical 0
	for {set i 0} {$i < $count} {incr i} {
		set row [qspi_bytes $file [expr {$at + $i * $step}] 32]
		set paddr [qspi_le $row 12 4]
		# OpenOCD: with all physical addresses 0, the virtual ones count.
		if {$paddr != 0} {
			set physical 1
		}
		set filesz [qspi_le $row 16 4]
		if {[qspi_le $row 0 4] != 1 || $filesz == 0} {
			continue
		}
		if {[qspi_le $row 4 4] + $filesz > $size} {
			error "a segment ends behind the end of the file"
		}
		lappend segments [list [qspi_le $row 8 4] $paddr $filesz]
	}
	set extents {}
	foreach segment $segments {
		lappend extents [list [lindex $segment $physical] [lindex $segment 2]]
	}
	return $extents
}

# `count` bytes at `at` as numbers. Read one by one: a Jim built for UTF-8 counts characters.
proc qspi_bytes {file at count} {
	$file seek $at
	set bytes {}
	for {set i 0} {$i < $count} {incr i} {
		set byte [$file read 1]
		if {$byte eq ""} {
			error "it ends too early"
		}
		set code 0
		scan $byte %c code
		lappend bytes [expr {$code & 0xFF}]
	}
	return $bytes
}

# Little-endian number of `count` bytes at index `at`.
proc qspi_le {bytes at count} {
	set value 0
	for {set i [expr {$at + $count - 1}]} {$i >= $at} {incr i -1} {
		set value [expr {$value << 8 | [lindex $bytes $i]}]
	}
	return $value
}

# --- Intel HEX ---

proc qspi_ihex_extents {path name} {
	set extents {}
	set start 0
	set end 0
	set upper 0
	set number 0
	set file [open $path r]
	while {[$file gets line] >= 0} {
		incr number
		set type ""
		if {[scan $line ":%2x%4x%2x%4x" count address type value] < 3} {
			if {[string trim $line] eq "" || [string index $line 0] eq "#"} {
				continue
			}
			$file close
			qspi_fail "$name is a damaged Intel HEX file (line $number is no record)."
		}
		if {$type == 0} {
			incr address $upper
			if {$address != $end} {
				if {$end > $start} {
					lappend extents [list $start [expr {$end - $start}]]
				}
				set start $address
			}
			set end [expr {$address + $count}]
		} elseif {$type == 4} {
			set upper [expr {$value << 16}]
		} elseif {$type == 2} {
			set upper [expr {$value << 4}]
		}
	}
	$file close
	if {$type ne "1"} {
		qspi_fail "$name is a damaged Intel HEX file (it has no end-of-file record)."
	}
	if {$end > $start} {
		lappend extents [list $start [expr {$end - $start}]]
	}
	return $extents
}

# --- Motorola S-record: S1, S2, S3 carry data behind a 2, 3 or 4 byte address ---

proc qspi_s19_extents {path name} {
	set extents {}
	set start 0
	set end 0
	set number 0
	set type 0
	set file [open $path r]
	while {[$file gets line] >= 0} {
		incr number
		if {[string trim $line] eq ""} {
			continue
		}
		if {[scan $line "S%1x%2x" type count] != 2 || $type > 9} {
			$file close
			qspi_fail "$name is a damaged S-record file (line $number is no record)."
		}
		if {$type < 1 || $type > 3} {
			continue
		}
		set width [expr {$type + 1}]
		scan [string range $line 4 [expr {3 + 2 * $width}]] %x address
		if {$address != $end} {
			if {$end > $start} {
				lappend extents [list $start [expr {$end - $start}]]
			}
			set start $address
		}
		set end [expr {$address + $count - $width - 1}]
	}
	$file close
	if {$type < 7} {
		qspi_fail "$name is a damaged S-record file (it has no end record)."
	}
	if {$end > $start} {
		lappend extents [list $start [expr {$end - $start}]]
	}
	return $extents
}
