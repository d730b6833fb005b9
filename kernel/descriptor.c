#include "descriptor.h"
#include "heap.h"
#include "tmpfs.h"

/* The kernel is a user of these two, so that they are never freed. */
struct description description_null = {.users = 1, .reads = 1, .seeks = 1};
struct description description_console = {.users = 1, .writes = 1};

struct description *description_open(struct file *file, u32 flags) {
    struct description *description = heap_alloc(sizeof *description);
    if (!description) return NULL;
    description->users = 1;
    description->reads = !(flags & (O_WRONLY | O_PATH));
    description->writes = !(flags & O_PATH) && (((flags & O_ACCMODE) + 1) & 2);
    description->appends = (flags & O_APPEND) != 0;
    description->seeks = !(flags & O_PATH);
    description->file = file;
    description->offset = 0;
    file->users++;
    if (description->writes) file->writers++;
    return description;
}

void description_close(struct description *description) {
    struct file *file = description->file;
    if (--description->users > 0) return;
    if (description->writes) file->writers--;
    tmpfs_release(file);
    heap_free(description, sizeof *description);
}
