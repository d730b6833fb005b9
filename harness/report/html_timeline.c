#include "report/html_timeline.h"
#include "base/markup.h"

#define ROW_PX 20
/* Rows of spawns in a lane; deeper nesting shares the last row. */
#define DEPTH_ROWS 12
/* Ticks of the axis without JavaScript. */
#define TICKS 5

/* An attempt in its lane. */
typedef struct {
    const RecordAttempt *attempt;
    guint case_index;
    guint lane;
} Placed;

typedef struct {
    gint64 end_ns; /* of the last attempt in it */
    guint rows;
} Lane;

void html_case_id(GString *out, guint case_index) {
    g_string_append_printf(out, "c%u", case_index);
}

void html_spawn_id(GString *out, guint case_index, guint attempt, guint spawn) {
    g_string_append_printf(out, "c%u-%u-%u", case_index, attempt, spawn);
}

static void append_time(GString *out, gint64 ns, const char *format_ms) {
    if (ns < 0)
        g_string_append(out, "-");
    else if (ns >= 10 * G_GINT64_CONSTANT(1000000000))
        g_string_append_printf(out, "%.2f s", (double)ns / 1e9);
    else
        g_string_append_printf(out, format_ms, (double)ns / 1e6);
}

void html_case_time(GString *out, gint64 ns) { append_time(out, ns, "%.1f ms"); }

void html_spawn_time(GString *out, gint64 ns) { append_time(out, ns, "%.3f ms"); }

void html_spawn_cost(GString *out, const Record *record, const RecordSpawn *spawn) {
    if (record->icount && spawn->guest_ns >= 0)
        g_string_append_printf(out, "%" G_GINT64_FORMAT " instructions", spawn->guest_ns);
    else
        html_spawn_time(out, spawn->guest_ns);
}

/* ---- Places ---- */

static gint compare_starts(gconstpointer a, gconstpointer b) {
    gint64 x = ((const Placed *)a)->attempt->start_at_ns;
    gint64 y = ((const Placed *)b)->attempt->start_at_ns;
    return x < y ? -1 : x > y;
}

/* The attempts that ran, by their starts. */
static GArray *list_attempts(const Record *record) {
    GArray *list = g_array_new(FALSE, FALSE, sizeof(Placed));
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordCase *c = record->cases->pdata[i];
        for (guint j = 0; j < c->attempts->len; j++) {
            Placed placed = {c->attempts->pdata[j], i, 0};
            if (placed.attempt->ran) g_array_append_val(list, placed);
        }
    }
    g_array_sort(list, compare_starts);
    return list;
}

/* The depth of each spawn below its attempt's init, in the order of the attempt; *ret_rows is
 * the number of rows. */
static guint *find_depths(const RecordAttempt *attempt, guint *ret_rows) {
    guint *depths = g_new(guint, attempt->spawns->len + 1);
    g_autoptr(GHashTable) by_pid = g_hash_table_new(g_int64_hash, g_int64_equal);
    *ret_rows = 0;
    for (guint i = 0; i < attempt->spawns->len; i++) {
        RecordSpawn *spawn = attempt->spawns->pdata[i];
        gpointer parent;
        gboolean known = g_hash_table_lookup_extended(by_pid, &spawn->ppid, NULL, &parent);
        depths[i] = known ? MIN(GPOINTER_TO_UINT(parent) + 1, DEPTH_ROWS - 1) : 0;
        g_hash_table_insert(by_pid, &spawn->pid, GUINT_TO_POINTER(depths[i]));
        *ret_rows = MAX(*ret_rows, depths[i] + 1);
    }
    return depths;
}

/* Each attempt goes to the first lane that is free when it starts. */
static GArray *place(GArray *list) {
    GArray *lanes = g_array_new(FALSE, TRUE, sizeof(Lane));
    for (guint i = 0; i < list->len; i++) {
        Placed *placed = &g_array_index(list, Placed, i);
        const RecordAttempt *attempt = placed->attempt;
        while (placed->lane < lanes->len &&
               g_array_index(lanes, Lane, placed->lane).end_ns > attempt->start_at_ns)
            placed->lane++;
        if (placed->lane == lanes->len) g_array_set_size(lanes, lanes->len + 1);
        Lane *lane = &g_array_index(lanes, Lane, placed->lane);
        guint rows;
        g_free(find_depths(attempt, &rows));
        lane->end_ns = attempt->start_at_ns + attempt->duration_ns;
        lane->rows = MAX(lane->rows, rows + 1);
    }
    return lanes;
}

/* ---- Bars ---- */

static void append_place(GString *out, gint64 start_ns, gint64 length_ns, gint64 total_ns,
                         guint row) {
    g_string_append_printf(out, " style=\"left:%.6f%%;width:%.6f%%;top:%upx\"",
                           100.0 * (double)start_ns / (double)total_ns,
                           100.0 * (double)length_ns / (double)total_ns, row * ROW_PX);
}

static void append_attempt(GString *out, const Placed *placed, gint64 total_ns) {
    const RecordAttempt *attempt = placed->attempt;
    const char *verdict = verdict_name(attempt->verdict);
    g_string_append_printf(out, "<a class=\"bar %s\" href=\"#", verdict);
    html_case_id(out, placed->case_index);
    g_string_append_c(out, '"');
    append_place(out, attempt->start_at_ns, attempt->duration_ns, total_ns, 0);
    g_string_append(out, " title=\"");
    markup_line(out, attempt->record_case->id);
    g_string_append_printf(out, ": %s", verdict);
    if (attempt->record_case->attempts->len > 1)
        g_string_append_printf(out, " at attempt %u", attempt->number);
    g_string_append(out, ", ");
    html_case_time(out, attempt->duration_ns);
    g_string_append(out, "\"><span>");
    markup_line(out, attempt->record_case->id);
    g_string_append(out, "</span></a>\n");
}

static void append_spawn(GString *out, const Placed *placed, guint index, guint depth,
                         gint64 total_ns) {
    const RecordAttempt *attempt = placed->attempt;
    const RecordSpawn *spawn = attempt->spawns->pdata[index];
    g_autofree char *command = html_choice_command(spawn);
    g_autofree char *exit = record_exit(spawn);
    /* A spawn that did not end lasts until the end of its guest. */
    gint64 left_ns = attempt->start_at_ns + attempt->duration_ns - spawn->start_at_ns;
    gint64 length_ns = spawn->host_ns >= 0 ? spawn->host_ns : MAX(left_ns, 0);
    const char *class = spawn->host_ns < 0 || spawn->signal ? " killed"
                        : spawn->status                     ? " nonzero"
                                                            : "";
    g_string_append_printf(out, "<a class=\"bar spawn%s\" href=\"#", class);
    html_spawn_id(out, placed->case_index, attempt->number, index);
    g_string_append_c(out, '"');
    append_place(out, spawn->start_at_ns, length_ns, total_ns, depth + 1);
    g_string_append(out, " tabindex=\"-1\" title=\"");
    markup_line(out, attempt->record_case->id);
    g_string_append(out, ", ");
    markup_line(out, spawn->path);
    g_string_append(out, "&#10;");
    markup_line(out, command);
    g_string_append_printf(out, "&#10;%s, host ", exit);
    html_spawn_time(out, spawn->host_ns);
    g_string_append(out, ", guest ");
    html_spawn_cost(out, attempt->record_case->record, spawn);
    g_string_append_printf(out, ", pid %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT "\"><span>",
                           spawn->pid, spawn->ppid);
    markup_line(out, command);
    g_string_append(out, "</span></a>\n");
}

static void append_lane(GString *out, const GArray *list, guint lane, gint64 total_ns,
                        const HtmlChoice *choice) {
    for (guint i = 0; i < list->len; i++) {
        const Placed *placed = &g_array_index(list, Placed, i);
        if (placed->lane != lane) continue;
        append_attempt(out, placed, total_ns);
        guint rows;
        g_autofree guint *depths = find_depths(placed->attempt, &rows);
        for (guint j = 0; j < placed->attempt->spawns->len; j++)
            if (html_choice_has(choice, placed->attempt->spawns->pdata[j]))
                append_spawn(out, placed, j, depths[j], total_ns);
    }
}

static void append_ticks(GString *out, gint64 total_ns) {
    for (guint i = 0; i <= TICKS; i++) {
        g_string_append_printf(out, "<span class=\"tick%s\" style=\"left:%u%%\">",
                               i == TICKS ? " last" : "", 100 * i / TICKS);
        g_string_append_printf(out, "%.2f s</span>", (double)total_ns * i / TICKS / 1e9);
    }
}

void html_timeline(const Record *record, const HtmlChoice *choice, GString *out) {
    g_autoptr(GArray) list = list_attempts(record);
    g_autoptr(GArray) lanes = place(list);
    gint64 total_ns = MAX(record->end_at_ns, 1);
    for (guint i = 0; i < lanes->len; i++)
        total_ns = MAX(total_ns, g_array_index(lanes, Lane, i).end_ns);
    g_string_append_printf(
        out, "<div class=\"view\"><div class=\"canvas\" data-ns=\"%" G_GINT64_FORMAT "\">\n",
        total_ns);
    append_ticks(out, total_ns);
    for (guint i = 0; i < lanes->len; i++) {
        g_string_append_printf(out, "<div class=\"lane\" style=\"height:%upx\">\n",
                               g_array_index(lanes, Lane, i).rows * ROW_PX);
        append_lane(out, list, i, total_ns, choice);
        g_string_append(out, "</div>\n");
    }
    g_string_append(out, "</div></div>\n");
}
