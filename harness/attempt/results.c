#include "attempt/results.h"
#include "attempt/results_levels.h"
#include "attempt/results_line.h"
#include "base/text.h"
#include <string.h>

/* A longer line is cut; its rest is not looked at. */
#define LINE_MAX_BYTES 4096
/* Lines kept of what was printed before a failure, and bytes of it. */
#define DETAIL_LINES 20
#define DETAIL_BYTES 4096

Results *results_new(ResultsFormat format, const GPtrArray *lines, const ResultsObserver *observer,
                     gpointer data) {
    Results *results = g_new0(Results, 1);
    *results = (Results){.format = format,
                         .patterns = lines,
                         .observer = observer,
                         .data = data,
                         .line = g_byte_array_new(),
                         .levels = results_levels(),
                         .detail = g_string_new(NULL),
                         .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    results_push(results, 0)->name = g_strdup("");
    return results;
}

void results_free(Results *results) {
    results_drop_child(results);
    g_byte_array_unref(results->line);
    g_ptr_array_unref(results->levels);
    g_string_free(results->detail, TRUE);
    g_hash_table_unref(results->names);
    g_free(results);
}

/* What the test of the present line took; -1 if no line says when it began. */
static gint64 elapsed_ns(const Results *results) {
    return results->before_ns ? results->now_ns - results->before_ns : -1;
}

/* ---- TAP ---- */

static void forget_detail(Results *results) {
    g_string_truncate(results->detail, 0);
    results->detail_lines = 0;
}

static void keep_detail(Results *results, const char *text) {
    if (results->detail_lines++ >= DETAIL_LINES || results->detail->len > DETAIL_BYTES) return;
    g_autofree char *line = text_line(text);
    g_string_append_printf(results->detail, "%s%s", results->detail->len ? "\n" : "", line);
}

static ResultKind kind_of(const ResultsLine *line) {
    if (line->directive == DIRECTIVE_SKIP) return RESULT_SKIP;
    if (line->directive == DIRECTIVE_TODO) return line->is_ok ? RESULT_PASS : RESULT_TODO;
    return line->is_ok ? RESULT_PASS : RESULT_FAIL;
}

static void take_test(Results *results, const ResultsLine *line) {
    Level *level = results_go_to(results, line->indent);
    guint depth = results->levels->len - 1;
    level->count++;
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, level->count);
    const char *name = *line->text ? line->text : number;
    ResultKind kind = kind_of(line);
    if (line->has_number && line->number != level->count)
        results_mistake(results,
                        "the result of \"%s\" has the number %" G_GUINT64_FORMAT
                        " where %" G_GUINT64_FORMAT " follows",
                        name, line->number, level->count);
    gboolean is_parent = results->closed_child && results->child_count > 0;
    if (is_parent) {
        g_autofree char *clean = text_line(name);
        results_adopt_child(results, clean);
        level->failed += results->child_failed;
    }
    /* A parent that fails by its children says nothing new. */
    if (!is_parent || (kind == RESULT_FAIL && results->child_failed == 0)) {
        const char *detail = kind == RESULT_FAIL   ? results->detail->str
                             : kind == RESULT_PASS ? NULL
                                                   : line->reason;
        results_add(results, depth, kind, name, detail, is_parent ? -1 : elapsed_ns(results));
        level->failed += kind == RESULT_FAIL;
    }
    results_drop_child(results);
    forget_detail(results);
}

static void take_plan(Results *results, const ResultsLine *line) {
    Level *level = results_go_to(results, line->indent);
    if (level->has_plan && level->plan != line->number)
        results_mistake(results, "a second plan announces %" G_GUINT64_FORMAT " results",
                        line->number);
    level->has_plan = TRUE;
    level->plan = line->number;
    /* "1..0 # SKIP reason" skips all. */
    if (line->number == 0 && results->format == RESULTS_KTAP && !*line->reason)
        results_mistake(results, "no test ran: the plan is 1..0");
    else if (line->number == 0 && results->levels->len == 1)
        results_add(results, 0, RESULT_SKIP, "all",
                    *line->reason ? line->reason : "nothing is planned", -1);
}

/* At the top another document begins, as when Linux loads a second module with tests. */
static void take_version(Results *results, const ResultsLine *line) {
    Level *level = results_go_to(results, line->indent);
    if (results->levels->len > 1 || level->count == 0) return;
    results_judge_plan(results, FALSE);
    level->has_plan = FALSE;
    level->count = 0;
}

static void take_tap(Results *results, const ResultsLine *line) {
    switch (line->kind) {
    case RESULTS_LINE_TEST: take_test(results, line); break;
    case RESULTS_LINE_PLAN: take_plan(results, line); break;
    case RESULTS_LINE_SUBTEST:
        results_go_to(results, line->indent);
        if (results->levels->len > 1) results_name_level(results, line->text);
        break;
    case RESULTS_LINE_VERSION: take_version(results, line); break;
    case RESULTS_LINE_BAIL_OUT:
        results_mistake(results, "the tests bailed out: %s", line->text);
        break;
    case RESULTS_LINE_COMMENT:
        keep_detail(results, line->text);
        results->has_begun = TRUE;
        return;
    case RESULTS_LINE_SUMMARY:
    case RESULTS_LINE_OTHER: return;
    }
    results->has_begun = TRUE;
    results->before_ns = results->now_ns;
}

/* ---- kvm-unit-tests ---- */

static void take_kvm_unit_tests(Results *results, const ResultsLine *line) {
    Level *level = results_top(results);
    if (line->kind == RESULTS_LINE_TEST) {
        ResultKind kind = kind_of(line);
        level->count++;
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, level->count);
        results_add(results, 0, kind, *line->text ? line->text : number, line->reason,
                    elapsed_ns(results));
        results->has_begun = TRUE;
        results->before_ns = results->now_ns;
    } else if (line->kind == RESULTS_LINE_SUMMARY) {
        /* It counts what the lines said. */
        level->has_plan = results->has_begun = TRUE;
        level->plan = line->number;
    }
}

/* ---- Lines of its own ---- */

/* The text of the group in the line that was matched; NULL if it took no part. */
static char *group_text(const Results *results, const Regex *regex, const char *name) {
    gsize begin, end;
    int number = regex_named_group(regex, name);
    if (number < 0 || !regex_group(regex, (guint)number, &begin, &end)) return NULL;
    return text_from_bytes(results->line->data + begin, end - begin);
}

static void take_match(Results *results, const Regex *regex) {
    static const ResultKind kinds[] = {RESULT_PASS, RESULT_FAIL, RESULT_SKIP, RESULT_TODO};
    Level *level = results_top(results);
    g_autofree char *plan = group_text(results, regex, "plan");
    g_autofree char *name = group_text(results, regex, "name");
    g_autofree char *detail = group_text(results, regex, "detail");
    if (plan && g_ascii_string_to_unsigned(plan, 10, 0, G_MAXINT64, &level->plan, NULL))
        level->has_plan = results->has_begun = TRUE;
    gint64 took_ns = elapsed_ns(results);
    if (plan) results->before_ns = results->now_ns;
    for (guint i = 0; name && i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *outcome = group_text(results, regex, result_name(kinds[i]));
        if (!outcome) continue;
        level->count++;
        results->has_begun = TRUE;
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, level->count);
        results->before_ns = results->now_ns;
        results_add(results, 0, kinds[i], *name ? name : number, detail, took_ns);
        return;
    }
}

/* The first expression that matches says what the line means. */
static void take_own(Results *results) {
    GByteArray *line = results->line;
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        g_byte_array_set_size(line, line->len - 1);
    for (guint i = 0; i < results->patterns->len; i++) {
        const Regex *regex = ((const DialogStep *)results->patterns->pdata[i])->regex;
        gsize begin, end;
        g_autoptr(GError) error = NULL;
        RegexResult found =
            regex_search(regex, line->data, line->len, 0, TRUE, &begin, &end, &error);
        if (found == REGEX_FAILED)
            results_mistake(results, "\"%s\": %s",
                            ((const DialogStep *)results->patterns->pdata[i])->shown,
                            error->message);
        if (found != REGEX_FOUND) continue;
        take_match(results, regex);
        return;
    }
}

/* ---- The stream ---- */

/* What stands before the first version line of KTAP stands before each that follows. */
static void find_prefix(Results *results, const char *text) {
    gsize prefix;
    if (results->has_begun || !results_line_is_version(text, &prefix)) return;
    results->prefix = prefix;
}

static void take_text(Results *results) {
    guint8 end = '\0';
    g_byte_array_append(results->line, &end, 1);
    g_auto(ResultsLine) line = {0};
    const char *text = (const char *)results->line->data;
    if (results->format == RESULTS_KTAP) find_prefix(results, text);
    results_line_parse(results->format, text, results->prefix, &line);
    (results_is_tap(results) ? take_tap : take_kvm_unit_tests)(results, &line);
}

static void take_line(Results *results) {
    (results->format == RESULTS_REGEX ? take_own : take_text)(results);
    g_byte_array_set_size(results->line, 0);
}

void results_feed(Results *results, const guint8 *data, gsize length, gint64 now_ns) {
    results->now_ns = now_ns;
    for (gsize i = 0; i < length; i++) {
        if (data[i] == '\n')
            take_line(results);
        else if (results->line->len < LINE_MAX_BYTES && data[i] != '\0')
            g_byte_array_append(results->line, &data[i], 1);
    }
}

void results_end(Results *results, gboolean may_be_silent) {
    if (results->has_ended) return;
    results->has_ended = TRUE;
    if (results->line->len > 0) take_line(results);
    /* The deepest open level was running; of those above, the level itself is the running one. */
    gboolean is_deepest = TRUE;
    while (results->levels->len > 1) {
        if (!results_top(results)->name) results_name_level(results, RESULTS_UNNAMED);
        g_autofree char *name = g_strdup(results_top(results)->name);
        gboolean has_plan = results_top(results)->has_plan &&
                            results_top(results)->count < results_top(results)->plan;
        results_pop(results, is_deepest);
        results_drop_child(results);
        results_top(results)->count++;
        if (is_deepest && !has_plan)
            results_add(results, results->levels->len - 1, RESULT_FAIL, name,
                        "the output ended while it ran", -1);
        is_deepest = FALSE;
    }
    results_judge_plan(results, is_deepest);
    if (results->has_begun && !results_top(results)->has_plan && results_is_tap(results))
        results_mistake(results, "no plan was printed, so that results may be missing");
    if (!results->has_begun && !may_be_silent)
        results_mistake(results, "the console shows no result of a test");
}

gboolean results_are_complete(const Results *results) {
    const Level *level = results->levels->pdata[0];
    return results->levels->len == 1 && level->has_plan && level->count >= level->plan;
}
