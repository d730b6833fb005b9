#define _GNU_SOURCE /* memmem */
#include "differ/bytes.h"
#include "differ/elf_pair.h"
#include "differ/words.h"
#include <string.h>

/* Strings longer than this are bytes. */
#define STRING_MAX 4096
/* Fewer characters, of both, may be a number. */
#define STRINGS_MIN 5
/* Larger sections of strings are compared byte by byte. */
#define STRINGS_BYTES (64 * 1024 * 1024)

static gboolean starts(const char *name, const char *with) { return g_str_has_prefix(name, with); }

static gboolean is_debug(const ElfSection *section) {
    return starts(section->name, ".debug") || starts(section->name, ".zdebug") ||
           starts(section->name, ".stab") || strcmp(section->name, ".gnu_debuglink") == 0;
}

/* What the assembler or linker makes of the other sections. */
static gboolean is_derived(const ElfSection *section) {
    static const char *const names[] = {
        ".eh_frame", ".got",      ".plt",       ".dynamic",      ".dynsym",
        ".dynstr",   ".gnu.hash", ".hash",      ".gnu.version",  ".note.gnu.build-id",
        ".symtab",   ".strtab",   ".shstrtab",  ".llvm_addrsig", ".rela",
        ".rel.",     ".group",    ".ARM.exidx", ".ARM.extab"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (starts(section->name, names[i])) return TRUE;
    return section->header.sh_type == SHT_RELA || section->header.sh_type == SHT_REL ||
           section->header.sh_type == SHT_SYMTAB || section->header.sh_type == SHT_STRTAB ||
           section->header.sh_type == SHT_GROUP;
}

/* ---- Strings ---- */

/* The string around `at`; FALSE if there is none that can be read. */
static gboolean find_string(const DiffSide *side, gsize at, DiffSide *ret) {
    if (at >= side->size) return FALSE;
    gsize from = at, to = at;
    while (from > 0 && side->data[from - 1] && at - from < STRING_MAX)
        from--;
    while (to < side->size && side->data[to] && to - at < STRING_MAX)
        to++;
    for (gsize i = from; i < to; i++)
        if (side->data[i] < ' ' && !g_ascii_isspace(side->data[i])) return FALSE;
    *ret = diff_part(side, from, to - from);
    return g_utf8_validate((const char *)ret->data, (gssize)ret->size, NULL);
}

static Diff *describe_strings(const DiffSide *a, const DiffSide *b) {
    gsize column = (gsize)bytes_first(a, b);
    g_autofree char *text_a = diff_quoted(a->data, a->size, column);
    g_autofree char *text_b = diff_quoted(b->data, b->size, column);
    const char *kind = words_kind(a, b);
    return kind ? diff_new("%s differs: string %s against %s", kind, text_a, text_b)
                : diff_new("string %s against %s", text_a, text_b);
}

static Diff *compare_strings(const DiffSide *a, const DiffSide *b, gsize at) {
    DiffSide one, other;
    return find_string(a, at, &one) && find_string(b, at, &other) &&
                   one.size + other.size >= STRINGS_MIN && bytes_first(&one, &other) >= 0
               ? describe_strings(&one, &other)
               : NULL;
}

/* The strings of a section, each without what stands before it in the other. */
static GHashTable *collect_strings(const DiffSide *side) {
    GHashTable *strings = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize at = 0; at < side->size;) {
        const guint8 *end = memchr(side->data + at, 0, side->size - at);
        if (!end) break;
        g_hash_table_add(strings, (gpointer)(side->data + at));
        at = (gsize)(end - side->data) + 1;
    }
    return strings;
}

static gboolean find_other_string(const DiffSide *side, GHashTable *than, DiffSide *ret) {
    for (gsize at = 0; at < side->size;) {
        const guint8 *end = memchr(side->data + at, 0, side->size - at);
        if (!end) break;
        gsize next = (gsize)(end - side->data) + 1;
        if (!g_hash_table_contains(than, side->data + at)) {
            *ret = diff_part(side, at, next - 1 - at);
            return TRUE;
        }
        at = next;
    }
    return FALSE;
}

/* Linkers and compilers sort and merge strings, so that one that changed is found by what the other
 * side lacks. */
static Diff *compare_string_sets(const ElfPair *pair, const ElfSection *a, const ElfSection *b) {
    if (!(a->header.sh_flags & SHF_STRINGS) || a->content.size > STRINGS_BYTES ||
        b->content.size > STRINGS_BYTES)
        return NULL;
    g_autoptr(GHashTable) in_a = collect_strings(&a->content), in_b = collect_strings(&b->content);
    DiffSide one, other;
    gboolean only_a = find_other_string(&a->content, in_b, &one);
    gboolean only_b = find_other_string(&b->content, in_a, &other);
    if (only_a && only_b && one.size + other.size > 2) return describe_strings(&one, &other);
    if (only_a == only_b) return NULL;
    const DiffSide *only = only_a ? &one : &other;
    g_autofree char *text = diff_quoted(only->data, only->size, 0);
    return diff_new("string %s is only in %s", text,
                    only_a ? pair->side_a->name : pair->side_b->name);
}

/* ---- Tools ---- */

static gboolean is_producer(const char *text) {
    return starts(text, "GNU C") || starts(text, "GNU AS") || starts(text, "clang version") ||
           starts(text, "Debian clang") || starts(text, "rustc version") ||
           starts(text, "GNU Fortran");
}

static gboolean has_string(const ElfFile *file, const char *text) {
    for (guint i = 0; i < file->sections->len; i++) {
        const ElfSection *section = file->sections->pdata[i];
        if (!starts(section->name, ".debug_str") || !section->content.size) continue;
        if (memmem(section->content.data, section->content.size, text, strlen(text) + 1))
            return TRUE;
    }
    return FALSE;
}

static const char *find_producer(const ElfFile *file, const ElfFile *not_in) {
    for (guint i = 0; i < file->sections->len; i++) {
        const ElfSection *section = file->sections->pdata[i];
        const char *data = (const char *)section->content.data;
        gsize size = section->content.size;
        if (!starts(section->name, ".debug_str") || !size) continue;
        for (gsize at = 0; at < size;) {
            const char *end = memchr(data + at, 0, size - at);
            if (!end) break;
            if (is_producer(data + at) && !has_string(not_in, data + at)) return data + at;
            at = (gsize)(end - data) + 1;
        }
    }
    return NULL;
}

/* The words of one producer that the other lacks. */
static char *other_words(const char *of, const char *than) {
    g_auto(GStrv) words = g_strsplit(of, " ", -1), others = g_strsplit(than, " ", -1);
    g_autoptr(GString) text = g_string_new(NULL);
    for (char **word = words; *word; word++)
        if (!g_strv_contains((const char *const *)others, *word))
            g_string_append_printf(text, "%s%s", text->len ? " " : "", *word);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static Diff *find_options(const ElfPair *pair) {
    const char *a = find_producer(pair->a, pair->b), *b = find_producer(pair->b, pair->a);
    if (!a || !b) return NULL;
    g_autofree char *only_a = other_words(a, b), *only_b = other_words(b, a);
    g_autofree char *one = diff_quoted(only_a, strlen(only_a), 0),
                    *other = diff_quoted(only_b, strlen(only_b), 0);
    Diff *diff =
        diff_new("made by another compiler or with other options: %s against %s", one, other);
    diff_line(diff, "%-8s %s", pair->side_a->name, a);
    diff_line(diff, "%-8s %s", pair->side_b->name, b);
    return diff;
}

/* Without the zeros around it. */
static DiffSide trim(const DiffSide *side) {
    gsize from = 0, to = side->size;
    while (from < to && !side->data[from])
        from++;
    while (to > from && !side->data[to - 1])
        to--;
    return diff_part(side, from, to - from);
}

Diff *elf_diff_tool(const ElfPair *pair) {
    for (guint i = 0; i < pair->a->sections->len; i++) {
        const ElfSection *a = pair->a->sections->pdata[i];
        const ElfSection *b =
            strcmp(a->name, ".comment") == 0 ? elf_file_section(pair->b, a) : NULL;
        gssize at = b ? bytes_first(&a->content, &b->content) : -1;
        if (at < 0) continue;
        DiffSide one, other;
        if (!find_string(&a->content, (gsize)at, &one) ||
            !find_string(&b->content, (gsize)at, &other) || !one.size || !other.size) {
            one = trim(&a->content);
            other = trim(&b->content);
        }
        g_autofree char *text_a = diff_quoted(one.data, one.size, 0),
                        *text_b = diff_quoted(other.data, other.size, 0);
        return diff_new("made by another tool (section .comment): %s against %s", text_a, text_b);
    }
    return find_options(pair);
}

/* ---- Data ---- */

static guint64 word_at(const ElfFile *file, const DiffSide *side, gsize at, gsize size) {
    guint64 value = 0;
    gboolean is_big = file->header.e_ident[EI_DATA] == ELFDATA2MSB;
    for (gsize i = 0; i < size; i++)
        value = value << 8 | side->data[at + (is_big ? i : size - 1 - i)];
    return value;
}

static gboolean is_address(const ElfFile *file, guint64 value) {
    return value >= file->low && value < file->high && file->low != G_MAXUINT64;
}

/* The first byte from `at` on that differs for another reason than that addresses have moved, or
 * -1. */
static gssize first_value(const ElfPair *pair, const ElfSection *a, const ElfSection *b) {
    gsize common = MIN(a->content.size, b->content.size), at = 0;
    gsize size = pair->a->header.e_ident[EI_CLASS] == ELFCLASS32 ? 4 : 8;
    for (;;) {
        gssize next = bytes_mismatch(&a->content, at, &b->content, at, common - at);
        if (next < 0) return a->content.size == b->content.size ? -1 : (gssize)common;
        at += (gsize)next;
        gsize word = at / size * size;
        if (!elf_file_is_linked(pair->a) || !pair->is_shifted || word + size > common ||
            !is_address(pair->a, word_at(pair->a, &a->content, word, size)) ||
            !is_address(pair->b, word_at(pair->b, &b->content, word, size)))
            return (gssize)at;
        at = word + size;
    }
}

static char *hex_of(const DiffSide *side, gsize at) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = at; i < MIN(side->size, at + 8); i++)
        g_string_append_printf(text, "%s%02x", i > at ? " " : "", side->data[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The bytes at `at` of the sections, which are the first that differ. */
static Diff *describe(const ElfPair *pair, const ElfSection *a, const ElfSection *b, gsize at) {
    guint64 base = elf_file_is_linked(pair->a) ? a->header.sh_addr : 0;
    const ElfSymbol *symbol = elf_file_covering(pair->a, a->index, base + at);
    g_autofree char *name = symbol ? diff_quoted(symbol->name, strlen(symbol->name), 0) : NULL;
    g_autofree char *where =
        symbol ? g_strdup_printf("section %s, symbol %s+0x%" G_GINT64_MODIFIER "x", a->name, name,
                                 base + at - symbol->symbol.st_value)
               : g_strdup_printf("section %s+0x%" G_GSIZE_MODIFIER "x", a->name, at);
    Diff *diff = compare_string_sets(pair, a, b);
    if (!diff) diff = compare_strings(&a->content, &b->content, at);
    if (!diff && at >= MIN(a->content.size, b->content.size)) {
        const ElfSection *longer = a->content.size > b->content.size ? a : b;
        gboolean is_zero = bytes_are(&longer->content, at, longer->content.size, 0);
        diff = diff_new("size %" G_GSIZE_FORMAT " against %" G_GSIZE_FORMAT " bytes%s",
                        a->content.size, b->content.size,
                        is_zero ? ", the rest is padding (trailing zeros)" : "");
    }
    if (!diff) {
        DiffSide one = diff_part(&a->content, at, MIN(8, a->content.size - at));
        DiffSide other = diff_part(&b->content, at, MIN(8, b->content.size - at));
        gssize end = one.size == other.size && a->content.size == b->content.size &&
                             bytes_same_end(&a->content, at + 1, &b->content, at + 1)
                         ? 1
                         : 8;
        g_autofree char *hex_a = hex_of(&a->content, at), *hex_b = hex_of(&b->content, at);
        guint changed = one.data[0] ^ other.data[0];
        diff = end == 1 ? diff_new("%s differs, 0x%02x against 0x%02x",
                                   changed & (changed - 1) ? "one byte" : "one bit", one.data[0],
                                   other.data[0])
                        : diff_new("%s against %s", hex_a, hex_b);
    }
    diff_within(diff, where);
    return diff;
}

typedef gboolean (*Wanted)(const ElfSection *section);

static Diff *find(const ElfPair *pair, Wanted is_wanted, gboolean is_any) {
    for (guint i = 0; i < pair->a->sections->len; i++) {
        const ElfSection *a = pair->a->sections->pdata[i];
        const ElfSection *b = is_wanted(a) ? elf_file_section(pair->b, a) : NULL;
        if (!b) continue;
        gssize at = is_any ? bytes_first(&a->content, &b->content) : first_value(pair, a, b);
        if (at >= 0) return describe(pair, a, b, (gsize)at);
    }
    return NULL;
}

static gboolean is_data(const ElfSection *section) {
    return section->header.sh_flags & SHF_ALLOC && !(section->header.sh_flags & SHF_EXECINSTR) &&
           !is_derived(section) && !is_debug(section);
}

static gboolean is_note(const ElfSection *section) {
    return !is_data(section) && !is_derived(section) && !is_debug(section) &&
           !(section->header.sh_flags & SHF_EXECINSTR);
}

static gboolean is_debug_string(const ElfSection *section) {
    return is_debug(section) && strstr(section->name, "str") != NULL;
}

static gboolean is_build_id(const ElfSection *section) {
    return strcmp(section->name, ".note.gnu.build-id") == 0;
}

static gboolean is_other(const ElfSection *section) {
    return is_derived(section) && !is_build_id(section);
}

Diff *elf_diff_data(const ElfPair *pair) {
    Diff *diff = find(pair, is_data, FALSE);
    return diff ? diff : find(pair, is_note, TRUE);
}

/* Names before what refers to them. */
Diff *elf_diff_debug(const ElfPair *pair) {
    Diff *diff = find(pair, is_debug_string, TRUE);
    return diff ? diff : find(pair, is_debug, TRUE);
}

Diff *elf_diff_other_sections(const ElfPair *pair) {
    Diff *diff = find(pair, is_data, TRUE);
    if (!diff) diff = find(pair, is_other, TRUE);
    if (!diff) {
        diff = find(pair, is_build_id, TRUE);
        if (diff) diff_more(diff, " (the build ID, a hash of the rest)");
    }
    return diff;
}
