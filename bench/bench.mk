# SPDX-License-Identifier: MIT
# The benchmark of docs/benchmarks.md, in the virtual board's exact time.
#   BENCH=small  one image of 512 KiB (a minute; the test suite does it too)
#   BENCH=full   three images up to 8 MiB (an hour); cases already in build/bench/full.tsv are kept

BENCH ?= small

$(BUILD)/bench/limit: $(patsubst %,$(BUILD)/rel/%.o,bench/limit host/bytes) $(BUILD)/rel/libvboard.a
	@mkdir -p $(@D)
	$(CC) -o $@ $^ -llz4

all: $(BUILD)/bench/limit

.PHONY: bench
bench: all example ## Measure write times in virtual time [BENCH=small|full]
	bench/run.sh $(BENCH)
