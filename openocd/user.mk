# SPDX-License-Identifier: MIT
# What a user of the kit does with a board on the desk: flash, verify, dump, console, install.
#   BIN        image: .bin (at ADDR), .elf, .hex, .s19
#   ADDR       address of a .bin; default the start of the QSPI flash
#   BOARD      file in board/, or a path       INTERFACE  file in OpenOCD's interface/, or a path
#   OPENOCD    the openocd to run              PREFIX, DESTDIR  where to install
#   QSPI_WIRING  pins, if not those of the board file
#   FAST       1: by host/qspi-flash, which sends only what differs, compressed

OPENOCD ?= openocd
BOARD ?= stm32h743-w25q64
ADDR ?= $(if $(filter %.elf %.axf %.hex %.ihex %.s19 %.srec %.mot,$(BIN)),,0x90000000)
LEN ?= 0
TELNET_PORT ?= 4444
KIT := $(patsubst %/,%,$(dir $(abspath $(firstword $(MAKEFILE_LIST)))))

# A name is looked up in the kit or in OpenOCD's folder, anything with a slash or .cfg is a path.
kit-board = $(if $(findstring /,$(BOARD))$(filter %.cfg,$(BOARD)),$(BOARD),$(KIT)/board/$(BOARD).cfg)
kit-interface = $(if $(INTERFACE),-f $(if $(findstring /,$(INTERFACE))$(filter %.cfg,$(INTERFACE)),$(INTERFACE),interface/$(INTERFACE).cfg))
kit-openocd = $(OPENOCD) $(if $(QSPI_WIRING),-c "set QSPI_WIRING {$(QSPI_WIRING)}") $(kit-interface) -f "$(kit-board)"

# The same choices for qspi-flash, which FAST=1 uses.
kit-flash-options = --reset --openocd "$(OPENOCD)" --board "$(kit-board)" $(if $(INTERFACE),--interface "$(INTERFACE)") \
	$(if $(QSPI_WIRING),--command "set QSPI_WIRING {$(QSPI_WIRING)}")

# Words of a target that needs a variable: stop with the line to type.
kit-need = @if [ -z "$($(1))" ]; then echo "make $@: $(1) is not set. Usage: make $@ $(2)" >&2; exit 2; fi

.PHONY: flash verify dump telnet semihost-flash install uninstall

flash: $(if $(FAST),$(BUILD)/rel/qspi-flash) ## Write BIN=image [ADDR=] to the board, verify it and start it [BOARD=] [INTERFACE=] [FAST=1]
	$(call kit-need,BIN,BIN=assets.bin [ADDR=0x90000000] [BOARD=$(BOARD)] [INTERFACE=cmsis-dap])
ifdef FAST
	@$(BUILD)/rel/qspi-flash $(kit-flash-options) "$(BIN)$(if $(ADDR),@$(ADDR))"
else
	@$(kit-openocd) -c "program {$(BIN)} $(ADDR) verify reset exit"
endif

verify: ## Compare the board's flash with BIN=image [ADDR=]
	$(call kit-need,BIN,BIN=assets.bin [ADDR=0x90000000] [BOARD=$(BOARD)] [INTERFACE=cmsis-dap])
	@$(kit-openocd) -c "qspi_cli_verify {$(BIN)} $(ADDR)"

dump: ## Read the QSPI flash into OUT=file [ADDR=] [LEN=bytes]
	$(call kit-need,OUT,OUT=flash.bin [ADDR=0x90000000] [LEN=bytes] [BOARD=$(BOARD)])
	@$(kit-openocd) -c "qspi_cli_dump {$(OUT)} $(ADDR) $(LEN)"

.PHONY: scan
scan: BOARD = any-stm32h7
scan: ## Find the pins of the board's flash [INTERFACE=] [EXCLUDE="PF10 ..."]
	@$(kit-openocd) -c "qspi_cli_scan$(if $(EXCLUDE), -exclude {$(EXCLUDE)})"

.PHONY: doctor
doctor: ## Find out why the board's flash does not answer [BOARD=] [INTERFACE=] [QSPI_WIRING=]
	@$(kit-openocd) -c "qspi_cli_doctor"

telnet: ## Start OpenOCD with the QSPI flash brought up, for a telnet console [TELNET_PORT=4444]
	@echo "Connect with: telnet localhost $(TELNET_PORT)    (Ctrl-C here, or shutdown there, ends OpenOCD)"
	@$(kit-openocd) -c "telnet_port $(TELNET_PORT)" -c init -c "reset init"

# The exit code is the writer's own, returned by semihosting, which ends OpenOCD as it is: a second
# one lets the new firmware start.
semihost-flash: ## Write BIN=file.bin [ADDR=] by a program in RAM that reads it by semihosting
	$(call kit-need,BIN,BIN=assets.bin [ADDR=0x90000000] [BOARD=$(BOARD)] [INTERFACE=cmsis-dap])
	@$(kit-openocd) -c "qspi_cli_semihost {$(BIN)} $(ADDR)"
	@$(kit-openocd) -c "log_output /dev/null" -c init -c "reset run" -c shutdown

# --- Installation into OpenOCD's site folder, where every openocd of that prefix looks ---

# Where $(OPENOCD) comes from, else /usr.
PREFIX ?= $(or $(patsubst %/bin/openocd,%,$(filter %/bin/openocd,$(shell command -v $(OPENOCD) 2>/dev/null))),/usr)
SITE = $(DESTDIR)$(PREFIX)/share/openocd/site
INSTALLED_KIT = $(SITE)/stmqspi-kit
KIT_DIRS := board openocd tcl data init-stub loader examples/semihost-writer
KIT_FILES = $(wildcard $(addprefix $(KIT)/,board/*.cfg openocd/*.cfg tcl/*.tcl data/*.csv init-stub/*.tcl loader/*.tcl examples/semihost-writer/*.tcl LICENSE))
KIT_BOARDS = $(notdir $(wildcard $(KIT)/board/*.cfg))

install: ## Copy the kit into OpenOCD's site folder [PREFIX=/usr] [DESTDIR=]
	install -d $(addprefix $(INSTALLED_KIT)/,$(KIT_DIRS)) $(SITE)/board
	cd $(KIT) && for f in $(patsubst $(KIT)/%,%,$(KIT_FILES)); do install -m 644 $$f $(INSTALLED_KIT)/$$f; done
	for b in $(KIT_BOARDS); do printf '# Installed by stmqspi-kit.\nsource [find stmqspi-kit/board/%s]\n' $$b > $(SITE)/board/$$b; done
	[ ! -x $(BUILD)/rel/qspi-flash ] || install -D -m 755 $(BUILD)/rel/qspi-flash $(DESTDIR)$(PREFIX)/bin/qspi-flash
	install -D -m 644 $(KIT)/host/qspi-flash.1 $(DESTDIR)$(PREFIX)/share/man/man1/qspi-flash.1

uninstall: ## Take back what `make install` copied [PREFIX=/usr] [DESTDIR=]
	for b in $(SITE)/board/*.cfg; do if grep -qs 'source \[find stmqspi-kit/' "$$b"; then rm -f "$$b"; fi; done
	rm -rf $(INSTALLED_KIT)
	rm -f $(DESTDIR)$(PREFIX)/bin/qspi-flash $(DESTDIR)$(PREFIX)/share/man/man1/qspi-flash.1
	-rmdir --ignore-fail-on-non-empty $(SITE)/board $(SITE) 2>/dev/null
