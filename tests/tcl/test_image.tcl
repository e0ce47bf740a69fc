# SPDX-License-Identifier: MIT
# tcl/image.tcl on the files that tests/e2e/tcl.bats makes with the GNU tools in the folder IMAGES:
# 300 bytes of code at 0x08000000 and 70,000 bytes (0x11170) of assets at 0x90000000.
use errors image

set dir [env IMAGES]
set both {{134217728 300} {2415919104 70000}}

proc extents {args} {
	return [qspi_image_extents {*}$args]
}

check {extents $dir/app.elf} $both
check {extents $dir/app.hex} $both
check {extents $dir/app.s19} $both
check {extents $dir/assets.bin} {{0 70000}}
check {extents $dir/assets.bin 0x90000000} {{2415919104 70000}}
check {extents $dir/app.elf 0x1000} {{134221824 300} {2415923200 70000}}
check {extents $dir/app.hex 0 bin} [list [list 0 [file size $dir/app.hex]]]
check {extents stm32h7x.cpu0 0 mem} {}
check {qspi_image_type $dir/app.elf ""} elf
check {qspi_image_type $dir/app.hex ""} ihex
check {qspi_image_type $dir/app.s19 ""} s19
check {qspi_image_type $dir/assets.bin ""} bin
# Segments without file contents (.bss) are not written; zero physical addresses mean virtual ones.
check {extents $dir/bss.elf} {{134217728 300}}

# Fewer than 9 bytes is a raw image too.
check {extents $dir/tiny.bin} {{0 3}}

check_error {extents $dir/nothing.bin} "QSPI: no such file: $dir/nothing.bin"
check_error {extents $dir/empty.bin} "QSPI: $dir/empty.bin is empty*"
check_error {extents $dir} "QSPI: $dir is a folder*"
check_error {extents $dir/cut.elf} "QSPI: $dir/cut.elf is a damaged ELF file (a segment ends behind the end of the file)."
check_error {extents $dir/head.elf} "QSPI: $dir/head.elf is a damaged ELF file (it ends too early)."
check_error {extents $dir/cut.hex} "QSPI: $dir/cut.hex is a damaged Intel HEX file (it has no end-of-file record)."
check_error {extents $dir/cut.s19} "QSPI: $dir/cut.s19 is a damaged S-record file (it has no end record)."
check_error {extents $dir/bad.hex} "QSPI: $dir/bad.hex is a damaged Intel HEX file (line 3 is no record)."
check_error {extents $dir/bss-only.elf} "QSPI: $dir/bss-only.elf holds no data to write."
