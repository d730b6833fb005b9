/* The display while cases run: a live line, program output, each case as it ends. */
#pragma once
#include "base/term.h"
#include "gate/plan.h"
#include "record/record.h"

typedef struct _ReportTerminal ReportTerminal;

typedef struct {
    guint jobs;
    guint progress_s;  /* without a live line: seconds between progress lines on standard
                          error; 0: never */
    gboolean console;  /* show the output of programs as it comes */
    gboolean quiet;    /* show no cases that passed */
    gboolean verbose;  /* show the spawned programs of each case */
    const char *color; /* term_detect */
} ReportTerminalOptions;

/* Writes to `out`. */
ReportTerminal *report_terminal_new(FILE *out, guint case_count,
                                    const ReportTerminalOptions *options);

/* Whether it shows running cases and the expected time. */
gboolean report_terminal_is_live(const ReportTerminal *report);

/* The expected duration of a case; called before the first case starts. */
void report_terminal_expect(ReportTerminal *report, const PlanCase *planned, gint64 expected_ns);
void report_terminal_free(ReportTerminal *report);

void report_terminal_started(ReportTerminal *report, const PlanCase *planned);
void report_terminal_event(ReportTerminal *report, const PlanCase *planned, const Event *event);
void report_terminal_text(ReportTerminal *report, const PlanCase *planned, const guint8 *text,
                          gsize length);
void report_terminal_ended(ReportTerminal *report, const PlanCase *planned,
                           const RecordAttempt *attempt, gboolean will_retry);

/* The summary, once everything has ended. */
void report_terminal_summary(ReportTerminal *report, const Record *record);
