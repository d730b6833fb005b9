/*
 * What the cases of a run have executed, by file, line, function and branch. A value that
 * collect.h fills and the writers read: of lines and functions it knows the set of cases that ran
 * them, and not how often, since loops that wait differ from run to run.
 */
#pragma once
#include <glib.h>

/* A set of cases: bits in Coverage.words words. */
typedef guint64 CoverageCases;

/* A conditional jump in the code of a line: whether some case jumped, or went on behind it. Not
 * which one, since how a loop that waits for a device ends differs from run to run. */
typedef struct {
    gboolean taken, passed;
} CoverageBranch;

typedef struct _CoverageFile CoverageFile;

typedef struct {
    CoverageFile *file;
    guint number;
    CoverageCases *cases;
    GPtrArray *branches; /* of CoverageBranch, by address; or NULL */
} CoverageLine;

typedef struct {
    char *name;
    guint line;
    CoverageCases *cases; /* that entered it */
} CoverageFunction;

struct _CoverageFile {
    char *path;           /* absolute, unless `text` stands for it */
    GPtrArray *lines;     /* of CoverageLine; by number once sorted */
    GPtrArray *functions; /* of CoverageFunction; by line and name once sorted */
    GHashTable *by_number, *by_name;
    char *text; /* of a file that exists only in reports; else NULL */
};

typedef struct {
    char *root;       /* absolute: relative paths begin there */
    GPtrArray *cases; /* of char *: their ids, in the order of the plan */
    guint words;
    GPtrArray *files; /* of CoverageFile; by folder and path once sorted */
    GHashTable *by_path;
} Coverage;

/* `cases` ends with NULL; relative paths of sources begin at `root`. */
Coverage *coverage_new(const char *root, const char *const *cases);
void coverage_free(Coverage *coverage);

/* The file `path`, line, function or branch, which is added if need be. Line and function are keyed
 * by their numbers, and a function by its name too; a branch by its place in the line. */
CoverageFile *coverage_file(Coverage *coverage, const char *path);
CoverageLine *coverage_line(const Coverage *coverage, CoverageFile *file, guint number);
CoverageFunction *coverage_function(const Coverage *coverage, CoverageFile *file, guint line,
                                    const char *name);
CoverageBranch *coverage_branch(CoverageLine *line, guint index);

/* Orders files, lines and functions: before anything is written. */
void coverage_sort(Coverage *coverage);

void coverage_cases_add(CoverageCases *cases, guint index);
gboolean coverage_cases_has(const CoverageCases *cases, guint index);
/* Whether the case has run a line or entered a function of the file. */
gboolean coverage_has_run(const CoverageFile *file, guint index);
guint coverage_cases_count(const Coverage *coverage, const CoverageCases *cases);

/* The path below the root, or the whole path of a file elsewhere. Owned by the file. */
const char *coverage_shown_path(const Coverage *coverage, const CoverageFile *file);

/* The path of the file's text: its own, or that of the list in `folder`, where
 * reports are written. Free with g_free. */
char *coverage_text_path(const CoverageFile *file, const char *folder);

/* Counts of lines, functions and sides of branches. */
typedef struct {
    guint lines, lines_hit, functions, functions_hit, sides, sides_hit;
} CoverageTotals;

void coverage_add_totals(const Coverage *coverage, const CoverageFile *file,
                         CoverageTotals *totals);
CoverageTotals coverage_totals(const Coverage *coverage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Coverage, coverage_free)
