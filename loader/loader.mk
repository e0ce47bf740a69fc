# SPDX-License-Identifier: MIT
# The loader: built with the ARM compiler for one address in DTCM, capped in size, and kept as Tcl in
# the tree so that users need no compiler.

LOADER_SRC := loader/loader.c loader/chip.c loader/timer.c loader/planner.c loader/lz4.c \
	driver/qspi.c driver/nor.c driver/nor_write.c
LOADER_HDR := $(wildcard loader/*.h) $(wildcard driver/*.h)
LOADER_MAX := 8192
LOADER_FLAGS := $(ARM_FLAGS) -O2 -flto -fpie -fno-tree-loop-distribute-patterns -ffunction-sections \
	-fdata-sections -frandom-seed=loader -nostdlib -static -Wl,--gc-sections

$(BUILD)/loader/loader.bin: $(LOADER_SRC) $(LOADER_HDR) loader/loader.ld loader/loader.mk
	@mkdir -p $(@D)
	$(ARM_CC) $(LOADER_FLAGS) -T loader/loader.ld -o $(@:.bin=.elf) $(LOADER_SRC)
	$(ARM_OBJCOPY) -O binary -j .text $(@:.bin=.elf) $@
	@size=$$(wc -c < $@); echo "loader: $$size of $(LOADER_MAX) bytes"; \
	if [ $$size -gt $(LOADER_MAX) ]; then echo "the loader is too large"; rm $@; exit 1; fi

$(BUILD)/gen/loader_abi.inc: tools/abi_names.awk loader/abi.h
	@mkdir -p $(@D)
	awk -v prefix=LOADER -f $^ > $@

$(BUILD)/tools/loader2tcl: tools/bin2tcl.c $(BUILD)/gen/loader_abi.inc $(LOADER_HDR)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -I. -I$(BUILD)/gen -DSTUB_NAME='"loader"' -DSTUB_SRC='"loader/"' \
		-DSTUB_ABI='"loader/abi.h"' -DSTUB_ROWS='"loader_abi.inc"' -DSTUB_ARRAY='"qspi_loader"' \
		-DSTUB_PREFIX='"LOADER_"' -o $@ $<

$(BUILD)/loader/loader.tcl: $(BUILD)/loader/loader.bin $(BUILD)/tools/loader2tcl
	$(BUILD)/tools/loader2tcl $< > $@

.PHONY: loader loader-check loader-update
loader: $(BUILD)/loader/loader.tcl ## Build the loader and print its size

loader-check: loader
	diff -u loader/loader.tcl $(BUILD)/loader/loader.tcl

stub-check: loader-check

loader-update: loader ## Renew the committed Tcl form of the loader
	cp $(BUILD)/loader/loader.tcl loader/loader.tcl

# The loader is built from the stub's driver: who renews one renews both.
stub-update: loader-update

# What the host's tests of the loader link
$(BUILD)/asan/tests/test_planner: $(BUILD)/asan/loader/planner.o
$(BUILD)/asan/tests/test_lz4: $(BUILD)/asan/loader/lz4.o
$(BUILD)/asan/tests/test_lz4: private VB_LIBS += -llz4
