/* The sources of a project as they are now: what lies in a folder, and its hashes. */
#pragma once
#include <glib.h>

typedef struct _SourceFiles SourceFiles;

SourceFiles *source_files_new(const char *root);
void source_files_free(SourceFiles *files);

/* The path below the root, a pointer into `path`; NULL for a file elsewhere. */
const char *source_files_below(const SourceFiles *files, const char *path);

/* What lies in a folder (below the root, "" for the root itself) and can go into a program: regular
 * files but notes (*.md), by paths below the root. Empty if there is no such folder. */
const GPtrArray *source_files_in(SourceFiles *files, const char *folder);

/* The hash of a file below the root; NULL if it cannot be read. */
const char *source_files_hash(SourceFiles *files, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceFiles, source_files_free)
