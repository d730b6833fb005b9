#include "differ/compare.h"
#include "differ/bytes.h"
#include "differ/diff_archive.h"
#include "differ/diff_binary.h"
#include "differ/diff_elf.h"
#include "differ/diff_text.h"

/* Formats are read where both sides fit into this; larger ones are bytes. */
#define FORMAT_BYTES (G_GUINT64_CONSTANT(512) * 1024 * 1024)

static const char *kind_of(const DiffSide *side) {
    return bytes_begin(side, 0,
                       "\x7f"
                       "ELF",
                       4)
               ? "an ELF file"
           : bytes_begin(side, 0, "!<arch>\n", 8) ? "an ar archive"
           : bytes_begin(side, 0, "!<thin>\n", 8) ? "a thin ar archive"
           : bytes_begin(side, 0, "070701", 6)    ? "a newc archive"
           : bytes_begin(side, 0, "070702", 6)    ? "a newc archive with checksums (crc)"
           : bytes_begin(side, 0, "070707", 6)    ? "an odc archive"
           : bytes_begin(side, 0, "\x1f\x8b", 2)  ? "gzip data"
           : bytes_begin(side, 0, "\xff\xfe", 2) || bytes_begin(side, 0, "\xfe\xff", 2)
               ? "UTF-16 text (its encoding)"
           : bytes_begin(side, 0, "#!", 2)       ? "a script"
           : bytes_begin(side, 56, "ARM\x64", 4) ? "an arm64 Image"
                                                 : NULL;
}

/* Two formats. */
static Diff *other_kind(const DiffSide *a, const DiffSide *b) {
    const char *one = kind_of(a), *other = kind_of(b);
    if (one == other || MIN(a->size, b->size) == 0) return NULL;
    return diff_new("%s is %s, %s is %s", a->name, one ? one : "another kind of file", b->name,
                    other ? other : "another kind of file");
}

/* Formats whose bytes may look like text. */
static gboolean is_archive(const DiffSide *side) {
    return bytes_begin(side, 0, "!<", 2) || bytes_begin(side, 0, "07070", 5);
}

static Diff *explain(const DiffSide *a, const DiffSide *b, guint depth) {
    Diff *diff = NULL;
    gboolean is_format = MAX(a->size, b->size) <= FORMAT_BYTES && MIN(a->size, b->size) > 0;
    if (kind_of(a) && kind_of(b)) diff = other_kind(a, b);
    if (!diff && is_format && depth < DIFF_DEPTH)
        diff = diff_archive(a, b, depth, compare_contents);
    if (!diff && is_format && !is_archive(a) && !is_archive(b)) diff = diff_text(a, b);
    if (!diff) diff = diff_prefix(a, b);
    if (!diff && is_format) diff = diff_elf(a, b);
    if (!diff && is_format) diff = diff_image(a, b);
    if (!diff) diff = other_kind(a, b);
    return diff ? diff : diff_binary(a, b);
}

Diff *compare_contents(const DiffSide *a, const DiffSide *b, guint depth) {
    if (bytes_first(a, b) < 0) return NULL;
    Diff *diff = explain(a, b, depth);
    /* Of members, offsets in the whole say more. */
    if (depth == 0) diff_add_bytes(diff, a, b);
    return diff;
}
