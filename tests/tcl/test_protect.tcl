# SPDX-License-Identifier: MIT
# tcl/protect.tcl against the protection table of the W25Q64JV datasheet (7.1), every combination.
use errors pins wiring bank protect guard

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
# W25Q256: BP3..0 and TB in bits 2 to 6, in steps of 64 KiB.
set big [expr {32 * $MIB}]
check {qspi_protect_range 0x04 0 $big} [list [expr {$big - 65536}] 65536]
check {qspi_protect_range 0x44 0 $big} {0 65536}
check {qspi_protect_range 0x24 0 $big} [list [expr {$big - 16 * $MIB}] [expr {16 * $MIB}]]
check {qspi_protect_range 0x28 0 $big} [list 0 $big]

# Two chips side by side: ranges count twice, and each status byte is written to both.
set ::qspi_wiring [list flags $::qspi_stub(FLAG_DUAL)]
set ::qspi_bank stm32h7x.qspi
set result {jedec_id {0xEF4017 0xEF4017} sr {0x600200 0x600210} found 0}
set ::qspi_result $result
check {qspi_protect_text $result [expr {16 * $MIB}]} {SR1 00 SR2 02 SR3 60, no block protected, SR1 10 SR2 02 SR3 60, PROTECTED 0x90E00000-0x90FFFFFF}
proc flash {args} { return "#0 : stm32h7x.qspi (stmqspi) at 0x90000000, size 0x01000000, buswidth 0, chipwidth 0\n" }
array set ::answer {0x05 "00 10" 0x35 "02 02" 0x15 "60 60"}
proc stmqspi {cmd bank count opcode} { return "spi: xx -> $::answer($opcode) " }
check {qspi_protect_clash 0 4096} {}
check {lrange [qspi_protect_clash 0xE00000 1] 0 1} [list [expr {14 * $MIB}] [expr {2 * $MIB}]]
check {lindex [qspi_protect_clash 0xE00000 1] 3} {stmqspi cmd 0 0 0x06; stmqspi cmd 0 0 0x01 0x00 0x00 0x02 0x02}
