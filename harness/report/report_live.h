/* The line at the bottom of a terminal while cases run: progress, the running case, its spawn. */
#pragma once
#include "base/term.h"
#include "gate/plan.h"

typedef struct _ReportLive ReportLive;

/* If `term` is not live there is no such line; instead standard error gets its text every
 * `progress_s` seconds (0: never). `term` must outlive it. */
ReportLive *report_live_new(const Term *term, guint case_count, guint jobs, guint progress_s);

/* The expected duration of a case, in nanoseconds; called before the first case starts. */
void report_live_expect(ReportLive *live, const PlanCase *planned, gint64 expected_ns);

void report_live_free(ReportLive *live);

void report_live_started(ReportLive *live, const PlanCase *planned);
void report_live_spawn(ReportLive *live, const PlanCase *planned, const char *argv);
void report_live_file(ReportLive *live, const PlanCase *planned, const char *path);
/* `again`: the case will be started once more. */
void report_live_ended(ReportLive *live, const PlanCase *planned, gboolean will_retry);

/* Erases the line before other output; report_live_draw or the next tick shows it again. */
void report_live_clear(ReportLive *live);
void report_live_draw(ReportLive *live);
