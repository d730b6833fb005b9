#include "report/dashboard_chart.h"
#include "base/stats.h"
#include <stdlib.h>
#include <string.h>

/* Units of the SVG's own; the page stretches it. A column holds the runs that fall into it. */
#define WIDTH   320
#define HEIGHT  80
#define COLUMNS 160
/* The share of values that may leave the scale at the top: single slow moments. */
#define SHARE_ABOVE 0.03

/* Digits in groups of three, with narrow spaces that do not break. */
static void append_count(GString *out, double value) {
    g_autofree char *digits = g_strdup_printf("%.0f", value);
    guint length = (guint)strlen(digits);
    for (guint i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) g_string_append(out, "\u202f");
        g_string_append_c(out, digits[i]);
    }
}

void dashboard_value(GString *out, double value, gboolean icount) {
    if (icount)
        append_count(out, value);
    else if (value >= 1000)
        g_string_append_printf(out, "%.2f s", value / 1000);
    else
        g_string_append_printf(out, value < 10 ? "%.3f ms" : "%.1f ms", value);
}

typedef struct {
    gint64 first, last; /* runs of the machine */
    double low, high;   /* values at the bottom and the top */
} Scale;

static double x_of(const Scale *scale, gint64 run) {
    double span = (double)(scale->last - scale->first);
    return span > 0 ? WIDTH * (double)(run - scale->first) / span : WIDTH / 2.0;
}

static double y_of(const Scale *scale, double value) {
    double y = HEIGHT * (1 - (value - scale->low) / (scale->high - scale->low));
    return CLAMP(y, 0, HEIGHT);
}

static int compare_doubles(const void *a, const void *b) {
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

/* From zero if that leaves a quarter of the height to what changes, else from just below. */
static Scale find_scale(const DashboardData *data, const GArray *points) {
    Scale scale = {0};
    guint count = points->len;
    g_autofree double *values = g_new(double, count);
    for (guint i = 0; i < count; i++)
        values[i] = g_array_index(points, HistoryPoint, i).value;
    qsort(values, count, sizeof *values, compare_doubles);
    double least = values[0], most = values[count - 1 - (guint)(SHARE_ABOVE * count)];
    double room = MAX(0.1 * (most - least), 0.02 * most);
    scale.first = ((HistoryRun *)data->runs->pdata[0])->run;
    scale.last = ((HistoryRun *)data->runs->pdata[data->runs->len - 1])->run;
    scale.low = least < 0.75 * most ? 0 : MAX(least - room, 0);
    scale.high = most + room > scale.low ? most + room : scale.low + 1;
    return scale;
}

/* The values of one column: its place, and its least, median and highest value. */
typedef struct {
    double x, low, middle, high;
} Column;

/* The columns of the points; of Column. */
static GArray *find_columns(const Scale *scale, const GArray *points) {
    GArray *columns = g_array_new(FALSE, FALSE, sizeof(Column));
    g_autofree double *values = g_new(double, points->len);
    for (guint i = 0; i < points->len;) {
        const HistoryPoint *point = &g_array_index(points, HistoryPoint, i);
        Column column = {.x = x_of(scale, point->run)};
        guint count = 0;
        do
            values[count++] = g_array_index(points, HistoryPoint, i++).value;
        while (i < points->len &&
               x_of(scale, g_array_index(points, HistoryPoint, i).run) - column.x <
                   (double)WIDTH / COLUMNS);
        qsort(values, count, sizeof *values, compare_doubles);
        column.low = values[0];
        column.middle = stats_median(values, count);
        column.high = values[count - 1];
        g_array_append_val(columns, column);
    }
    return columns;
}

static void append_lines(GString *out, const Scale *scale, const GArray *columns) {
    g_string_append(out, "<path class=\"band\" d=\"");
    for (guint i = 0; i < columns->len; i++) {
        const Column *column = &g_array_index(columns, Column, i);
        if (column->high > column->low)
            g_string_append_printf(out, "M%.1f %.1fV%.1f", column->x, y_of(scale, column->low),
                                   y_of(scale, column->high));
    }
    g_string_append(out, "\"/><path class=\"middle\" d=\"");
    for (guint i = 0; i < columns->len; i++) {
        const Column *column = &g_array_index(columns, Column, i);
        g_string_append_printf(out, "%c%.1f %.1f", i > 0 ? 'L' : 'M', column->x,
                               y_of(scale, column->middle));
    }
    /* A line of one point has no length: its round end shows it. */
    g_string_append(out, columns->len == 1 ? "h0\"/>" : "\"/>");
}

static void append_steps(GString *out, const Scale *scale, const DashboardSeries *series) {
    for (guint i = 0; i < series->steps->len; i++) {
        const Step *step = &g_array_index(series->steps, Step, i);
        gint64 run = g_array_index(series->series->points, HistoryPoint, step->at).run;
        g_string_append_printf(out, "<path class=\"step %s\" d=\"M%.1f 0V%d\"/>",
                               step->after > step->before ? "slower" : "faster", x_of(scale, run),
                               HEIGHT);
    }
}

static void append_failed(GString *out, const Scale *scale, const GArray *failed) {
    double last = -WIDTH;
    g_string_append(out, "<path class=\"failed\" d=\"");
    for (guint i = 0; i < failed->len; i++) {
        double x = x_of(scale, g_array_index(failed, gint64, i));
        if (x - last < (double)WIDTH / COLUMNS) continue;
        g_string_append_printf(out, "M%.1f %dV%d", x, HEIGHT - 8, HEIGHT);
        last = x;
    }
    g_string_append(out, "\"/>");
}

static void append_low(GString *out, double low, gboolean icount) {
    if (low > 0)
        dashboard_value(out, low, icount);
    else
        g_string_append_c(out, '0');
}

void dashboard_chart(GString *out, const DashboardData *data, const DashboardSeries *series,
                     const GArray *failed) {
    Scale scale = find_scale(data, series->series->points);
    g_autoptr(GArray) columns = find_columns(&scale, series->series->points);
    g_string_append(out, "<div class=\"scale\">");
    append_low(out, scale.low, series->icount);
    g_string_append(out, " to ");
    dashboard_value(out, scale.high, series->icount);
    g_string_append_printf(out,
                           "</div><div class=\"chart\"><svg viewBox=\"0 0 %d %d\" "
                           "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                           WIDTH, HEIGHT);
    append_steps(out, &scale, series);
    append_lines(out, &scale, columns);
    append_failed(out, &scale, failed);
    g_string_append_printf(out,
                           "</svg></div><div class=\"axis\"><span>run %" G_GINT64_FORMAT
                           "</span><span>%" G_GINT64_FORMAT "</span></div>\n",
                           scale.first, scale.last);
}
