/* The line at the bottom of a terminal while cases run: progress, the running case, its spawn. */
#pragma once
#include "base/term.h"
#include "gate/plan.h"

typedef struct _ReportLive ReportLive;

/* Where `term` is not live there is no such line, and every `progress_s` seconds (0: never)
 * standard error gets what it would show. `term` must live on. */
ReportLive *report_live_new(const Term *term, guint case_count, guint jobs, guint progress_s);

/* What a case is expected to take, in nanoseconds; said before the first has started. */
void report_live_expect(ReportLive *live, const PlanCase *planned, gint64 expected_ns);

void report_live_free(ReportLive *live);

void report_live_started(ReportLive *live, const PlanCase *planned);
void report_live_spawn(ReportLive *live, const PlanCase *planned, const char *argv);
void report_live_file(ReportLive *live, const PlanCase *planned, const char *path);
/* `again`: the case will be started once more. */
void report_live_ended(ReportLive *live, const PlanCase *planned, gboolean will_retry);

/* Takes the line away, before other output; report_live_draw or the next tick shows it again. */
void report_live_clear(ReportLive *live);
void report_live_draw(ReportLive *live);
