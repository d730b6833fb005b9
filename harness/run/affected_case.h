/* Which changed files a case of a plan depends on, apart from what it takes from other cases. */
#pragma once
#include "gate/plan.h"
#include "guest/boot.h"
#include "run/source_files.h"

/* What the files of all cases are compared with. */
typedef struct {
    GHashTable *changed; /* absolute path of a changed file, and its real one -> as it was given */
    GHashTable *known;   /* those as given that some case reads, or is made from */
    const char *root, *seed_kernel, *out_root; /* of the caller */
    SourceFiles *files;
    GHashTable *programs; /* path -> what is known of a file that was built */
} AffectedFiles;

AffectedFiles *affected_files_new(const char *root, const char *const *paths);
void affected_files_free(AffectedFiles *files);

/*
 * Why the case has to run, in words; NULL if no change can reach it: *ret_spared is then set if one
 * of its programs is made from a changed file, and the last coverage shows that the case runs none
 * of its code. Free with g_free.
 */
char *affected_case(AffectedFiles *files, const PlanCase *planned, gboolean *ret_spared);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AffectedFiles, affected_files_free)
