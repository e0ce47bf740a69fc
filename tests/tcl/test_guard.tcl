# SPDX-License-Identifier: MIT
# tcl/guard.tcl and tcl/program.tcl with OpenOCD's commands played by procs: what is refused, with
# which sentence, and that a refused command never reaches the stock one.
use errors command pins wiring mem core stub status bank protect map bringup image dual guard program

# --- The stage: a bank list, commands that only note that they were called ---

set ::calls {}
set ::sizes {0x08000000 0x00100000 0x08100000 0x00100000 0x90000000 0x00800000}
set ::sr {0x05 00 0x35 02 0x15 60}
set ::locked_block ""

proc fake_banks {} {
	set text ""
	set number 0
	foreach {base size} $::sizes name {bank1.cpu0 bank2.cpu0 qspi} driver {stm32h7x stm32h7x stmqspi} {
		append text "#$number : stm32h7x.$name ($driver) at $base, size $size, buswidth 0, chipwidth 0\n"
		incr number
	}
	return $text
}

proc fake_cmd {bank count opcode args} {
	if {$opcode eq "0x3D"} {
		return "spi: 3d -> [expr {$args eq $::locked_block ? "01" : "00"}] "
	}
	if {$count == 0} {
		lappend ::calls [list "stmqspi cmd" $bank $count $opcode {*}$args]
		return "spi:"
	}
	return "spi: xx -> [dict get $::sr $opcode] "
}

foreach name {"flash write_image" "flash verify_image" "flash write_bank" "flash read_bank" "flash probe" \
	"flash erase_sector" "flash erase_address" "flash fillw" "flash mdw" "stmqspi mass_erase" "stmqspi set"} {
	proc $name {args} "lappend ::calls \[list {$name} {*}\$args\]; return done"
}
proc "flash info" {args} { return "flash1 'win', (page size = 256, sector size = 64 KiB, ...)" }
proc "stmqspi cmd" {args} { return [fake_cmd {*}$args] }
proc flash {sub args} {
	if {$sub eq "banks"} {
		return [fake_banks]
	}
	return ["flash $sub" {*}$args]
}
proc stmqspi {sub args} { return ["stmqspi $sub" {*}$args] }
proc fake_target {args} { return halted }
proc target {args} { return fake_target }
proc usage {args} { echo "$args arguments" }

set ::qspi_bank stm32h7x.qspi
set ::qspi_wiring {flags 0 pins {} text {}}
set ::qspi_result {jedec_id {0xEF4017 0}}
set ::up 1
# The bring-up itself is not the subject here.
proc qspi_is_up {} { return $::up }
proc qspi_bring_up {args} { set ::qspi_why "QSPI: no answer"; return -code error $::qspi_why }

qspi_guard_install

# Calls that came through since the last look.
proc came {} {
	set calls $::calls
	set ::calls {}
	return $calls
}
proc refused {script pattern} {
	uplevel 1 [list check_error $script $pattern]
	check {came} {}
}

set dir [env IMAGES]
set bin $dir/assets.bin ;# 70,000 bytes = 0x11170

# --- Good calls pass unchanged and give the stock result ---

check {flash write_image erase $bin 0x90000000} done
check {came} [list [list "flash write_image" erase $bin 0x90000000]]
check {flash write_image erase unlock $dir/app.elf} done
check {flash write_image $dir/app.hex 0 ihex} done
check {flash write_bank 2 $bin 0} done
check {flash write_bank stm32h7x.qspi $bin 0x10000} done
check {flash erase_sector 2 0 last} done
check {flash erase_address pad 0x90000010 0x20} done
check {flash erase_address 0x90000000 0} done
check {flash fillw 0x90000000 0x12345678 16} done
check {flash fillw 0x08000000 1 1} done
check {flash mdw 0x907FFFFC 1} done
check {stmqspi mass_erase 2} done
check {llength [came]} 11

# The end of the chip is part of it, one byte more is not.
set last [format 0x%X [expr {0x90800000 - 70000}]]
check {flash write_image erase $bin $last} done
check {llength [came]} 1
refused {flash write_image erase $bin [expr {$last + 1}]} "QSPI: $bin does not fit*ends 1 byte past the end of the flash at 0x90000000-0x907FFFFF*"
refused {flash write_bank 2 $bin [expr {$last + 1 - 0x90000000}]} "QSPI: 0x907EEE91-0x90800000 is not inside the QSPI flash*"
refused {flash write_image erase $bin 0x90800000} "QSPI: 0x90800000-*outside any flash bank*QSPI 0x90000000-0x907FFFFF*"
refused {flash write_image erase $bin 0x60000000} "QSPI: 0x60000000-*outside any flash bank*internal 0x08000000-0x081FFFFF*"
refused {flash write_image erase $bin 0x20000000} "QSPI: *goes to 0x20000000-0x2001116F, where there is no flash*"
refused {flash write_image erase $bin} "QSPI: *goes to 0x00000000-0x0001116F, where there is no flash*"
refused {flash write_image erase $bin 0x081FFFF0} "QSPI: *does not fit*flash at 0x08000000-0x081FFFFF*"
refused {flash write_image erase $bin ninety} "QSPI: \"ninety\" is no address*"
refused {flash write_image erase $dir/none.bin 0x90000000} "QSPI: no such file*"
refused {flash write_image erase $dir/empty.bin 0x90000000} "QSPI: *is empty*"
refused {flash write_image erase} "wrong arguments for `flash write_image`"
refused {flash write_bank 2} "wrong arguments for `flash write_bank`"
refused {flash erase_address 0x90000000 0x1000000} "QSPI: 0x90000000-0x90FFFFFF is not inside the QSPI flash*"
refused {flash fillw 0x907FFFFC 0 2} "QSPI: *not inside*"
refused {flash mdw 0x90800000} "QSPI: *not inside*"

# --- Protection ---

set ::sr {0x05 10 0x35 02 0x15 60} ;# BP=4: the upper 1 MiB
check {flash write_image erase $bin 0x90000000} done
came
refused {flash write_image erase $bin 0x90700000} "QSPI: nothing was changed: the chip's own protection locks 0x90700000-0x907FFFFF (SR1=0x10 SR2=0x02)*`qspi unprotect`*"
refused {flash write_image erase $bin 0x906F0000} "QSPI: nothing was changed*"
refused {flash erase_sector 2 112 112} "QSPI: nothing was changed*"
refused {flash erase_sector 2 0 last} "QSPI: nothing was changed*"
refused {flash fillw 0x90700000 0 1} "QSPI: nothing was changed*"
refused {flash write_bank 2 $bin 0x700000} "QSPI: nothing was changed*"
refused {stmqspi mass_erase 2} "QSPI: nothing was changed*"
check {flash erase_sector 2 0 111} done
check {flash read_bank 2 out.bin} done
came
# Erasing to the end of a sector counts: the last sector of the image reaches into the locked part.
set ::sr {0x05 64 0x35 02 0x15 60} ;# SEC, TB: the lower 4 KiB
refused {flash write_image erase $bin 0x9000F000} "QSPI: nothing was changed*0x90000000-0x90000FFF*"
check {flash write_image $bin 0x9000F000} done
came
set ::sr {0x05 00 0x35 02 0x15 64} ;# WPS
set ::locked_block {1 0 0}
check {flash write_image erase $dir/tiny.bin 0x90000000} done
came
refused {flash write_image erase $bin 0x90000000} "QSPI: nothing was changed*0x90010000-0x9001FFFF (WPS=1*`qspi unprotect -permanent`*"
set ::sr {0x05 00 0x35 02 0x15 60}

# --- Not up ---

set ::up 0
refused {flash write_image erase $bin 0x90000000} "QSPI: no answer"
refused {flash probe 2} "QSPI: no answer"
refused {flash probe stm32h7x.qspi} "QSPI: no answer"
refused {stmqspi mass_erase 2} "QSPI: no answer"
check {flash probe 0} done
check {flash write_image erase $dir/bss.elf} done
came
