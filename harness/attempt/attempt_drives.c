#include "attempt/attempt_drives.h"
#include "attempt/attempt_files.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Bytes read of a file at a time. */
#define COPY_BYTES ((gsize)256 << 10)

static void drive_free(gpointer drive) { guest_drive_free(drive); }

static gboolean has_dialog(const AttemptState *attempt, const GateDrive *drive) {
    const GPtrArray *talks = attempt->public.subject.gate_case->talks;
    for (guint i = 0; drive->kind == DRIVE_SERIAL && i < talks->len; i++)
        if (strcmp(((const GateTalk *)talks->pdata[i])->port, drive->name) == 0) return TRUE;
    return FALSE;
}

gboolean attempt_drives_make(AttemptState *attempt, GError **error) {
    const GPtrArray *inputs = attempt->public.inputs->drives;
    if (!inputs) return TRUE;
    attempt->drives = g_ptr_array_new_with_free_func(drive_free);
    for (guint i = 0; i < inputs->len; i++) {
        const InputDrive *input = inputs->pdata[i];
        GuestDrive *drive = guest_drive_new(input, has_dialog(attempt, input->drive), error);
        if (!drive) return FALSE;
        g_ptr_array_add(attempt->drives, drive);
    }
    return guest_drives_join(attempt->drives, error);
}

/* Passes the bytes of `fd` on. FALSE if it cannot be read, with errno. */
static gboolean copy(AttemptState *attempt, int fd, const char *guest_path) {
    g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
    off_t at = 0;
    ssize_t got;
    attempt_files_begin(attempt, guest_path, TRUE);
    while ((got = pread(fd, buffer, COPY_BYTES, at)) > 0) {
        attempt_files_data(attempt, buffer, (gsize)got);
        at += got;
    }
    if (got == 0) attempt_files_end(attempt, guest_path, (guint64)at);
    return got == 0;
}

static void read_file(AttemptState *attempt, const char *guest_path) {
    const char *path;
    g_autoptr(GError) error = NULL;
    const GateDrive *gate_drive =
        gate_drive_find(attempt->public.subject.gate_case->drives, guest_path, &path);
    if (event_log_find_file(attempt->public.log, guest_path)) return;
    for (guint i = 0; gate_drive && i < attempt->drives->len; i++) {
        const GuestDrive *drive = attempt->drives->pdata[i];
        if (strcmp(drive->drive->name, gate_drive->name) != 0) continue;
        int fd = guest_drive_read(drive, path, &error);
        if (fd >= 0 && !copy(attempt, fd, guest_path))
            error_set_errno(&error, errno, "%s", guest_path);
        fdio_clear(&fd);
        if (error) attempt_guest_event(attempt, EVENT_BAD, error->message);
    }
}

void attempt_drives_read(AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    /* A guest that never ran has left nothing. */
    if (!attempt->drives || !attempt->continued) return;
    for (guint i = 0; i < c->expects->len; i++)
        read_file(attempt, ((const GateExpect *)c->expects->pdata[i])->guest_path);
    for (char **path = c->takes; path && *path; path++)
        read_file(attempt, *path);
    for (guint i = 0; i < c->drives->len; i++) {
        const GateDrive *drive = c->drives->pdata[i];
        g_autofree char *path = gate_drive_whole(drive);
        if (drive->kind == DRIVE_SERIAL) read_file(attempt, path);
    }
}
