# SPDX-License-Identifier: MIT
# The virtual board: one static library a sanitizer setting for the tests, one shared library to
# preload into openocd, and the serprog server for flashrom.

VB_LIBS := -lunicorn -lcapstone -lm -lpthread
VB_SRC := $(filter-out vboard/front/% vboard/serprog/%,$(wildcard vboard/*.c vboard/*/*.c))
VB_FRONT_SRC := $(wildcard vboard/front/*.c)
VB_INC := -I. -I$(BUILD)/gen

# The pin table of the project, as C rows: QSPI_PIN(port letter, pin number, signal, AF)
$(BUILD)/gen/quadspi_pins.inc: data/quadspi-pins.csv
	@mkdir -p $(@D)
	awk -F, 'NR > 1 && $$1 !~ /_C$$/ { sub(/\r/, ""); printf "QSPI_PIN(%s, %d, %s, %d)\n", substr($$1, 2, 1), substr($$1, 3), $$2, $$3 }' $< > $@

# A hex dump "00: 53 46 ..." as C bytes
$(BUILD)/gen/w25q64jv_sfdp.inc: data/w25q64jv-sfdp.hex
	@mkdir -p $(@D)
	awk '{ for (i = 2; i <= NF; i++) printf "0x%s,%s", $$i, i == NF ? "\n" : " " }' $< > $@

GEN := $(BUILD)/gen/quadspi_pins.inc $(BUILD)/gen/w25q64jv_sfdp.inc

$(BUILD)/rel/%.o: %.c $(GEN)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(VB_INC) -MMD -MP -c -o $@ $<

$(BUILD)/asan/%.o: %.c $(GEN)
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(SAN_FLAGS) $(VB_INC) -MMD -MP -c -o $@ $<

$(BUILD)/rel/libvboard.a: $(VB_SRC:%.c=$(BUILD)/rel/%.o)
$(BUILD)/asan/libvboard.a: $(VB_SRC:%.c=$(BUILD)/asan/%.o)
$(BUILD)/rel/libvboard.a $(BUILD)/asan/libvboard.a:
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/rel/vboard.so: $(VB_FRONT_SRC:%.c=$(BUILD)/rel/%.o) $(BUILD)/rel/libvboard.a
	$(CC) -shared -Wl,-Bsymbolic,--no-undefined -o $@ $^ $(VB_LIBS) -ldl
$(BUILD)/asan/vboard.so: $(VB_FRONT_SRC:%.c=$(BUILD)/asan/%.o) $(BUILD)/asan/libvboard.a
	$(CC) -shared $(SAN_FLAGS) -o $@ $^ $(VB_LIBS) -ldl

$(BUILD)/rel/vboard-serprog: $(patsubst %.c,$(BUILD)/rel/%.o,$(wildcard vboard/serprog/*.c)) $(BUILD)/rel/libvboard.a
	$(CC) -o $@ $^ $(VB_LIBS)

all: $(BUILD)/rel/vboard.so $(BUILD)/rel/vboard-serprog

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
