/* The report a person reads: lines as cases end, a live line on a terminal, a summary. */
#pragma once
#include "schedule.h"
#include "term.h"

typedef struct _ReportText ReportText;

typedef struct {
    const char *program;  /* argv[0], for the line that runs a case again */
    const char *out_root; /* where outputs are, for differences */
    gboolean console;     /* show what programs print, as it comes */
    gboolean icount;      /* the guest's clock counts instructions */
} ReportTextOptions;

ReportText *report_text_new(const Plan *plan, const ReportTextOptions *options);
void report_text_free(ReportText *report);

/* To be given to schedule_run with the report as data. */
extern const ScheduleObserver report_text_observer;

/* The summary, once everything has ended. */
void report_text_summary(ReportText *report, const ScheduleResult *result);
