# SPDX-License-Identifier: MIT
# The host tool qspi-flash, and what its tests link.

HOST_IMAGE := image image_text image_elf
HOST_PACK := pack_make pack_read crc32 bytes
HOST_TOOL := main options input display report openocd
HOST_LIBS := -llz4

$(BUILD)/rel/qspi-flash: $(patsubst %,$(BUILD)/rel/host/%.o,$(HOST_TOOL) $(HOST_IMAGE) $(HOST_PACK))
	$(CC) -o $@ $^ $(HOST_LIBS)

$(BUILD)/asan/qspi-flash: $(patsubst %,$(BUILD)/asan/host/%.o,$(HOST_TOOL) $(HOST_IMAGE) $(HOST_PACK))
	$(CC) $(SAN_FLAGS) -o $@ $^ $(HOST_LIBS)

all: $(BUILD)/rel/qspi-flash

$(BUILD)/asan/tests/test_image: $(HOST_IMAGE:%=$(BUILD)/asan/host/%.o)
$(BUILD)/asan/tests/test_pack: $(patsubst %,$(BUILD)/asan/host/%.o,$(HOST_IMAGE) $(HOST_PACK))
$(BUILD)/asan/tests/test_pack: private VB_LIBS += $(HOST_LIBS)
