#include "gate/drive.h"
#include <string.h>

/* What follows the name in the path of all of a drive; NULL if there is no such path. */
static const char *const wholes[] = {[DRIVE_DISK] = ".img", [DRIVE_SERIAL] = ".log"};

const char *const drive_formats[] = {"raw", "qcow2", "ext4", "fat", "squashfs", NULL};

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
        if (**ret_path == '/' && drive->kind != DRIVE_SERIAL) return drive;
        if (!wholes[drive->kind] || strcmp(*ret_path, wholes[drive->kind]) != 0) continue;
        *ret_path = "";
        return drive;
    }
    return NULL;
}
