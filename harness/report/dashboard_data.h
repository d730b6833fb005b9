/* What a dashboard shows of one machine. */
#pragma once
#include "history/history.h"
#include "history/steps.h"
#include "history/verdicts.h"

/* A series with its steps. */
typedef struct {
    const HistorySeries *series;
    GArray *steps;   /* of Step */
    gboolean icount; /* its values are instructions, else milliseconds */
} DashboardSeries;

typedef struct {
    const HistoryMachine *machine;
    GPtrArray *runs;     /* of HistoryRun, oldest first */
    GHashTable *by_run;  /* gint64 -> HistoryRun; not owned */
    GPtrArray *verdicts; /* of CaseVerdicts */
    GPtrArray *owned[4]; /* the series that the next two point into */
    GPtrArray *cases;    /* of DashboardSeries: whole cases, by time and by instructions */
    GPtrArray *programs; /* of DashboardSeries */
} DashboardData;

/* The data of a machine; NULL and *error. */
DashboardData *dashboard_data_new(History *history, const HistoryMachine *machine, GError **error);
void dashboard_data_free(DashboardData *data);

/* The run of that number, or NULL. */
const HistoryRun *dashboard_find_run(const DashboardData *data, gint64 run);

/* The series of a whole case, or NULL. */
const DashboardSeries *dashboard_find_case(const DashboardData *data, const char *case_id,
                                           gboolean icount);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DashboardData, dashboard_data_free)
