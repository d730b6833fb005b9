#include "coverage/line_file.h"
#include "base/fdio.h"
#include "base/text.h"
#include "base/usage.h"
#include "coverage/image_load.h"
#include <elf.h>
#include <string.h>

static gboolean add_file(GPtrArray *line_files, const char *path, GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GBytes) bytes = fdio_load(path, &failed);
    if (!bytes) return usage_error(error, "--coverage-lines: %s", failed->message);
    g_autoptr(GArray) text = image_text_read(bytes);
    if (text->len == 0)
        return usage_error(error, "--coverage-lines %s: no ELF file of a program with code", path);
    g_ptr_array_add(line_files, g_steal_pointer(&bytes));
    return TRUE;
}

static gboolean add_folder(GPtrArray *line_files, const char *path, GError **error) {
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".elf"))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
    if (files->len == 0)
        return usage_error(error, "--coverage-lines %s: no *.elf files in this folder", path);
    g_ptr_array_sort(files, text_compare_names);
    for (guint i = 0; i < files->len; i++)
        if (!add_file(line_files, files->pdata[i], error)) return FALSE;
    return TRUE;
}

GPtrArray *line_files_load(const char *const *paths, GError **error) {
    g_autoptr(GPtrArray) line_files = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (; paths && *paths; paths++) {
        gboolean is_folder = g_file_test(*paths, G_FILE_TEST_IS_DIR);
        if (!(is_folder ? add_folder : add_file)(line_files, *paths, error)) return NULL;
    }
    return g_steal_pointer(&line_files);
}

static gboolean has_text(const GArray *program, const ImageText *text) {
    const guint8 *bytes = image_text_bytes(program, text->begin, text->size);
    return bytes && memcmp(bytes, text->bytes, text->size) == 0;
}

gboolean line_file_is_of(GBytes *line_file, GBytes *program) {
    g_autoptr(GArray) own = image_text_read(line_file);
    g_autoptr(GArray) others = image_text_read(program);
    for (guint i = 0; i < own->len; i++)
        if (!has_text(others, &g_array_index(own, ImageText, i))) return FALSE;
    return own->len > 0;
}
