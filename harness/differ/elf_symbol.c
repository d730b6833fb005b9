#include "differ/elf_pair.h"
#include <string.h>

/* Names of symbols that a sentence lists. */
#define LISTED 3

static const char *type_name(guint info) {
    switch (GELF_ST_TYPE(info)) {
    case STT_FUNC: return "function";
    case STT_OBJECT: return "object";
    case STT_TLS: return "thread-local object";
    case STT_COMMON: return "common";
    case STT_SECTION: return "section";
    case STT_FILE: return "file";
    case STT_GNU_IFUNC: return "indirect function";
    default: return "no type";
    }
}

static const char *binding_name(guint info) {
    switch (GELF_ST_BIND(info)) {
    case STB_LOCAL: return "local";
    case STB_GLOBAL: return "global";
    case STB_WEAK: return "weak";
    default: return "other";
    }
}

static const char *visibility_name(guint other) {
    static const char *const names[] = {"default", "internal", "hidden", "protected"};
    return names[GELF_ST_VISIBILITY(other)];
}

static char *quoted(const char *name) { return diff_quoted(name, strlen(name), 0); }

/* ---- Which there are ---- */

static GPtrArray *find_missing(const ElfFile *in, const ElfFile *from) {
    GPtrArray *missing = g_ptr_array_new();
    for (guint i = 0; i < in->symbols->len; i++) {
        ElfSymbol *symbol = in->symbols->pdata[i];
        if (!elf_symbol_is_made(symbol) && !elf_file_symbol(from, symbol))
            g_ptr_array_add(missing, symbol);
    }
    return missing;
}

static char *describe(const ElfSymbol *symbol) {
    g_autofree char *name = quoted(symbol->name);
    return symbol->symbol.st_shndx == SHN_UNDEF
               ? g_strdup_printf("%s (undefined)", name)
               : g_strdup_printf("%s (%s in %s)", name, type_name(symbol->symbol.st_info),
                                 symbol->section);
}

static char *list(const GPtrArray *symbols) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MIN(symbols->len, LISTED); i++) {
        g_autofree char *name = describe(symbols->pdata[i]);
        g_string_append_printf(text, "%s%s", i ? ", " : "", name);
    }
    if (symbols->len > LISTED) g_string_append_printf(text, " and %u more", symbols->len - LISTED);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static gboolean is_same_place(const ElfSymbol *a, const ElfSymbol *b) {
    return a->symbol.st_info == b->symbol.st_info && a->symbol.st_size == b->symbol.st_size &&
           strcmp(a->section, b->section) == 0 &&
           (a->symbol.st_value == b->symbol.st_value || a->symbol.st_size);
}

/* Of two tables, one symbol each that the other lacks, and at the same place. */
static Diff *renamed(const ElfPair *pair, const ElfSymbol *a, const ElfSymbol *b) {
    if (!is_same_place(a, b)) return NULL;
    g_autofree char *one = quoted(a->name), *other = quoted(b->name);
    gboolean is_undefined = a->symbol.st_shndx == SHN_UNDEF;
    Diff *used = is_undefined ? elf_diff_relocations(pair) : NULL;
    Diff *diff = diff_new("symbol %s of %s is %s in %s (%s%s)", one, pair->side_a->name, other,
                          pair->side_b->name, is_undefined ? "undefined, " : "renamed, ",
                          is_undefined && used ? used->cause
                          : is_undefined       ? "another is needed"
                                               : type_name(a->symbol.st_info));
    g_clear_pointer(&used, diff_free);
    return diff;
}

Diff *elf_diff_symbol_set(const ElfPair *pair) {
    g_autoptr(GPtrArray) only_a = find_missing(pair->a, pair->b),
                         only_b = find_missing(pair->b, pair->a);
    if (!only_a->len && !only_b->len) return NULL;
    if (!pair->a->symbols->len != !pair->b->symbols->len)
        return diff_new("%s has no symbols (stripped), %s has %u",
                        pair->a->symbols->len ? pair->side_b->name : pair->side_a->name,
                        pair->a->symbols->len ? pair->side_a->name : pair->side_b->name,
                        MAX(pair->a->symbols->len, pair->b->symbols->len));
    Diff *diff = only_a->len == 1 && only_b->len == 1
                     ? renamed(pair, only_a->pdata[0], only_b->pdata[0])
                     : NULL;
    if (diff) return diff;
    g_autofree char *in_a = list(only_a), *in_b = list(only_b);
    if (only_a->len && only_b->len)
        return diff_new("only in %s: symbol %s; only in %s: symbol %s", pair->side_a->name, in_a,
                        pair->side_b->name, in_b);
    return diff_new("symbol%s %s %s only in %s", MAX(only_a->len, only_b->len) > 1 ? "s" : "",
                    only_a->len ? in_a : in_b, MAX(only_a->len, only_b->len) > 1 ? "are" : "is",
                    only_a->len ? pair->side_a->name : pair->side_b->name);
}

/* ---- What they are ---- */

static Diff *symbol_text(const ElfSymbol *symbol, const char *what, const char *one,
                         const char *other) {
    g_autofree char *name = quoted(symbol->name);
    return strcmp(one, other) == 0
               ? NULL
               : diff_new("symbol %s: %s %s against %s", name, what, one, other);
}

static Diff *symbol_number(const ElfSymbol *symbol, const char *what, guint64 one, guint64 other) {
    g_autofree char *name = quoted(symbol->name);
    return one == other ? NULL
                        : diff_new("symbol %s: %s 0x%" G_GINT64_MODIFIER
                                   "x against 0x%" G_GINT64_MODIFIER "x",
                                   name, what, one, other);
}

static Diff *one_symbol(const ElfPair *pair, const ElfSymbol *a, const ElfSymbol *b) {
    const GElf_Sym *one = &a->symbol, *other = &b->symbol;
    Diff *diff =
        symbol_text(a, "binding", binding_name(one->st_info), binding_name(other->st_info));
    if (!diff) diff = symbol_text(a, "type", type_name(one->st_info), type_name(other->st_info));
    if (!diff)
        diff = symbol_text(a, "visibility", visibility_name(one->st_other),
                           visibility_name(other->st_other));
    if (!diff) diff = symbol_text(a, "section", a->section, b->section);
    if (!diff) diff = symbol_number(a, "size", one->st_size, other->st_size);
    if (!diff && !pair->is_shifted)
        diff = symbol_number(a, "value (address)", one->st_value, other->st_value);
    return diff;
}

Diff *elf_diff_symbols(const ElfPair *pair) {
    for (guint i = 0; i < pair->a->symbols->len; i++) {
        const ElfSymbol *a = pair->a->symbols->pdata[i];
        const ElfSymbol *b = elf_symbol_is_made(a) ? NULL : elf_file_symbol(pair->b, a);
        Diff *diff = b ? one_symbol(pair, a, b) : NULL;
        if (diff) return diff;
    }
    return NULL;
}

/* The name of a source in a symbol of type "file"; then anything in the order of the table. */
Diff *elf_diff_files(const ElfPair *pair) {
    for (guint i = 0; i < MIN(pair->a->symbols->len, pair->b->symbols->len); i++) {
        const ElfSymbol *a = pair->a->symbols->pdata[i], *b = pair->b->symbols->pdata[i];
        gboolean is_file = GELF_ST_TYPE(a->symbol.st_info) == STT_FILE &&
                           GELF_ST_TYPE(b->symbol.st_info) == STT_FILE;
        if (strcmp(a->name, b->name) == 0) continue;
        g_autofree char *one = quoted(a->name), *other = quoted(b->name);
        return is_file
                   ? diff_new("the name of the source file: symbol %s against %s", one, other)
                   : diff_new("the order of the symbols differs: symbol %u is %s in %s, %s in %s",
                              i, one, pair->side_a->name, other, pair->side_b->name);
    }
    return NULL;
}

/* ---- Relocations ---- */

typedef struct {
    guint64 offset;
    guint64 type;
    gint64 addend;
    const char *symbol; /* of a section: its name */
} Relocation;

static gboolean read_relocation(const ElfFile *file, const ElfSection *section, Elf_Data *data,
                                guint at, Relocation *ret) {
    GElf_Rela with = {0};
    GElf_Rel without;
    if (section->header.sh_type == SHT_RELA) {
        if (!gelf_getrela(data, (int)at, &with)) return FALSE;
    } else {
        if (!gelf_getrel(data, (int)at, &without)) return FALSE;
        with.r_offset = without.r_offset;
        with.r_info = without.r_info;
    }
    guint64 index = GELF_R_SYM(with.r_info);
    const ElfSymbol *symbol = index < file->symbols->len ? file->symbols->pdata[index] : NULL;
    gboolean is_section = symbol && GELF_ST_TYPE(symbol->symbol.st_info) == STT_SECTION;
    *ret = (Relocation){with.r_offset, GELF_R_TYPE(with.r_info), with.r_addend,
                        is_section || (symbol && !*symbol->name) ? symbol->section
                        : symbol                                 ? symbol->name
                                                                 : ""};
    return TRUE;
}

static const char *relocation_name(const ElfFile *file, guint64 type, char buffer[32]) {
    static const struct {
        guint machine, type;
        const char *name;
    } names[] = {{EM_AARCH64, R_AARCH64_CALL26, "CALL26"},
                 {EM_AARCH64, R_AARCH64_JUMP26, "JUMP26"},
                 {EM_AARCH64, R_AARCH64_ABS64, "ABS64"},
                 {EM_AARCH64, R_AARCH64_ABS32, "ABS32"},
                 {EM_AARCH64, R_AARCH64_PREL32, "PREL32"},
                 {EM_AARCH64, R_AARCH64_PREL64, "PREL64"},
                 {EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, "ADR_PREL_PG_HI21"},
                 {EM_AARCH64, R_AARCH64_ADD_ABS_LO12_NC, "ADD_ABS_LO12_NC"},
                 {EM_X86_64, R_X86_64_PC32, "PC32"},
                 {EM_X86_64, R_X86_64_PLT32, "PLT32"},
                 {EM_X86_64, R_X86_64_64, "64"},
                 {EM_X86_64, R_X86_64_32, "32"},
                 {EM_X86_64, R_X86_64_32S, "32S"}};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i].machine == file->header.e_machine && names[i].type == type)
            return names[i].name;
    g_snprintf(buffer, 32, "type %" G_GUINT64_FORMAT, type);
    return buffer;
}

static char *show_relocation(const ElfFile *file, const Relocation *relocation) {
    char type[32];
    g_autofree char *name = quoted(relocation->symbol);
    return g_strdup_printf(
        "%s %s%s0x%" G_GINT64_MODIFIER "x", relocation_name(file, relocation->type, type), name,
        relocation->addend < 0 ? "-" : "+",
        relocation->addend < 0 ? -(guint64)relocation->addend : (guint64)relocation->addend);
}

/* What the section of relocations is for, with the function around the offset. */
static char *where(const ElfFile *file, const ElfSection *section, guint64 offset) {
    guint target = section->header.sh_info;
    const ElfSymbol *covering =
        target && target < file->sections->len ? elf_file_covering(file, target, offset) : NULL;
    if (!covering)
        return g_strdup_printf("relocation in %s at 0x%" G_GINT64_MODIFIER "x", section->name,
                               offset);
    g_autofree char *name = quoted(covering->name);
    return g_strdup_printf("relocation in %s at %s+0x%" G_GINT64_MODIFIER "x", section->name, name,
                           offset - covering->symbol.st_value);
}

static Diff *compare_relocations(const ElfPair *pair, const ElfSection *a, const ElfSection *b,
                                 guint index_a, guint index_b) {
    Elf_Data *data_a = elf_getdata(elf_getscn(pair->a->elf, index_a), NULL);
    Elf_Data *data_b = elf_getdata(elf_getscn(pair->b->elf, index_b), NULL);
    for (guint i = 0; data_a && data_b && i < G_MAXINT; i++) {
        Relocation one, other;
        gboolean in_a = read_relocation(pair->a, a, data_a, i, &one);
        gboolean in_b = read_relocation(pair->b, b, data_b, i, &other);
        if (!in_a && !in_b) return NULL;
        g_autofree char *place =
            in_a ? where(pair->a, a, one.offset) : where(pair->b, b, other.offset);
        g_autofree char *text_a = in_a ? show_relocation(pair->a, &one) : g_strdup("none");
        g_autofree char *text_b = in_b ? show_relocation(pair->b, &other) : g_strdup("none");
        if (!in_a || !in_b)
            return diff_new("%s is only in %s: %s", place,
                            in_a ? pair->side_a->name : pair->side_b->name, in_a ? text_a : text_b);
        if (one.offset != other.offset)
            return diff_new("%s: offset 0x%" G_GINT64_MODIFIER "x against 0x%" G_GINT64_MODIFIER
                            "x (%s, %s)",
                            place, one.offset, other.offset, text_a, text_b);
        const char *what = one.type != other.type                  ? "type "
                           : strcmp(one.symbol, other.symbol) != 0 ? "symbol "
                           : one.addend != other.addend            ? "addend "
                                                                   : NULL;
        if (what) return diff_new("%s: %s%s against %s", place, what, text_a, text_b);
    }
    return NULL;
}

static gboolean is_of_debug(const ElfSection *section) {
    return strstr(section->name, ".debug") || strstr(section->name, ".eh_frame");
}

static Diff *find_relocations(const ElfPair *pair, gboolean of_debug) {
    /* Those of a linked file are addresses, which follow from the rest. */
    if (elf_file_is_linked(pair->a) && pair->is_shifted) return NULL;
    for (guint i = 0; i < pair->a->sections->len; i++) {
        const ElfSection *a = pair->a->sections->pdata[i];
        const ElfSection *b = elf_file_section(pair->b, a);
        if (!b || a->header.sh_type != b->header.sh_type ||
            (a->header.sh_type != SHT_RELA && a->header.sh_type != SHT_REL) ||
            is_of_debug(a) != of_debug)
            continue;
        Diff *diff = compare_relocations(pair, a, b, i, b->index);
        if (diff) return diff;
    }
    return NULL;
}

Diff *elf_diff_relocations(const ElfPair *pair) { return find_relocations(pair, FALSE); }

Diff *elf_diff_debug_relocations(const ElfPair *pair) { return find_relocations(pair, TRUE); }

/* ---- What a linked file asks of others ---- */

static const char *tag_name(gint64 tag) {
    switch (tag) {
    case DT_NEEDED: return "NEEDED (a library)";
    case DT_SONAME: return "SONAME";
    case DT_RPATH: return "RPATH (a path)";
    case DT_RUNPATH: return "RUNPATH (a path)";
    default: return NULL;
    }
}

/* The texts of the dynamic section, with their tags. */
static GPtrArray *dynamic_texts(const ElfFile *file) {
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < file->sections->len; i++) {
        const ElfSection *section = file->sections->pdata[i];
        if (section->header.sh_type != SHT_DYNAMIC || !section->header.sh_entsize) continue;
        Elf_Data *data = elf_getdata(elf_getscn(file->elf, i), NULL);
        GElf_Dyn entry;
        for (int n = 0; data && gelf_getdyn(data, n, &entry) && entry.d_tag != DT_NULL; n++) {
            const char *tag = tag_name(entry.d_tag);
            const char *text =
                tag ? elf_strptr(file->elf, section->header.sh_link, entry.d_un.d_val) : NULL;
            if (text) g_ptr_array_add(texts, g_strdup_printf("%s \"%s\"", tag, text));
        }
    }
    return texts;
}

static const char *find_other(const GPtrArray *in, const GPtrArray *than) {
    for (guint i = 0; i < in->len; i++)
        if (!g_ptr_array_find_with_equal_func((GPtrArray *)than, in->pdata[i], g_str_equal, NULL))
            return in->pdata[i];
    return NULL;
}

Diff *elf_diff_dynamic(const ElfPair *pair) {
    g_autoptr(GPtrArray) a = dynamic_texts(pair->a), b = dynamic_texts(pair->b);
    const char *only_a = find_other(a, b), *only_b = find_other(b, a);
    if (only_a && only_b) return diff_new("dynamic section: %s against %s", only_a, only_b);
    if (!only_a && !only_b) return NULL;
    return diff_new("dynamic section: %s is only in %s", only_a ? only_a : only_b,
                    only_a ? pair->side_a->name : pair->side_b->name);
}
