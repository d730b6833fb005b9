#include "coverage/image_load.h"
#include "coverage/image_branches.h"
#include "coverage/image_dwarf.h"
#include <gelf.h>
#include <string.h>

/* What is left of the addresses above a segment, so that no sum of them overflows. */
#define TEXT_ABOVE 4096

static gint compare_rows(gconstpointer a, gconstpointer b) {
    const ImageRow *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static gboolean is_elf(GBytes *bytes) {
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

/* Appends the executable segments. */
static void add_text(GArray *all, GBytes *bytes, Elf *elf) {
    gsize size, n = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    GElf_Ehdr head;
    if (!gelf_getehdr(elf, &head) || head.e_type != ET_EXEC || elf_getphdrnum(elf, &n) != 0) return;
    for (gsize i = 0; i < n; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
            !(segment.p_flags & PF_X) || segment.p_offset > size ||
            segment.p_filesz > size - segment.p_offset ||
            segment.p_vaddr > G_MAXUINT64 - TEXT_ABOVE - segment.p_filesz)
            continue;
        ImageText text = {segment.p_vaddr, data + segment.p_offset, segment.p_filesz};
        g_array_append_val(all, text);
    }
}

static void read_elf(Image *image, Elf *elf, Coverage *coverage) {
    GElf_Ehdr head;
    add_text(image->text, image->elf, elf);
    if (image->text->len == 0 || !gelf_getehdr(elf, &head)) return;
    image_dwarf_read(image, elf, coverage);
    g_array_sort(image->rows, compare_rows);
    image_symbols_read(image, elf, coverage);
    if (head.e_machine == EM_AARCH64) image_branches_read(image);
}

GArray *image_text_read(GBytes *bytes) {
    GArray *text = g_array_new(FALSE, FALSE, sizeof(ImageText));
    if (!is_elf(bytes)) return text;
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    elf_version(EV_CURRENT);
    g_autofree char *copy = g_memdup2(data, size);
    Elf *handle = elf_memory(copy, size);
    if (handle) add_text(text, bytes, handle);
    if (handle) elf_end(handle);
    return text;
}

Image *image_new(GBytes *elf, const char *name, Coverage *coverage) {
    gsize size;
    const void *data = g_bytes_get_data(elf, &size);
    if (!is_elf(elf)) return NULL;
    g_autoptr(Image) image = g_new0(Image, 1);
    image->name = g_strdup(name);
    image->elf = g_bytes_ref(elf);
    image->text = g_array_new(FALSE, FALSE, sizeof(ImageText));
    image->rows = g_array_new(FALSE, FALSE, sizeof(ImageRow));
    image->entries = g_array_new(FALSE, FALSE, sizeof(ImageEntry));
    image->branches = g_array_new(FALSE, FALSE, sizeof(ImageBranch));
    elf_version(EV_CURRENT);
    /* libelf changes its copy where it has to swap bytes. */
    g_autofree char *copy = g_memdup2(data, size);
    Elf *handle = elf_memory(copy, size);
    if (handle) read_elf(image, handle, coverage);
    if (handle) elf_end(handle);
    return image->rows->len > 0 || image->entries->len > 0 ? g_steal_pointer(&image) : NULL;
}
