/* The levels of nested results, and how results are passed on: the inner part of results.c. */
#pragma once
#include "attempt/results.h"

/* Of a level whose name nobody says. */
#define RESULTS_UNNAMED "(unnamed)"

typedef struct {
    guint indent;
    char *name;   /* NULL: not known yet; "" at the top */
    guint64 plan; /* announced results; with has_plan */
    gboolean has_plan;
    guint64 count;   /* results that have come */
    guint64 failed;  /* of them and below */
    GPtrArray *held; /* of Result, named from here: what came while the level had no name */
} Level;

struct _Results {
    ResultsFormat format;
    const GPtrArray *patterns; /* of DialogStep */
    gsize prefix;              /* bytes before each line of KTAP */
    const ResultsObserver *observer;
    gpointer data;
    GByteArray *line;
    GPtrArray *levels; /* of Level, the top first */
    GString *detail;   /* comments since the last result */
    guint detail_lines;
    gboolean closed_child; /* the level below the top one has just ended */
    guint64 child_failed, child_count;
    GPtrArray *child_held;
    GHashTable *names; /* of results passed on -> how often */
    gboolean has_begun, has_ended;
    guint missing;    /* results reported as such */
    gint64 now_ns;    /* when the present line came */
    gint64 before_ns; /* and the line of results before it; 0: none has come */
};

GPtrArray *results_levels(void);

/* Adds a level of that indentation below the top one; the top one. */
Level *results_push(Results *results, guint indent);
Level *results_top(const Results *results);

/* Whether the format has levels and plans that must come true. */
gboolean results_is_tap(const Results *results);

void results_mistake(Results *results, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Adds a result to the level `depth`, 0 being the outermost; `host_ns`: what it took, or -1. */
void results_add(Results *results, guint depth, ResultKind kind, const char *name,
                 const char *detail, gint64 host_ns);

/* The top level is now known by that name: its results can be passed on. */
void results_name_level(Results *results, const char *name);

/* Reports what was planned in the top level and has not come. */
void results_judge_plan(Results *results, gboolean was_running);

/* Ends the top level, which is then the child that the next line of its parent names. */
void results_pop(Results *results, gboolean was_running);

/* Makes the level of that indentation the top one. */
Level *results_go_to(Results *results, guint indent);

/* The results that a level without a name held get the name that its parent gives; or are dropped.
 */
void results_adopt_child(Results *results, const char *name);
void results_drop_child(Results *results);
