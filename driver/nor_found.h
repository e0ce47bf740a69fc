// SPDX-License-Identifier: MIT
// What nor_recover() found, as bits; also part of the init stub's contract (init-stub/abi.h).
// Constants only, freestanding.
#pragma once

#define QSPI_FOUND_BUSY      1u // an erase, program or register write was running
#define QSPI_FOUND_SUSPENDED 2u // an erase or program was suspended; resumed and completed
#define QSPI_FOUND_QPI       4u // QPI mode
#define QSPI_FOUND_ABORTED   8u // it was busy for more than 3 s (chip erase) and cut off by a reset
#define QSPI_FOUND_SILENT    16u // no answer in SPI nor QPI before the reset
