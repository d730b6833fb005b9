/*
 * virtio block devices behind modern virtio-mmio: Virtual I/O Device 1.2 (OASIS),
 * sections 2.7, 3.1, 4.2 and 5.2. Polled, one request at a time, as large as one wants.
 */
#pragma once

#include "types.h"

enum { DISK_READ = 0, DISK_WRITE = 1 };
enum { SECTOR_SIZE = 512, DISK_SERIAL_SIZE = 20 };

struct disk {
    volatile u32 *registers;
    struct disk_queue *queue;
    u64 sectors;
    u16 completed; /* requests so far, as the device counts them */
    char serial[DISK_SERIAL_SIZE + 1];
};

/* Whether a block device is behind the transport at this physical address. */
int disk_is_at(paddr transport);

/* Sets it up, with `page`, a zeroed page that stays its own, for the queue. Returns NULL, or what
 * is wrong. */
const char *disk_open(struct disk *disk, paddr transport, void *page);
/* Resets it: it touches its page no more. */
void disk_close(struct disk *disk);

/* Moves `size` bytes, whole sectors and less than 4 GiB, between the disk and `data`. The range
 * must be on the disk. `type` is DISK_READ, DISK_WRITE, or another request of section 5.2.6. */
const char *disk_request(struct disk *disk, u32 type, u64 sector, const void *data, u64 size);
