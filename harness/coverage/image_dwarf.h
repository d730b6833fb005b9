/* The part of image.h that asks libdw and libelf. */
#pragma once
#include "coverage/image.h"
#include <libelf.h>

/* Adds rows and entries by the DWARF of `elf`; none if it has none. */
void image_dwarf_read(Image *image, Elf *elf, Coverage *coverage);

/* Adds entries by the symbol table: the functions that DWARF does not know, such as those written
 * in assembly. Of a file without lines they go to a list of functions that only reports have. */
void image_symbols_read(Image *image, Elf *elf, Coverage *coverage);
