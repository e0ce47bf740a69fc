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

# --- qspi protect: from a range to the bits (tcl/lock.tcl) ---
use command lock
# W25Q64JV datasheet 7.1, row by row: SEC TB BP2..0 and, for CMP=0, first address and bytes.
set rows {
	0 0 1 0x7E0000 0x020000   0 0 2 0x7C0000 0x040000   0 0 3 0x780000 0x080000
	0 0 4 0x700000 0x100000   0 0 5 0x600000 0x200000   0 0 6 0x400000 0x400000
	0 1 1 0x000000 0x020000   0 1 2 0x000000 0x040000   0 1 3 0x000000 0x080000
	0 1 4 0x000000 0x100000   0 1 5 0x000000 0x200000   0 1 6 0x000000 0x400000
	0 0 7 0x000000 0x800000   0 1 7 0x000000 0x800000   1 0 7 0x000000 0x800000   1 1 7 0x000000 0x800000
	1 0 1 0x7FF000 0x001000   1 0 2 0x7FE000 0x002000   1 0 3 0x7FC000 0x004000
	1 0 4 0x7F8000 0x008000   1 0 5 0x7F8000 0x008000   1 0 6 0x7F8000 0x008000
	1 1 1 0x000000 0x001000   1 1 2 0x000000 0x002000   1 1 3 0x000000 0x004000
	1 1 4 0x000000 0x008000   1 1 5 0x000000 0x008000   1 1 6 0x000000 0x008000
}
# The same with CMP=1: "the rest": 0x000000-0x7DFFFF and so on.
set cmp_rows {
	0 0 1 0x000000 0x7E0000   0 0 2 0x000000 0x7C0000   0 0 3 0x000000 0x780000
	0 0 4 0x000000 0x700000   0 0 5 0x000000 0x600000   0 0 6 0x000000 0x400000
	0 1 1 0x020000 0x7E0000   0 1 2 0x040000 0x7C0000   0 1 3 0x080000 0x780000
	0 1 4 0x100000 0x700000   0 1 5 0x200000 0x600000   0 1 6 0x400000 0x400000
	1 0 1 0x000000 0x7FF000   1 0 2 0x000000 0x7FE000   1 0 3 0x000000 0x7FC000   1 0 4 0x000000 0x7F8000
	1 1 1 0x001000 0x7FF000   1 1 2 0x002000 0x7FE000   1 1 3 0x004000 0x7FC000   1 1 4 0x008000 0x7F8000
}
set choices [qspi_lock_choices $size]
set ranges {}
foreach table [list $rows $cmp_rows] bits2 {0 64} {
	foreach {sec tb bp first bytes} $table {
		check {qspi_protect_range [expr {$sec << 6 | $tb << 5 | $bp << 2}] $bits2 $size} [list [expr {$first + 0}] [expr {$bytes + 0}]]
		set choice [qspi_lock_exact $choices [expr {$first + 0}] [expr {$bytes + 0}]]
		check {llength $choice} 4
		# The bits chosen stand in the table for that range.
		set found 0
		foreach {s t b f n} [expr {[lindex $choice 3] ? $cmp_rows : $rows}] {
			if {$f == $first && $n == $bytes && ($s << 6 | $t << 5 | $b << 2) == [lindex $choice 2]} {
				set found 1
			}
		}
		check {set found} 1
		dict set ranges "$first $bytes" 1
	}
}
# No range beside those of the table and "none".
check {llength $choices} [expr {[llength [dict keys $ranges]] + 1}]
check {lrange [qspi_lock_exact $choices 0 0] 1 3} {0 0 0}
check {qspi_lock_exact $choices 0 65536} {}
check {qspi_lock_exact $choices 4096 4096} {}
# Around and within.
proc nearest {choices start length} {
	return [lmap choice [qspi_lock_nearest $choices $start $length] {lrange $choice 0 1}]
}
check {nearest $choices 0 65536} {{0 131072} {0 32768}}
check {nearest $choices 0x7F0000 0x10000} {{8257536 131072} {8355840 32768}}
check {nearest $choices 0x100000 0x10000} {{0 2097152} {}}
check {nearest $choices 0x10000 0x7F0000} {{32768 8355840} {131072 8257536}}
check {nearest $choices 0 0x7E8000} {{0 8355840} {0 8257536}}
check {nearest $choices 1 0x7FFFFE} {{0 8388608} {}}
# W25Q256: four BP bits, no SEC, 64 KiB to all.
check {qspi_lock_exact [qspi_lock_choices $big] 0 65536} {0 65536 68 0}
check {qspi_lock_exact [qspi_lock_choices $big] 0 $big} [list 0 $big 40 0]
check {qspi_lock_exact [qspi_lock_choices $big] 0 4096} {}
# Makers: XMC's 20 40 17 is laid out alike, Micron's 20 BA 18 is not.
foreach {id known} {0xEF4017 1 0x204017 1 0x852017 1 0x20BA18 0 0x9D6017 0} {
	dict set ::qspi_result jedec_id [list $id 0]
	check {qspi_protect_known} $known
}
