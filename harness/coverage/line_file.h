/*
 * ELF files with the lines of programs that have none themselves, such as tools of the chain, whose
 * sources no compiler has seen. Such a file has the same code at the same addresses.
 */
#pragma once
#include <glib.h>

/* Reads such files: ELF files, and those in folders that end in ".elf". A list of GBytes, or NULL
 * and *error (HARNESS_ERROR_USAGE) for what cannot be read or is no ELF file. */
GPtrArray *line_files_load(const char *const *paths, GError **error);

/* Whether `program` has the code of the line file, all of it. */
gboolean line_file_is_of(GBytes *line_file, GBytes *program);
