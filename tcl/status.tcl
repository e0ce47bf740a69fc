# SPDX-License-Identifier: MIT
# The init stub's status codes in words: one sentence each that names the pin, register or step and
# says what to do next. Used by tcl/bringup.tcl.

# "EF 40 17"
proc qspi_id_text {id} {
	return [format "%02X %02X %02X" [expr {($id >> 16) & 0xFF}] [expr {($id >> 8) & 0xFF}] [expr {$id & 0xFF}]]
}

# What a command is for, by its opcode (driver/nor_cmds.h).
array set ::qspi_command_words {
	0x03 "memory-mapped read" 0x13 "memory-mapped read" 0x05 "read status register 1"
	0x35 "read status register 2" 0x15 "read status register 3" 0x5A "read SFDP" 0x66 "enable reset"
	0x7A "resume an erase" 0x99 "reset" 0x9F "read JEDEC ID" 0xAB "wake up" 0xFF "leave QPI or continuous read"
}

# "in command 9Fh (read JEDEC ID)" from a CCR value.
proc qspi_command_text {ccr} {
	set opcode [format 0x%02X [expr {$ccr & 0xFF}]]
	set text "in command [string range $opcode 2 end]h"
	if {[info exists ::qspi_command_words($opcode)]} {
		append text " ($::qspi_command_words($opcode))"
	}
	return $text
}

# What the chip had to be brought out of (QSPI_FOUND_* in driver/nor_found.h).
set ::qspi_found_words {
	BUSY      "was still busy with an erase or a write"
	SUSPENDED "had an erase or a write suspended, which is finished now"
	QPI       "was in QPI mode"
	ABORTED   "was busy for too long and was reset in the middle of it: erase and write it again"
	SILENT    "did not answer before it was reset"
}

# "was in QPI mode, ..." or ""
proc qspi_found_text {bits} {
	set words {}
	foreach {name text} $::qspi_found_words {
		if {$bits & $::qspi_stub(FOUND_$name)} {
			lappend words $text
		}
	}
	return [join $words ", "]
}

# `result` is the dict of the stub's result block, its status not OK.
proc qspi_status_sentence {result} {
	set detail [dict get $result detail]
	set value [dict get $result value]
	set wiring [dict get $::qspi_wiring text]
	switch -- [dict get $result status] {
		ERR_PARAM {
			return "the init stub refuses word $detail of its parameter block ([format 0x%08X $value]); the generated init-stub/init_stub.tcl and tcl/stub.tcl do not fit: take both from one release of the kit."
		}
		ERR_HSI {
			return "the 64 MHz HSI does not start (RCC_CR reads [format 0x%08X $value]); run `reset init` and check the supply of the microcontroller."
		}
		ERR_CLOCK {
			return [format "the RCC register 0x%08X does not take its clock bit (reads 0x%08X); check that the part is an STM32H742/743/750/753 and run `reset init`." $detail $value]
		}
		ERR_PIN {
			return "[qspi_wiring_signal $detail] does not take its QUADSPI setting (reads mode [expr {$value & 3}], AF [expr {$value >> 4 & 15}]): firmware has locked the pin (GPIO LCKR) until the next reset; run `reset init`."
		}
		ERR_BUSY {
			return "the QUADSPI stays BUSY [qspi_command_text $detail] (QUADSPI_SR=[format 0x%08X $value]); run `reset init`, and if that does not help power-cycle the board."
		}
		ERR_TIMEOUT {
			return "a QUADSPI transfer does not finish [qspi_command_text $detail] (QUADSPI_SR=[format 0x%08X $value]); run `reset init`, and if that does not help power-cycle the board."
		}
		ERR_NO_CHIP {
			return "no answer[qspi_which_chip $detail]: the JEDEC ID reads [qspi_id_text $value] on $wiring. [qspi_no_chip_hint $detail $value]"
		}
		ERR_UNSTABLE_ID {
			set slow [lindex [dict get $result jedec_id] $detail]
			return "the JEDEC ID changes[qspi_which_chip $detail]: [qspi_id_text $slow] read slowly, [qspi_id_text $value] at full SCK, on $wiring: a line floats, is noisy or is too slow. Check NCS, CLK, IO1 and ground between chip and microcontroller, or lower the clock with `set QSPI_SCK_HZ 4000000` before the board file."
		}
		ERR_CHIP_BUSY {
			return "the chip stays busy (SR1=[format 0x%02X [expr {$value & 0xFF}]]) even after a reset, on $wiring. Power-cycle the board; if it stays so, check IO1 and the chip."
		}
		ERR_SIZE {
			return "the chip answers (JEDEC ID [qspi_id_text [lindex [dict get $result jedec_id] 0]]), but its size is in neither its ID nor an SFDP table; give it in bytes with `set QSPI_FLASH_SIZE 8388608` before the board file."
		}
		ERR_DUAL_MISMATCH {
			return "the two chips of the dual-flash pair differ: [qspi_id_text [lindex [dict get $result jedec_id] 0]] on bank 1, [qspi_id_text [lindex [dict get $result jedec_id] 1]] on bank 2, on $wiring; both must be of one type. Check IO1 and IO5 and the selects."
		}
	}
	return "the init stub ended with an unknown status; take init-stub/init_stub.tcl and tcl/ from one release of the kit."
}

# " from chip 2" in dual-flash mode, else nothing.
proc qspi_which_chip {index} {
	if {[dict get $::qspi_wiring flags] & $::qspi_stub(FLAG_DUAL)} {
		return " from chip [expr {$index + 1}]"
	}
	return ""
}

# "IO1=PD12" for a pin word of the wiring.
proc qspi_wiring_signal {word} {
	foreach slot $::qspi_slots candidate [dict get $::qspi_wiring pins] {
		if {$candidate == $word} {
			return "[string toupper $slot]=[qspi_pin_of_word $word]"
		}
	}
	return [qspi_pin_of_word $word]
}

# All ones, all zeros: what that says about the lines of chip 0 or 1.
proc qspi_no_chip_hint {chip id} {
	set how "if the board is wired differently, `-c \"set QSPI_WIRING {...}\"` before the board file"
	set in [expr {$chip ? "IO5" : "IO1"}]
	if {($id & 0xFFFFFF) == 0} {
		return "$in stays low: check that the chip is powered and that $in is not shorted to ground or swapped with another line; $how."
	}
	return "Check that the chip is fitted and powered and that CLK, NCS, [expr {$chip ? "IO4" : "IO0"}] and $in go to these pins; $how."
}
