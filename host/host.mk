# SPDX-License-Identifier: MIT
# The host tool qspi-flash and what its tests link.

HOST_IMAGE := image image_text image_elf
$(BUILD)/asan/tests/test_image: $(HOST_IMAGE:%=$(BUILD)/asan/host/%.o)
