#include "coverage/image_dwarf.h"
#include "base/hash.h"
#include "coverage/sources.h"
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

/* DIEs nest by blocks and inlined calls; deeper ones are left out. */
#define DEPTH_MAX 64

typedef struct {
    Image *image;
    Coverage *coverage;
    const char *folder; /* of the compilation, or NULL */
} Unit;

static CoverageFile *find_file(const Unit *unit, const char *path) {
    g_autofree char *full = sources_path(path, unit->folder, unit->coverage->root);
    return coverage_file(unit->coverage, full);
}

/* ---- Lines ---- */

static gboolean is_code(const Image *image, guint64 begin, guint64 end) {
    return begin < end && image_bytes(image, begin, end - begin) != NULL;
}

static void add_row(const Unit *unit, Dwarf_Line *line, guint64 begin, guint64 end) {
    const char *path = dwarf_linesrc(line, NULL, NULL);
    int number;
    if (!path || dwarf_lineno(line, &number) != 0 || number <= 0 ||
        !is_code(unit->image, begin, end))
        return;
    CoverageFile *file = find_file(unit, path);
    ImageRow row = {begin, end, coverage_line(unit->coverage, file, (guint)number)};
    g_array_append_val(unit->image->rows, row);
}

static void read_lines(const Unit *unit, Dwarf_Die *die) {
    Dwarf_Lines *lines;
    size_t n;
    if (dwarf_getsrclines(die, &lines, &n) != 0) return;
    for (size_t i = 0; i + 1 < n; i++) {
        Dwarf_Line *line = dwarf_onesrcline(lines, i), *next = dwarf_onesrcline(lines, i + 1);
        Dwarf_Addr begin, end;
        bool is_end;
        if (dwarf_lineendsequence(line, &is_end) == 0 && !is_end &&
            dwarf_lineaddr(line, &begin) == 0 && dwarf_lineaddr(next, &end) == 0)
            add_row(unit, line, begin, end);
    }
}

/* ---- Functions ---- */

static CoverageFunction *find_function(const Unit *unit, Dwarf_Die *die) {
    const char *name = dwarf_diename(die), *path = dwarf_decl_file(die);
    int line;
    if (!name || !path || dwarf_decl_line(die, &line) != 0 || line <= 0) return NULL;
    return coverage_function(unit->coverage, find_file(unit, path), (guint)line, name);
}

static void add_entry(const Unit *unit, Dwarf_Die *die, guint64 begin, guint64 end) {
    if (!is_code(unit->image, begin, end)) return;
    CoverageFunction *function = find_function(unit, die);
    ImageEntry entry = {begin, end, function};
    if (function) g_array_append_val(unit->image->entries, entry);
}

static void read_function(const Unit *unit, Dwarf_Die *die) {
    Dwarf_Addr base, begin, end;
    if (dwarf_tag(die) == DW_TAG_subprogram && dwarf_entrypc(die, &begin) == 0)
        add_entry(unit, die, begin, begin + 1);
    if (dwarf_tag(die) != DW_TAG_inlined_subroutine) return;
    for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &begin, &end)) > 0;)
        add_entry(unit, die, begin, end);
}

static void read_functions(const Unit *unit, Dwarf_Die *parent, guint depth) {
    Dwarf_Die die;
    if (depth > DEPTH_MAX || dwarf_child(parent, &die) != 0) return;
    do {
        read_function(unit, &die);
        read_functions(unit, &die, depth + 1);
    } while (dwarf_siblingof(&die, &die) == 0);
}

void image_dwarf_read(Image *image, Elf *elf, Coverage *coverage) {
    Dwarf *dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    if (!dwarf) return;
    while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &die, NULL) == 0) {
        Dwarf_Attribute folder;
        Unit unit = {image, coverage, dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &folder))};
        read_lines(&unit, &die);
        read_functions(&unit, &die, 0);
    }
    dwarf_end(dwarf);
}

/* ---- Symbols ---- */

typedef struct {
    guint64 address;
    const char *name;
} Symbol;

/* A function written in assembly may have no type; local labels of that kind are where it jumps. */
static gboolean is_function(const GElf_Sym *symbol, const char *name) {
    gboolean is_label =
        GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE && GELF_ST_BIND(symbol->st_info) != STB_LOCAL;
    return symbol->st_shndx != SHN_UNDEF && name && *name &&
           (GELF_ST_TYPE(symbol->st_info) == STT_FUNC || is_label);
}

static gint compare_symbols(gconstpointer a, gconstpointer b) {
    const Symbol *x = a, *y = b;
    return x->address != y->address ? (x->address > y->address) - (x->address < y->address)
                                    : strcmp(x->name, y->name);
}

/* The names belong to `elf`. */
static GArray *read_symbols(const Image *image, Elf *elf) {
    GArray *all = g_array_new(FALSE, FALSE, sizeof(Symbol));
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr head;
        Elf_Data *data = elf_getdata(section, NULL);
        if (!gelf_getshdr(section, &head) || head.sh_type != SHT_SYMTAB || !data) continue;
        GElf_Sym symbol;
        for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
            Symbol found = {symbol.st_value, elf_strptr(elf, head.sh_link, symbol.st_name)};
            if (is_function(&symbol, found.name) && image_bytes(image, found.address, 1))
                g_array_append_val(all, found);
        }
    }
    g_array_sort(all, compare_symbols);
    return all;
}

/* The first instructions of the functions that DWARF knows. */
static GHashTable *read_known(const Image *image) {
    GHashTable *known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < image->entries->len; i++) {
        const ImageEntry *entry = &g_array_index(image->entries, ImageEntry, i);
        if (entry->end == entry->begin + 1)
            g_hash_table_add(known, g_memdup2(&entry->begin, sizeof entry->begin));
    }
    return known;
}

static void add_with_line(Image *image, const Symbol *symbol, const Coverage *coverage) {
    const ImageRow *row = image_row(image, symbol->address);
    if (!row) return;
    ImageEntry entry = {
        symbol->address, symbol->address + 1,
        coverage_function(coverage, row->line->file, row->line->number, symbol->name)};
    g_array_append_val(image->entries, entry);
}

/* A list of the functions stands for the source: a line for each, which runs when it is entered. */
static void add_list(Image *image, const GArray *symbols, Coverage *coverage) {
    g_autofree char *hash = hash_bytes(image->elf), *base = g_path_get_basename(image->name);
    /* Cases may have programs of one name. */
    g_autofree char *name = g_strdup_printf("%s-%.8s.functions", base, hash);
    CoverageFile *file = coverage_file(coverage, name);
    GString *text = g_string_new(NULL);
    guint line = 0;
    for (guint i = 0; i < symbols->len; i++) {
        const Symbol *symbol = &g_array_index(symbols, Symbol, i);
        if (i > 0 && symbol[-1].address == symbol->address) continue;
        line++;
        ImageEntry entry = {symbol->address, symbol->address + 1,
                            coverage_function(coverage, file, line, symbol->name)};
        ImageRow row = {entry.begin, entry.end, coverage_line(coverage, file, line)};
        g_array_append_val(image->entries, entry);
        g_array_append_val(image->rows, row);
        g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x %s\n", symbol->address,
                               symbol->name);
    }
    g_free(file->text);
    file->text = g_string_free(text, FALSE);
}

void image_symbols_read(Image *image, Elf *elf, Coverage *coverage) {
    g_autoptr(GHashTable) known = read_known(image);
    g_autoptr(GArray) symbols = read_symbols(image, elf);
    if (image->rows->len == 0) {
        if (symbols->len > 0) add_list(image, symbols, coverage);
        return;
    }
    for (guint i = 0; i < symbols->len; i++) {
        const Symbol *symbol = &g_array_index(symbols, Symbol, i);
        if (!g_hash_table_contains(known, &symbol->address)) add_with_line(image, symbol, coverage);
    }
}
