/* Why two files or folders differ. */
#pragma once
#include "differ/diff.h"

typedef struct {
    Diff *diff;    /* NULL: they are equal */
    gint64 offset; /* of the first byte that differs, for files; else -1 */
} TreeResult;

/* Compares two files by their contents, or two folders by names, kinds, permissions, targets of
 * links and contents. FALSE and *error when one cannot be read, or for a file and a folder, FIFOs
 * and devices. */
gboolean tree_compare(const char *path_a, const char *path_b, TreeResult *ret, GError **error);
