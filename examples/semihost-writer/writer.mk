# SPDX-License-Identifier: MIT
# The semihosting writer: built with the ARM compiler and kept as Tcl in the tree, so that users of
# `qspi semihost` and `make semihost-flash` need no compiler.

WRITER := examples/semihost-writer
WRITER_OUT := $(BUILD)/$(WRITER)
WRITER_SRC := $(addprefix $(WRITER)/,start.S main.c blocks.c say.c semihost.c) init-stub/stub.c \
	driver/qspi.c driver/nor.c driver/nor_write.c
WRITER_FLAGS := $(ARM_FLAGS) -Os -flto -ffunction-sections -fdata-sections -frandom-seed=writer \
	-nostdlib -static -Wl,--gc-sections

$(WRITER_OUT)/writer.elf: $(WRITER_SRC) $(STUB_HDR) $(wildcard $(WRITER)/*.h) $(WRITER)/writer.ld $(WRITER)/writer.mk
	@mkdir -p $(@D)
	$(ARM_CC) $(WRITER_FLAGS) -T $(WRITER)/writer.ld -o $@ $(WRITER_SRC) -lgcc

$(WRITER_OUT)/writer.bin: $(WRITER_OUT)/writer.elf
	$(ARM_OBJCOPY) -O binary $< $@
	@echo "semihosting writer: $$(wc -c < $@) bytes"

$(WRITER_OUT)/to_tcl: $(WRITER)/to_tcl.c $(WRITER)/request.h $(STUB_HDR)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -I. -o $@ $<

$(WRITER_OUT)/semihost_writer.tcl: $(WRITER_OUT)/writer.bin $(WRITER_OUT)/to_tcl
	symbol() { $(ARM_NM) $(<:.bin=.elf) | awk -v name=$$1 '$$3 == name {print $$1}'; }; \
	$(WRITER_OUT)/to_tcl $< $$(symbol writer_request) $$(symbol writer_start) > $@

ARM_NM ?= arm-none-eabi-nm

.PHONY: semihost-writer semihost-check semihost-update
semihost-writer: $(WRITER_OUT)/semihost_writer.tcl ## Build the semihosting writer

semihost-check: semihost-writer ## Fail if the committed Tcl form of the writer differs from its source
	diff -u $(WRITER)/semihost_writer.tcl $(WRITER_OUT)/semihost_writer.tcl

semihost-update: semihost-writer ## Renew the committed Tcl form of the writer
	cp $(WRITER_OUT)/semihost_writer.tcl $(WRITER)/semihost_writer.tcl

# The writer is built from the stub's code: who renews one renews both.
stub-update: semihost-update
