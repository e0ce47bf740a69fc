# SPDX-License-Identifier: MIT
# What running firmware may have set up that gets in the way of code in RAM: MPU, caches and the
# independent watchdog. Eased before the init stub runs on a core that was only halted, put back when
# that firmware goes on. Used by tcl/bringup.tcl.

# ARMv7-M ARM B3.2 and B3.5, Cortex-M7 TRM 3.3
set ::qspi_scb_ccr   0xE000ED14
set ::qspi_ccr_ic    0x00020000
set ::qspi_ccr_dc    0x00010000
set ::qspi_mpu_ctrl  0xE000ED94
set ::qspi_ccsidr    0xE000ED80
set ::qspi_csselr    0xE000ED84
set ::qspi_iciallu   0xE000EF50
set ::qspi_dccisw    0xE000EF74
# RM0433 8.7.36 RCC_CSR bit 1 LSIRDY; 46.4 IWDG1: KR, PR, RLR, SR, WINR
set ::qspi_rcc_csr   0x58024474
set ::qspi_iwdg      0x58004800

# Registers to put back: list of address and value. Empty if nothing was eased.
set ::qspi_core_before {}
# PR, RLR and WINR of the watchdog, or {}
set ::qspi_dog_before {}
# 1 while the core runs our code, not firmware
set ::qspi_core_held 0

# Before code of ours runs.
proc qspi_core_ease {} {
	qspi_dog_ease
	set mpu [qspi_read_word $::qspi_mpu_ctrl]
	if {$mpu & 1} {
		lappend ::qspi_core_before $::qspi_mpu_ctrl $mpu
		qspi_write_words $::qspi_mpu_ctrl [list [expr {$mpu & ~1}]]
	}
	set ccr [qspi_read_word $::qspi_scb_ccr]
	set caches [expr {$::qspi_ccr_ic | $::qspi_ccr_dc}]
	if {$ccr & $caches} {
		lappend ::qspi_core_before $::qspi_scb_ccr $ccr
		if {$ccr & $::qspi_ccr_dc} {
			qspi_dcache_clean
		}
		qspi_write_words $::qspi_scb_ccr [list [expr {$ccr & ~$caches}]]
		qspi_write_words $::qspi_iciallu {0}
	}
}

# Clean and invalidate the data cache by set and way, so that it may be off, and on again later.
proc qspi_dcache_clean {} {
	qspi_write_words $::qspi_csselr {0}
	set ccsidr [qspi_read_word $::qspi_ccsidr]
	set sets [expr {(($ccsidr >> 13) & 0x7FFF) + 1}]
	set ways [expr {(($ccsidr >> 3) & 0x3FF) + 1}]
	set line [expr {($ccsidr & 7) + 4}]
	set way_shift 32
	for {set n 1} {$n < $ways} {set n [expr {$n * 2}]} {
		incr way_shift -1
	}
	for {set way 0} {$way < $ways} {incr way} {
		for {set index 0} {$index < $sets} {incr index} {
			qspi_write_words $::qspi_dccisw [list [expr {$way << $way_shift | $index << $line}]]
		}
	}
}

# A running IWDG counts on while our code runs: give it its longest time, 32 s, and the full window.
# It keeps the LSI on; without that it does not run, and is left alone.
proc qspi_dog_ease {} {
	if {!([qspi_read_word $::qspi_rcc_csr] & 2)} {
		return
	}
	if {[llength $::qspi_dog_before] == 0} {
		lassign [qspi_read_words $::qspi_iwdg 5] - prescaler reload - window
		if {$prescaler == 6 && $reload == 0xFFF && $window == 0xFFF} {
			return
		}
		set ::qspi_dog_before [list $prescaler $reload $window]
	}
	qspi_dog_set 6 0xFFF 0xFFF 1
}

# The writes take up to five LSI cycles each to arrive: `wait` 1 waits for that.
proc qspi_dog_set {prescaler reload window wait} {
	qspi_write_words $::qspi_iwdg {0x5555}
	foreach offset {4 8 16} value [list $prescaler $reload $window] {
		qspi_write_words [expr {$::qspi_iwdg + $offset}] [list $value]
	}
	for {set i 0} {$wait && $i < 20 && [qspi_read_word [expr {$::qspi_iwdg + 12}]]} {incr i} {
		sleep 1 busy
	}
	qspi_write_words $::qspi_iwdg {0xAAAA}
}

# Keep an eased watchdog fed: before each job on the flash.
proc qspi_dog_feed {} {
	if {[llength $::qspi_dog_before]} {
		qspi_write_words $::qspi_iwdg {0xAAAA}
	}
}

# Firmware goes on: everything as it had it.
proc qspi_core_restore {} {
	if {$::qspi_core_held} {
		return
	}
	set before $::qspi_core_before
	set dog $::qspi_dog_before
	qspi_core_forget
	catch {
		foreach {address value} $before {
			qspi_write_words $address [list $value]
		}
		if {[llength $dog]} {
			qspi_dog_set {*}$dog [expr {[[target current] curstate] eq "halted"}]
		}
	}
}

# A reset has put everything back.
proc qspi_core_forget {} {
	set ::qspi_core_before {}
	set ::qspi_dog_before {}
}
