# SPDX-License-Identifier: MIT
# Two chips side by side share every two bytes, and OpenOCD's driver reads from an odd offset what
# stands one byte lower. `flash read_bank` and `flash verify_bank` start one byte earlier in that case.
# Used by tcl/guard.tcl.

# 1 if the command starts at an odd offset of a pair of chips.
proc qspi_dual_odd {name arguments} {
	if {$name ni {"flash read_bank" "flash verify_bank"} || ![qspi_bank_is [lindex $arguments 0]]} {
		return 0
	}
	set offset [lindex $arguments 2]
	return [expr {[qspi_chips] == 2 && $offset ne "" && ($offset & 1)}]
}

proc qspi_dual_run {name arguments} {
	lassign $arguments bank file offset length
	set even [expr {$offset - 1}]
	set temporary "$file.even"
	set failed [catch {
		if {$name eq "flash read_bank"} {
			if {$length eq ""} {
				set length [expr {[qspi_bank_size] - $offset}]
			}
			set result [qspi_stock $name $bank $temporary $even [expr {$length + 1}]]
			qspi_dual_copy $temporary 1 $file w
		} else {
			qspi_stock "flash read_bank" $bank $temporary $even 1
			qspi_dual_copy [qspi_image_find $file] 0 $temporary a
			set result [qspi_stock $name $bank $temporary $even]
		}
	} message]
	catch {file delete $temporary}
	if {$failed} {
		return -code error $message
	}
	return $result
}

# Bytes of `from` behind `skip` to file `to`, opened in `mode`.
proc qspi_dual_copy {from skip to mode} {
	set in [open $from r]
	set out [open $to $mode]
	$in seek $skip
	$in copyto $out
	$in close
	$out close
}
