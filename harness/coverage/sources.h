/*
 * What an ELF file was made from, by its DWARF: which change of a file can be a change of the
 * program, and for which it is enough to know who ran the file's code.
 */
#pragma once
#include <glib.h>

typedef struct {
    /* Absolute path -> GINT_TO_POINTER: whether only those who run its code can tell that the file
     * changed. So it is for a source that is compiled by itself, in a language with types, and
     * whose variables no other source sees; a header has constants and types too, and an
     * assembler's data has no names. */
    GHashTable *files;
    char *producer; /* hash of the compilers and their options */
} Sources;

/* `root` as in coverage_new. NULL for no ELF file, and for one without DWARF. */
Sources *sources_read(GBytes *elf, const char *root);
void sources_free(Sources *sources);

/* The path of a source as DWARF has it: relative to the folder of the compilation (NULL: unknown)
 * or, where a prefix map has taken that away, to the root. Free with g_free. */
char *sources_path(const char *path, const char *folder, const char *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sources, sources_free)
