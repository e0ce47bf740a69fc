// SPDX-License-Identifier: MIT
// Reads and packs the files of the command line; see input.h.
#include "input.h"
#include "options.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 30, NAME_SIZE = 4096 };

static int wrong(int status, const char *name, const char *sentence)
{
    fprintf(stderr, "qspi-flash: %s: %s\n", name, sentence);
    return status;
}

// Split "FILE@ADDR"; `given` tells if there was an address. A file that has that very name wins.
static bool split(const char *word, char name[NAME_SIZE], uint32_t *address, bool *given)
{
    const char *at = strrchr(word, '@');
    char *end = NULL;
    *given = false;
    if (snprintf(name, NAME_SIZE, "%s", word) >= NAME_SIZE)
        return false;
    if (!at || access(word, F_OK) == 0)
        return true;
    errno = 0;
    unsigned long long number = strtoull(at + 1, &end, 0);
    if (at[1] < '0' || at[1] > '9' || *end || errno || number > UINT32_MAX)
        return false;
    name[at - word] = 0;
    *address = (uint32_t)number;
    *given = true;
    return true;
}

static int add_image(struct image *im, const char *name, const struct bytes *b, bool given,
                     uint32_t address)
{
    enum image_type type = image_detect(b->data, b->size);
    if (type != IMAGE_BIN && given)
        return wrong(EXIT_USAGE, name, "this file has its own addresses: leave out @ADDR");
    if (!image_parse(im, type, b->data, b->size, given ? address : PACK_WINDOW))
        return wrong(EXIT_IMAGE, name, im->error);
    return 0;
}

static int load_one(struct input *in, struct image *im, const char *word, bool alone)
{
    char name[NAME_SIZE];
    uint32_t address = 0;
    bool given;
    struct bytes b = {0};
    if (!split(word, name, &address, &given))
        return wrong(EXIT_USAGE, word, "the word behind @ must be an address such as 0x90000000");
    int status = 0;
    if (!bytes_read_file(&b, name, FILE_LIMIT))
        status = wrong(EXIT_IMAGE, name, strerror(errno));
    else if (b.size == 0)
        status = wrong(EXIT_IMAGE, name, "the file is empty: there is nothing to write");
    else if (!pack_is(b.data, b.size))
        status = add_image(im, name, &b, given, address);
    else if (!alone || given)
        status = wrong(EXIT_USAGE, name, "a pack file goes alone and without @ADDR");
    else {
        in->file = b;
        return 0;
    }
    bytes_free(&b);
    return status;
}

static void tell_outside(const struct image *im)
{
    for (unsigned i = 0; i < im->count; i++) {
        const struct image_range *r = &im->range[i];
        uint64_t end = (uint64_t)r->address + r->size;
        if (r->address < PACK_WINDOW || end > (uint64_t)PACK_WINDOW + PACK_WINDOW_SIZE)
            fprintf(stderr,
                    "qspi-flash: 0x%08X-0x%08X is not all in the QSPI flash window; what is "
                    "outside is left out\n",
                    (unsigned)r->address, (unsigned)(end - 1));
    }
}

static int pack_image(struct input *in, struct image *im, const char *name)
{
    char error[PACK_ERROR_SIZE];
    if (!image_finish(im))
        return wrong(EXIT_IMAGE, name, im->error);
    tell_outside(im);
    if (!pack_make(&in->file, im, true, error))
        return wrong(EXIT_IMAGE, name, error);
    return 0;
}

int input_load(struct input *in, char *const *names, int count)
{
    struct image im = {0};
    char error[PACK_ERROR_SIZE];
    int status = 0;
    memset(in, 0, sizeof(*in));
    for (int i = 0; i < count && status == 0; i++)
        status = load_one(in, &im, names[i], count == 1);
    if (status == 0 && in->file.size == 0)
        status = pack_image(in, &im, count == 1 ? names[0] : "these files");
    image_free(&im);
    if (status)
        return status;
    if (!pack_read(&in->pack, in->file.data, in->file.size, error)) {
        fprintf(stderr, "qspi-flash: %s: %s; nothing was sent to the board\n", names[0], error);
        return EXIT_IMAGE;
    }
    return 0;
}

void input_free(struct input *in)
{
    pack_free(&in->pack);
    bytes_free(&in->file);
}
