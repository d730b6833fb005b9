/* One line of a guest's test results. */
#pragma once
#include "gate/results_format.h"
#include <glib.h>

typedef enum {
    RESULTS_LINE_OTHER,
    RESULTS_LINE_TEST,     /* a result */
    RESULTS_LINE_PLAN,     /* "1..N" */
    RESULTS_LINE_VERSION,  /* "TAP version 14", "KTAP version 1" */
    RESULTS_LINE_SUBTEST,  /* "# Subtest: NAME" */
    RESULTS_LINE_COMMENT,  /* "# ..." */
    RESULTS_LINE_BAIL_OUT, /* "Bail out! ..." */
    RESULTS_LINE_SUMMARY,  /* "SUMMARY: N tests, ..." */
} ResultsLineKind;

typedef enum { DIRECTIVE_NONE, DIRECTIVE_SKIP, DIRECTIVE_TODO } ResultsDirective;

typedef struct {
    ResultsLineKind kind;
    guint indent; /* blanks before it */
    gboolean is_ok;
    gboolean has_number;
    guint64 number; /* TEST; PLAN and SUMMARY: how many */
    ResultsDirective directive;
    char *text;   /* the name, or what follows; never NULL after parsing */
    char *reason; /* of the directive; never NULL after parsing */
} ResultsLine;

/*
 * Reads a line without its newline; every text is a line, of RESULTS_LINE_OTHER at worst. The bytes
 * before it, after a time stamp of Linux's log, are ignored: `prefix` of them.
 */
void results_line_parse(ResultsFormat format, const char *text, gsize prefix, ResultsLine *ret);

/* Whether the line ends with "TAP version N" or "KTAP version N"; *ret_prefix is the number of
 * bytes before that, after a time stamp. */
gboolean results_line_is_version(const char *text, gsize *ret_prefix);
void results_line_clear(ResultsLine *line);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ResultsLine, results_line_clear)
