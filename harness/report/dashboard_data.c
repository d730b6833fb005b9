#include "report/dashboard_data.h"
#include <string.h>

static void series_free(gpointer data) {
    DashboardSeries *series = data;
    g_array_unref(series->steps);
    g_free(series);
}

static void add_series(GPtrArray *all, const HistorySeries *series, gboolean icount) {
    guint count = series->points->len;
    g_autofree double *values = g_new(double, count);
    for (guint i = 0; i < count; i++)
        values[i] = g_array_index(series->points, HistoryPoint, i).value;
    DashboardSeries *added = g_new0(DashboardSeries, 1);
    added->series = series;
    added->steps = steps_find(values, count, icount);
    added->icount = icount;
    g_ptr_array_add(all, added);
}

/* The costs of whole cases and of programs in one unit. In instructions a case costs what its init
 * does, with all that it spawns. */
static gboolean add_unit(DashboardData *data, History *history, gboolean icount, GError **error) {
    const HistoryRange all = {1, G_MAXINT64};
    GPtrArray *programs = data->owned[2 * icount] =
        history_series(history, "*", icount, all, error);
    if (!programs) return FALSE;
    if (icount) {
        data->owned[3] = history_totals(history, TRUE, G_MAXUINT, error);
        if (!data->owned[3]) return FALSE;
        for (guint i = 0; i < data->owned[3]->len; i++)
            add_series(data->cases, data->owned[3]->pdata[i], TRUE);
    }
    for (guint i = 0; i < programs->len; i++) {
        const HistorySeries *series = programs->pdata[i];
        add_series(*series->program ? data->programs : data->cases, series, icount);
    }
    return TRUE;
}

DashboardData *dashboard_data_new(History *history, const HistoryMachine *machine, GError **error) {
    g_autoptr(DashboardData) data = g_new0(DashboardData, 1);
    history_choose(history, machine);
    data->machine = machine;
    data->by_run = g_hash_table_new(g_int64_hash, g_int64_equal);
    data->cases = g_ptr_array_new_with_free_func(series_free);
    data->programs = g_ptr_array_new_with_free_func(series_free);
    data->runs = history_runs(history, G_MAXUINT, error);
    data->verdicts = data->runs ? verdicts_read(history, error) : NULL;
    if (!data->verdicts || !add_unit(data, history, FALSE, error) ||
        !add_unit(data, history, TRUE, error))
        return NULL;
    for (guint i = 0; i < data->runs->len; i++) {
        HistoryRun *run = data->runs->pdata[i];
        g_hash_table_insert(data->by_run, &run->run, run);
    }
    return g_steal_pointer(&data);
}

void dashboard_data_free(DashboardData *data) {
    g_hash_table_unref(data->by_run);
    g_clear_pointer(&data->runs, g_ptr_array_unref);
    g_clear_pointer(&data->verdicts, g_ptr_array_unref);
    g_ptr_array_unref(data->cases);
    g_ptr_array_unref(data->programs);
    for (guint i = 0; i < G_N_ELEMENTS(data->owned); i++)
        g_clear_pointer(&data->owned[i], g_ptr_array_unref);
    g_free(data);
}

const HistoryRun *dashboard_find_run(const DashboardData *data, gint64 run) {
    return g_hash_table_lookup(data->by_run, &run);
}

const DashboardSeries *dashboard_find_case(const DashboardData *data, const char *case_id,
                                           gboolean icount) {
    for (guint i = 0; i < data->cases->len; i++) {
        const DashboardSeries *series = data->cases->pdata[i];
        if (series->icount == icount && strcmp(series->series->case_id, case_id) == 0)
            return series;
    }
    return NULL;
}
