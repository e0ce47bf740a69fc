# SPDX-License-Identifier: MIT
# Tests: cmocka programs for each layer (tests/unit/test_*.c, built with sanitizers) and bats runs
# of the real openocd (tests/e2e/*.bats).

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/asan/tests/%)
E2E ?= $(wildcard tests/e2e/*.bats)

$(BUILD)/asan/tests/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/asan/libvboard.a
	@mkdir -p $(@D)
	$(CC) $(SAN_FLAGS) -o $@ $^ -lcmocka $(VB_LIBS)

.SECONDARY: $(UNIT_SRC:%.c=$(BUILD)/asan/%.o)

.PHONY: check unit e2e deps test-deps lint format
check: test-deps ## Run every test (installs what it needs)
	@$(MAKE) --no-print-directory all stub-check example $(UNIT_BIN) $(BUILD)/asan/vboard.so
	@tests/run.sh $(UNIT_BIN) -- $(E2E)

unit: $(UNIT_BIN) ## Run the unit tests only (cmocka, sanitizers on)
	@tests/run.sh $(UNIT_BIN)

e2e: all ## Run the end-to-end tests only [E2E=tests/e2e/x.bats]
	@tests/run.sh -- $(E2E)

deps: ## Install what building and the demo need (Debian packages)
	@tools/deps.sh demo

test-deps:
	@tools/deps.sh test

LINT_C := $(wildcard vboard/*.[ch] vboard/*/*.[ch] driver/*.[ch] init-stub/*.[ch] loader/*.[ch] host/*.[ch] \
	tests/unit/*.[ch] tools/*.[ch] examples/*/src/*.[ch])
SHELLCHECK := shellcheck --severity=warning
LINT_SH := $(wildcard tools/*.sh tests/*.sh tests/e2e/*.bash .ci/run) vboard/vopenocd

lint: test-deps ## Check the form of all sources (clang-format, cppcheck, shellcheck)
	clang-format --dry-run -Werror $(LINT_C)
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem -I. $(filter %.c,$(LINT_C))
	$(SHELLCHECK) $(LINT_SH)
	$(SHELLCHECK) -s bash -x --exclude=SC2154,SC2034,SC2030,SC2031,SC1091 $(wildcard tests/e2e/*.bats)

format: ## Bring all C sources into form
	clang-format -i $(LINT_C)

.PHONY: demo
demo: deps ## Show the main job on the virtual board (installs what it needs)
	@mkdir -p $(BUILD)
	@$(MAKE) --no-print-directory --silent all example > $(BUILD)/demo.log 2>&1 || { cat $(BUILD)/demo.log; exit 1; }
	@tools/demo.sh
