# SPDX-License-Identifier: MIT
# The init stub: built with the ARM compiler, proven position independent, capped in size, and kept
# as Tcl in the tree so that users need no compiler.

ARM_CC ?= arm-none-eabi-gcc
ARM_OBJCOPY ?= arm-none-eabi-objcopy
ARM_FLAGS := -mcpu=cortex-m7 -mthumb -mfloat-abi=soft -std=c11 -ffreestanding $(WARN) -I.
STUB_FLAGS := $(ARM_FLAGS) -Os -flto -fpie -fno-expensive-optimizations -ffunction-sections \
	-fdata-sections -frandom-seed=stub -nostdlib -static -Wl,--gc-sections
STUB_SRC := init-stub/stub.c driver/qspi.c driver/nor.c
STUB_HDR := init-stub/abi.h $(wildcard driver/*.h)
STUB_MAX := 2048

# The same code linked to two addresses: equal images prove that no address is built in.
$(BUILD)/init-stub/%.bin: $(STUB_SRC) $(STUB_HDR) init-stub/stub.ld init-stub/stub.mk
	@mkdir -p $(@D)
	$(ARM_CC) $(STUB_FLAGS) -T init-stub/stub.ld -Wl,--defsym=STUB_BASE=$* -o $(@:.bin=.elf) $(STUB_SRC)
	$(ARM_OBJCOPY) -O binary -j .text $(@:.bin=.elf) $@

$(BUILD)/init-stub/stub.bin: $(BUILD)/init-stub/0x20000000.bin $(BUILD)/init-stub/0x24000400.bin
	cmp $^ || { echo "the stub depends on its load address"; exit 1; }
	@size=$$(wc -c < $<); echo "init stub: $$size of $(STUB_MAX) bytes"; \
	if [ $$size -gt $(STUB_MAX) ]; then echo "the init stub is too large"; exit 1; fi
	cp $< $@

# The names in abi.h, as C rows for tools/bin2tcl.c
$(BUILD)/gen/stub_abi.inc: tools/abi_names.awk init-stub/abi.h driver/nor_found.h driver/qspi_pin.h
	@mkdir -p $(@D)
	awk -f $^ > $@

$(BUILD)/tools/bin2tcl: tools/bin2tcl.c $(BUILD)/gen/stub_abi.inc $(STUB_HDR)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -I. -I$(BUILD)/gen -o $@ $<

$(BUILD)/init-stub/init_stub.tcl: $(BUILD)/init-stub/stub.bin $(BUILD)/tools/bin2tcl
	$(BUILD)/tools/bin2tcl $< > $@

.PHONY: stub stub-check stub-update
stub: $(BUILD)/init-stub/init_stub.tcl ## Build the init stub and print its size

stub-check: stub ## Fail if the committed Tcl form of the init stub differs from its source
	diff -u init-stub/init_stub.tcl $(BUILD)/init-stub/init_stub.tcl

stub-update: stub ## Renew the committed Tcl form of the init stub
	cp $(BUILD)/init-stub/init_stub.tcl init-stub/init_stub.tcl
