# SPDX-License-Identifier: MIT
# The init stub's status codes in words: one sentence each that names the pin, register or step and
# says what to do next. Used by tcl/bringup.tcl.

# "EF 40 17"
proc qspi_id_text {id} {
	return [format "%02X %02X %02X" [expr {($id >> 16) & 0xFF}] [expr {($id >> 8) & 0xFF}] [expr {$id & 0xFF}]]
}

# What the QUADSPI was doing when a wait ran out (enum qspi_step in driver/nor_state.h).
set ::qspi_steps {
	"set-up"
	"ending a continuous read"
	"waking the chip (ABh)"
	"waiting for the chip (05h)"
	"leaving QPI (FFh)"
	"resuming an erase (7Ah)"
	"resetting the chip (66h, 99h)"
	"reading the JEDEC ID (9Fh)"
	"reading the status registers (05h, 35h, 15h)"
	"reading SFDP (5Ah)"
	"entering memory-mapped mode"
	"programming"
	"erasing"
}

# What the chip had to be brought out of (QSPI_FOUND_* in driver/nor_state.h): bit and words.
set ::qspi_found_words {
	1  "was still busy with an erase or a program"
	2  "had an erase suspended, which is finished now"
	4  "was in QPI mode"
	8  "was busy for too long and had to be reset in the middle of it: erase and write it again"
	16 "did not answer before it was reset"
}

# "was in QPI mode, ..." or ""
proc qspi_found_text {bits} {
	set words {}
	foreach {bit text} $::qspi_found_words {
		if {$bits & $bit} {
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
			return "[qspi_wiring_signal $detail] does not take its QUADSPI setting (mode [expr {$value & 3}], AF [expr {$value >> 4 & 15}]): firmware has locked the pin (GPIO LCKR) until the next reset; run `reset init`."
		}
		ERR_BUSY {
			return "the QUADSPI stays BUSY while [qspi_step_text $detail] (QUADSPI_SR=[format 0x%08X $value]); run `reset init`, and if that does not help power-cycle the board."
		}
		ERR_TIMEOUT {
			return "a QUADSPI transfer does not finish while [qspi_step_text $detail] (QUADSPI_SR=[format 0x%08X $value]); run `reset init`, and if that does not help power-cycle the board."
		}
		ERR_NO_CHIP {
			return "no answer[qspi_which_chip $detail]: the JEDEC ID reads [qspi_id_text $value] on $wiring. [qspi_no_chip_hint $value]"
		}
		ERR_UNSTABLE_ID {
			set slow [dict get $result [expr {$detail ? "id2" : "id"}]]
			return "the JEDEC ID changes[qspi_which_chip $detail]: [qspi_id_text $slow] read slowly, [qspi_id_text $value] at full SCK, on $wiring: a line floats, is noisy or is too slow. Check NCS, CLK, IO1 and ground between chip and microcontroller, or lower the clock with `set QSPI_SCK_HZ 4000000` before the board file."
		}
		ERR_CHIP_BUSY {
			return "the chip stays busy (SR1=[format 0x%02X [expr {$value & 0xFF}]]) even after a reset, on $wiring. Power-cycle the board; if it stays so, check IO1 and the chip."
		}
		ERR_SIZE {
			return "the chip answers (JEDEC ID [qspi_id_text [dict get $result id]]), but its size is in neither its ID nor an SFDP table; give it in bytes with `set QSPI_FLASH_SIZE 8388608` before the board file."
		}
		ERR_DUAL_MISMATCH {
			return "the two chips of the dual-flash pair differ: [qspi_id_text [dict get $result id]] on bank 1, [qspi_id_text [dict get $result id2]] on bank 2, on $wiring; both must be of one type. Check IO1 and IO5 and the selects."
		}
	}
	return "the init stub ended with an unknown status; take init-stub/init_stub.tcl and tcl/ from one release of the kit."
}

proc qspi_step_text {step} {
	set text [lindex $::qspi_steps $step]
	return [expr {$text eq "" ? "in step $step" : $text}]
}

# " from chip 2" in dual-flash mode, else nothing.
proc qspi_which_chip {index} {
	if {[dict get $::qspi_wiring flags] & 2} {
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

# All ones, all zeros: what that says about the lines.
proc qspi_no_chip_hint {id} {
	set how "if the board is wired differently, `-c \"set QSPI_WIRING {...}\"` before the board file"
	if {($id & 0xFFFFFF) == 0} {
		return "IO1 stays low: check that the chip is powered and that IO1 is not shorted to ground or swapped with another line; $how."
	}
	return "Check that the chip is fitted and powered and that CLK, NCS, IO0 and IO1 go to these pins; $how."
}
