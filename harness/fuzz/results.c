/* Results of tests: the same, however the text is cut; never more parts missing than a plan allows.
 */
#include "attempt/results.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_result(gpointer data, const Result *result) {
    if (!*result->name || !g_utf8_validate(result->name, -1, NULL)) abort();
    if (result->detail && !g_utf8_validate(result->detail, -1, NULL)) abort();
    if (result->host_ns < -1) abort();
    g_string_append_printf(data, "%s %s %s %d\n", result_name(result->kind), result->name,
                           result->detail ? result->detail : "", result->host_ns < 0);
}

static void on_mistake(gpointer data, const char *text) {
    g_string_append_printf(data, "mistake: %s\n", text);
}

static const GPtrArray *own_lines(void) {
    static GPtrArray *lines;
    if (lines) return lines;
    static const char result[] = "^(?:(?<pass>ok)|(?<fail>not ok)|(?<skip>skip)|(?<todo>todo)) "
                                 "(?<name>[^#]*)#?(?<detail>.*)";
    static const char plan[] = "^1\\.\\.(?<plan>\\d+)";
    lines = dialog_steps();
    dialog_add_wait(lines, result, regex_new(result, strlen(result), NULL));
    dialog_add_wait(lines, plan, regex_new(plan, strlen(plan), NULL));
    return lines;
}

/* All that is said of the text in pieces of that size. */
static char *parse(ResultsFormat format, const uint8_t *data, size_t size, size_t piece) {
    static const ResultsObserver observer = {on_result, on_mistake};
    GString *said = g_string_new(NULL);
    Results *results = results_new(format, own_lines(), &observer, said);
    for (size_t at = 0; at < size; at += piece)
        results_feed(results, data + at, MIN(piece, size - at), (gint64)at + 1);
    g_string_append_printf(said, "complete: %d\n", results_are_complete(results));
    results_end(results, FALSE);
    results_free(results);
    return g_string_free(said, FALSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (ResultsFormat format = RESULTS_TAP; format <= RESULTS_REGEX; format++) {
        char *whole = parse(format, data, size, size + 1), *bytes = parse(format, data, size, 1);
        char *pieces = parse(format, data, size, 7);
        if (strcmp(whole, bytes) != 0 || strcmp(whole, pieces) != 0) abort();
        g_free(whole);
        g_free(bytes);
        g_free(pieces);
    }
    return 0;
}
