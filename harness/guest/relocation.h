/* Where a kernel runs that does not run where it was linked (KASLR, or firmware that moves). */
#pragma once
#include <glib.h>

/* Kernels are moved by whole pages, Linux by 2 MiB (Documentation/arm64/booting.rst,
 * Documentation/x86/boot.rst: kernel_alignment). */
#define RELOCATION_ALIGN 4096

/* Shorter code stands in several places. */
#define RELOCATION_CODE_MIN 32

/*
 * Finds the `length` bytes `code`, which the guest has at `address`, in the executable segments of
 * the ELF image `elf`: *ret_offset is how far above its link address the image runs, 0 if it does
 * not move. FALSE if they are nowhere, or in several places that would give different offsets, or
 * the image is invalid.
 */
gboolean relocation_find(GBytes *elf, guint64 address, const guint8 *code, gsize length,
                         guint64 *ret_offset);
