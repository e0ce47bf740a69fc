# SPDX-License-Identifier: MIT
# tcl/pins.tcl and tcl/wiring.tcl: what a wiring list becomes, and the sentence for each mistake.
use errors pins wiring
qspi_pins_load $::root/data

set good {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13}

proc field {wiring name {package ""}} {
	return [dict get [qspi_wiring_parse $wiring $package] $name]
}
# A word as the table of the reference manual has it: port, pin, AF.
proc words {wiring} {
	return [lmap word [field $wiring pins] {
		expr {$word ? "[qspi_pin_of_word $word].[expr {$word & 15}]" : "-"}
	}]
}

check {field $good text} {CLK=PB2 NCS=PB6 IO0=PD11 IO1=PD12 IO2=PE2 IO3=PD13}
check {field $good flags} 0
check {words $good} {PB2.9 PB6.10 PD11.9 PD12.9 PE2.9 PD13.9 - - - - -}
check {lindex [field $good pins] 1} [expr {0x80000000 | 1 << 8 | 6 << 4 | 10}]

# Order and spelling do not matter.
check {words {io3 pd13 IO2 pE02 ncs PB06 io1 PD12 clk pb2 io0 PD11}} [words $good]

# The pins of the Daisy Seed, bank 2, a line left open, the analog pad of PA1.
check {words {clk PF10 ncs PG6 io0 PF8 io1 PF9 io2 PF7 io3 PF6}} {PF10.9 PG6.10 PF8.10 PF9.10 PF7.9 PF6.9 - - - - -}
check {field {clk PB2 ncs PC11 io0 PE7 io1 PE8 io2 PE9 io3 PE10} flags} 1
check {words {clk PB2 ncs PC11 io0 PH2 io1 PH3 io2 PG9 io3 PG14}} {PB2.9 PC11.9 PH2.9 PH3.9 PG9.9 PG14.9 - - - - -}
check {words {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 - io3 -}} {PB2.9 PB6.10 PD11.9 PD12.9 - - - - - - -}
check {lindex [words {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PA1_C}] 5} PA1.9

# Two chips: own selects, or one for both on either bank's pin.
set second {io4 PE7 io5 PE8 io6 PE9 io7 PE10}
check {field [concat $good $second] flags} 2
check {words [concat $good $second]} {PB2.9 PB6.10 PD11.9 PD12.9 PE2.9 PD13.9 - PE7.10 PE8.10 PE9.10 PE10.10}
check {lindex [words [concat $good $second ncs2 PC11]] 6} PC11.9
check {lindex [words [concat [string map {PB6 PC11} $good] $second]] 1} PC11.9

# Mistakes.
check_error {field {clk PB2 ncs} text} "QSPI: QSPI_WIRING is not a list of*Write it like*"
check_error {field [concat $good cs PB6] text} "QSPI: unknown signal \"cs\"*"
check_error {field [string map {PD12 PQ3} $good] text} "QSPI: unknown pin \"PQ3\" for IO1*"
check_error {field [string map {PD12 PD16} $good] text} "QSPI: unknown pin \"PD16\" for IO1*"
check_error {field [string map {PD12 foo} $good] text} "QSPI: unknown pin \"FOO\" for IO1*"
check_error {field [string map {PB6 PB11} $good] text} "QSPI: PB11 cannot carry QUADSPI NCS; NCS can be PB6, PB10 or PG6 (bank 1) or PC11 (bank 2)."
check_error {field [string map {PB2 PB6 PB6 PB10} $good] text} "QSPI: PB6 cannot carry QUADSPI CLK; CLK can be PB2 or PF10."
check_error {field [string map {PD11 PD12 PD12 PD11} $good] text} "QSPI: PD12 cannot carry QUADSPI IO0; IO0 can be PC9, PD11 or PF8 (bank 1) or PE7 or PH2 (bank 2)."
check_error {field [concat $good io3 PF6] text} "QSPI: signal IO3 is given twice*PD13 and PF6*"
check_error {field [string map {PD13 PD12} $good] text} "QSPI: pin PD12 is given twice*IO1 and for IO3*"
foreach slot {clk ncs io0 io1 io2 io3} {
	set without $good
	dict unset without $slot
	check_error {field $without text} "QSPI: signal [string toupper $slot] is missing*[string toupper $slot] can be P*"
}
check_error {field {} text} "QSPI: signal CLK is missing*"
check_error {field [string map {PD12 -} $good] text} "QSPI: signal IO1 cannot be left unwired*"
check_error {field [string map {PB6 PC11} $good] text} "QSPI: PD11 is IO0 of bank 1, but NCS is on bank 2*IO0 of bank 2 can be PE7 or PH2."
check_error {field [string map {PE2 PE9} $good] text} "QSPI: PE9 is IO2 of bank 2, but NCS is on bank 1*"
check_error {field [concat $good io4 PE7] text} "QSPI: signal IO5 is missing*IO5 can be PE8 or PH3."
check_error {field [concat $good io5 PE8] text} "QSPI: signal IO4 is missing*"
check_error {field [concat $good $second ncs2 PB10] text} "QSPI: PB10 cannot carry QUADSPI NCS2; NCS2 can be PC11."

# Packages.
check {field $good flags LQFP176} 0
check_error {field {clk PF10 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13} flags LQFP100} "QSPI: CLK=PF10: the LQFP100 package has no pin PF10."
check_error {field $good flags LQFP99} "QSPI: unknown package \"LQFP99\"*LQFP176*"

# Each row of the table is accepted for its signal.
foreach row [lrange [qspi_csv_rows $::root/data/quadspi-pins.csv] 1 end] {
	lassign $row pin signal af
	check {qspi_pin_af $pin $signal} $af
}
