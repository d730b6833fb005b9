#include "report_text.h"
#include "clock.h"
#include "good.h"
#include "hexdiff.h"
#include "report_live.h"
#include "spawns.h"
#include <stdio.h>
#include <string.h>

/* Lines of the console shown under a case that did not pass. */
#define TAIL_LINES 12
/* Bytes shown of each: a kernel's register line has 600. */
#define LINE_SHOWN 160
/* Spawns named in the summary. */
#define SLOWEST 5

/* A spawn that may be among the slowest of all. */
typedef struct {
    gint64 host_ns, guest_ns;
    char *what; /* "GATE/CASE argv" */
} Slow;

typedef struct {
    guint counts[VERDICT_KINDS];
    gint64 time_ns;
} GateTotal;

struct _ReportText {
    const Plan *plan;
    ReportTextOptions options;
    Term term;
    ReportLive *live;
    int id_width;
    gint64 start_ns;
    guint spawn_count;
    GArray *slowest;    /* of Slow, the slowest first, at most SLOWEST */
    GHashTable *totals; /* Gate -> GateTotal */
    gboolean in_line;   /* of program output, with options.console */
};

static void slow_clear(gpointer data)
{
    g_free(((Slow *)data)->what);
}

ReportText *report_text_new(const Plan *plan, const ReportTextOptions *options)
{
    ReportText *report = g_new0(ReportText, 1);
    report->plan = plan;
    report->options = *options;
    report->term = term_detect();
    report->live = report_live_new(&report->term, plan->cases->len);
    report->start_ns = clock_now_ns();
    report->slowest = g_array_new(FALSE, FALSE, sizeof(Slow));
    g_array_set_clear_func(report->slowest, slow_clear);
    report->totals = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (guint i = 0; i < plan->cases->len; i++)
        report->id_width =
            MAX(report->id_width, (int)strlen(((PlanCase *)plan->cases->pdata[i])->id));
    return report;
}

void report_text_free(ReportText *report)
{
    report_live_free(report->live);
    g_array_unref(report->slowest);
    g_hash_table_unref(report->totals);
    g_free(report);
}

static TermStyle verdict_style(VerdictKind kind)
{
    return kind == VERDICT_PASS ? TERM_GREEN : kind == VERDICT_SKIP ? TERM_YELLOW : TERM_RED;
}

/* ---- One case ---- */

static void print_tail(const ReportText *report, const Run *run)
{
    const GByteArray *tail = run->tail;
    if (tail->len == 0)
        return;
    g_autofree char *text = term_visible((const char *)tail->data, tail->len);
    const char *at = g_strchomp(text) + strlen(text);
    guint lines = 0;
    while (at > text && (at[-1] != '\n' || ++lines < TAIL_LINES))
        at--;
    printf("    console%s:\n", at > text ? ", its last lines" : "");
    g_auto(GStrv) shown = g_strsplit(at, "\n", -1);
    for (char **line = shown; *line; line++)
        printf("      %s|%s %.*s\n", term_style(&report->term, TERM_DIM),
               term_style(&report->term, TERM_PLAIN), LINE_SHOWN, *line);
}

/* Both sides of a file that differs, where the right one is at hand. */
static void print_difference(const ReportText *report, const Run *run, const Finding *finding)
{
    g_autofree char *path = g_strdup_printf("%s/%s/%s%s", report->options.out_root, run->gate->name,
                                            run->c->name, finding->guest_path);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    g_autoptr(GBytes) actual = mapped ? g_mapped_file_get_bytes(mapped) : NULL;
    g_autoptr(GBytes) expected = NULL;
    GBytes *equal = inputs_find(run->inputs->equals, finding->guest_path);
    if (!actual)
        actual = inputs_find(run->inputs->files, finding->guest_path)
                     ? g_bytes_ref(inputs_find(run->inputs->files, finding->guest_path))
                     : NULL;
    if (equal)
        expected = g_bytes_ref(equal);
    else if (finding->expected)
        expected = good_find(report->options.out_root, run, finding->guest_path,
                             finding->expected + strlen("sha256 "));
    if (!actual)
        return;
    g_autofree char *text = expected ? hexdiff_format(expected, actual, "        ") : NULL;
    if (text)
        fputs(text, stdout);
    else if (mapped)
        printf("        what came is in %s\n", path);
}

static void print_findings(const ReportText *report, const CaseResult *result)
{
    for (guint i = 0; i < result->verdict->findings->len; i++) {
        const Finding *finding = result->verdict->findings->pdata[i];
        g_autofree char *text = term_visible(finding->text, strlen(finding->text));
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line; line++)
            printf("    %s\n", *line);
        if (finding->expected)
            printf("        expected %s\n", finding->expected);
        if (finding->actual)
            printf("        actual   %s\n", finding->actual);
        if (finding->guest_path && finding->actual && result->run && result->run->inputs)
            print_difference(report, result->run, finding);
    }
}

static void print_diagnosis(const ReportText *report, const Run *run)
{
    if (!run->diagnosis)
        return;
    g_auto(GStrv) lines = g_strsplit(run->diagnosis, "\n", -1);
    for (char **line = lines; *line; line++)
        if (**line)
            printf("    %s%s%s\n", term_style(&report->term, **line == ' ' ? TERM_DIM : TERM_PLAIN),
                   *line, term_style(&report->term, TERM_PLAIN));
}

static void print_case(const ReportText *report, const CaseResult *result)
{
    VerdictKind kind = result->verdict->kind;
    printf("%s%-7s%s %-*s", term_style(&report->term, verdict_style(kind)), verdict_name(kind),
           term_style(&report->term, TERM_PLAIN), report->id_width, result->item->id);
    if (!result->run) {
        const Finding *reason = result->verdict->findings->pdata[0];
        printf("  %s\n", reason->text);
        return;
    }
    printf("  %8.1f ms\n", (double)result->run->duration_ns / 1e6);
    if (kind == VERDICT_PASS)
        return;
    print_findings(report, result);
    print_diagnosis(report, result->run);
    print_tail(report, result->run);
    printf("    again: %s run --filter %s %s\n", report->options.program, result->item->id,
           result->item->gate->path);
}

/* ---- Figures for the summary ---- */

static void note_spawn(ReportText *report, const PlanCase *item, const Spawn *spawn)
{
    GArray *slowest = report->slowest;
    guint place = slowest->len;
    gboolean icount = report->options.icount;
    for (; place > 0; place--) {
        const Slow *before = &g_array_index(slowest, Slow, place - 1);
        if (icount ? before->guest_ns >= spawn->guest_ns : before->host_ns >= spawn->host_ns)
            break;
    }
    if (place == SLOWEST)
        return;
    g_autofree char *argv = g_strdelimit(g_strdup(spawn->argv), ",", ' ');
    Slow slow = {spawn->host_ns, spawn->guest_ns,
                 g_strdup_printf("%s  %s: %s", item->id, spawn->path, argv)};
    g_array_insert_val(slowest, place, slow);
    if (slowest->len > SLOWEST)
        g_array_set_size(slowest, SLOWEST);
}

static void note_figures(ReportText *report, const CaseResult *result)
{
    gpointer key = (gpointer)result->item->gate;
    GateTotal *total = g_hash_table_lookup(report->totals, key);
    if (!total)
        g_hash_table_insert(report->totals, key, total = g_new0(GateTotal, 1));
    total->counts[result->verdict->kind]++;
    if (!result->run)
        return;
    total->time_ns += result->run->duration_ns;
    g_autoptr(GArray) spawns = spawns_from_log(result->run->log);
    report->spawn_count += spawns->len;
    for (guint i = 0; i < spawns->len; i++)
        if (g_array_index(spawns, Spawn, i).host_ns >= 0)
            note_spawn(report, result->item, &g_array_index(spawns, Spawn, i));
}

/* ---- The observer ---- */

static void on_started(gpointer data, const PlanCase *item)
{
    ReportText *report = data;
    report_live_started(report->live, item);
}

static void on_event(gpointer data, const PlanCase *item, const Event *event)
{
    ReportText *report = data;
    if (event->kind == EVENT_FRAME && event->frame.kind == FRAME_SPAWN)
        report_live_spawn(report->live, item, event->frame.spawn.argv);
    else if (event->kind == EVENT_FILE)
        report_live_file(report->live, item, event->text);
}

static void on_text(gpointer data, const PlanCase *item, const guint8 *text, gsize length)
{
    (void)item;
    ReportText *report = data;
    if (!report->options.console || length == 0)
        return;
    report_live_clear(report->live);
    g_autofree char *visible = term_visible((const char *)text, length);
    fputs(visible, stdout);
    report->in_line = text[length - 1] != '\n';
    if (!report->in_line)
        fflush(stdout);
}

static void on_ended(gpointer data, const CaseResult *result)
{
    ReportText *report = data;
    report_live_ended(report->live, result->item);
    report_live_clear(report->live);
    if (report->in_line)
        putchar('\n');
    report->in_line = FALSE;
    note_figures(report, result);
    if (result->run && result->verdict->kind == VERDICT_PASS)
        good_keep(report->options.out_root, result->run);
    print_case(report, result);
    fflush(stdout);
    report_live_draw(report->live);
}

const ScheduleObserver report_text_observer = {on_started, on_event, on_text, on_ended};

/* ---- The summary ---- */

/* "3 passed, 1 failed, 1 timeout": passed and failed always, others where there are any. */
static char *describe_counts(const guint *counts)
{
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%u passed, %u failed", counts[VERDICT_PASS], counts[VERDICT_FAIL]);
    static const struct {
        VerdictKind kind;
        const char *name;
    } others[] = {{VERDICT_PANIC, "panicked"},
                  {VERDICT_HANG, "hung"},
                  {VERDICT_TIMEOUT, "timed out"},
                  {VERDICT_ERROR, "broken off by an error"},
                  {VERDICT_SKIP, "skipped"}};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        if (counts[others[i].kind])
            g_string_append_printf(text, ", %u %s", counts[others[i].kind], others[i].name);
    return g_string_free(text, FALSE);
}

static void print_slowest(const ReportText *report)
{
    if (report->slowest->len == 0)
        return;
    gboolean icount = report->options.icount;
    printf("\n%s of %u programs   host ms %s\n", icount ? "costliest" : "slowest",
           report->spawn_count, icount ? "instructions" : "    guest ms");
    for (guint i = 0; i < report->slowest->len; i++) {
        const Slow *slow = &g_array_index(report->slowest, Slow, i);
        printf("                       %9.2f %12.*f  %.100s\n", (double)slow->host_ns / 1e6,
               icount ? 0 : 2, (double)slow->guest_ns / (icount ? 1 : 1e6), slow->what);
    }
}

void report_text_summary(ReportText *report, const ScheduleResult *result)
{
    report_live_clear(report->live);
    print_slowest(report);
    putchar('\n');
    for (guint i = 0; i < report->plan->gates->len; i++) {
        const Gate *gate = report->plan->gates->pdata[i];
        const GateTotal *total = g_hash_table_lookup(report->totals, gate);
        if (!total)
            continue;
        g_autofree char *counts = describe_counts(total->counts);
        printf("gate %s%s%s: %s, %.1f ms\n", term_style(&report->term, TERM_BOLD), gate->name,
               term_style(&report->term, TERM_PLAIN), counts, (double)total->time_ns / 1e6);
    }
    g_autofree char *counts = describe_counts(result->counts);
    gboolean good = result->counts[VERDICT_PASS] == report->plan->cases->len;
    printf("%s%s%s in %.2f s%s\n", term_style(&report->term, good ? TERM_GREEN : TERM_RED), counts,
           term_style(&report->term, TERM_PLAIN), (double)(clock_now_ns() - report->start_ns) / 1e9,
           result->interrupted ? "; interrupted" : "");
    fflush(stdout);
}
