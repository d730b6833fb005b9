/* Folders of the host with input files, for tools and for QEMU to take them from. */
#pragma once
#include "gate/input_file.h"

/* The time of all that is made: 1980-01-01, the first day of FAT. */
#define STAGE_TIME 315532800

/*
 * Creates a folder with `files` (of InputFile), whatever time it is or mask is set. For a share,
 * what the guest is to see as owner, permissions and type stands beside each file, as QEMU's
 * security_model=mapped-file has it (QEMU, hw/9pfs/9p-local.c: VIRTFS_META_DIR). The path of the
 * folder, for fdio_remove_tree, or NULL and *error.
 */
char *stage_make(const GPtrArray *files, gboolean is_share, GError **error);

/* The folders that `files` lie in or are, each after the one that it lies in: of char *. */
GPtrArray *stage_folders(const GPtrArray *files);
