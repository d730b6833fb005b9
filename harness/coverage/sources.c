#include "coverage/sources.h"
#include "base/hash.h"
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

char *sources_path(const char *path, const char *folder, const char *root) {
    gboolean has_folder = folder && g_path_is_absolute(folder);
    g_autofree char *below = has_folder ? g_canonicalize_filename(path, folder) : NULL;
    return below && g_file_test(below, G_FILE_TEST_EXISTS) ? g_steal_pointer(&below)
                                                           : g_canonicalize_filename(path, root);
}

void sources_free(Sources *sources) {
    g_hash_table_unref(sources->files);
    g_free(sources->producer);
    g_free(sources);
}

static const char *text_of(Dwarf_Die *die, unsigned int name) {
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr(die, name, &attribute));
}

/* A variable with a place that other units can name. One that a header declares is specified. */
static gboolean is_shared(Dwarf_Die *die) {
    return dwarf_tag(die) == DW_TAG_variable && !dwarf_hasattr(die, DW_AT_declaration) &&
           (dwarf_hasattr(die, DW_AT_external) || dwarf_hasattr(die, DW_AT_specification));
}

static gboolean shares_variables(Dwarf_Die *unit) {
    Dwarf_Die die;
    if (dwarf_child(unit, &die) != 0) return FALSE;
    do
        if (is_shared(&die)) return TRUE;
    while (dwarf_siblingof(&die, &die) == 0);
    return FALSE;
}

static gboolean has_types(Dwarf_Die *unit) {
    int language = dwarf_srclang(unit);
    return language > 0 && language != DW_LANG_Mips_Assembler;
}

/* A file of several units has the strictest of their answers. */
static void add_file(Sources *sources, char *path, gboolean only_code) {
    gpointer known;
    if (g_hash_table_lookup_extended(sources->files, path, NULL, &known))
        only_code = only_code && GPOINTER_TO_INT(known);
    g_hash_table_insert(sources->files, path, GINT_TO_POINTER(only_code));
}

static void add_unit(Sources *sources, Dwarf_Die *unit, const char *root, GString *producers) {
    const char *folder = text_of(unit, DW_AT_comp_dir), *name = dwarf_diename(unit);
    const char *producer = text_of(unit, DW_AT_producer);
    g_autofree char *own = name ? sources_path(name, folder, root) : NULL;
    gboolean only_code = has_types(unit) && !shares_variables(unit);
    Dwarf_Files *files;
    size_t n = 0;
    g_string_append_printf(producers, "%s\n", producer ? producer : "");
    if (own) add_file(sources, g_strdup(own), only_code);
    if (dwarf_getsrcfiles(unit, &files, &n) != 0) return;
    for (size_t i = 0; i < n; i++) {
        const char *file = dwarf_filesrc(files, i, NULL, NULL);
        g_autofree char *path = file ? sources_path(file, folder, root) : NULL;
        if (path && g_strcmp0(path, own) != 0) add_file(sources, g_steal_pointer(&path), FALSE);
    }
}

static void read_units(Sources *sources, Dwarf *dwarf, const char *root) {
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    g_autoptr(GString) producers = g_string_new(NULL);
    while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &die, NULL) == 0)
        add_unit(sources, &die, root, producers);
    g_autoptr(GBytes) bytes = g_bytes_new(producers->str, producers->len);
    sources->producer = hash_bytes(bytes);
}

Sources *sources_read(GBytes *elf, const char *root) {
    gsize size;
    const void *data = g_bytes_get_data(elf, &size);
    if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0) return NULL;
    elf_version(EV_CURRENT);
    /* libelf changes its copy where it has to swap bytes. */
    g_autofree char *copy = g_memdup2(data, size);
    Elf *handle = elf_memory(copy, size);
    Dwarf *dwarf = handle ? dwarf_begin_elf(handle, DWARF_C_READ, NULL) : NULL;
    g_autoptr(Sources) sources = g_new0(Sources, 1);
    sources->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (dwarf) read_units(sources, dwarf, root);
    if (dwarf) dwarf_end(dwarf);
    if (handle) elf_end(handle);
    return g_hash_table_size(sources->files) > 0 ? g_steal_pointer(&sources) : NULL;
}
