/* An ELF file by libelf: its sections and symbols as arrays, in either class and byte order. */
#pragma once
#include "differ/diff.h"
#include "differ/disasm.h"
#include <gelf.h>

typedef struct {
    const char *name; /* within the file; "" if unknown */
    guint occurrence; /* how many sections before it have its name */
    guint index;      /* in the table */
    GElf_Shdr header;
    DiffSide content; /* empty for those without bytes in the file */
} ElfSection;

typedef struct {
    const char *name;
    guint occurrence;
    guint index; /* in the table */
    GElf_Sym symbol;
    const char *section; /* where it is; "" for none, "ABS", "COMMON", "UNDEF" */
} ElfSymbol;

typedef struct {
    const DiffSide *side;
    Elf *elf;
    GElf_Ehdr header;
    GPtrArray *sections;    /* of ElfSection, by their index */
    GPtrArray *symbols;     /* of ElfSymbol, by their index: .symtab, or else .dynsym */
    GPtrArray *functions;   /* of ElfSymbol: those with a size, by address */
    GHashTable *by_section; /* "OCCURRENCE NAME" -> ElfSection */
    GHashTable *by_symbol; /* "OCCURRENCE NAME" -> ElfSymbol, but for those of sections and files */
    guint64 low, high;     /* the addresses of what is loaded */
} ElfFile;

/* NULL if libelf does not read it. Everything points into `side`. */
ElfFile *elf_file_open(const DiffSide *side);
void elf_file_free(ElfFile *file);

/* The section, or symbol, of the other file that has the same name; or NULL. */
ElfSection *elf_file_section(const ElfFile *file, const ElfSection *like);
ElfSymbol *elf_file_symbol(const ElfFile *file, const ElfSymbol *like);

/* Symbols of sections and files, and those that assemblers make for themselves ($x, .L1). */
gboolean elf_symbol_is_made(const ElfSymbol *symbol);

/* The function or object of the section that covers `address` (an offset in a relocatable file), or
 * NULL. */
const ElfSymbol *elf_file_covering(const ElfFile *file, guint section, guint64 address);

gboolean elf_file_is_linked(const ElfFile *file);
DisasmMachine elf_file_machine(const ElfFile *file);

/* "AArch64"; NULL if it has no name here. */
const char *elf_machine_name(guint machine);
const char *elf_section_type_name(guint type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ElfFile, elf_file_free)
