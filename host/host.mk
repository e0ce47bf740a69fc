# SPDX-License-Identifier: MIT
# The host tool qspi-flash, and what its tests link.

HOST_IMAGE := image image_text image_elf
HOST_PACK := pack_make pack_read crc32 bytes
HOST_LIBS := -llz4

$(BUILD)/asan/tests/test_image: $(HOST_IMAGE:%=$(BUILD)/asan/host/%.o)
$(BUILD)/asan/tests/test_pack: $(patsubst %,$(BUILD)/asan/host/%.o,$(HOST_IMAGE) $(HOST_PACK))
$(BUILD)/asan/tests/test_pack: private VB_LIBS += $(HOST_LIBS)
