#include "transfer.h"
#include "cstring.h"
#include "disk.h"
#include "frames.h"
#include "machine.h"
#include "newc.h"
#include "tmpfs.h"

/* Requests of this size cost QEMU little more than the copying. */
#define REQUEST_SIZE 0x100000ul

static struct disk input, output;
static int has_output;

/* What waits to be written: less than a request, in memory of its own so that it is there when
 * there is no other memory left. */
static u8 *pending;
static u64 pending_size, next_sector;
static const char *failure;

static void open_disk(paddr transport) {
    void *page = frames_take(PAGE_SIZE);
    struct disk disk;
    if (!page) panic("no memory for a disk", transport);
    memset(page, 0, PAGE_SIZE);
    const char *error = disk_open(&disk, transport, page);
    if (error) panic(error, transport);
    if (cstring_same(disk.serial, "seed-in")) {
        input = disk;
    } else if (cstring_same(disk.serial, "seed-out")) {
        output = disk;
        pending = frames_take(REQUEST_SIZE);
        has_output = pending != NULL;
        if (!pending) panic("no memory for a disk", transport);
    } else {
        disk_close(&disk);
    }
}

void transfer_open(const struct board *board) {
    u32 n;
    for (n = 0; n < board->virtio_count; n++)
        if (board->virtio[n] < DEVICE_SIZE && disk_is_at(board->virtio[n]))
            open_disk(board->virtio[n]);
}

struct range transfer_in(void) {
    u64 size = input.sectors * SECTOR_SIZE, done, piece;
    if (size == 0) return (struct range){0, 0};
    u8 *memory = frames_take(size);
    if (!memory) panic("seed-in does not fit into memory; its size is", size);
    for (done = 0; done < size; done += piece) {
        piece = size - done < REQUEST_SIZE ? size - done : REQUEST_SIZE;
        const char *error =
            disk_request(&input, DISK_READ, done / SECTOR_SIZE, memory + done, piece);
        if (error) panic(error, done);
    }
    return (struct range){(paddr)memory, (paddr)memory + size};
}

/* Writes what is pending, whole sectors. After a failure nothing is written any more. */
static void flush(void) {
    u64 sectors = pending_size / SECTOR_SIZE;
    if (failure || sectors == 0) return;
    if (sectors > output.sectors - next_sector)
        failure = "seed-out is too small for the files";
    else
        failure = disk_request(&output, DISK_WRITE, next_sector, pending, pending_size);
    next_sector += sectors;
    pending_size = 0;
}

/* Adds bytes to the archive. */
static void add(const void *from, u64 size) {
    u64 piece, done;
    for (done = 0; !failure && done < size; done += piece) {
        piece = size - done;
        if (piece > REQUEST_SIZE - pending_size) piece = REQUEST_SIZE - pending_size;
        memcpy(pending + pending_size, (const u8 *)from + done, piece);
        pending_size += piece;
        if (pending_size == REQUEST_SIZE) flush();
    }
}

/* The header and name of an entry; data and padding follow. */
static void add_name(const char *name, u32 length, u32 inode, u64 size, int is_file) {
    u8 header[NEWC_HEADER_SIZE];
    u64 end = NEWC_HEADER_SIZE + length + 1;
    newc_header(header, inode, length + 1, (u32)size, is_file);
    add(header, sizeof header);
    add(name, length + 1);
    add(zero_page, NEWC_ALIGN(end) - end);
}

static void add_file(const struct file *file, u32 inode) {
    u64 offset, piece;
    add_name(file->path, file->path_length, inode, file->size, 1);
    for (offset = 0; !failure && offset < file->size; offset += piece) {
        const u8 *bytes = file_bytes(file, offset, &piece);
        add(bytes, piece);
    }
    add(zero_page, NEWC_ALIGN(file->size) - file->size);
}

const char *transfer_out(void) {
    const struct file *file;
    u32 inode = 1;
    if (!has_output) return NULL;
    has_output = 0; /* a panic meanwhile does not begin again */
    for (file = tmpfs_first(); !failure && file; file = file->newer)
        add_file(file, inode++);
    add_name(NEWC_TRAILER, NEWC_TRAILER_SIZE - 1, 0, 0, 0);
    add(zero_page, (SECTOR_SIZE - pending_size % SECTOR_SIZE) % SECTOR_SIZE);
    flush();
    return failure;
}
