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

/* Adds the executable segments; returns how many there are. */
static guint read_text(Image *image, Elf *elf) {
    gsize size, n = 0;
    const guint8 *data = g_bytes_get_data(image->elf, &size);
    if (elf_getphdrnum(elf, &n) != 0) return 0;
    for (gsize i = 0; i < n; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
            !(segment.p_flags & PF_X) || segment.p_offset > size ||
            segment.p_filesz > size - segment.p_offset ||
            segment.p_vaddr > G_MAXUINT64 - TEXT_ABOVE - segment.p_filesz)
            continue;
        ImageText text = {segment.p_vaddr, data + segment.p_offset, segment.p_filesz};
        g_array_append_val(image->text, text);
    }
    return image->text->len;
}

static void read_elf(Image *image, Elf *elf, Coverage *coverage) {
    GElf_Ehdr head;
    if (!gelf_getehdr(elf, &head) || head.e_type != ET_EXEC || read_text(image, elf) == 0) return;
    image_dwarf_read(image, elf, coverage);
    g_array_sort(image->rows, compare_rows);
    image_symbols_read(image, elf, coverage);
    if (head.e_machine == EM_AARCH64) image_branches_read(image);
}

Image *image_new(GBytes *elf, const char *name, Coverage *coverage) {
    gsize size;
    const void *data = g_bytes_get_data(elf, &size);
    if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0) return NULL;
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
