#include "attempt/results.h"
#include "attempt/results_line.h"
#include "base/text.h"
#include <string.h>

/* A longer line is cut; its rest is not looked at. */
#define LINE_MAX_BYTES 4096
/* Deeper levels are one. */
#define DEPTH_MAX 16
/* Lines kept of what was printed before a failure, and bytes of it. */
#define DETAIL_LINES 20
#define DETAIL_BYTES 4096
/* Missing results that are reported one by one; a plan may announce any number. */
#define MISSING_MAX 1000

/* Of a level whose name nobody says. */
#define UNNAMED "(unnamed)"

typedef struct {
    guint indent;
    char *name;   /* NULL: not known yet; "" at the top */
    guint64 plan; /* announced results; with has_plan */
    gboolean has_plan;
    guint64 count;   /* results that have come */
    guint64 failed;  /* of them and below */
    GPtrArray *held; /* of Result, named from here: what came while the level had no name */
} Level;

struct _Results {
    ResultsFormat format;
    const GPtrArray *patterns; /* of DialogStep */
    gsize prefix;              /* bytes before each line of KTAP */
    const ResultsObserver *observer;
    gpointer data;
    GByteArray *line;
    GPtrArray *levels; /* of Level, the top first */
    GString *detail;   /* comments since the last result */
    guint detail_lines;
    gboolean closed_child; /* the level below the top one has just ended */
    guint64 child_failed, child_count;
    GPtrArray *child_held;
    GHashTable *names; /* of results passed on -> how often */
    gboolean has_begun, has_ended;
};

static const char *const names[] = {"pass", "fail", "skip", "todo", "missing"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == RESULT_KINDS);

const char *result_name(ResultKind kind) { return names[kind]; }

gboolean result_find(const char *name, ResultKind *ret_kind) {
    for (guint kind = 0; kind < RESULT_KINDS; kind++)
        if (g_strcmp0(name, names[kind]) == 0) {
            *ret_kind = kind;
            return TRUE;
        }
    return FALSE;
}

Result *result_new(ResultKind kind, char *name, char *detail) {
    Result *result = g_new0(Result, 1);
    *result = (Result){kind, name, detail};
    return result;
}

void result_free(gpointer data) {
    Result *result = data;
    g_free(result->name);
    g_free(result->detail);
    g_free(result);
}

static void level_free(gpointer data) {
    Level *level = data;
    g_free(level->name);
    g_ptr_array_unref(level->held);
    g_free(level);
}

static Level *push_level(Results *results, guint indent) {
    Level *level = g_new0(Level, 1);
    level->indent = indent;
    level->held = g_ptr_array_new_with_free_func(result_free);
    g_ptr_array_add(results->levels, level);
    return level;
}

static Level *top_level(const Results *results) {
    return results->levels->pdata[results->levels->len - 1];
}

Results *results_new(ResultsFormat format, const GPtrArray *lines, const ResultsObserver *observer,
                     gpointer data) {
    Results *results = g_new0(Results, 1);
    *results = (Results){.format = format,
                         .patterns = lines,
                         .observer = observer,
                         .data = data,
                         .line = g_byte_array_new(),
                         .levels = g_ptr_array_new_with_free_func(level_free),
                         .detail = g_string_new(NULL),
                         .names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    push_level(results, 0)->name = g_strdup("");
    return results;
}

static void drop_child(Results *results) {
    g_clear_pointer(&results->child_held, g_ptr_array_unref);
    results->closed_child = FALSE;
}

void results_free(Results *results) {
    drop_child(results);
    g_byte_array_unref(results->line);
    g_ptr_array_unref(results->levels);
    g_string_free(results->detail, TRUE);
    g_hash_table_unref(results->names);
    g_free(results);
}

/* ---- Passing on ---- */

static void mistake(Results *results, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void mistake(Results *results, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    results->observer->mistake(results->data, text);
}

/* The path of the levels up to `depth`, or NULL while a name is unknown. */
static char *path_of(const Results *results, guint depth) {
    g_autoptr(GString) path = g_string_new(NULL);
    for (guint i = 1; i <= depth; i++) {
        const Level *level = results->levels->pdata[i];
        if (!level->name) return NULL;
        g_string_append_printf(path, "%s/", level->name);
    }
    return g_string_free(g_steal_pointer(&path), FALSE);
}

/* Passes a result on under its full name, which it makes unique. */
static gboolean is_tap(const Results *results) {
    return results->format == RESULTS_TAP || results->format == RESULTS_KTAP;
}

static void pass_on(Results *results, const char *path, const Result *result) {
    g_autofree char *full = g_strconcat(path, result->name, NULL);
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(results->names, full));
    g_hash_table_insert(results->names, g_strdup(full), GUINT_TO_POINTER(before + 1));
    g_autofree char *unique = before ? g_strdup_printf("%s (%u)", full, before + 1) : NULL;
    if (before == 1) mistake(results, "the result of \"%s\" came twice", full);
    const Result whole = {result->kind, unique ? unique : full, result->detail};
    results->observer->result(results->data, &whole);
}

static void prefix_name(Result *result, const char *level) {
    char *longer = g_strconcat(level, "/", result->name, NULL);
    g_free(result->name);
    result->name = longer;
}

/* Adds a result to the level `depth`: passed on if all names are known, else held. Takes it. */
static void add(Results *results, guint depth, Result *result) {
    g_autofree char *path = path_of(results, depth);
    if (!path) {
        /* At the deepest level without a name. */
        guint at = depth;
        while (((Level *)results->levels->pdata[at])->name) {
            const Level *level = results->levels->pdata[at--];
            prefix_name(result, level->name);
        }
        g_ptr_array_add(((Level *)results->levels->pdata[at])->held, result);
        return;
    }
    pass_on(results, path, result);
    result_free(result);
}

static void add_result(Results *results, guint depth, ResultKind kind, const char *name,
                       const char *detail) {
    add(results, depth,
        result_new(kind, text_line(name), detail && *detail ? g_strdup(detail) : NULL));
}

/* ---- Levels ---- */

/* The level is now known by that name: its results can be passed on. */
static void name_level(Results *results, const char *name) {
    Level *level = top_level(results);
    if (level->name) return;
    level->name = text_line(*name ? name : UNNAMED);
    g_autoptr(GPtrArray) held = level->held;
    level->held = g_ptr_array_new_with_free_func(result_free);
    g_ptr_array_set_free_func(held, NULL);
    for (guint i = 0; i < held->len; i++)
        add(results, results->levels->len - 1, held->pdata[i]);
}

/* Reports what was planned in the top level and has not come. */
static void judge_plan(Results *results, gboolean was_running) {
    Level *level = top_level(results);
    guint depth = results->levels->len - 1;
    guint64 first = level->count + 1;
    const char *where = level->name && *level->name ? level->name : "the tests";
    if (level->has_plan && level->count != level->plan)
        mistake(results,
                "%s: %" G_GUINT64_FORMAT " results were planned, %" G_GUINT64_FORMAT " came", where,
                level->plan, level->count);
    if (!level->has_plan || level->count >= level->plan || !is_tap(results)) return;
    for (guint64 i = first; i <= level->plan && i < first + MISSING_MAX; i++) {
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, i);
        gboolean ran = was_running && i == first;
        add_result(results, depth, ran ? RESULT_FAIL : RESULT_MISSING, number,
                   ran ? "the output ended while it ran" : NULL);
    }
}

/* Ends the top level, which is then the child that the next line of its parent names. */
static void pop_level(Results *results, gboolean was_running) {
    Level *level = top_level(results);
    judge_plan(results, was_running);
    drop_child(results);
    results->closed_child = TRUE;
    results->child_failed = level->failed;
    results->child_count = level->count;
    results->child_held = g_steal_pointer(&level->held);
    level->held = g_ptr_array_new();
    g_ptr_array_remove_index(results->levels, results->levels->len - 1);
}

/* Makes the level of that indentation the top one. */
static Level *go_to(Results *results, guint indent) {
    while (results->levels->len > 1 && top_level(results)->indent > indent)
        pop_level(results, FALSE);
    Level *level = top_level(results);
    if (indent <= level->indent || results->levels->len == DEPTH_MAX) return level;
    drop_child(results);
    return push_level(results, indent);
}

/* The results that a level without a name held, under the name that its parent gives. */
static void adopt_child(Results *results, const char *name) {
    g_autoptr(GPtrArray) held = g_steal_pointer(&results->child_held);
    g_ptr_array_set_free_func(held, NULL);
    for (guint i = 0; i < held->len; i++) {
        Result *result = held->pdata[i];
        prefix_name(result, name);
        add(results, results->levels->len - 1, result);
    }
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
    Level *level = go_to(results, line->indent);
    guint depth = results->levels->len - 1;
    level->count++;
    g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, level->count);
    const char *name = *line->text ? line->text : number;
    ResultKind kind = kind_of(line);
    if (line->has_number && line->number != level->count)
        mistake(results,
                "the result of \"%s\" has the number %" G_GUINT64_FORMAT " where %" G_GUINT64_FORMAT
                " follows",
                name, line->number, level->count);
    gboolean is_parent = results->closed_child && results->child_count > 0;
    if (is_parent) {
        g_autofree char *clean = text_line(name);
        adopt_child(results, clean);
        level->failed += results->child_failed;
    }
    /* A parent that fails by its children says nothing new. */
    if (!is_parent || (kind == RESULT_FAIL && results->child_failed == 0)) {
        const char *detail = kind == RESULT_FAIL   ? results->detail->str
                             : kind == RESULT_PASS ? NULL
                                                   : line->reason;
        add_result(results, depth, kind, name, detail);
        level->failed += kind == RESULT_FAIL;
    }
    drop_child(results);
    forget_detail(results);
}

static void take_plan(Results *results, const ResultsLine *line) {
    Level *level = go_to(results, line->indent);
    if (level->has_plan && level->plan != line->number)
        mistake(results, "a second plan announces %" G_GUINT64_FORMAT " results", line->number);
    level->has_plan = TRUE;
    level->plan = line->number;
    /* "1..0 # SKIP reason" skips all. */
    if (line->number == 0 && results->format == RESULTS_KTAP && !*line->reason)
        mistake(results, "no test ran: the plan is 1..0");
    else if (line->number == 0 && results->levels->len == 1)
        add_result(results, 0, RESULT_SKIP, "all",
                   *line->reason ? line->reason : "nothing is planned");
}

/* At the top another document begins, as when Linux loads a second module with tests. */
static void take_version(Results *results, const ResultsLine *line) {
    Level *level = go_to(results, line->indent);
    if (results->levels->len > 1 || level->count == 0) return;
    judge_plan(results, FALSE);
    level->has_plan = FALSE;
    level->count = 0;
}

static void take_tap(Results *results, const ResultsLine *line) {
    switch (line->kind) {
    case RESULTS_LINE_TEST: take_test(results, line); break;
    case RESULTS_LINE_PLAN: take_plan(results, line); break;
    case RESULTS_LINE_SUBTEST:
        go_to(results, line->indent);
        if (results->levels->len > 1) name_level(results, line->text);
        break;
    case RESULTS_LINE_VERSION: take_version(results, line); break;
    case RESULTS_LINE_BAIL_OUT: mistake(results, "the tests bailed out: %s", line->text); break;
    case RESULTS_LINE_COMMENT: keep_detail(results, line->text); break;
    case RESULTS_LINE_SUMMARY:
    case RESULTS_LINE_OTHER: return;
    }
    results->has_begun = TRUE;
}

/* ---- kvm-unit-tests ---- */

static void take_kvm_unit_tests(Results *results, const ResultsLine *line) {
    Level *level = top_level(results);
    if (line->kind == RESULTS_LINE_TEST) {
        ResultKind kind = kind_of(line);
        level->count++;
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, level->count);
        add_result(results, 0, kind, *line->text ? line->text : number, line->reason);
        results->has_begun = TRUE;
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
    Level *level = top_level(results);
    g_autofree char *plan = group_text(results, regex, "plan");
    g_autofree char *name = group_text(results, regex, "name");
    g_autofree char *detail = group_text(results, regex, "detail");
    if (plan && g_ascii_string_to_unsigned(plan, 10, 0, G_MAXINT64, &level->plan, NULL))
        level->has_plan = results->has_begun = TRUE;
    for (guint i = 0; name && i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *outcome = group_text(results, regex, result_name(kinds[i]));
        if (!outcome) continue;
        level->count++;
        results->has_begun = TRUE;
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, level->count);
        add_result(results, 0, kinds[i], *name ? name : number, detail);
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
            mistake(results, "\"%s\": %s", ((const DialogStep *)results->patterns->pdata[i])->shown,
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
    (is_tap(results) ? take_tap : take_kvm_unit_tests)(results, &line);
}

static void take_line(Results *results) {
    (results->format == RESULTS_REGEX ? take_own : take_text)(results);
    g_byte_array_set_size(results->line, 0);
}

void results_feed(Results *results, const guint8 *data, gsize length) {
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
        if (!top_level(results)->name) name_level(results, UNNAMED);
        g_autofree char *name = g_strdup(top_level(results)->name);
        gboolean has_plan =
            top_level(results)->has_plan && top_level(results)->count < top_level(results)->plan;
        pop_level(results, is_deepest);
        drop_child(results);
        top_level(results)->count++;
        if (is_deepest && !has_plan)
            add_result(results, results->levels->len - 1, RESULT_FAIL, name,
                       "the output ended while it ran");
        is_deepest = FALSE;
    }
    judge_plan(results, is_deepest);
    if (results->has_begun && !top_level(results)->has_plan && is_tap(results))
        mistake(results, "no plan was printed, so that results may be missing");
    if (!results->has_begun && !may_be_silent)
        mistake(results, "the console shows no result of a test");
}

gboolean results_are_complete(const Results *results) {
    const Level *level = results->levels->pdata[0];
    return results->levels->len == 1 && level->has_plan && level->count >= level->plan;
}
