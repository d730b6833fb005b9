/*
 * What a case ran when it was last counted (--coverage), for --affected: its programs, the sources
 * of these as they were, and those whose code it ran. The text has the form of ingredients.h, and
 * is kept with what the case was made from.
 */
#pragma once
#include "coverage/coverage.h"
#include "coverage/sources.h"
#include "run/source_files.h"

typedef struct _Covered Covered;

Covered *covered_new(void);
void covered_free(Covered *covered);

/* Adds a program of the case, which was last written at `modified_ns`; of one that is older than
 * a source of it nothing is known, since it was not made from what lies there. */
void covered_add_program(Covered *covered, SourceFiles *files, const char *hash, gint64 modified_ns,
                         const Sources *sources);

/* The text for case `index`. Free with g_free. */
char *covered_text(const Covered *covered, SourceFiles *files, const Coverage *coverage,
                   guint index);

/* A program as it is now, of which files have changed. */
typedef struct {
    const char *hash;
    const Sources *sources;
} CoveredProgram;

/*
 * Whether a case with such a text, `ingredients` (of Ingredient), can tell that the program changed
 * when `changed` (a set of absolute paths) did, as far as these are sources of it. NULL: it cannot,
 * as it runs none of their code; else why, in words. Free with g_free.
 */
char *covered_judge(const GPtrArray *ingredients, SourceFiles *files, const CoveredProgram *program,
                    GHashTable *changed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Covered, covered_free)
