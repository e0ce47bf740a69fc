# SPDX-License-Identifier: MIT
# The stubs: built with the ARM compiler, proven position independent, capped in size, and kept as
# Tcl in the tree so that users need no compiler.

ARM_CC ?= arm-none-eabi-gcc
ARM_OBJCOPY ?= arm-none-eabi-objcopy
ARM_FLAGS := -mcpu=cortex-m7 -mthumb -mfloat-abi=soft -std=c11 -ffreestanding $(WARN) -I.
STUB_FLAGS := $(ARM_FLAGS) -Os -flto -fpie -fno-expensive-optimizations -ffunction-sections \
	-fdata-sections -frandom-seed=stub -nostdlib -static -Wl,--gc-sections
STUB_HDR := $(wildcard init-stub/*.h driver/*.h)

# Each stub: its sources (the main one first), the header of its contract and those that it takes in,
# its Tcl array, its largest size in bytes.
STUBS := init scan
init_SRC := init-stub/stub.c driver/qspi.c driver/nor.c
init_ABI := init-stub/abi.h
init_ABI_WITH := driver/nor_found.h driver/qspi_pin.h
init_ARRAY := qspi_stub
init_MAX := 2048
scan_SRC := init-stub/scan.c init-stub/scan_pins.c init-stub/scan_quad.c driver/qspi.c driver/nor.c
scan_ABI := init-stub/scan_abi.h
scan_ARRAY := qspi_scan_stub
scan_MAX := 6144

# The same code linked to two addresses: equal images prove that no address is built in.
STUB_BASES := 0x20000000 0x24000400

# $(1) stub, $(2) address
define stub-image
$(BUILD)/init-stub/$(1)/$(2).bin: $($(1)_SRC) $(STUB_HDR) init-stub/stub.ld init-stub/stub.mk
	@mkdir -p $$(@D)
	$(ARM_CC) $(STUB_FLAGS) -T init-stub/stub.ld -Wl,--defsym=STUB_BASE=$(2) -o $$(@:.bin=.elf) $($(1)_SRC)
	$(ARM_OBJCOPY) -O binary -j .text $$(@:.bin=.elf) $$@
endef

# $(1) stub
define stub-rules
$(foreach base,$(STUB_BASES),$(eval $(call stub-image,$(1),$(base))))

$(BUILD)/init-stub/$(1).bin: $(STUB_BASES:%=$(BUILD)/init-stub/$(1)/%.bin)
	cmp $$^ || { echo "the $(1) stub depends on its load address"; exit 1; }
	@size=$$$$(wc -c < $$<); echo "$(1) stub: $$$$size of $($(1)_MAX) bytes"; \
	if [ $$$$size -gt $($(1)_MAX) ]; then echo "the $(1) stub is too large"; exit 1; fi
	cp $$< $$@

# The names of the contract, as C rows for tools/bin2tcl.c
$(BUILD)/gen/$(1)_abi.inc: tools/abi_names.awk $($(1)_ABI) $($(1)_ABI_WITH)
	@mkdir -p $$(@D)
	awk -f $$^ > $$@

$(BUILD)/tools/bin2tcl-$(1): tools/bin2tcl.c $(BUILD)/gen/$(1)_abi.inc $(STUB_HDR)
	@mkdir -p $$(@D)
	$(CC) $(HOST_CFLAGS) -I. -I$(BUILD)/gen -DSTUB_NAME='"$(1) stub"' -DSTUB_SRC='"$(firstword $($(1)_SRC))"' \
		-DSTUB_ABI='"$($(1)_ABI)"' -DSTUB_ROWS='"$(1)_abi.inc"' -DSTUB_ARRAY='"$($(1)_ARRAY)"' -o $$@ $$<

$(BUILD)/init-stub/$(1)_stub.tcl: $(BUILD)/init-stub/$(1).bin $(BUILD)/tools/bin2tcl-$(1)
	$(BUILD)/tools/bin2tcl-$(1) $$< > $$@
endef

$(foreach stub,$(STUBS),$(eval $(call stub-rules,$(stub))))

STUB_TCL := $(STUBS:%=$(BUILD)/init-stub/%_stub.tcl)

.PHONY: stub stub-check stub-update
stub: $(STUB_TCL) ## Build the stubs and print their sizes

stub-check: stub ## Fail if the committed Tcl form of a stub differs from its source
	@for tcl in $(STUB_TCL); do diff -u init-stub/$${tcl##*/} $$tcl || exit 1; done

stub-update: stub ## Renew the committed Tcl form of the stubs
	cp $(STUB_TCL) init-stub/

# The register names of the host's diagnosis, taken from the headers.
REGS_FROM = tools/regs_tcl.awk $(wildcard tcl/doctor*.tcl) driver/stm32h7_regs.h driver/nor_cmds.h
.PHONY: regs-check regs-update
regs-check: ## Fail if the committed tcl/regs.tcl differs from the headers
	awk -f $(REGS_FROM) | diff -u tcl/regs.tcl -

regs-update: ## Renew the committed tcl/regs.tcl
	awk -f $(REGS_FROM) > tcl/regs.tcl
