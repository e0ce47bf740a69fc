// SPDX-License-Identifier: MIT
// Fuzzes the image readers, and packs what they accept: the pack must pass its own reader. Run by
// `make fuzz`.
#include "host/image.h"
#include "host/pack.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image im = {0};
    char error[PACK_ERROR_SIZE];
    if (!image_parse(&im, IMAGE_AUTO, data, size, PACK_WINDOW) || !image_finish(&im)) {
        if (!im.error[0])
            abort(); // a refusal without a reason
        image_free(&im);
        return 0;
    }
    uint64_t span = im.range[im.count - 1].address - (uint64_t)im.range[0].address;
    struct bytes file = {0};
    struct pack p = {0};
    // Images with gaps of many MiB take too long for a fuzzer.
    if (span < 1 << 20 && pack_make(&file, &im, true, error) &&
        !pack_read(&p, file.data, file.size, error))
        abort();
    pack_free(&p);
    bytes_free(&file);
    image_free(&im);
    return 0;
}
