#define _GNU_SOURCE /* O_PATH */
#include "guest/drive.h"
#include "base/error.h"
#include "base/fdio.h"
#include "gate/qemu_option.h"
#include "guest/image.h"
#include "guest/partitions.h"
#include "guest/stage.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Zeros are not written, so that they take no memory. */
#define BLOCK_BYTES 4096

static gboolean write_sparse(int fd, GBytes *content, GError **error) {
    static const guint8 zeros[BLOCK_BYTES];
    gsize size;
    const guint8 *data = g_bytes_get_data(content, &size);
    if (ftruncate(fd, (off_t)size) != 0) return error_set_errno(error, errno, "ftruncate");
    for (gsize at = 0; at < size; at += BLOCK_BYTES) {
        gsize length = MIN(size - at, BLOCK_BYTES);
        if (memcmp(data + at, zeros, length) == 0) continue;
        if (lseek(fd, (off_t)at, SEEK_SET) < 0 || !fdio_write(fd, data + at, length, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean fill(GuestDrive *drive, const InputDrive *input, GError **error) {
    const GateDrive *gate_drive = input->drive;
    if (gate_drive_is_table(gate_drive)) return TRUE; /* its partitions come later */
    if (gate_drive_is_made(gate_drive))
        return image_make(drive->fd, gate_drive->name, gate_drive->format, gate_drive->size,
                          input->files, error);
    if (input->files->len > 0)
        return write_sparse(drive->fd, ((const InputFile *)input->files->pdata[0])->content, error);
    return ftruncate(drive->fd, (off_t)gate_drive->size) == 0 ||
           error_set_errno(error, errno, "ftruncate");
}

/* QEMU holds the other end, so that ours ends with it. */
static gboolean connect_port(GuestDrive *drive, GError **error) {
    int both[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both) != 0)
        return error_set_errno(error, errno, "socketpair");
    drive->talk_fd = both[0];
    drive->qemu_fd = both[1];
    return TRUE;
}

GuestDrive *guest_drive_new(const InputDrive *input, gboolean is_talked, GError **error) {
    g_autoptr(GuestDrive) drive = g_new0(GuestDrive, 1);
    *drive =
        (GuestDrive){.drive = input->drive, .fd = -1, .talk_fd = -1, .qemu_fd = -1, .disk_fd = -1};
    if (input->drive->kind == DRIVE_SHARE) {
        drive->folder = stage_make(input->files, TRUE, error);
        return drive->folder ? g_steal_pointer(&drive) : NULL;
    }
    drive->fd = fdio_memfd(input->drive->name, error);
    if (drive->fd >= 0 && fill(drive, input, error) && (!is_talked || connect_port(drive, error)))
        return g_steal_pointer(&drive);
    g_prefix_error(error,
                   input->drive->kind == DRIVE_PARTITION ? "cannot make the partition \"%s\": "
                                                         : "cannot make the disk \"%s\": ",
                   input->drive->name);
    return NULL;
}

void guest_drive_free(GuestDrive *drive) {
    if (drive->folder) (void)fdio_remove_tree(drive->folder, NULL);
    fdio_clear(&drive->fd);
    fdio_clear(&drive->talk_fd);
    fdio_clear(&drive->qemu_fd);
    g_free(drive->folder);
    g_free(drive);
}

static gboolean join(GuestDrive *disk, const GPtrArray *drives, GError **error) {
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Partition));
    for (guint i = 0; i < drives->len; i++) {
        GuestDrive *part = drives->pdata[i];
        if (!gate_drive_is_part(part->drive, disk->drive->name, &part->number)) continue;
        const Partition partition = {part->fd, part->drive->format};
        g_array_append_val(parts, partition);
        part->disk_fd = disk->fd;
    }
    return partitions_make(disk->fd, disk->drive->name, disk->drive->format, parts, error);
}

gboolean guest_drives_join(const GPtrArray *drives, GError **error) {
    for (guint i = 0; i < drives->len; i++) {
        GuestDrive *disk = drives->pdata[i];
        if (gate_drive_is_table(disk->drive) && !join(disk, drives, error)) return FALSE;
    }
    return TRUE;
}

/* A file of a partition, by the table that the guest left. */
static int read_partition(int disk_fd, const char *name, guint number, const char *path,
                          GError **error) {
    int fd = partitions_read(disk_fd, name, number, error);
    int file = fd >= 0 ? image_read(fd, name, path, error) : -1;
    fdio_clear(&fd);
    return file;
}

/* A file of a disk, "/PATH"; of one that is given with a table, "/N/PATH". */
static int read_disk(const GuestDrive *disk, const char *path, GError **error) {
    char *end;
    guint64 number = g_ascii_strtoull(path + 1, &end, 10);
    if (image_has_files(disk->fd) || number == 0 || number > G_MAXINT || *end != '/')
        return image_read(disk->fd, disk->drive->name, path, error);
    return read_partition(disk->fd, disk->drive->name, (guint)number, end, error);
}

int guest_drive_fd(const GuestDrive *drive) {
    if (drive->drive->kind == DRIVE_PARTITION) return -1;
    return drive->qemu_fd >= 0 ? drive->qemu_fd : drive->fd;
}

void guest_drive_started(GuestDrive *drive) { fdio_clear(&drive->qemu_fd); }

/* A guest may have left links where the path leads: none is followed. */
static int open_below(const char *folder, const char *path, GError **error) {
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_auto(GStrv) names = g_strsplit(path + 1, "/", -1);
    for (char **name = names; *name && fd >= 0; name++) {
        int next = openat(fd, *name,
                          (name[1] ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK) | O_NOFOLLOW |
                              O_CLOEXEC);
        int saved = errno;
        fdio_clear(&fd);
        errno = saved;
        fd = next;
    }
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) return fd;
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENXIO)
        error_set_errno(error, errno, "%s%s", folder, path);
    fdio_clear(&fd);
    return -1;
}

int guest_drive_read(const GuestDrive *drive, const char *path, GError **error) {
    if (drive->folder) return open_below(drive->folder, path, error);
    if (drive->drive->kind == DRIVE_PARTITION)
        return read_partition(drive->disk_fd, drive->drive->name, drive->number, path, error);
    if (*path) return read_disk(drive, path, error);
    int fd = fcntl(drive->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) error_set_errno(error, errno, "the disk \"%s\"", drive->drive->name);
    return fd;
}

static void add(GStrvBuilder *argv, const char *option, char *value) {
    g_autofree char *taken = value;
    g_strv_builder_add_many(argv, option, taken, NULL);
}

/* No backing file: an image must not lead QEMU to another file. */
#define QCOW2_OPTIONS                                                                        \
    "{\"driver\":\"qcow2\",\"backing\":null,\"node-name\":\"disk-%s\",\"file\":{\"driver\":" \
    "\"file\",\"locking\":\"off\",\"filename\":\"/proc/self/fd/%d\"}}"
#define RAW_OPTIONS \
    "driver=raw,node-name=%s%s,file.driver=file,file.locking=off,file.filename=/proc/self/fd/%d"

/* A board takes its own disks by -drive alone. */
#define BOARD_OPTIONS \
    "if=%s,format=%s,file.driver=file,file.locking=off,file.filename=/proc/self/fd/%d"

static void append_disk(const GateDrive *disk, DriveBus bus, int child_fd, GStrvBuilder *argv) {
    const char *name = disk->name;
    if (bus == BUS_SD || bus == BUS_MTD) {
        add(argv, "-drive",
            g_strdup_printf(BOARD_OPTIONS, drive_buses[bus],
                            disk->format == DRIVE_QCOW2 ? "qcow2" : "raw", child_fd));
        return;
    }
    add(argv, "-blockdev",
        disk->format == DRIVE_QCOW2 ? g_strdup_printf(QCOW2_OPTIONS, name, child_fd)
                                    : g_strdup_printf(RAW_OPTIONS, "disk-", name, child_fd));
    if (bus != BUS_NONE)
        add(argv, "-device",
            g_strdup_printf("%s,drive=disk-%s,serial=%s",
                            bus == BUS_MMIO ? "virtio-blk-device" : "virtio-blk", name, name));
}

const char *guest_drive_hint(const char *said) {
    if (strstr(said, "No 'PCI' bus found for device 'virtio-blk"))
        return "; this machine has no PCI: write \"disk NAME = on mmio ...\", on sd or on mtd";
    if (strstr(said, "No 'virtio-bus' bus found for device 'virtio-blk"))
        return "; this machine has no virtio-mmio: write \"disk NAME = on pci ...\", on sd or on "
               "mtd";
    if (strstr(said, "machine type does not support if="))
        return "; this board has no such place for a disk: write \"disk NAME = on pci ...\" or on "
               "mmio";
    return "";
}

void guest_drive_append(const GuestDrive *drive, int child_fd, const char *arch,
                        const char *machine, GStrvBuilder *argv) {
    const char *name = drive->drive->name;
    switch (drive->drive->kind) {
    case DRIVE_SHARE: {
        g_autofree char *folder = qemu_option_escape(drive->folder);
        /* What the guest makes of its files is kept beside them: no device, and no file of root,
         * comes to be on the host. */
        add(argv, "-fsdev",
            g_strdup_printf("local,id=share-%s,path=%s,security_model=mapped-file", name, folder));
        add(argv, "-device", g_strdup_printf("virtio-9p,fsdev=share-%s,mount_tag=%s", name, name));
        break;
    }
    case DRIVE_FLASH:
        add(argv, "-blockdev", g_strdup_printf(RAW_OPTIONS, "variables", "", child_fd));
        add(argv, "-machine", g_strdup("pflash1=variables"));
        break;
    case DRIVE_SERIAL:
        add(argv, "-chardev",
            g_strdup_printf(drive->talk_fd >= 0 ? "socket,id=serial-%s,fd=%d"
                                                : "file,id=serial-%s,path=/proc/self/fd/%d",
                            name, child_fd));
        add(argv, "-serial", g_strdup_printf("chardev:serial-%s", name));
        break;
    case DRIVE_DISK:
        append_disk(drive->drive, drive_bus(drive->drive->bus, arch, machine), child_fd, argv);
        break;
    case DRIVE_PARTITION: break;
    }
}
