// SPDX-License-Identifier: MIT
// The hidapi functions that OpenOCD imports, with one CMSIS-DAP probe plugged in: the virtual
// board's.
#include "front.h"
#include "../board.h"
#include "../probe/cmsis_dap.h"
#include <hidapi/hidapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { QUEUE = 16 };

struct hid_device_ {
    vt_t last_out, last_in; // when the USB transfers of each direction ended
    vt_t probe_free;        // the probe works on one packet at a time
    struct {
        uint8_t data[DAP_PACKET_MAX];
        vt_t ready;
    } reply[QUEUE];
    unsigned head, count;
};

static struct board *board;
static hid_device the_device;

static struct board *get_board(void)
{
    if (board || !front_active())
        return board;
    char error[256];
    front_enter_model();
    board = board_open(getenv("VBOARD_SCENARIO"), getenv("VBOARD_SET"), error, sizeof(error));
    front_leave_model();
    if (!board) {
        fprintf(stderr, "vboard: %s\n", error);
        exit(2);
    }
    return board;
}

static void __attribute__((destructor)) close_board(void)
{
    if (!board)
        return;
    front_enter_model();
    board_close(board, front_now);
    board = NULL;
}

int hid_init(void)
{
    return 0;
}

int hid_exit(void)
{
    return 0;
}

struct hid_device_info *hid_enumerate(unsigned short vendor_id, unsigned short product_id)
{
    struct board *b = get_board();
    if (!b || !b->probe_present)
        return NULL;
    // 512-byte reports are only used by OpenOCD with Atmel's vendor id
    bool big = b->dap.profile->packet_size > 64;
    unsigned short vid = big ? 0x03EB : 0xC251, pid = big ? 0x2111 : 0xF001;
    if ((vendor_id && vendor_id != vid) || (product_id && product_id != pid))
        return NULL;
    struct hid_device_info *i = calloc(1, sizeof(*i));
    if (!i)
        return NULL;
    i->path = strdup("vboard");
    i->vendor_id = vid;
    i->product_id = pid;
    i->serial_number = wcsdup(L"VB000001");
    i->manufacturer_string = wcsdup(L"stmqspi-kit");
    i->product_string = wcsdup(L"Virtual board CMSIS-DAP");
    return i;
}

void hid_free_enumeration(struct hid_device_info *devs)
{
    while (devs) {
        struct hid_device_info *next = devs->next;
        free(devs->path);
        free(devs->serial_number);
        free(devs->manufacturer_string);
        free(devs->product_string);
        free(devs);
        devs = next;
    }
}

hid_device *hid_open(unsigned short vendor_id, unsigned short product_id, const wchar_t *serial)
{
    (void)vendor_id, (void)product_id, (void)serial;
    return get_board() && board->probe_present ? &the_device : NULL;
}

hid_device *hid_open_path(const char *path)
{
    return strcmp(path, "vboard") == 0 ? hid_open(0, 0, NULL) : NULL;
}

void hid_close(hid_device *d)
{
    d->count = 0;
}

const wchar_t *hid_error(hid_device *d)
{
    (void)d;
    return L"the virtual probe was unplugged";
}

// End of the first interrupt transfer that starts at `from` or later and after the one before.
static vt_t transfer_end(vt_t from, vt_t last, vt_t interval)
{
    vt_t start = from > last ? from : last;
    return (start / interval + 1) * interval;
}

int hid_write(hid_device *d, const unsigned char *data, size_t length)
{
    const struct probe_profile *p = board->dap.profile;
    if (!board->probe_present)
        return -1;
    d->last_out = transfer_end(front_now, d->last_out, p->usb_interval);
    front_now = d->last_out; // an output report returns when it is on the wire
    if (d->count == QUEUE)
        return -1;
    unsigned slot = (d->head + d->count++) % QUEUE;
    vt_t start = front_now > d->probe_free ? front_now : d->probe_free;
    front_enter_model();
    cmsis_dap_command(&board->dap, start, data + 1, (unsigned)length - 1, d->reply[slot].data,
                      &d->probe_free);
    front_leave_model();
    d->last_in = transfer_end(d->probe_free, d->last_in, p->usb_interval);
    d->reply[slot].ready = d->last_in;
    return (int)length;
}

int hid_read_timeout(hid_device *d, unsigned char *data, size_t length, int milliseconds)
{
    unsigned size = board->dap.profile->packet_size;
    vt_t wait = milliseconds < 0 ? 60 * VT_S : (vt_t)milliseconds * VT_MS;
    if (!board->probe_present)
        return -1;
    if (d->count == 0 || d->reply[d->head].ready > front_now + wait) {
        front_now += wait;
        return 0;
    }
    if (d->reply[d->head].ready > front_now)
        front_now = d->reply[d->head].ready;
    if (length > size)
        length = size;
    memcpy(data, d->reply[d->head].data, length);
    d->head = (d->head + 1) % QUEUE;
    d->count--;
    return (int)length;
}
