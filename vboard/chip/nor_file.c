// SPDX-License-Identifier: MIT
// What a NOR chip keeps without power, in files: the array mapped shared, and "<path>.nv", a text
// file with the status and security registers. Both are up to date at any moment.
#include "nor_state.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(char *err, unsigned err_size, const char *path, const char *what)
{
    snprintf(err, err_size, "%s: %s", path, what);
    return false;
}

static bool fill_blank(int fd, uint32_t size)
{
    uint8_t blank[NOR_SECTOR];
    memset(blank, 0xFF, sizeof(blank));
    for (uint32_t done = 0; done < size;) {
        ssize_t got = write(fd, blank, sizeof(blank));
        if (got <= 0)
            return false;
        done += (uint32_t)got;
    }
    return true;
}

// Open or make the contents; returns the descriptor or -1.
static int open_contents(const char *path, uint32_t size, char *err, unsigned err_size)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 && !fill_blank(fd, size)) {
            fail(err, err_size, path, strerror(errno));
            close(fd);
            unlink(path);
            return -1;
        }
    }
    if (fd < 0) {
        fail(err, err_size, path, strerror(errno));
        return -1;
    }
    struct stat st;
    if (fstat(fd, &st) == 0 && st.st_size == (off_t)size)
        return fd;
    snprintf(err, err_size, "%s: has %lld bytes, the chip %lu", path, (long long)st.st_size,
             (unsigned long)size);
    close(fd);
    return -1;
}

static void write_security(FILE *f, const struct nor *n, unsigned i)
{
    fprintf(f, "security%u ", i + 1);
    for (unsigned k = 0; k < NOR_SECURITY_SIZE; k++)
        fprintf(f, "%02X", n->security[i][k]);
    fputc('\n', f);
}

static bool write_nv(const struct nor *n, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    fprintf(f, "part %s\nstatus %02X %02X %02X\n", n->part->name, n->nv[0], n->nv[1], n->nv[2]);
    for (unsigned i = 0; i < NOR_SECURITY_REGISTERS; i++)
        write_security(f, n, i);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

// Replaces the file as a whole, so that a reader or a killed process never leaves half of it.
static bool replace_nv(const struct nor *n)
{
    char *temporary = NULL;
    if (asprintf(&temporary, "%s.tmp", n->nv_path) < 0)
        return false;
    bool ok = write_nv(n, temporary) && rename(temporary, n->nv_path) == 0;
    free(temporary);
    return ok;
}

void nor_save(struct nor *n)
{
    if (n->nv_path && !replace_nv(n))
        NOR_EVENT(n, "nor.nv-not-saved", "%s: %s", n->nv_path, strerror(errno));
}

static bool read_security(FILE *f, struct nor *n, unsigned i)
{
    unsigned number;
    if (fscanf(f, " security%u ", &number) != 1 || number != i + 1)
        return false;
    for (unsigned k = 0; k < NOR_SECURITY_SIZE; k++) {
        unsigned byte;
        if (fscanf(f, "%2x", &byte) != 1)
            return false;
        n->security[i][k] = (uint8_t)byte;
    }
    return true;
}

static bool read_nv(FILE *f, struct nor *n)
{
    char name[32];
    unsigned sr[3];
    if (fscanf(f, "part %31s status %2x %2x %2x", name, &sr[0], &sr[1], &sr[2]) != 4 ||
        strcmp(name, n->part->name) != 0)
        return false;
    for (unsigned i = 0; i < 3; i++)
        n->nv[i] = (uint8_t)sr[i];
    for (unsigned i = 0; i < NOR_SECURITY_REGISTERS; i++)
        if (!read_security(f, n, i))
            return false;
    return true;
}

static bool load_nv(struct nor *n, char *err, unsigned err_size)
{
    FILE *f = fopen(n->nv_path, "r");
    if (!f && errno == ENOENT)
        return replace_nv(n) || fail(err, err_size, n->nv_path, strerror(errno));
    if (!f)
        return fail(err, err_size, n->nv_path, strerror(errno));
    bool ok = read_nv(f, n);
    fclose(f);
    if (!ok) {
        snprintf(err, err_size, "%s: not the registers of a %s; delete it for a new chip",
                 n->nv_path, n->part->name);
        return false;
    }
    nor_reset_state(n);
    return true;
}

void nor_release(struct nor *n)
{
    if (n->mapped)
        munmap(n->array, n->mapped);
    else
        free(n->array);
    free(n->nv_path);
    n->array = NULL;
    n->nv_path = NULL;
    n->mapped = 0;
}

bool nor_attach_file(struct nor *n, const char *path, char *err, unsigned err_size)
{
    nor_settle(n);
    int fd = open_contents(path, n->part->size, err, err_size);
    if (fd < 0)
        return false;
    void *map = mmap(NULL, n->part->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return fail(err, err_size, path, strerror(errno));
    nor_release(n);
    n->array = map;
    n->mapped = n->part->size;
    if (asprintf(&n->nv_path, "%s.nv", path) < 0) {
        n->nv_path = NULL;
        return fail(err, err_size, path, "out of memory");
    }
    return load_nv(n, err, err_size);
}
