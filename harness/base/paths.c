#include "base/paths.h"
#include "base/cpio.h"
#include <string.h>

/* The file systems of the host: ext4, xfs, btrfs and tmpfs all end a component at 255 bytes. */
#define COMPONENT_MAX 255

const char *path_check_relative(const char *path) {
    if (!*path) return "is empty";
    if (*path == '/') return "must be relative";
    for (const char *at = path;; at++) {
        gsize length = strcspn(at, "/");
        if (length == 0) return "has an empty component";
        if (length == 1 && at[0] == '.') return "has a component \".\"";
        if (length == 2 && at[0] == '.' && at[1] == '.') return "has a component \"..\"";
        if (length > COMPONENT_MAX) return "has a component of more than 255 bytes";
        at += length;
        if (!*at) return NULL;
    }
}

const char *path_check_guest(const char *path) {
    if (*path != '/') return "must begin with a slash";
    if (strlen(path) > GUEST_PATH_MAX) return "has more than 255 bytes";
    return path_check_relative(path + 1);
}

const char *path_check_input(const char *path) {
    static const char own[] = "/" GUEST_OWN_FOLDER;
    const char *why = path_check_guest(path);
    if (why) return why;
    if (strcmp(path + 1, CPIO_TRAILER) == 0) return "is the name of the trailer of an archive";
    gboolean is_own = g_str_has_prefix(path, own) && strchr("/", path[sizeof own - 1]);
    return is_own ? "lies in /" GUEST_OWN_FOLDER ", which is reserved for the driver linux" : NULL;
}

gboolean path_is_name(const char *name) {
    if (!g_ascii_isalnum(*name)) return FALSE;
    for (; *name; name++)
        if (!g_ascii_isalnum(*name) && !strchr("-_.", *name)) return FALSE;
    return TRUE;
}
