#include "differ/diff_elf.h"
#include "differ/elf_pair.h"

/* Causes after the first that are shown. */
#define ALSO_MAX 4

/* What causes others stands before them: a compiler changes code, a symbol that was added moves
 * others, and an address that moved changes instructions that name it. The name of the source and
 * debug information cause nothing. */
static Diff *(*const checks[])(const ElfPair *pair) = {
    elf_diff_header,         elf_diff_tool,       elf_diff_dynamic,
    elf_diff_section_set,    elf_diff_symbol_set, elf_diff_section_headers,
    elf_diff_segments,       elf_diff_code,       elf_diff_data,
    elf_diff_relocations,    elf_diff_symbols,    elf_diff_code_addresses,
    elf_diff_debug,          elf_diff_files,      elf_diff_debug_relocations,
    elf_diff_other_sections, elf_diff_layout};

static gboolean is_shifted(const ElfFile *a, const ElfFile *b) {
    for (guint i = 0; i < a->sections->len; i++) {
        const ElfSection *one = a->sections->pdata[i];
        const ElfSection *other = elf_file_section(b, one);
        if (!other ||
            (one->header.sh_flags & SHF_ALLOC && (one->header.sh_size != other->header.sh_size ||
                                                  one->header.sh_addr != other->header.sh_addr)))
            return TRUE;
    }
    for (guint i = 0; i < a->functions->len; i++) {
        const ElfSymbol *one = a->functions->pdata[i];
        const ElfSymbol *other = elf_file_symbol(b, one);
        if (other && (one->symbol.st_value != other->symbol.st_value ||
                      one->symbol.st_size != other->symbol.st_size))
            return TRUE;
    }
    return FALSE;
}

Diff *diff_elf(const DiffSide *a, const DiffSide *b) {
    Diff *header = elf_diff_header_only(a, b);
    if (header) return header;
    g_autoptr(ElfFile) file_a = elf_file_open(a), file_b = elf_file_open(b);
    if (!file_a || !file_b) return NULL;
    ElfPair pair = {a, b, file_a, file_b, is_shifted(file_a, file_b)};
    Diff *diff = NULL;
    guint also = 0;
    for (guint i = 0; i < G_N_ELEMENTS(checks) && also < ALSO_MAX; i++) {
        /* Where nothing else is found, the place. */
        if (diff && checks[i] == elf_diff_layout) break;
        Diff *found = checks[i](&pair);
        if (!found) continue;
        if (diff) {
            also++;
            diff_also(diff, found);
        } else {
            diff = found;
        }
        /* Code of two machines is not compared. */
        if (file_a->header.e_machine != file_b->header.e_machine) break;
    }
    return diff;
}
