/*
 * What driver and device of a virtio disk share: registers, bits and the queue. Virtual I/O Device
 * 1.2 (OASIS), sections named beside each.
 */
#pragma once

#include "types.h"

/* Registers, section 4.2.2: offsets of 32-bit words. */
enum { MAGIC = 0x00, VERSION = 0x04, DEVICE_ID = 0x08, DEVICE_FEATURES = 0x10 };
enum { DEVICE_FEATURES_SELECT = 0x14, DRIVER_FEATURES = 0x20, DRIVER_FEATURES_SELECT = 0x24 };
enum { QUEUE_SELECT = 0x30, QUEUE_SIZE_MAX = 0x34, QUEUE_SIZE = 0x38, QUEUE_READY = 0x44 };
enum { QUEUE_NOTIFY = 0x50, STATUS = 0x70, QUEUE_DESCRIPTORS = 0x80, QUEUE_DRIVER = 0x90 };
enum { QUEUE_DEVICE = 0xa0, CAPACITY = 0x100 };
enum { MAGIC_VALUE = 0x74726976, MODERN = 2, BLOCK_DEVICE = 2 };
/* Device status, section 2.1. */
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
/* Feature bits. Without FLUSH the device would sync its file after every request (5.2.5). */
enum { FEATURE_FLUSH = 1 << 9, FEATURE_READ_ONLY = 1 << 5, FEATURE_VERSION_1 = 1 /* bit 32 */ };

enum { REQUEST_ID = 8 }; /* beside enum disk_request */
enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_WRITE = 2 };

/* A request is a chain of three: header, data, status. A queue's size is a power of two. */
enum { HEADER, DATA, RESULT, CHAIN = 3, QUEUE_LENGTH = 4 };

/* The driver writes all but `used` and `result`, which the device writes. Offsets meet 2.7's rules
 * for alignment: 16, 2 and 4 bytes. */
struct disk_queue {
    struct {
        u64 address;
        u32 length;
        u16 flags, next;
    } descriptors[QUEUE_LENGTH];
    u16 available_flags, available_index, available[QUEUE_LENGTH], unused[6];
    u16 used_flags;
    volatile u16 used_index;
    struct {
        u32 id, length;
    } used[QUEUE_LENGTH];
    struct {
        u32 type, reserved;
        u64 sector;
    } header;
    volatile u8 result;
};
