# SPDX-License-Identifier: MIT
# What GDB needs beyond OpenOCD's own: a flash bank of the right size before GDB reads its memory map,
# a window that can be read whenever the core is halted, and firmware that finds the microcontroller
# as it left it when it goes on. So the QUADSPI is borrowed while GDB has the core halted: pins, clocks
# and registers are saved, the flash is brought up, and all is given back before the core runs.
# Handlers installed by openocd/qspi.cfg.

# RM0433 8.7: CR, D1CCIPR, AHB3RSTR, AHB4ENR; AHB3ENR is in tcl/bringup.tcl
set ::qspi_rcc_cr       0x58024400
set ::qspi_rcc_d1ccipr  0x5802444C
set ::qspi_rcc_ahb3rstr 0x5802447C
set ::qspi_rcc_ahb4enr  0x580244E0
# RM0433 11.4: GPIOA, bytes per port
set ::qspi_gpio_base   0x58020000
set ::qspi_gpio_stride 0x400

# GDB connections; whether the core ran when the first came or has run since, so goes on after the last
set ::qspi_gdb_count 0
set ::qspi_gdb_run 0
# What is to be given back: list of address and words, {} if nothing is borrowed
set ::qspi_borrowed {}
# In a GDB session OpenOCD's algorithms and the init stub run at the end of the DTCM, in what is the
# stack of most firmware, and not at its start, where GDB loads variables and has them checksummed.
# No cache is in the way in either place.
set ::qspi_gdb_area {0x2001C000 0x4000}
set ::qspi_gdb_mark 0x51535049
# Work area and stub address outside of GDB sessions: {address size stub}, {} outside of them
set ::qspi_gdb_area_before {}
# The last failure that was told
set ::qspi_gdb_told ""

proc qspi_gdb_setup {target} {
	qspi_gdb_wrap $target gdb-attach "halt 1000" qspi_gdb_connect qspi_gdb_attach
	# A second GDB, such as an editor's live watch
	catch {$target configure -gdb-max-connections -1}
	qspi_add_handler $target gdb-start {set ::qspi_gdb_run 1}
	qspi_add_handler $target resume-start qspi_gdb_leave
	qspi_add_handler $target step-start qspi_gdb_leave
	qspi_add_handler $target gdb-detach qspi_gdb_detach
	qspi_add_handler $target reset-start qspi_gdb_reset_start
	qspi_add_handler $target reset-end qspi_gdb_reset_end
	qspi_gdb_wrap $target gdb-flash-erase-start "reset init" "qspi_gdb_backup 0" ""
	qspi_gdb_wrap $target gdb-flash-write-end "reset halt" "" "qspi_gdb_backup 1"
}

# Put words around the handler of an event, or around OpenOCD's default if there is none.
proc qspi_gdb_wrap {target event default before after} {
	set stock [$target cget -event $event]
	if {[string trim $stock] eq ""} {
		set stock $default
	}
	$target configure -event $event "$before\n$stock\n$after"
}

# --- Events ---

# A connection, before OpenOCD halts the core.
proc qspi_gdb_connect {} {
	incr ::qspi_gdb_count
	if {$::qspi_gdb_count == 1} {
		qspi_gdb_move
		set ::qspi_gdb_run [expr {[[target current] curstate] eq "running"}]
	}
}

# A connection, the core halted; GDB reads its memory map next.
proc qspi_gdb_attach {} {
	if {[catch {qspi_gdb_look} message]} {
		qspi_gdb_tell $message
	}
	if {[qspi_bank_size] == 0} {
		catch {qspi_park 1}
	}
	qspi_clear_trace
}

# OpenOCD's algorithms, such as the checksum behind `compare-sections`: their RAM is put back after each,
# except while `load` writes the flash, when the core has just been reset.
proc qspi_gdb_backup {on} {
	catch {[target current] configure -work-area-backup $on}
	qspi_clear_trace
}

proc qspi_gdb_move {} {
	set target [target current]
	set before [list [$target cget -work-area-phys] [$target cget -work-area-size] $::qspi_stub_base]
	lassign $::qspi_gdb_area address size
	if {[catch {$target configure -work-area-phys $address -work-area-size $size}]} {
		qspi_clear_trace
		return
	}
	set ::qspi_gdb_area_before $before
	set ::qspi_stub_base $address
	qspi_gdb_backup 1
}

proc qspi_gdb_move_back {} {
	lassign $::qspi_gdb_area_before address size stub
	if {$address ne ""} {
		[target current] configure -work-area-phys $address -work-area-size $size
		set ::qspi_stub_base $stub
		qspi_gdb_backup 0
	}
	set ::qspi_gdb_area_before {}
}

# The core is about to run: firmware, by GDB or by command, or code of ours or OpenOCD's. The latter
# lies at the start of the work area, where a mark was left for that.
proc qspi_gdb_leave {} {
	if {$::qspi_core_held || [llength $::qspi_borrowed] == 0} {
		return
	}
	if {![catch {qspi_read_word [lindex $::qspi_gdb_area 0]} word] && $word == $::qspi_gdb_mark} {
		qspi_give_back
	}
	qspi_clear_trace
}

proc qspi_gdb_detach {} {
	if {$::qspi_gdb_count > 0} {
		incr ::qspi_gdb_count -1
	}
	if {$::qspi_gdb_count == 0} {
		qspi_gdb_move_back
	}
	if {$::qspi_gdb_count > 0 || [[target current] curstate] ne "halted"} {
		return
	}
	qspi_give_back
	set ::qspi_gdb_told ""
	if {$::qspi_gdb_run} {
		catch {qspi_quiet {resume}}
		qspi_clear_trace
	}
}

proc qspi_gdb_reset_start {} {
	set ::qspi_borrowed {}
}

# After `reset halt` in a GDB session the window can be read as after `reset init`.
proc qspi_gdb_reset_end {} {
	if {$::qspi_gdb_count == 0 || $::qspi_why ne ""} {
		return
	}
	if {[catch {qspi_gdb_look} message]} {
		qspi_gdb_tell $message
	}
	qspi_clear_trace
}

# In a GDB session a failure is told once, until the flash was there again.
proc qspi_gdb_tell {message} {
	if {$::qspi_gdb_count == 0} {
		echo $message
	} elseif {$message ne $::qspi_gdb_told} {
		set ::qspi_gdb_told $message
		echo "$message Internal flash and RAM can be debugged all the same."
	}
}

# --- Borrowing ---

# Bring the flash up, unless it is up, firmware uses it or the core runs.
proc qspi_gdb_look {} {
	if {[[target current] curstate] ne "halted" || [qspi_is_up] || [qspi_is_mapped_quad]} {
		return
	}
	if {[qspi_firmware_uses]} {
		if {[qspi_bank_size] == 0 || [dict size $::qspi_result] == 0} {
			qspi_firmware_park [qspi_firmware_size]
		}
		return
	}
	qspi_borrow
	if {[catch {qspi_bring_up 1} message]} {
		qspi_give_back
		return -code error $message
	}
	set ::qspi_gdb_told ""
	set mark [lindex $::qspi_gdb_area 0]
	lappend ::qspi_borrowed $mark [qspi_read_words $mark 1]
	qspi_write_words $mark [list $::qspi_gdb_mark]
}

# Is the QUADSPI clocked and enabled, though not by the kit?
proc qspi_firmware_uses {} {
	if {!([qspi_read_word $::qspi_rcc_ahb3enr] & $::qspi_rcc_qspien)} {
		return 0
	}
	return [expr {[qspi_read_word $::qspi_io_base] & 1}]
}

# `stmqspi set` writes QUADSPI_ABR, which would end the firmware's continuous read: the parked way keeps
# it from the controller.
proc qspi_firmware_park {size} {
	set before $::qspi_map_size
	set ::qspi_map_size $size
	set failed [catch {qspi_park 1} message]
	set ::qspi_map_size $before
	if {$failed} {
		return -code error $message
	}
}

# Bytes of the chip as firmware has set the controller up: DCR.FSIZE, which firmware may set one
# larger than the chip is (ES0392 2.7: last bytes); then the second half shows the first again.
proc qspi_firmware_size {} {
	if {$::qspi_size_hint} {
		return $::qspi_size_hint
	}
	set words [qspi_read_words $::qspi_io_base 6]
	set fsize [expr {([lindex $words 1] >> 16) & 31}]
	# The window has 256 MiB.
	set size [expr {1 << ($fsize > 27 ? 28 : $fsize + 1)}]
	if {(([lindex $words 5] >> 26) & 3) == 3} {
		while {$size > 65536 && [qspi_firmware_mirrored $size]} {
			set size [expr {$size / 2}]
		}
	}
	return $size
}

# Is the second half of the window's `size` bytes the first one again? Not known of blank bytes.
proc qspi_firmware_mirrored {size} {
	foreach offset [list 0 256 4096 65536 [expr {$size / 4}]] {
		if {$offset >= $size / 2} {
			continue
		}
		set words [qspi_read_words [expr {$::qspi_window_start + $offset}] 8]
		if {$words ne [qspi_read_words [expr {$::qspi_window_start + $size / 2 + $offset}] 8]} {
			return 0
		}
		if {[llength [lsort -unique $words]] > 1} {
			set seen 1
		}
	}
	return [info exists seen]
}

# Save what a bring-up changes. Ports are clocked for that; what a port without clock holds is kept too.
proc qspi_borrow {} {
	set ahb3 [qspi_read_word $::qspi_rcc_ahb3enr]
	set ahb4 [qspi_read_word $::qspi_rcc_ahb4enr]
	set saved {}
	foreach address [list $::qspi_rcc_d1ccipr $::qspi_rcc_ahb3enr $::qspi_rcc_ahb4enr $::qspi_rcc_cr] {
		lappend saved $address [qspi_read_words $address 1]
	}
	set ports [qspi_wiring_ports]
	set clocked $ahb4
	foreach port $ports {
		set clocked [expr {$clocked | 1 << $port}]
	}
	if {$clocked != $ahb4} {
		qspi_write_words $::qspi_rcc_ahb4enr [list $clocked]
	}
	set pins {}
	foreach port $ports {
		set base [expr {$::qspi_gpio_base + $port * $::qspi_gpio_stride}]
		# AFRL and AFRH, then MODER, OTYPER, OSPEEDR, PUPDR
		lappend pins [expr {$base + 0x20}] [qspi_read_words [expr {$base + 0x20}] 2]
		lappend pins $base [qspi_read_words $base 4]
	}
	set controller {}
	if {$ahb3 & $::qspi_rcc_qspien} {
		# DCR; DLR, CCR, AR, ABR; PSMKR, PSMAR, PIR, LPTR; CR last
		foreach {offset count} {0x04 1 0x10 4 0x24 4 0x00 1} {
			set address [expr {$::qspi_io_base + $offset}]
			lappend controller $address [qspi_read_words $address $count]
		}
	}
	set ::qspi_borrowed [concat $controller $pins $saved]
}

# Numbers of the GPIO ports (A = 0) of the wiring.
proc qspi_wiring_ports {} {
	set ports {}
	foreach word [dict get $::qspi_wiring pins] {
		if {$word} {
			lappend ports [expr {($word >> 8) & 15}]
		}
	}
	return [lsort -integer -unique $ports]
}

# Put everything back. The controller is stopped first, so that NCS goes high, and reset.
proc qspi_give_back {} {
	if {[llength $::qspi_borrowed] == 0} {
		return
	}
	set saved $::qspi_borrowed
	set ::qspi_borrowed {}
	catch {
		if {[qspi_read_word $::qspi_rcc_ahb3enr] & $::qspi_rcc_qspien} {
			set cr [qspi_read_word $::qspi_io_base]
			qspi_write_words $::qspi_io_base [list [expr {$cr | $::qspi_cr_abort}]]
			qspi_read_word $::qspi_io_base
		}
		qspi_write_words $::qspi_rcc_ahb3rstr [list $::qspi_rcc_qspien]
		qspi_write_words $::qspi_rcc_ahb3rstr {0}
		foreach {address words} $saved {
			qspi_write_words $address $words
		}
	}
	qspi_forget
	qspi_clear_trace
}
