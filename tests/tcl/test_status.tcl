# SPDX-License-Identifier: MIT
# tcl/status.tcl: every status of the stub has its own sentence, which names the place and ends with
# something to do; and what tcl/stub.tcl makes of the numbers in init-stub/init_stub.tcl.
use errors pins wiring mem stub status bank protect

qspi_pins_load $::root/data
set ::qspi_wiring [qspi_wiring_parse {clk PB2 ncs PB6 io0 PD11 io1 PD12 io2 PE2 io3 PD13}]

proc sentence {status detail value {ids {0xEF4017 0}}} {
	return [qspi_status_sentence [list status $status detail $detail value $value jedec_id $ids]]
}
proc sentence_has {pattern args} {
	check [list string match $pattern [sentence {*}$args]] 1
}

sentence_has "*JEDEC ID reads FF FF FF on CLK=PB2 NCS=PB6 IO0=PD11 IO1=PD12*powered*QSPI_WIRING*" ERR_NO_CHIP 0 0xFFFFFF
sentence_has "*JEDEC ID reads 00 00 00 on *IO1 stays low*" ERR_NO_CHIP 0 0
sentence_has "*EF 40 17 read slowly, EF 40 16 at full SCK*lower the clock*" ERR_UNSTABLE_ID 0 0xEF4016
sentence_has "IO1=PD12 does not take*mode 2, AF 0*LCKR*" ERR_PIN [lindex [dict get $::qspi_wiring pins] 3] 2
sentence_has "*BUSY in command 9Fh (read JEDEC ID) (QUADSPI_SR=0x00000020)*power-cycle*" ERR_BUSY 0x0100019F 0x20
sentence_has "*not finish in command 03h (memory-mapped read)*" ERR_TIMEOUT 0x01002503 0x20
sentence_has "*RCC register 0x580244D4*" ERR_CLOCK 0x580244D4 0
sentence_has "*HSI*" ERR_HSI 0 0
sentence_has "*word 3*" ERR_PARAM 3 0
sentence_has "*SR1=0x01*Power-cycle*" ERR_CHIP_BUSY 0 1
sentence_has "*EF 40 00*QSPI_FLASH_SIZE*" ERR_SIZE 0 0 {0xEF4000 0}
sentence_has "*EF 40 17 on bank 1, EF 40 18 on bank 2*" ERR_DUAL_MISMATCH 0 0 {0xEF4017 0xEF4018}

# No status is left without a sentence of its own.
set unknown [sentence UNKNOWN 0 0]
foreach {key name} [array get ::qspi_stub status,*] {
	if {$name ne "OK"} {
		check [list expr [list [sentence $name 0 0] ne $unknown]] 1
	}
}

check {qspi_found_text 0} {}
check {qspi_found_text [expr {$::qspi_stub(FOUND_QPI) | $::qspi_stub(FOUND_BUSY)}]} {was still busy with an erase or a write, was in QPI mode}
foreach name [array names ::qspi_stub FOUND_*] {
	check [list string length [qspi_found_text $::qspi_stub($name)]] [string length [dict get $::qspi_found_words [string range $name 6 end]]]
}

# The image in RAM: code, parameters, room for the result.
check {set ::qspi_slots} {clk ncs io0 io1 io2 io3 ncs2 io4 io5 io6 io7}
set params [concat $::qspi_wiring {sck_hz 1000000 size_hint 0}]
set image [qspi_stub_image $params]
set code [llength $::qspi_stub(words)]
check {expr {$code * 4 <= 2048}} 1
check {expr {[lindex $image $code] == 0x31505351}} 1
check {lindex $image [expr {$code + $::qspi_stub(qspi_params,sck_hz)}]} 1000000
check {lindex $image [expr {$code + $::qspi_stub(qspi_params,pins)}]} [lindex [dict get $::qspi_wiring pins] 0]
check {expr {[qspi_stub_result_at] - $::qspi_stub_base == 4 * ($code + $::qspi_stub(qspi_params,words))}} 1
check {expr {[llength $image] == $code + $::qspi_stub(qspi_params,words) + $::qspi_stub(qspi_result,words)}} 1
check {expr {[qspi_stub_stack_top] % 8}} 0
check {expr {[qspi_stub_stack_top] - [qspi_stub_result_at] >= 512 + 64}} 1
