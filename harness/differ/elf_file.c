#include "differ/elf_file.h"
#include "differ/bytes.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    guint machine;
    const char *name;
} machines[] = {{EM_386, "x86"},         {EM_ARM, "Arm"},      {EM_X86_64, "x86-64"},
                {EM_AARCH64, "AArch64"}, {EM_RISCV, "RISC-V"}, {EM_MIPS, "MIPS"},
                {EM_PPC64, "PowerPC64"}, {EM_S390, "S/390"},   {EM_PPC, "PowerPC"},
                {EM_SPARC, "SPARC"},     {EM_68K, "m68k"}};

static const struct {
    guint type;
    const char *name;
} section_types[] = {{SHT_PROGBITS, "PROGBITS"},
                     {SHT_NOBITS, "NOBITS"},
                     {SHT_NOTE, "NOTE"},
                     {SHT_SYMTAB, "SYMTAB"},
                     {SHT_STRTAB, "STRTAB"},
                     {SHT_RELA, "RELA"},
                     {SHT_REL, "REL"},
                     {SHT_NULL, "NULL"},
                     {SHT_INIT_ARRAY, "INIT_ARRAY"},
                     {SHT_FINI_ARRAY, "FINI_ARRAY"},
                     {SHT_DYNAMIC, "DYNAMIC"},
                     {SHT_GROUP, "GROUP"}};

const char *elf_machine_name(guint machine) {
    for (guint i = 0; i < G_N_ELEMENTS(machines); i++)
        if (machines[i].machine == machine) return machines[i].name;
    return NULL;
}

const char *elf_section_type_name(guint type) {
    for (guint i = 0; i < G_N_ELEMENTS(section_types); i++)
        if (section_types[i].type == type) return section_types[i].name;
    return NULL;
}

DisasmMachine elf_file_machine(const ElfFile *file) {
    switch (file->header.e_machine) {
    case EM_AARCH64: return DISASM_AARCH64;
    case EM_ARM: return DISASM_ARM;
    case EM_X86_64: return DISASM_X86_64;
    case EM_386: return DISASM_X86_32;
    case EM_RISCV: return DISASM_RISCV64;
    default: return DISASM_NONE;
    }
}

gboolean elf_file_is_linked(const ElfFile *file) { return file->header.e_type != ET_REL; }

static char *key_of(const char *name, guint occurrence) {
    return g_strdup_printf("%u %s", occurrence, name);
}

/* ---- Sections ---- */

static void add_section(ElfFile *file, Elf_Scn *scn, size_t names, GHashTable *counts) {
    ElfSection *section = g_new0(ElfSection, 1);
    const GElf_Shdr *header = gelf_getshdr(scn, &section->header);
    const char *name = header ? elf_strptr(file->elf, names, header->sh_name) : NULL;
    section->name = name ? name : "";
    section->index = file->sections->len;
    section->occurrence = GPOINTER_TO_UINT(g_hash_table_lookup(counts, section->name));
    g_hash_table_insert(counts, (gpointer)section->name, GUINT_TO_POINTER(section->occurrence + 1));
    section->content = diff_part(file->side, 0, 0);
    gsize size = file->side->size;
    if (header && header->sh_type != SHT_NOBITS && header->sh_type != SHT_NULL &&
        header->sh_size <= size && header->sh_offset <= size - header->sh_size)
        section->content = diff_part(file->side, header->sh_offset, header->sh_size);
    if (header && header->sh_flags & SHF_ALLOC && header->sh_addr) {
        file->low = MIN(file->low, header->sh_addr);
        file->high = MAX(file->high, header->sh_addr + header->sh_size);
    }
    g_ptr_array_add(file->sections, section);
    g_hash_table_insert(file->by_section, key_of(section->name, section->occurrence), section);
}

static void read_sections(ElfFile *file) {
    size_t names, count;
    if (elf_getshdrnum(file->elf, &count) != 0 || elf_getshdrstrndx(file->elf, &names) != 0) return;
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < count; i++) {
        Elf_Scn *scn = elf_getscn(file->elf, i);
        if (!scn) break;
        add_section(file, scn, names, counts);
    }
}

ElfSection *elf_file_section(const ElfFile *file, const ElfSection *like) {
    g_autofree char *key = key_of(like->name, like->occurrence);
    return g_hash_table_lookup(file->by_section, key);
}

/* ---- Symbols ---- */

gboolean elf_symbol_is_made(const ElfSymbol *symbol) {
    guint type = GELF_ST_TYPE(symbol->symbol.st_info);
    return type == STT_SECTION || type == STT_FILE || !*symbol->name || *symbol->name == '$' ||
           g_str_has_prefix(symbol->name, ".L");
}

static const char *place_of(const ElfFile *file, const GElf_Sym *symbol) {
    switch (symbol->st_shndx) {
    case SHN_UNDEF: return "UNDEF";
    case SHN_ABS: return "ABS";
    case SHN_COMMON: return "COMMON";
    default:
        return symbol->st_shndx < file->sections->len
                   ? ((ElfSection *)file->sections->pdata[symbol->st_shndx])->name
                   : "";
    }
}

static void add_symbol(ElfFile *file, ElfSymbol *symbol, GHashTable *counts) {
    g_ptr_array_add(file->symbols, symbol);
    if (elf_symbol_is_made(symbol)) return;
    symbol->occurrence = GPOINTER_TO_UINT(g_hash_table_lookup(counts, symbol->name));
    g_hash_table_insert(counts, (gpointer)symbol->name, GUINT_TO_POINTER(symbol->occurrence + 1));
    g_hash_table_insert(file->by_symbol, key_of(symbol->name, symbol->occurrence), symbol);
    guint type = GELF_ST_TYPE(symbol->symbol.st_info);
    if ((type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC) &&
        symbol->symbol.st_size && symbol->symbol.st_shndx != SHN_UNDEF)
        g_ptr_array_add(file->functions, symbol);
}

static gint compare_addresses(gconstpointer a, gconstpointer b) {
    const ElfSymbol *one = *(ElfSymbol *const *)a, *other = *(ElfSymbol *const *)b;
    if (one->symbol.st_shndx != other->symbol.st_shndx)
        return one->symbol.st_shndx < other->symbol.st_shndx ? -1 : 1;
    if (one->symbol.st_value != other->symbol.st_value)
        return one->symbol.st_value < other->symbol.st_value ? -1 : 1;
    return one->index < other->index ? -1 : 1;
}

static gboolean read_symbols(ElfFile *file, guint type) {
    for (guint i = 0; i < file->sections->len; i++) {
        const ElfSection *section = file->sections->pdata[i];
        if (section->header.sh_type != type || !section->header.sh_entsize) continue;
        g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
        Elf_Data *data = elf_getdata(elf_getscn(file->elf, i), NULL);
        GElf_Sym found;
        for (int n = 0; data && gelf_getsym(data, n, &found); n++) {
            const char *name = elf_strptr(file->elf, section->header.sh_link, found.st_name);
            ElfSymbol *symbol = g_new0(ElfSymbol, 1);
            *symbol = (ElfSymbol){name ? name : "", 0, (guint)n, found, place_of(file, &found)};
            add_symbol(file, symbol, counts);
        }
        g_ptr_array_sort(file->functions, compare_addresses);
        return TRUE;
    }
    return FALSE;
}

ElfSymbol *elf_file_symbol(const ElfFile *file, const ElfSymbol *like) {
    g_autofree char *key = key_of(like->name, like->occurrence);
    return g_hash_table_lookup(file->by_symbol, key);
}

const ElfSymbol *elf_file_covering(const ElfFile *file, guint section, guint64 address) {
    guint low = 0, high = file->functions->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const ElfSymbol *symbol = file->functions->pdata[middle];
        gboolean is_before = symbol->symbol.st_shndx != section
                                 ? symbol->symbol.st_shndx < section
                                 : symbol->symbol.st_value <= address;
        if (is_before)
            low = middle + 1;
        else
            high = middle;
    }
    const ElfSymbol *symbol = low ? file->functions->pdata[low - 1] : NULL;
    return symbol && symbol->symbol.st_shndx == section &&
                   address - symbol->symbol.st_value < symbol->symbol.st_size
               ? symbol
               : NULL;
}

/* ---- The file ---- */

ElfFile *elf_file_open(const DiffSide *side) {
    if (!bytes_begin(side, 0, ELFMAG, SELFMAG) || elf_version(EV_CURRENT) == EV_NONE) return NULL;
    /* libelf writes to memory only in elf_update. */
    Elf *elf = elf_memory((char *)side->data, side->size);
    ElfFile *file = g_new0(ElfFile, 1);
    *file = (ElfFile){.side = side,
                      .elf = elf,
                      .sections = g_ptr_array_new_with_free_func(g_free),
                      .symbols = g_ptr_array_new_with_free_func(g_free),
                      .functions = g_ptr_array_new(),
                      .by_section = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                      .by_symbol = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                      .low = G_MAXUINT64};
    if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &file->header)) {
        elf_file_free(file);
        return NULL;
    }
    read_sections(file);
    (void)(read_symbols(file, SHT_SYMTAB) || read_symbols(file, SHT_DYNSYM));
    return file;
}

void elf_file_free(ElfFile *file) {
    g_hash_table_unref(file->by_section);
    g_hash_table_unref(file->by_symbol);
    g_ptr_array_unref(file->functions);
    g_ptr_array_unref(file->symbols);
    g_ptr_array_unref(file->sections);
    if (file->elf) elf_end(file->elf);
    g_free(file);
}
