/* An Image from an ELF file. */
#pragma once
#include "coverage/image.h"

/*
 * Reads an ELF file and adds its files, lines and functions to `coverage`, none of which have run.
 * `name` is that of the program. NULL if it is no ELF file of a program with fixed addresses, or
 * has neither lines nor functions.
 */
Image *image_new(GBytes *elf, const char *name, Coverage *coverage);

/* The executable segments of a program with fixed addresses (of ImageText, which point into
 * `elf`); empty for anything else. */
GArray *image_text_read(GBytes *elf);
