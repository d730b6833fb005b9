#include "differ/archive.h"
#include "base/cpio.h"
#include "differ/bytes.h"
#include <string.h>

#define AR_MAGIC     "!<arch>\n"
#define AR_THIN      "!<thin>\n"
#define AR_HEADER    60
#define AR_INDEX     "/"
#define AR_INDEX_64  "/SYM64/"
#define AR_INDEX_BSD "__.SYMDEF"
#define AR_NAMES     "//"
#define MAGIC        8

static const char *const newc_names[] = {
    "mode",          "owner (uid)", "group (gid)",  "mtime",       "number of links (nlink)",
    "device (rdev)", "check",       "device (dev)", "inode (ino)", NULL};
static const char *const ar_names[] = {"mode", "owner (uid)", "group (gid)", "mtime", NULL};

static void member_free(gpointer data) {
    ArchiveMember *member = data;
    g_free(member->name);
    g_free(member);
}

static char *key_of(const ArchiveMember *member) {
    return g_strdup_printf("%u %s", member->occurrence, member->name);
}

static gboolean is_index(const char *name) {
    return strcmp(name, AR_INDEX) == 0 || strcmp(name, AR_INDEX_64) == 0 ||
           g_str_has_prefix(name, AR_INDEX_BSD);
}

static void add_member(Archive *archive, GHashTable *counts, ArchiveMember member) {
    ArchiveMember *kept = g_memdup2(&member, sizeof member);
    kept->occurrence = GPOINTER_TO_UINT(g_hash_table_lookup(counts, kept->name));
    g_hash_table_insert(counts, kept->name, GUINT_TO_POINTER(kept->occurrence + 1));
    g_ptr_array_add(archive->members, kept);
    g_hash_table_insert(archive->by_name, key_of(kept), GUINT_TO_POINTER(archive->members->len));
}

/* ---- newc ---- */

static void read_newc(Archive *archive, const DiffSide *side, GHashTable *counts) {
    /* The index of each field of ours in the header. */
    static const guint indices[] = {1, 2, 3, 5, 4, 9, 12, 7, 0};
    CpioReader reader = {side->data, side->size, 0};
    CpioEntry entry;
    g_autoptr(GError) error = NULL;
    while (cpio_read(&reader, &entry, &error)) {
        ArchiveMember member = {
            .name = g_strdup(entry.name), .data = entry.data, .size = entry.size};
        for (guint i = 0; i < G_N_ELEMENTS(indices); i++) {
            guint32 value, minor = 0;
            gboolean is_device = indices[i] == 7 || indices[i] == 9;
            if (!cpio_field(&entry, indices[i], &value)) value = G_MAXUINT32;
            if (is_device) (void)cpio_field(&entry, indices[i] + 1, &minor);
            member.fields[i] = is_device ? (guint64)value << 32 | minor : value;
        }
        add_member(archive, counts, member);
    }
    archive->end = reader.at;
    if (error) archive->damage = g_strdup(error->message);
}

/* ---- ar ---- */

/* A number of `size` digits with blanks after it; 0 when it is blank. */
static gboolean ar_number(const guint8 *at, gsize size, guint base, guint64 *ret) {
    guint64 value = 0;
    gsize i = 0;
    for (; i < size && at[i] >= '0' && at[i] < '0' + (int)base; i++)
        value = value * base + (guint64)(at[i] - '0');
    for (gsize rest = i; rest < size; rest++)
        if (at[rest] != ' ') return FALSE;
    *ret = value;
    return TRUE;
}

/* "name/", "/123" into the names of "//", or "#1/20", whose name stands before the data. */
static char *ar_name(const guint8 *header, const DiffSide *names, ArchiveMember *member) {
    guint64 at;
    gsize length = 16;
    while (length > 0 && header[length - 1] == ' ')
        length--;
    if (header[0] == '/' && g_ascii_isdigit(header[1]) && ar_number(header + 1, 15, 10, &at) &&
        at < names->size) {
        const guint8 *begin = names->data + at;
        const guint8 *end = memchr(begin, '\n', names->size - at);
        gsize size = end ? (gsize)(end - begin) : names->size - at;
        if (size > 0 && begin[size - 1] == '/') size--;
        return g_strndup((const char *)begin, size);
    }
    if (memcmp(header, "#1/", 3) == 0 && ar_number(header + 3, 13, 10, &at) && at <= member->size) {
        char *name = g_strndup((const char *)member->data, at);
        member->data += at;
        member->size -= at;
        return name;
    }
    if (length > 1 && header[length - 1] == '/' && header[0] != '/') length--;
    return g_strndup((const char *)header, length);
}

static gboolean read_ar_member(Archive *archive, const DiffSide *side, gboolean is_thin,
                               DiffSide *names, GHashTable *counts) {
    const guint8 *header = side->data + archive->end;
    gsize left = side->size - archive->end;
    ArchiveMember member = {0};
    guint64 size;
    if (left < AR_HEADER || memcmp(header + 58, "`\n", 2) != 0 ||
        !ar_number(header + 16, 12, 10, &member.fields[3]) ||
        !ar_number(header + 28, 6, 10, &member.fields[1]) ||
        !ar_number(header + 34, 6, 10, &member.fields[2]) ||
        !ar_number(header + 40, 8, 8, &member.fields[0]) ||
        !ar_number(header + 48, 10, 10, &size)) {
        archive->damage = g_strdup("no header of a member");
        return FALSE;
    }
    gboolean is_special = header[0] == '/' && !g_ascii_isdigit(header[1]);
    gsize stored = is_thin && !is_special ? 0 : size;
    if (stored > left - AR_HEADER) {
        archive->damage = g_strdup("a member extends past the end of the archive");
        return FALSE;
    }
    member.data = header + AR_HEADER;
    member.size = stored;
    archive->end += MIN(left, AR_HEADER + stored + (stored & 1));
    if (memcmp(header, AR_NAMES " ", 3) == 0) {
        *names = (DiffSide){side->name, member.data, member.size, side->is_mapped};
        return TRUE;
    }
    member.name = ar_name(header, names, &member);
    if (!archive->index && is_index(member.name))
        archive->index = g_memdup2(&member, sizeof member);
    else
        add_member(archive, counts, member);
    return TRUE;
}

static void read_ar(Archive *archive, const DiffSide *side, GHashTable *counts) {
    DiffSide names = {side->name, side->data, 0, FALSE};
    gboolean is_thin = bytes_begin(side, 0, AR_THIN, MAGIC);
    archive->end = MAGIC;
    while (archive->end < side->size && read_ar_member(archive, side, is_thin, &names, counts))
        continue;
}

/* ---- Both ---- */

Archive *archive_open(const DiffSide *side) {
    gboolean is_newc = bytes_begin(side, 0, "070701", 6);
    if (!is_newc && !bytes_begin(side, 0, AR_MAGIC, MAGIC) && !bytes_begin(side, 0, AR_THIN, MAGIC))
        return NULL;
    Archive *archive = g_new0(Archive, 1);
    *archive = (Archive){.format = is_newc ? "newc archive" : "ar archive",
                         .field_names = is_newc ? newc_names : ar_names,
                         .members = g_ptr_array_new_with_free_func(member_free),
                         .by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    if (is_newc)
        read_newc(archive, side, counts);
    else
        read_ar(archive, side, counts);
    return archive;
}

void archive_free(Archive *archive) {
    if (archive->index) member_free(archive->index);
    g_ptr_array_unref(archive->members);
    g_hash_table_unref(archive->by_name);
    g_free(archive->damage);
    g_free(archive);
}

gssize archive_find(const Archive *archive, const ArchiveMember *like) {
    g_autofree char *key = key_of(like);
    return (gssize)GPOINTER_TO_UINT(g_hash_table_lookup(archive->by_name, key)) - 1;
}
