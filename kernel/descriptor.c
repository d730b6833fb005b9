#include "descriptor.h"
#include "heap.h"
#include "tmpfs.h"

/* The kernel is a user of these two, so that they are never freed. */
struct description description_null = {1, 0, NULL, 0};
struct description description_console = {1, O_WRONLY, NULL, 0};

struct description *description_open(struct file *file, u32 flags) {
    struct description *description = heap_alloc(sizeof *description);
    if (!description) return NULL;
    description->users = 1;
    description->flags = flags & (O_ACCMODE | O_APPEND);
    description->file = file;
    description->offset = 0;
    file->users++;
    if (flags & O_ACCMODE) file->writers++;
    return description;
}

void description_close(struct description *description) {
    struct file *file = description->file;
    if (--description->users > 0) return;
    if (description->flags & O_ACCMODE) file->writers--;
    tmpfs_release(file);
    heap_free(description, sizeof *description);
}
