#include "report/digest.h"
#include "base/text.h"

void digest_counts(GString *out, const RecordTotals *totals) {
    static const struct {
        VerdictKind kind;
        const char *name;
    } kinds[] = {{VERDICT_PANIC, "panicked"},
                 {VERDICT_HANG, "hung"},
                 {VERDICT_TIMEOUT, "timed out"},
                 {VERDICT_ERROR, "ended by an error"}};
    g_string_append_printf(out, "%u passed, %u failed", totals->verdicts[VERDICT_PASS],
                           record_failed(totals));
    const char *separator = " (";
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        guint count = totals->verdicts[kinds[i].kind];
        if (count == 0) continue;
        g_string_append_printf(out, "%s%u %s", separator, count, kinds[i].name);
        separator = ", ";
    }
    if (*separator == ',') g_string_append_c(out, ')');
    if (totals->verdicts[VERDICT_SKIP])
        g_string_append_printf(out, ", %u skipped", totals->verdicts[VERDICT_SKIP]);
    if (totals->flaky) g_string_append_printf(out, "; %u flaky", totals->flaky);
    g_autofree char *subtests = record_describe_subtests(totals->subtests);
    if (subtests) g_string_append_printf(out, "; %s", subtests);
    if (totals->cached) g_string_append_printf(out, "; %u unchanged", totals->cached);
}

gboolean digest_is_good(const RecordTotals *totals) {
    return record_failed(totals) == 0 && totals->verdicts[VERDICT_PASS] > 0;
}

/* Instructions if they were counted, else host time. */
static gint64 find_cost(const DigestSpawn *slow, gboolean icount) {
    return icount ? slow->spawn->guest_ns : slow->spawn->host_ns;
}

/* Inserts `slow` at its place, if it is among the `max` slowest. */
static void note_spawn(GArray *slowest, DigestSpawn slow, gboolean icount, guint max) {
    guint place = slowest->len;
    while (place > 0 && find_cost(&g_array_index(slowest, DigestSpawn, place - 1), icount) <
                            find_cost(&slow, icount))
        place--;
    if (place == max) return;
    g_array_insert_val(slowest, place, slow);
    if (slowest->len > max) g_array_set_size(slowest, max);
}

GArray *digest_slowest(const Record *record, guint max) {
    GArray *slowest = g_array_new(FALSE, FALSE, sizeof(DigestSpawn));
    for (guint i = 0; i < record->ends->len; i++) {
        const RecordAttempt *attempt = record->ends->pdata[i];
        for (guint j = 0; j < attempt->spawns->len; j++) {
            const RecordSpawn *spawn = attempt->spawns->pdata[j];
            DigestSpawn slow = {spawn, attempt->record_case->id};
            if (spawn->host_ns >= 0) note_spawn(slowest, slow, record->icount, max);
        }
    }
    return slowest;
}

char *digest_reason(const RecordAttempt *attempt, guint max) {
    if (attempt->findings->len == 0) return g_strdup("");
    const RecordFinding *first = attempt->findings->pdata[0];
    g_autofree char *line = text_line(first->text);
    return g_utf8_substring(line, 0, MIN(g_utf8_strlen(line, -1), (glong)max));
}

const char *digest_end(const Record *record) {
    if (!record->complete) return "; stopped early";
    return record->interrupted ? "; interrupted" : "";
}
