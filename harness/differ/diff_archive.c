#include "differ/diff_archive.h"
#include "differ/archive.h"
#include "differ/bytes.h"
#include <string.h>
#include <sys/stat.h>

/* Causes after the first that are shown. */
#define ALSO_MAX 8

typedef struct {
    const DiffSide *a, *b;
    Archive *archive_a, *archive_b;
    guint depth;
    DiffJudge judge;
    Diff *diff; /* of the first cause, or NULL */
    guint also; /* causes after it */
} Comparison;

static void take(Comparison *comparison, Diff *found) {
    if (!comparison->diff)
        comparison->diff = found;
    else if (comparison->also++ < ALSO_MAX)
        diff_also(comparison->diff, found);
    else
        diff_free(found);
}

/* "member 3 of 12, "lib.o"" */
static char *describe(const Archive *archive, guint index) {
    const ArchiveMember *member = archive->members->pdata[index];
    g_autofree char *name = diff_quoted(member->name, strlen(member->name), 0);
    return g_strdup_printf("member %u of %u, %s", index + 1, archive->members->len, name);
}

static DiffSide content_of(const DiffSide *side, const ArchiveMember *member) {
    return (DiffSide){side->name, member->data, member->size, side->is_mapped};
}

static gboolean is_same_content(const Comparison *comparison, const ArchiveMember *one,
                                const ArchiveMember *other) {
    DiffSide a = content_of(comparison->a, one), b = content_of(comparison->b, other);
    return bytes_first(&a, &b) < 0;
}

/* Members have other names, and the same contents at the same places. */
static gboolean find_renamed(Comparison *comparison) {
    const GPtrArray *a = comparison->archive_a->members, *b = comparison->archive_b->members;
    gssize at = -1;
    guint count = 0;
    if (a->len != b->len) return FALSE;
    for (guint i = 0; i < a->len; i++) {
        const ArchiveMember *one = a->pdata[i], *other = b->pdata[i];
        if (strcmp(one->name, other->name) == 0) continue;
        if (!is_same_content(comparison, one, other) ||
            archive_find(comparison->archive_b, one) >= 0)
            return FALSE;
        if (count++ == 0) at = (gssize)i;
    }
    if (at < 0) return FALSE;
    const ArchiveMember *one = a->pdata[at], *other = b->pdata[at];
    g_autofree char *name_a = diff_quoted(one->name, strlen(one->name), 0);
    g_autofree char *name_b = diff_quoted(other->name, strlen(other->name), 0);
    gboolean is_path = (*one->name == '/') != (*other->name == '/');
    Diff *found = diff_new("member %" G_GSSIZE_FORMAT
                           " of %u: name %s against %s (renamed%s, the same content)",
                           at + 1, a->len, name_a, name_b, is_path ? ", another path" : "");
    if (count > 1) diff_more(found, ", and %u more member%s", count - 1, count == 2 ? "" : "s");
    take(comparison, found);
    return TRUE;
}

/* The member that only `from` has, with the content and the last part of the name of one that it
 * lacks; or NULL. */
static const ArchiveMember *find_moved(const Comparison *comparison, const Archive *in,
                                       const Archive *from, const ArchiveMember *member) {
    g_autofree char *name = g_path_get_basename(member->name);
    for (guint i = 0; i < from->members->len; i++) {
        const ArchiveMember *other = from->members->pdata[i];
        if (!g_str_has_suffix(other->name, name) || archive_find(in, other) >= 0) continue;
        g_autofree char *found = g_path_get_basename(other->name);
        if (strcmp(found, name) == 0 && is_same_content(comparison, member, other)) return other;
    }
    return NULL;
}

/* A path that leaked into the names of members. */
static void find_path(Comparison *comparison) {
    const Archive *a = comparison->archive_a, *b = comparison->archive_b;
    for (guint i = 0; i < a->members->len; i++) {
        const ArchiveMember *one = a->members->pdata[i];
        if (archive_find(b, one) >= 0) continue;
        const ArchiveMember *other = find_moved(comparison, a, b, one);
        if (!other) return;
        g_autofree char *name_a = diff_quoted(one->name, strlen(one->name), 0);
        g_autofree char *name_b = diff_quoted(other->name, strlen(other->name), 0);
        take(comparison,
             diff_new("member %u of %u: name %s against %s (another path, the same content)", i + 1,
                      a->members->len, name_a, name_b));
        return;
    }
}

static void find_missing(Comparison *comparison, const Archive *in, const Archive *from,
                         const DiffSide *side, const DiffSide *other) {
    for (guint i = 0; i < in->members->len; i++) {
        const ArchiveMember *member = in->members->pdata[i];
        if (archive_find(from, member) >= 0) continue;
        g_autofree char *where = describe(in, i);
        take(comparison,
             diff_new("%s is only in %s, missing in %s", where, side->name, other->name));
    }
}

/* The members that both have, in the order of each. */
static void find_order(Comparison *comparison) {
    const Archive *a = comparison->archive_a, *b = comparison->archive_b;
    gssize last = -1;
    for (guint i = 0; i < a->members->len; i++) {
        gssize at = archive_find(b, a->members->pdata[i]);
        if (at < 0) continue;
        if (at > last) {
            last = at;
            continue;
        }
        guint first = 0;
        while (first < MIN(a->members->len, b->members->len) - 1 &&
               strcmp(((ArchiveMember *)a->members->pdata[first])->name,
                      ((ArchiveMember *)b->members->pdata[first])->name) == 0)
            first++;
        const ArchiveMember *one = a->members->pdata[first], *other = b->members->pdata[first];
        g_autofree char *name_a = diff_quoted(one->name, strlen(one->name), 0);
        g_autofree char *name_b = diff_quoted(other->name, strlen(other->name), 0);
        take(comparison,
             diff_new("the order of the members differs: member %u of %u is %s in %s, %s in %s",
                      first + 1, a->members->len, name_a, comparison->a->name, name_b,
                      comparison->b->name));
        return;
    }
}

static void find_contents(Comparison *comparison) {
    const Archive *a = comparison->archive_a, *b = comparison->archive_b;
    for (guint i = 0; i < a->members->len; i++) {
        const ArchiveMember *one = a->members->pdata[i];
        gssize at = archive_find(b, one);
        if (at < 0) continue;
        const ArchiveMember *other = b->members->pdata[at];
        /* A file against a folder is a matter of the mode. */
        if ((one->fields[0] ^ other->fields[0]) & S_IFMT || is_same_content(comparison, one, other))
            continue;
        DiffSide side_a = content_of(comparison->a, one), side_b = content_of(comparison->b, other);
        /* Contents after the first are named, not explained. */
        Diff *found = comparison->diff ? diff_new("the content differs")
                                       : comparison->judge(&side_a, &side_b, comparison->depth + 1);
        g_autofree char *where = describe(a, i);
        diff_within(found, where);
        take(comparison, found);
    }
}

static char *show_field(const Archive *archive, guint field, guint64 value) {
    return field == 0 ? g_strdup_printf("0%" G_GINT64_MODIFIER "o", value)
           : strstr(archive->field_names[field], "device")
               ? g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, value >> 32,
                                 value & G_MAXUINT32)
               : g_strdup_printf("%" G_GUINT64_FORMAT, value);
}

static void find_field(Comparison *comparison, guint field) {
    const Archive *a = comparison->archive_a, *b = comparison->archive_b;
    Diff *found = NULL;
    guint more = 0;
    for (guint i = 0; i < a->members->len; i++) {
        const ArchiveMember *one = a->members->pdata[i];
        gssize at = archive_find(b, one);
        const ArchiveMember *other = at < 0 ? NULL : b->members->pdata[at];
        if (!other || one->fields[field] == other->fields[field]) continue;
        more += found != NULL;
        if (found) continue;
        g_autofree char *where = describe(a, i);
        g_autofree char *value_a = show_field(a, field, one->fields[field]);
        g_autofree char *value_b = show_field(a, field, other->fields[field]);
        found = diff_new("%s: %s %s against %s", where, a->field_names[field], value_a, value_b);
    }
    if (more) diff_more(found, ", and of %u more member%s", more, more == 1 ? "" : "s");
    if (found) take(comparison, found);
}

/* It follows from the other members, but for its time and where it is missing. */
static void find_index(Comparison *comparison) {
    static const char what[] = "the symbol index of the archive (made by ar s, ranlib)";
    const ArchiveMember *a = comparison->archive_a->index, *b = comparison->archive_b->index;
    if (!a != !b)
        take(comparison, diff_new("%s is only in %s, missing in %s", what,
                                  a ? comparison->a->name : comparison->b->name,
                                  a ? comparison->b->name : comparison->a->name));
    if (!a || !b) return;
    if (!is_same_content(comparison, a, b))
        take(comparison, diff_new("%s: the content differs", what));
    for (guint i = 0; comparison->archive_a->field_names[i]; i++) {
        if (a->fields[i] == b->fields[i]) continue;
        g_autofree char *one = show_field(comparison->archive_a, i, a->fields[i]);
        g_autofree char *other = show_field(comparison->archive_a, i, b->fields[i]);
        take(comparison, diff_new("%s: %s %s against %s", what,
                                  comparison->archive_a->field_names[i], one, other));
    }
}

/* What follows the last member. */
static void find_rest(Comparison *comparison) {
    const DiffSide *a = comparison->a, *b = comparison->b;
    gsize end_a = comparison->archive_a->end, end_b = comparison->archive_b->end;
    DiffSide rest_a = diff_part(a, end_a, a->size - end_a),
             rest_b = diff_part(b, end_b, b->size - end_b);
    if (bytes_first(&rest_a, &rest_b) < 0) return;
    gboolean is_padding = bytes_are(a, end_a, a->size, 0) && bytes_are(b, end_b, b->size, 0);
    g_autofree char *size_a = diff_number(rest_a.size), *size_b = diff_number(rest_b.size);
    take(comparison, diff_new("the %s after the last member differs: %s bytes in %s, %s in %s",
                              is_padding ? "padding (trailing zeros)" : "data", size_a, a->name,
                              size_b, b->name));
}

static void find_all(Comparison *comparison) {
    const Archive *a = comparison->archive_a, *b = comparison->archive_b;
    if (!find_renamed(comparison)) {
        find_path(comparison);
        find_missing(comparison, a, b, comparison->a, comparison->b);
        find_missing(comparison, b, a, comparison->b, comparison->a);
    }
    find_contents(comparison);
    find_order(comparison);
    for (guint i = 0; a->field_names[i]; i++)
        find_field(comparison, i);
    find_index(comparison);
    find_rest(comparison);
}

Diff *diff_archive(const DiffSide *a, const DiffSide *b, guint depth, DiffJudge judge) {
    g_autoptr(Archive) archive_a = archive_open(a), archive_b = archive_open(b);
    if (!archive_a || !archive_b || strcmp(archive_a->format, archive_b->format) != 0) return NULL;
    Comparison comparison = {a, b, archive_a, archive_b, depth, judge, NULL, 0};
    const Archive *damaged = archive_a->damage ? archive_a : archive_b->damage ? archive_b : NULL;
    const DiffSide *side = damaged == archive_a ? a : b;
    /* A cut archive lacks all that follows: say so instead. */
    if (damaged && bytes_mismatch(a, 0, b, 0, MIN(a->size, b->size)) < 0) return NULL;
    find_all(&comparison);
    if (damaged) {
        Diff *broken = diff_new("%s is damaged after member %u: %s", side->name,
                                damaged->members->len, damaged->damage);
        if (comparison.diff) diff_also(broken, comparison.diff);
        comparison.diff = broken;
    }
    if (!comparison.diff)
        comparison.diff =
            diff_new("the members are equal; the form of their headers or the padding between them "
                     "differs, at byte %" G_GSSIZE_FORMAT,
                     bytes_first(a, b));
    if (comparison.also > ALSO_MAX)
        diff_line(comparison.diff, "and %u more differences", comparison.also - ALSO_MAX);
    return comparison.diff;
}
