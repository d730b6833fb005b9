#include "report/report_live.h"
#include "base/clock.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

/* Drawing more often than this costs time and shows nothing more. */
#define TICK_MS   100
#define BAR_WIDTH 20

typedef struct {
    const PlanCase *planned;
    gint64 start_ns;
    guint spawns;
    char *doing; /* the last spawn or file */
} Running;

struct _ReportLive {
    const Term *term;
    guint total, ended, jobs;
    GHashTable *expected; /* PlanCase -> gint64, nanoseconds */
    gint64 left_ns;       /* expected time of the cases that have not ended */
    GPtrArray *running;   /* of Running */
    guint tick;
    gboolean drawn;
};

static void running_free(gpointer data) {
    g_free(((Running *)data)->doing);
    g_free(data);
}

static gboolean on_tick(gpointer data) {
    report_live_draw(data);
    return G_SOURCE_CONTINUE;
}

void report_live_expect(ReportLive *live, const PlanCase *planned, gint64 expected_ns) {
    gint64 *copy = g_new(gint64, 1);
    *copy = expected_ns;
    g_hash_table_insert(live->expected, (gpointer)planned, copy);
    live->left_ns += expected_ns;
}

static gint64 expected_of(const ReportLive *live, const PlanCase *planned) {
    const gint64 *expected_ns = g_hash_table_lookup(live->expected, planned);
    return expected_ns ? *expected_ns : 0;
}

/* The rest of the expected time, or -1 if a case is not in the history. */
static gint64 time_left_ns(const ReportLive *live, gint64 now_ns) {
    if (g_hash_table_size(live->expected) < live->total) return -1;
    gint64 left_ns = live->left_ns;
    for (guint i = 0; i < live->running->len; i++) {
        const Running *running = live->running->pdata[i];
        left_ns -= MIN(now_ns - running->start_ns, expected_of(live, running->planned));
    }
    return left_ns / live->jobs;
}

/* "3/144  tier1/join  61.2 s, 30 s left (+1)  2 spawned  received /x" */
static void append_state(GString *line, const ReportLive *live) {
    const Running *running = live->running->pdata[0];
    g_string_append_printf(line, "%u/%u  %s  %.1f s", live->ended, live->total,
                           running->planned->id,
                           (double)(clock_now_ns() - running->start_ns) / 1e9);
    gint64 left_ns = time_left_ns(live, clock_now_ns());
    if (left_ns >= 0) g_string_append_printf(line, ", %.0f s left", (double)left_ns / 1e9);
    if (live->running->len > 1) g_string_append_printf(line, " (+%u)", live->running->len - 1);
    if (running->spawns > 0) g_string_append_printf(line, "  %u spawned", running->spawns);
    if (running->doing) {
        g_autofree char *visible = text_line(running->doing);
        g_string_append_printf(line, "  %s", visible);
    }
}

/* CI services kill a job that is silent for long. */
static gboolean on_progress(gpointer data) {
    const ReportLive *live = data;
    g_autoptr(GString) line = g_string_new("harness: ");
    if (live->running->len == 0) return G_SOURCE_CONTINUE;
    append_state(line, live);
    fprintf(stderr, "%s\n", line->str);
    return G_SOURCE_CONTINUE;
}

ReportLive *report_live_new(const Term *term, guint case_count, guint jobs, guint progress_s) {
    ReportLive *live = g_new0(ReportLive, 1);
    live->term = term;
    live->total = case_count;
    live->jobs = jobs;
    live->expected = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    live->running = g_ptr_array_new_with_free_func(running_free);
    if (term->live)
        live->tick = g_timeout_add(TICK_MS, on_tick, live);
    else if (progress_s > 0)
        live->tick = g_timeout_add_seconds(progress_s, on_progress, live);
    return live;
}

void report_live_free(ReportLive *live) {
    if (live->tick) g_source_remove(live->tick);
    g_ptr_array_unref(live->running);
    g_hash_table_unref(live->expected);
    g_free(live);
}

static Running *find(ReportLive *live, const PlanCase *planned) {
    for (guint i = 0; i < live->running->len; i++) {
        Running *running = live->running->pdata[i];
        if (running->planned == planned) return running;
    }
    return NULL;
}

void report_live_started(ReportLive *live, const PlanCase *planned) {
    Running *running = g_new0(Running, 1);
    running->planned = planned;
    running->start_ns = clock_now_ns();
    g_ptr_array_add(live->running, running);
}

/* Sets the text at the end of the line. */
static void set_doing(ReportLive *live, const PlanCase *planned, char *doing) {
    Running *running = find(live, planned);
    g_free(running->doing);
    running->doing = doing;
}

void report_live_spawn(ReportLive *live, const PlanCase *planned, const char *argv) {
    find(live, planned)->spawns++;
    set_doing(live, planned, g_strdelimit(g_strdup(argv), ",", ' '));
}

void report_live_file(ReportLive *live, const PlanCase *planned, const char *path) {
    set_doing(live, planned, g_strdup_printf("received %s", path));
}

void report_live_ended(ReportLive *live, const PlanCase *planned, gboolean will_retry) {
    live->ended += !will_retry;
    live->left_ns -= will_retry ? 0 : expected_of(live, planned);
    Running *running = find(live, planned);
    if (running) g_ptr_array_remove(live->running, running);
}

void report_live_clear(ReportLive *live) {
    if (live->drawn) fputs("\r\033[K", live->term->out);
    live->drawn = FALSE;
}

void report_live_draw(ReportLive *live) {
    if (!live->term->live || live->running->len == 0) return;
    guint filled = live->total ? live->ended * BAR_WIDTH / live->total : 0;
    g_autofree char *full = g_strnfill(filled, '#');
    g_autofree char *empty = g_strnfill(BAR_WIDTH - filled, '.');
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line, "[%s%s] ", full, empty);
    append_state(line, live);
    /* One row: a wrapped line cannot be erased. */
    const char *end = line->str;
    for (guint room = term_columns(live->term) - 1; room > 0 && *end; room--)
        end = g_utf8_next_char(end);
    fprintf(live->term->out, "\r\033[K%.*s", (int)(end - line->str), line->str);
    fflush(live->term->out);
    live->drawn = TRUE;
}
