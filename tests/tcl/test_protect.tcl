# SPDX-License-Identifier: MIT
# tcl/protect.tcl against the protection table of the W25Q64JV datasheet (7.1), every combination.
use errors protect

set KIB 1024
set MIB 1048576
set size [expr {8 * $MIB}]

# Protected bytes by BP for SEC=0 and SEC=1, from the datasheet's table.
set large [list 0 [expr {128 * $KIB}] [expr {256 * $KIB}] [expr {512 * $KIB}] $MIB [expr {2 * $MIB}] [expr {4 * $MIB}] $size]
set small [list 0 4096 8192 16384 32768 32768 32768 $size]

for {set bp 0} {$bp < 8} {incr bp} {
	foreach sec {0 1} {
		foreach tb {0 1} {
			set sr1 [expr {$sec << 6 | $tb << 5 | $bp << 2}]
			set length [lindex [expr {$sec ? $small : $large}] $bp]
			set start [expr {$tb || $length == 0 ? 0 : $size - $length}]
			check {qspi_protect_range $sr1 0x02 $size} [list $start $length]
			# CMP=1: the rest of the chip.
			set rest [expr {$size - $length}]
			set from [expr {$rest && ($tb && $length) ? $length : 0}]
			if {$length == $size} { set from 0 }
			if {$length == 0} { set from 0 }
			check {qspi_protect_range $sr1 0x42 $size} [list $from $rest]
		}
	}
}
# WEL, BUSY and SRP do not matter.
check {qspi_protect_range 0x83 0x02 $size} {0 0}
# The unit follows the size: 64 KiB in a W25Q16JV (1/32), 256 KiB in a W25Q128JV (1/64).
check {qspi_protect_range 0x04 0 [expr {2 * $MIB}]} [list [expr {2 * $MIB - 65536}] 65536]
check {qspi_protect_range 0x18 0 [expr {2 * $MIB}]} [list 0 [expr {2 * $MIB}]]
check {qspi_protect_range 0x04 0 [expr {16 * $MIB}]} [list [expr {16 * $MIB - 262144}] 262144]
