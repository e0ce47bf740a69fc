# SPDX-License-Identifier: MIT
# libFuzzer harnesses (clang): what reads bytes that others made. A fixed short run; FUZZ_RUNS for
# more. New inputs that reach new code are kept in build/fuzz/corpus.

CLANG ?= clang
FUZZ_RUNS ?= 20000
FUZZ := fuzz_pack fuzz_image fuzz_lz4
FUZZ_HOST := $(patsubst %,host/%.c,image image_text image_elf pack_make pack_read crc32 bytes)
FUZZ_FLAGS := -std=c11 -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I.

$(BUILD)/fuzz/fuzz_lz4: tests/fuzz/fuzz_lz4.c loader/lz4.c loader/lz4.h
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) -llz4
$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_HOST) $(wildcard host/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_FLAGS) -o $@ $(filter %.c,$^) -llz4

# Real files to start from, so that the short run is not spent on finding the formats' first bytes.
$(BUILD)/fuzz/corpus: $(BUILD)/rel/qspi-flash tests/fuzz/fuzz.mk
	rm -rf $@
	mkdir -p $(FUZZ:%=$@/%)
	head -c 9000 host/pack_make.c > $@/fuzz_lz4/text
	printf ':020000049000''6A\n:0200000001''02FB\n:00000001FF\n' > $@/fuzz_image/hex
	printf 'S3079000000001''0265\nS70590000000''6A\n' > $@/fuzz_image/s19
	printf '\177ELF\1\1\1' | cat - /dev/zero | head -c 200 > $@/fuzz_image/elf
	$(BUILD)/rel/qspi-flash --pack $@/fuzz_pack/lz4 $@/fuzz_lz4/text
	$(BUILD)/rel/qspi-flash --pack $@/fuzz_pack/part $@/fuzz_image/hex

.PHONY: fuzz
fuzz: $(FUZZ:%=$(BUILD)/fuzz/%) $(BUILD)/fuzz/corpus ## Fuzz the readers of foreign bytes for a short, fixed run [FUZZ_RUNS=]
	for f in $(FUZZ); do $(BUILD)/fuzz/$$f -seed=1 -runs=$(FUZZ_RUNS) -max_len=16384 -verbosity=0 -print_final_stats=1 $(BUILD)/fuzz/corpus/$$f || exit 1; done
