/*
 * A golden file: the expected hashes of a gate's outputs, in the format of `sha256sum -c`
 * (GNU coreutils manual, 6.6), so that it can be checked without the harness:
 *
 *     cd build/out/boot0 && sha256sum -c ../../../golden/boot0.sha256
 *
 * Each line is 64 lower-case hex digits, two blanks, CASE/PATH.
 */
#pragma once
#include "base/diag.h"

typedef struct {
    GHashTable *hashes; /* "CASE/PATH" -> hash, both owned */
} Golden;

Golden *golden_new(void);
void golden_free(Golden *golden);

/* Parses a golden file; NULL and *error, with a caret for each invalid line and duplicate name. */
Golden *golden_parse(const DiagFile *file, GError **error);

/* Reads `path`; a missing file gives no hashes. */
Golden *golden_load(const char *path, GError **error);

/* The hash of a case's output ("/PATH"), or NULL. */
const char *golden_get(const Golden *golden, const char *case_name, const char *guest_path);

/* Replaces the whole file atomically, sorted by name. */
gboolean golden_save(const Golden *golden, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Golden, golden_free)
