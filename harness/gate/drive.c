#include "gate/drive.h"
#include <string.h>

/* After its name: all of a disk. */
#define WHOLE ".img"

const char *const drive_formats[] = {"raw", "qcow2", "ext4", "fat", "squashfs", NULL};

void gate_drive_free(GateDrive *drive) {
    g_free(drive->name);
    g_free(drive->text);
    g_clear_pointer(&drive->source, g_ptr_array_unref);
    g_free(drive);
}

gboolean gate_drive_is_made(const GateDrive *drive) {
    return drive->kind == DRIVE_DISK && drive->format >= DRIVE_EXT4;
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
        if (**ret_path == '/') return drive;
        if (strcmp(*ret_path, WHOLE) != 0 || drive->kind != DRIVE_DISK) continue;
        *ret_path = "";
        return drive;
    }
    return NULL;
}
