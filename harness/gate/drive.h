/*
 * What a case gives its machine to keep files on: disks, flash memories, shares, further serial
 * ports. Each is made anew for every attempt, so that nothing that a guest writes reaches the
 * source.
 */
#pragma once
#include "base/diag.h"

typedef enum {
    DRIVE_DISK,  /* a virtio disk */
    DRIVE_FLASH, /* the second flash memory of the machine, of which the first has the firmware */
    DRIVE_SHARE, /* a folder that the guest mounts by 9p */
    DRIVE_PARTITION, /* a part of a disk with a table; its name is "DISK/N" */
    DRIVE_SERIAL,    /* a further serial port, of which what the guest prints is a file */
} DriveKind;

typedef enum {
    DRIVE_RAW,
    DRIVE_QCOW2,
    DRIVE_EXT4, /* from here on made of a folder */
    DRIVE_FAT,
    DRIVE_SQUASHFS,
    DRIVE_GPT, /* a table of partitions, which the drives after it are */
    DRIVE_MBR,
} DriveFormat;

/* As written in a gate file; ends with NULL. */
extern const char *const drive_formats[];

/* How a machine is given a disk. */
typedef enum {
    BUS_MACHINE, /* as the machine takes it (drive_bus) */
    BUS_PCI,     /* virtio-blk, on PCI or what the architecture has for it */
    BUS_MMIO,    /* virtio-blk on virtio-mmio */
    BUS_SD,      /* an SD card */
    BUS_MTD,     /* a flash memory on the board */
    BUS_NONE,    /* as a device of the key "qemu" says */
} DriveBus;

/* As written in a gate file; ends with NULL. */
extern const char *const drive_buses[];

/* The bus of a disk: the one that is given, else that of the machine; NULL: QEMU's default machine.
 */
DriveBus drive_bus(DriveBus given, const char *arch, const char *machine);

/* An MBR has room for four. */
#define PARTITIONS_MAX_MBR 4

/* virtio-blk has room for a serial number of that length (Virtual I/O Device, 5.2.6.3). */
#define DRIVE_NAME_MAX 20

/* No disk has such a name. */
#define DRIVE_FLASH_NAME "-flash"

/* Each is a descriptor of QEMU's, and few machines have more slots. */
#define DRIVES_MAX 16

/* Made images are kept in memory as far as they are written. */
#define DRIVE_SIZE_MAX (G_GUINT64_CONSTANT(1) << 40)

typedef struct {
    DriveKind kind;
    char *name; /* of the disk, which is its serial number; the tag of the share */
    DriveFormat format;
    DriveBus bus;
    guint64 size;      /* of an empty or made disk; 0: as large as its source or its files want */
    GPtrArray *source; /* of SourcePart, or NULL: empty */
    DiagSpan span;     /* the value */
    char *text;        /* the value as written in the gate file */
} GateDrive;

void gate_drive_free(GateDrive *drive);

/* The guest path of all of a disk or port. Free with g_free. */
char *gate_drive_whole(const GateDrive *drive);

/* Whether it has a table of partitions. */
gboolean gate_drive_is_table(const GateDrive *drive);

/* Whether the partition is one of the disk `name`; *ret_number counts from 1. */
gboolean gate_drive_is_part(const GateDrive *drive, const char *name, guint *ret_number);

/* Whether the format is made, rather than taken as it is. */
gboolean gate_drive_is_made(const GateDrive *drive);

/* The drive of `drives` (of GateDrive) that the guest path "/NAME/PATH" lies on: *ret_path is
 * "/PATH" within it, or "" for "/NAME.img", all of a disk, and "/NAME.log", all of a port. NULL if
 * there is none; flash memories have no paths. */
const GateDrive *gate_drive_find(const GPtrArray *drives, const char *guest_path,
                                 const char **ret_path);
