#include "differ/elf_pair.h"
#include <string.h>

/* Names of sections that a sentence lists. */
#define LISTED 3

/* Relocations and groups come and go with the section that they are for. */
static gboolean follows(const ElfSection *section) {
    return section->header.sh_type == SHT_RELA || section->header.sh_type == SHT_REL ||
           section->header.sh_type == SHT_NULL;
}

static guint count_missing(const ElfFile *in, const ElfFile *from, gboolean with_followers,
                           GString *names) {
    guint count = 0;
    for (guint i = 0; i < in->sections->len; i++) {
        const ElfSection *section = in->sections->pdata[i];
        if (elf_file_section(from, section) || follows(section) != with_followers) continue;
        if (count++ < LISTED) {
            g_autofree char *name = diff_quoted(section->name, strlen(section->name), 0);
            g_string_append_printf(names, "%s%s (%" G_GUINT64_FORMAT " bytes)",
                                   count > 1 ? ", " : "", name, (guint64)section->header.sh_size);
        }
    }
    return count;
}

Diff *elf_diff_section_set(const ElfPair *pair) {
    g_autoptr(GString) in_a = g_string_new(NULL), in_b = g_string_new(NULL);
    guint only_a = 0, only_b = 0;
    for (guint pass = 0; pass < 2 && !only_a && !only_b; pass++) {
        only_a = count_missing(pair->a, pair->b, pass == 1, in_a);
        only_b = count_missing(pair->b, pair->a, pass == 1, in_b);
    }
    if (!pair->a->sections->len != !pair->b->sections->len)
        return diff_new("%s has no section headers, %s has %u (stripped of sections)",
                        pair->a->sections->len ? pair->side_b->name : pair->side_a->name,
                        pair->a->sections->len ? pair->side_a->name : pair->side_b->name,
                        MAX(pair->a->sections->len, pair->b->sections->len));
    if (only_a == 1 && only_b == 1)
        return diff_new("section %s is only in %s, %s only in %s", in_a->str, pair->side_a->name,
                        in_b->str, pair->side_b->name);
    if (!only_a && !only_b) return NULL;
    gboolean is_a = only_a > 0;
    guint count = is_a ? only_a : only_b;
    Diff *diff = diff_new("section%s %s%s only in %s, missing in %s", count == 1 ? "" : "s",
                          is_a ? in_a->str : in_b->str,
                          count > LISTED ? " ... are"
                          : count > 1    ? " are"
                                         : " is",
                          is_a ? pair->side_a->name : pair->side_b->name,
                          is_a ? pair->side_b->name : pair->side_a->name);
    if (strstr(is_a ? in_a->str : in_b->str, "\".symtab\""))
        diff_more(diff, " (stripped of symbols)");
    if (only_a && only_b) diff_line(diff, "and only in %s: %s", pair->side_b->name, in_b->str);
    return diff;
}

static Diff *attribute(const ElfSection *section, const char *what, guint64 one, guint64 other) {
    if (one == other) return NULL;
    g_autofree char *name = diff_quoted(section->name, strlen(section->name), 0);
    return diff_new("section %s: %s 0x%" G_GINT64_MODIFIER "x against 0x%" G_GINT64_MODIFIER "x",
                    name, what, one, other);
}

/* Of a section without bytes, which symbol has another size, or is on one side only. */
static void name_symbol(Diff *diff, const ElfPair *pair, const ElfSection *section) {
    for (guint side = 0; side < 2; side++) {
        const ElfFile *in = side ? pair->b : pair->a, *from = side ? pair->a : pair->b;
        for (guint i = 0; i < in->symbols->len; i++) {
            const ElfSymbol *symbol = in->symbols->pdata[i];
            if (elf_symbol_is_made(symbol) || strcmp(symbol->section, section->name) != 0) continue;
            const ElfSymbol *other = elf_file_symbol(from, symbol);
            g_autofree char *name = diff_quoted(symbol->name, strlen(symbol->name), 0);
            if (other && other->symbol.st_size == symbol->symbol.st_size) continue;
            if (other)
                diff_more(diff,
                          "; symbol %s: %" G_GUINT64_FORMAT " against %" G_GUINT64_FORMAT " bytes",
                          name, (guint64)symbol->symbol.st_size, (guint64)other->symbol.st_size);
            else
                diff_more(diff, "; symbol %s is only in %s", name, in->side->name);
            return;
        }
    }
}

static Diff *section_header(const ElfPair *pair, const ElfSection *a, const ElfSection *b) {
    const GElf_Shdr *one = &a->header, *other = &b->header;
    Diff *diff = NULL;
    if (one->sh_type != other->sh_type) {
        const char *type_a = elf_section_type_name(one->sh_type),
                   *type_b = elf_section_type_name(other->sh_type);
        if (!type_a || !type_b) return attribute(a, "type (sh_type)", one->sh_type, other->sh_type);
        return diff_new("section \"%s\": type (sh_type) %s against %s", a->name, type_a, type_b);
    }
    diff = attribute(a, "flags (sh_flags)", one->sh_flags, other->sh_flags);
    if (!diff && one->sh_addralign != other->sh_addralign)
        diff = diff_new("section \"%s\": alignment (sh_addralign) %" G_GUINT64_FORMAT
                        " against %" G_GUINT64_FORMAT,
                        a->name, (guint64)one->sh_addralign, (guint64)other->sh_addralign);
    if (!diff) diff = attribute(a, "entry size (sh_entsize)", one->sh_entsize, other->sh_entsize);
    if (!diff && one->sh_type == SHT_NOBITS && one->sh_size != other->sh_size) {
        diff = diff_new("section \"%s\": size %" G_GUINT64_FORMAT " against %" G_GUINT64_FORMAT
                        " bytes",
                        a->name, (guint64)one->sh_size, (guint64)other->sh_size);
        name_symbol(diff, pair, a);
    }
    return diff;
}

static Diff *find_order(const ElfPair *pair) {
    if (pair->a->sections->len != pair->b->sections->len) return NULL;
    for (guint i = 0; i < pair->a->sections->len; i++) {
        const ElfSection *a = pair->a->sections->pdata[i], *b = pair->b->sections->pdata[i];
        if (strcmp(a->name, b->name) == 0) continue;
        return diff_new(
            "the order of the sections differs: section %u is \"%s\" in %s, \"%s\" in %s", i,
            a->name, pair->side_a->name, b->name, pair->side_b->name);
    }
    return NULL;
}

Diff *elf_diff_section_headers(const ElfPair *pair) {
    for (guint i = 0; i < pair->a->sections->len; i++) {
        const ElfSection *a = pair->a->sections->pdata[i];
        const ElfSection *b = elf_file_section(pair->b, a);
        Diff *diff = b ? section_header(pair, a, b) : NULL;
        if (diff) return diff;
    }
    return find_order(pair);
}
