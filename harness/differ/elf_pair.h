/* Two ELF files, and what can differ in them, each as a function that gives a cause or NULL. */
#pragma once
#include "differ/elf_file.h"

typedef struct {
    const DiffSide *side_a, *side_b;
    const ElfFile *a, *b;
    gboolean is_shifted; /* sections or functions have other addresses or sizes: addresses in code
                            and data differ for that alone */
} ElfPair;

/* elf_header.c: the header of the file, program headers, the rest of both. */
/* Where all behind the header is equal: its field, also of a file that libelf refuses. */
Diff *elf_diff_header_only(const DiffSide *a, const DiffSide *b);
Diff *elf_diff_header(const ElfPair *pair);
Diff *elf_diff_segments(const ElfPair *pair);
Diff *elf_diff_layout(const ElfPair *pair);

/* elf_section.c: which sections there are, their attributes, their order. */
Diff *elf_diff_section_set(const ElfPair *pair);
Diff *elf_diff_section_headers(const ElfPair *pair);

/* elf_symbol.c: which symbols there are; what they are; relocations. */
Diff *elf_diff_symbol_set(const ElfPair *pair);
/* Libraries, paths and the own name of a linked file. */
Diff *elf_diff_dynamic(const ElfPair *pair);
Diff *elf_diff_symbols(const ElfPair *pair);
Diff *elf_diff_relocations(const ElfPair *pair);
Diff *elf_diff_debug_relocations(const ElfPair *pair);
Diff *elf_diff_files(const ElfPair *pair);

/* elf_code.c: instructions; those that differ but for addresses, and any. */
Diff *elf_diff_code(const ElfPair *pair);
Diff *elf_diff_code_addresses(const ElfPair *pair);

/* elf_data.c: the compilers and their options; data; what others follow from; debug information. */
Diff *elf_diff_tool(const ElfPair *pair);
Diff *elf_diff_data(const ElfPair *pair);
Diff *elf_diff_debug(const ElfPair *pair);
Diff *elf_diff_other_sections(const ElfPair *pair);
