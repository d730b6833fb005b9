/*
 * Which files of the host a gate may read: those of the project, below the targets of its folders
 * fixtures and build, and below the outputs of its cases. A gate may come from a stranger, and a
 * symbolic link must not lead it to other files.
 */
#pragma once
#include <glib.h>

typedef struct _ProjectFiles ProjectFiles;

/* `out_root` is the folder of the outputs, or NULL. */
ProjectFiles *project_files_new(const char *root, const char *out_root);
void project_files_free(ProjectFiles *files);

/* Whether `path`, with links followed, is one of these; a missing file is. */
gboolean project_files_has(ProjectFiles *files, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProjectFiles, project_files_free)
