# SPDX-License-Identifier: MIT
# Everything starts here: `make help` lists the targets. Fragments next to each part add theirs.

BUILD ?= build
ifeq ($(origin CC),default)
CC := gcc
endif
WARN := -Wall -Wextra -Werror -Wmissing-prototypes -Wvla
HOST_CFLAGS := -std=c11 -O2 -g $(WARN) -fPIC -fno-semantic-interposition -D_GNU_SOURCE
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all clean help

all: ## Build the virtual board, the stubs and the tools

include vboard/vboard.mk
include $(wildcard init-stub/stub.mk loader/loader.mk openocd/user.mk examples/examples.mk examples/semihost-writer/writer.mk host/host.mk bench/bench.mk tests/fuzz/fuzz.mk tests/tests.mk)

clean: ## Remove everything that was built
	rm -rf $(BUILD)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | sort
