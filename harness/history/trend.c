#include "history/trend.h"

gboolean trend_fill(Record *record, History *history, GError **error) {
    g_autoptr(GPtrArray) all = history_totals(history, record->icount, TREND_RUNS, error);
    for (guint i = 0; all && i < all->len; i++) {
        const HistorySeries *series = all->pdata[i];
        RecordCase *c = record_find_case(record, series->case_id);
        for (guint k = 0; c && k < series->points->len; k++) {
            const HistoryPoint *point = &g_array_index(series->points, HistoryPoint, k);
            g_array_append_val(c->trend, point->value);
        }
    }
    return all != NULL;
}
