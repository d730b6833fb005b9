/* Differences of ELF files: header, program headers, sections, symbols, relocations, instructions,
 * data. */
#pragma once
#include "differ/diff.h"

/* NULL unless libelf reads both sides. */
Diff *diff_elf(const DiffSide *a, const DiffSide *b);
