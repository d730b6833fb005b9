/* The members of archives: cpio's newc format (base/cpio.h), and ar (ar(5) of FreeBSD, with the
 * names of GNU and BSD), as one type. */
#pragma once
#include "differ/diff.h"

#define ARCHIVE_FIELDS 9

typedef struct {
    char *name;
    const guint8 *data;
    gsize size;
    guint64 fields[ARCHIVE_FIELDS]; /* archive_field_names */
    guint occurrence;               /* how many members before it have its name */
} ArchiveMember;

typedef struct {
    const char *format;             /* "newc archive", "ar archive" */
    const char *const *field_names; /* ends with NULL; the first is mode, which is octal */
    ArchiveMember *index; /* the index of symbols that ar and ranlib make of the members; or NULL */
    GPtrArray *members;   /* of ArchiveMember */
    gsize end;            /* of what was read: the rest is padding */
    char *damage;         /* what is wrong after the last member, or NULL */
    GHashTable *by_name;  /* "OCCURRENCE NAME" -> index + 1 */
} Archive;

/* NULL if the content is no archive. Members point into `side`. */
Archive *archive_open(const DiffSide *side);
void archive_free(Archive *archive);

/* The index of the member that has the name, and as many of that name before it; or -1. */
gssize archive_find(const Archive *archive, const ArchiveMember *like);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Archive, archive_free)
