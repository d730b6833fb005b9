#include "disk.h"
#include "layout.h"
#include "machine.h"
#include "virtio.h"

/* A host whose disk stalls for longer will not answer at all. */
enum { TIMEOUT_SECONDS = 30 };

int disk_is_at(paddr transport) {
    volatile u32 *registers = (volatile u32 *)(DEVICE_BASE + transport);
    /* Most transports are empty; each access costs QEMU a microsecond, and one read rejects them.
     */
    return registers[DEVICE_ID / 4] == BLOCK_DEVICE && registers[MAGIC / 4] == MAGIC_VALUE;
}

static void set_address(volatile u32 *registers, const void *address) {
    registers[0] = (u32)(u64)address;
    registers[1] = (u32)((u64)address >> 32);
}

static void describe(struct disk_queue *queue, u32 n, const volatile void *address, u64 size,
                     u16 flags) {
    queue->descriptors[n].address = (u64)address;
    queue->descriptors[n].length = (u32)size;
    queue->descriptors[n].flags = flags;
    queue->descriptors[n].next = (u16)(n + 1);
}

const char *disk_request(struct disk *disk, u32 type, u64 sector, const void *data, u64 size) {
    struct disk_queue *queue = disk->queue;
    u64 deadline = counter_ticks() + TIMEOUT_SECONDS * counter_hz();

    queue->header.type = type;
    queue->header.sector = sector;
    describe(queue, HEADER, &queue->header, sizeof queue->header, DESCRIPTOR_NEXT);
    describe(queue, DATA, data, size,
             type == DISK_WRITE ? DESCRIPTOR_NEXT : DESCRIPTOR_NEXT | DESCRIPTOR_WRITE);
    describe(queue, RESULT, &queue->result, 1, DESCRIPTOR_WRITE);
    queue->available[queue->available_index % QUEUE_LENGTH] = HEADER;
    memory_barrier();
    queue->available_index++;
    memory_barrier();
    disk->registers[QUEUE_NOTIFY / 4] = 0;
    disk->completed++;
    do { /* Asked before the answer, so that all lines run however soon that comes. */
        if (counter_ticks() > deadline) return "disk does not answer";
    } while (queue->used_index != disk->completed);
    memory_barrier();
    return queue->result == 0 ? NULL : "disk reports an error";
}

void disk_close(struct disk *disk) { disk->registers[STATUS / 4] = 0; }

/* Section 3.1.1, the order of steps. */
const char *disk_open(struct disk *disk, paddr transport, void *page) {
    volatile u32 *registers = (volatile u32 *)(DEVICE_BASE + transport);
    u32 status = ACKNOWLEDGE | DRIVER;

    disk->registers = registers;
    disk->queue = page;
    disk->completed = 0;
    if (registers[VERSION / 4] != MODERN)
        return "disk is legacy virtio; give QEMU -global virtio-mmio.force-legacy=false";
    registers[STATUS / 4] = 0;
    registers[STATUS / 4] = status;
    registers[DEVICE_FEATURES_SELECT / 4] = 0;
    registers[DRIVER_FEATURES_SELECT / 4] = 0;
    registers[DRIVER_FEATURES / 4] =
        registers[DEVICE_FEATURES / 4] & (FEATURE_FLUSH | FEATURE_READ_ONLY);
    registers[DRIVER_FEATURES_SELECT / 4] = 1;
    registers[DRIVER_FEATURES / 4] = FEATURE_VERSION_1;
    registers[STATUS / 4] = status |= FEATURES_OK;
    if (!(registers[STATUS / 4] & FEATURES_OK)) return "disk refuses the features";
    registers[QUEUE_SELECT / 4] = 0;
    if (registers[QUEUE_SIZE_MAX / 4] < QUEUE_LENGTH) return "disk has too short a queue";
    registers[QUEUE_SIZE / 4] = QUEUE_LENGTH;
    set_address(registers + QUEUE_DESCRIPTORS / 4, disk->queue->descriptors);
    set_address(registers + QUEUE_DRIVER / 4, &disk->queue->available_flags);
    set_address(registers + QUEUE_DEVICE / 4, &disk->queue->used_flags);
    registers[QUEUE_READY / 4] = 1;
    registers[STATUS / 4] = status | DRIVER_OK;
    disk->sectors = registers[CAPACITY / 4] | (u64)registers[CAPACITY / 4 + 1] << 32;
    disk->serial[DISK_SERIAL_SIZE] = 0;
    return disk_request(disk, REQUEST_ID, 0, disk->serial, DISK_SERIAL_SIZE);
}
