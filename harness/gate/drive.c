#include "gate/drive.h"
#include <string.h>

/* What follows the name in the path of all of a drive; NULL if there is no such path. */
static const char *const wholes[] = {[DRIVE_DISK] = ".img", [DRIVE_SERIAL] = ".log"};
G_STATIC_ASSERT(G_N_ELEMENTS(wholes) == DRIVE_SERIAL + 1);

const char *const drive_formats[] = {"raw", "qcow2", "ext4", "fat", "squashfs", "gpt", "mbr", NULL};

const char *const drive_buses[] = {"machine", "pci", "mmio", "sd", "mtd", "none", NULL};

/* Machines of QEMU without PCI, or that boot from another place. */
static const struct {
    const char *arch, *prefix; /* arch NULL: any */
    DriveBus bus;
} boards[] = {
    {NULL, "microvm", BUS_MMIO},   {"m68k", "virt", BUS_MMIO},   {"or1k", "virt", BUS_MMIO},
    {NULL, "vexpress-", BUS_MMIO}, {NULL, "raspi", BUS_SD},      {NULL, "sifive_u", BUS_SD},
    {NULL, "orangepi-pc", BUS_SD}, {NULL, "cubieboard", BUS_SD}, {NULL, "bpim2u", BUS_SD}};

DriveBus drive_bus(DriveBus given, const char *arch, const char *machine) {
    if (given != BUS_MACHINE) return given;
    for (guint i = 0; machine && i < G_N_ELEMENTS(boards); i++)
        if ((!boards[i].arch || strcmp(boards[i].arch, arch) == 0) &&
            g_str_has_prefix(machine, boards[i].prefix))
            return boards[i].bus;
    return BUS_PCI;
}

void gate_drive_free(GateDrive *drive) {
    g_free(drive->name);
    g_free(drive->text);
    g_clear_pointer(&drive->source, g_ptr_array_unref);
    g_free(drive);
}

char *gate_drive_whole(const GateDrive *drive) {
    return g_strconcat("/", drive->name, wholes[drive->kind], NULL);
}

gboolean gate_drive_is_made(const GateDrive *drive) {
    return (drive->kind == DRIVE_DISK || drive->kind == DRIVE_PARTITION) &&
           drive->format >= DRIVE_EXT4;
}

gboolean gate_drive_is_table(const GateDrive *drive) {
    return drive->kind == DRIVE_DISK && (drive->format == DRIVE_GPT || drive->format == DRIVE_MBR);
}

gboolean gate_drive_is_part(const GateDrive *drive, const char *name, guint *ret_number) {
    gsize length = strlen(name);
    if (drive->kind != DRIVE_PARTITION || strncmp(drive->name, name, length) != 0 ||
        drive->name[length] != '/')
        return FALSE;
    *ret_number = (guint)g_ascii_strtoull(drive->name + length + 1, NULL, 10);
    return TRUE;
}

const GateDrive *gate_drive_find(const GPtrArray *drives, const char *guest_path,
                                 const char **ret_path) {
    for (guint i = 0; i < drives->len; i++) {
        const GateDrive *drive = drives->pdata[i];
        gsize length = strlen(drive->name);
        if (drive->kind == DRIVE_FLASH || *guest_path != '/' ||
            strncmp(guest_path + 1, drive->name, length) != 0)
            continue;
        *ret_path = guest_path + 1 + length;
        if (**ret_path == '/' && drive->kind != DRIVE_SERIAL && !gate_drive_is_table(drive))
            return drive;
        if (!wholes[drive->kind] || strcmp(*ret_path, wholes[drive->kind]) != 0) continue;
        *ret_path = "";
        return drive;
    }
    return NULL;
}
