// SPDX-License-Identifier: MIT
// The pack file: an image prepared for the loader, with hashes and compressed blocks. Written by
// the host tool, read by tcl/loader.tcl. Constants only.
//
// A header of text lines, then, from the byte that `header` names, the payload. Numbers are
// decimal, or hexadecimal with 0x; addresses are absolute (window 0x90000000); offsets count from
// the start of the file. Lines, one each unless said otherwise, in this order:
//
//   QSPIPACK 1
//   header BYTES                 the header is padded with newlines to this size
//   size BYTES                   of the whole file
//   crc 0x…                      CRC-32 (IEEE 802.3, as zlib) of everything from `header` on
//   data BYTES                   bytes of the image inside the window (for the summary)
//   hashes ADDRESS BLOCKS OFFSET the CRC-32 of each sector of BLOCKS blocks from ADDRESS on, 16
//                                little-endian words a block; 0 for sectors without data or with
//                                data for a part of their bytes only. Left out if BLOCKS would be
//                                more than LOADER_TABLE_MAX or there is no whole sector.
//   block ADDRESS MASK OFFSET LENGTH FORM    any number, in rising order of ADDRESS
//   part ADDRESS LENGTH OFFSET               any number, in rising order of ADDRESS
//   end 0x…                      CRC-32 of the header up to this line
//
// `block`: the whole sectors of the 64 KiB block at ADDRESS. Bit s of MASK: sector s is covered
// whole by the image. FORM raw: the bytes from the lowest to the highest sector of MASK, gaps
// filled with 0xFF; sector s is at OFFSET + 4096 * (s - lowest). FORM lz4: the same bytes as one
// raw lz4 block of LENGTH bytes (LENGTH at most 65535; longer results are stored raw). `part`:
// bytes for a part of one sector; never crosses a sector.
#pragma once

#define PACK_MAGIC "QSPIPACK 1"
