# SPDX-License-Identifier: MIT
# The example firmware with LVGL assets in external flash, and what it is made from. Needs the ARM
# compiler; only `make assets` needs npm.

EX := examples/lvgl-assets
EX_OUT := $(BUILD)/$(EX)
EX_ASSETS := $(sort $(wildcard $(EX)/assets/*.c))
EX_SRC := $(EX)/src/startup.c $(EX)/src/main.c $(EX)/src/shim.c $(EX_ASSETS) driver/qspi.c driver/nor.c
EX_OBJ := $(EX_SRC:%.c=$(EX_OUT)/obj/%.o)
EX_FLAGS := $(ARM_FLAGS) -Os -g -ffunction-sections -fdata-sections -DLV_LVGL_H_INCLUDE_SIMPLE -I$(EX)/src
EX_LINK := $(ARM_CC) -mcpu=cortex-m7 -mthumb -mfloat-abi=soft -nostdlib -static -Wl,--gc-sections

.PHONY: example
example: $(addprefix $(EX_OUT)/,app.elf app.hex assets.bin firmware.elf firmware.bin) ## Build the example firmware with its LVGL assets

$(EX_OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(ARM_CC) $(EX_FLAGS) -MMD -MP -c -o $@ $<

$(EX_OUT)/app.ld: $(EX)/src/link.ld
	@mkdir -p $(@D)
	sed 's/ASSETS_TYPE :/:/' $< > $@
$(EX_OUT)/firmware.ld: $(EX)/src/link.ld
	@mkdir -p $(@D)
	sed 's/ASSETS_TYPE :/(NOLOAD) :/' $< > $@

# Linked once to see the bytes of the assets (no code address is in them), then with their CRC-32 as
# the value of the symbol lvgl_assets_crc. gzip writes the CRC-32 of its input into its last 8 bytes.
$(EX_OUT)/assets.bin: $(EX_OBJ) $(EX_OUT)/app.ld
	$(EX_LINK) -T $(EX_OUT)/app.ld -Wl,--defsym=lvgl_assets_crc=0 -o $(@:.bin=.elf) $(EX_OBJ)
	$(ARM_OBJCOPY) -O binary --only-section=.lvgl_assets $(@:.bin=.elf) $@

$(EX_OUT)/%.elf: $(EX_OUT)/assets.bin $(EX_OUT)/%.ld
	crc=0x$$(gzip -c $< | tail -c 8 | od -An -N4 -tx4 | tr -d ' '); \
	$(EX_LINK) -T $(EX_OUT)/$*.ld -Wl,--defsym=lvgl_assets_crc=$$crc -Wl,-Map=$(@:.elf=.map) -o $@ $(EX_OBJ)

$(EX_OUT)/app.hex: $(EX_OUT)/app.elf
	$(ARM_OBJCOPY) -O ihex $< $@
$(EX_OUT)/firmware.bin: $(EX_OUT)/firmware.elf
	$(ARM_OBJCOPY) -O binary $< $@

# The images are drawn by a program, the fonts made by lv_font_conv (npm). Floating point may not be
# contracted, so that every machine draws the same bytes.
$(BUILD)/$(EX)/gen: $(wildcard $(EX)/gen/*.c $(EX)/gen/*.h)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) -ffp-contract=off -o $@ $(filter %.c,$^) -lm

.PHONY: assets check-assets check-images
assets: $(BUILD)/$(EX)/gen ## Make the example's images and fonts again (needs npm)
	$< $(EX)/assets
	$(EX)/gen/fonts.sh $(EX)/assets $(BUILD)/$(EX)/npm

check-images: $(BUILD)/$(EX)/gen
	@mkdir -p $(EX_OUT)/again
	$< $(EX_OUT)/again
	for f in $(EX_OUT)/again/*.c; do cmp $$f $(EX)/assets/$$(basename $$f) || exit 1; done

check-assets: check-images ## Prove that the committed assets are what the generators make (needs npm)
	$(EX)/gen/fonts.sh $(EX_OUT)/again $(BUILD)/$(EX)/npm
	diff -rq -x LICENSE.DejaVu $(EX_OUT)/again $(EX)/assets
