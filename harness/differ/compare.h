/* Why two contents differ, in the words of their format: archives, ELF, Image, text, bytes. */
#pragma once
#include "differ/diff.h"

/* NULL when they are equal; else the cause and lines that show it, the first differing byte among
 * them. */
Diff *compare_contents(const DiffSide *a, const DiffSide *b, guint depth);
