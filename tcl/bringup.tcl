# SPDX-License-Identifier: MIT
# Bring the QSPI flash up: run the init stub, let OpenOCD probe the bank, say in one line what was
# found or what is wrong. Holds the state that tcl/guard.tcl asks for, and makes sure that OpenOCD
# never sees a bank of size 0, which would take every address for its own and abort OpenOCD
# ("Assertion `run_size > 0' failed"). Used by the event handlers in openocd/qspi.cfg.

# RM0433 8.7.40 RCC_AHB3ENR, bit 14 QSPIEN; 23.5 QUADSPI registers.
set ::qspi_rcc_ahb3enr 0x580244D4
set ::qspi_rcc_qspien  0x00004000
set ::qspi_io_base     0x52005000

# State: `up` 1 while the controller is as the stub left it, `why` the sentence of the last failure.
set ::qspi_up 0
set ::qspi_why ""
set ::qspi_result {}
# 1 after `qspi protect` or `qspi unprotect`: no reset of the chip undoes it in this session.
set ::qspi_keep_chip 0

# Called when the core was reset or went on: whatever was set up may be gone.
proc qspi_forget {} {
	set ::qspi_up 0
	set ::qspi_why ""
}

# Handlers of reset-start and of resumed.
proc qspi_on_reset_start {} {
	qspi_forget
	qspi_core_forget
}
proc qspi_on_resumed {} {
	qspi_forget
	qspi_core_restore
}

# Handler of reset-init: bring-up after a reset. Failure is said, not raised: internal flash and RAM
# stay usable, and each command that needs the chip fails by itself.
proc qspi_on_reset_init {} {
	if {$::qspi_khz ne ""} {
		adapter speed $::qspi_khz
	}
	qspi_forget
	if {[catch {qspi_bring_up} message]} {
		qspi_gdb_tell $message
	}
	qspi_clear_trace
}

# Set up controller, pins and chip without a reset of the core; raises the sentence to show.
proc qspi_bring_up {{keep_ram 0}} {
	set ::qspi_up 0
	set failed [catch {qspi_bring_up_steps $keep_ram} message]
	if {$failed} {
		set ::qspi_why $message
		catch {qspi_park 0}
		return -code error $message
	}
	set ::qspi_why ""
	set ::qspi_up 1
}

# 1 if firmware was halted, whose RAM may still be needed; 0 after a reset.
set ::qspi_ram_kept 1

proc qspi_bring_up_steps {keep_ram} {
	set ::qspi_ram_kept $keep_ram
	if {[[target current] curstate] ne "halted"} {
		qspi_fail "the core is running; stop it first with `reset init` or `halt`."
	}
	if {$keep_ram} {
		qspi_core_ease
	} else {
		qspi_dog_ease
	}
	set params $::qspi_wiring
	if {$keep_ram || $::qspi_keep_chip} {
		# Volatile status bits, such as a lifted protection, survive.
		dict set params flags [expr {[dict get $params flags] | $::qspi_stub(FLAG_KEEP_CHIP)}]
	}
	dict set params sck_hz $::qspi_sck_hz
	dict set params size_hint $::qspi_size_hint
	set result [qspi_stub_run $params $keep_ram]
	if {[dict get $result status] ne "OK"} {
		qspi_fail [qspi_status_sentence $result]
	}
	set ::qspi_result $result
	qspi_probe $result
	qspi_say_found $result
}

# Let OpenOCD probe the bank that the stub prepared.
proc qspi_probe {result} {
	set failed [catch {qspi_stock "flash probe" [qspi_bank_number]} message]
	set size [qspi_bank_size]
	if {$failed || $size == 0} {
		qspi_fail "the chip answers with JEDEC ID [qspi_id_text [lindex [dict get $result jedec_id] 0]], but OpenOCD knows no such chip and it has no SFDP table. Describe it to OpenOCD with `stmqspi set`."
	}
	if {$size != [dict get $result size]} {
		qspi_fail "OpenOCD takes the chip for [qspi_size_text $size], but by its JEDEC ID [qspi_id_text [lindex [dict get $result jedec_id] 0]] it has [qspi_size_text [dict get $result size]]; nothing is written to a chip of unclear size."
	}
}

# "QSPI: win w25q64fv/jv (EF 40 17), 8 MiB at 0x90000000, SCK 16 MHz, SR1 00 SR2 02 SR3 60, no block protected"
proc qspi_say_found {result} {
	set name "flash"
	catch {regexp {'([^']*)'} [qspi_stock "flash info" [qspi_bank_number]] -> name}
	set sck [dict get $result sck_hz]
	set mhz [expr {$sck / 1000000}]
	if {$sck % 1000000} {
		append mhz [format ".%d" [expr {$sck % 1000000 / 100000}]]
	}
	qspi_say "$name ([qspi_id_text [lindex [dict get $result jedec_id] 0]]), [qspi_size_text [qspi_bank_size]] at 0x90000000, SCK $mhz MHz, [qspi_protect_text $result [qspi_bank_size]]"
	set found [qspi_found_text [dict get $result found]]
	if {$found ne ""} {
		qspi_say "the chip $found"
	}
}

# Is the controller still as the stub left it? CCR tells the mode, DCR the size, and both are what
# OpenOCD's driver puts back after each of its commands.
proc qspi_is_up {} {
	if {!$::qspi_up} {
		return 0
	}
	if {[catch {qspi_read_words $::qspi_io_base 6} words]} {
		return 0
	}
	return [expr {[lindex $words 1] == [dict get $::qspi_result dcr] && [lindex $words 5] == [dict get $::qspi_result ccr]}]
}

# Make the bank usable or raise the reason why it is not. A failed bring-up is tried again, so that a
# mended wire needs no reset, except in `program`, which has just tried.
proc qspi_ready {} {
	if {[[target current] curstate] ne "halted"} {
		qspi_fail "the core is running; stop it first with `reset init` or `halt`."
	}
	if {[qspi_is_up]} {
		qspi_dog_feed
		return
	}
	if {[qspi_is_mapped_quad]} {
		qspi_map_single
		return
	}
	if {$::qspi_why ne "" && $::qspi_in_program} {
		return -code error $::qspi_why
	}
	qspi_bring_up 1
}

# Give the bank a size although no chip was probed, so that no path in OpenOCD meets a bank of size
# 0; with the controller's clock off nothing reaches the chip, and OpenOCD's driver refuses to erase
# ("Cannot write enable"). `give_back` 1: restore the clock, for firmware that uses the QUADSPI.
# OpenOCD 0.11 crashes in `stmqspi set`; there the guards of tcl/guard.tcl alone must do.
proc qspi_park {give_back} {
	if {[string match "* 0.11.*" [version]]} {
		return
	}
	set enabled [qspi_read_word $::qspi_rcc_ahb3enr]
	qspi_write_words $::qspi_rcc_ahb3enr [list [expr {$enabled & ~$::qspi_rcc_qspien}]]
	set failed [catch {
		qspi_quiet [list qspi_stock "stmqspi set" [qspi_bank_number] "no-chip" $::qspi_map_size 256 0x03 0x00 0x02 0xC7 65536 0xD8]
	} message]
	if {$give_back} {
		qspi_write_words $::qspi_rcc_ahb3enr [list $enabled]
	}
	if {$failed} {
		return -code error $message
	}
}

qspi_command init {} "Bring the flash up without a reset, whatever state firmware left it in; the core is stopped if it runs."
proc qspi_cmd_init {} {
	if {[[target current] curstate] ne "halted"} {
		if {[catch {qspi_quiet {halt 1000}}]} {
			qspi_fail "the core does not stop; run `reset init`."
		}
	}
	qspi_bring_up 1
}
