/* A file that a guest has at its start, or must leave: its path, type and bytes. */
#pragma once
#include "base/file_stamp.h"

typedef struct {
    char *guest_path;
    guint32 mode;         /* type and permissions, as of stat(2) */
    GBytes *content;      /* of a link its target; of folders and device nodes empty */
    guint32 major, minor; /* of a device node */
    FileStamp stamp;      /* of the host file that is all of it, or FILE_STAMP_NONE */
} InputFile;

/* What a regular file of the guest may do where its source does not tell. */
#define INPUT_FILE_MODE (S_IFREG | 0755)

/* Creates a list of InputFile. */
GPtrArray *input_files(void);

/* Appends a regular file, taking `content`, or one like `file` with a copy of its path and its
 * content taken; valid until the next is added. */
InputFile *input_files_add(GPtrArray *files, const char *guest_path, GBytes *content);
InputFile *input_files_add_like(GPtrArray *files, const char *guest_path, const InputFile *file);

/* The content of the file `guest_path`, or NULL. */
GBytes *input_files_find(const GPtrArray *files, const char *guest_path);
