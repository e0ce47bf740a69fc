# SPDX-License-Identifier: MIT
# Tests: cmocka programs for each layer (tests/unit/test_*.c, built with sanitizers) and bats runs
# of the real openocd (tests/e2e/*.bats).

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/asan/tests/%)

$(BUILD)/asan/tests/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/asan/libvboard.a
	@mkdir -p $(@D)
	$(CC) $(SAN_FLAGS) -o $@ $^ -lcmocka $(VB_LIBS)

.SECONDARY: $(UNIT_SRC:%.c=$(BUILD)/asan/%.o)

.PHONY: unit
unit: $(UNIT_BIN) ## Run the unit tests (cmocka, sanitizers on)
	@set -e; for t in $(UNIT_BIN); do echo "== $$(basename $$t)"; ASAN_OPTIONS=detect_leaks=0 $$t; done
