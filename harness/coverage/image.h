/*
 * An ELF file whose code may run in a guest: its instructions, and where they belong in a Coverage:
 * lines and functions by DWARF (libdw), or functions by the symbol table alone.
 */
#pragma once
#include "coverage/coverage.h"

/* Instructions from `begin` up to `end` belong to a line. */
typedef struct {
    guint64 begin, end;
    CoverageLine *line;
} ImageRow;

/* A function is entered with an instruction from `begin` up to `end`: its first one, or any of an
 * inlined copy. */
typedef struct {
    guint64 begin, end;
    CoverageFunction *function;
} ImageEntry;

/* A conditional jump at `address`. */
typedef struct {
    guint64 address, target;
    CoverageBranch *branch;
    gboolean only_by_passing; /* nothing jumps to the instruction behind it */
    gboolean only_by_taking;  /* nothing else leads to its target */
} ImageBranch;

/* An executable segment. */
typedef struct {
    guint64 begin;
    const guint8 *bytes;
    gsize size;
} ImageText;

typedef struct {
    char *name; /* of the program, for people */
    GBytes *elf;
    GArray *text;     /* of ImageText */
    GArray *rows;     /* of ImageRow, by address */
    GArray *entries;  /* of ImageEntry */
    GArray *branches; /* of ImageBranch */
} Image;

void image_free(Image *image);

/* The `size` bytes of segments (of ImageText) at `address`, or NULL. */
const guint8 *image_text_bytes(const GArray *text, guint64 address, gsize size);

/* The `size` bytes that the file has at `address`, or NULL. */
const guint8 *image_bytes(const Image *image, guint64 address, gsize size);

/* The row of an address, or NULL. */
const ImageRow *image_row(const Image *image, guint64 address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Image, image_free)
