/* Differences of bytes without a format, and of an arm64 Image (Linux: Documentation/arch/arm64/
 * booting.rst, "Call the kernel image"). */
#pragma once
#include "differ/diff.h"

/* Truncation and padding: one side begins with the other, which is not empty. NULL if not. */
Diff *diff_prefix(const DiffSide *a, const DiffSide *b);

/* Bits, bytes, insertions, orders of bytes. Never NULL: the sides differ. */
Diff *diff_binary(const DiffSide *a, const DiffSide *b);

/* NULL if a side is no Image. */
Diff *diff_image(const DiffSide *a, const DiffSide *b);

/* Adds the offset, both sizes and rows of hex of both sides around `at`. */
void diff_add_bytes(Diff *diff, const DiffSide *a, const DiffSide *b);
