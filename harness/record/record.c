#include "record/record.h"
#include "base/text.h"
#include "gate/driver.h"
#include <string.h>

static void finding_free(gpointer data) {
    RecordFinding *finding = data;
    g_free(finding->text);
    g_free(finding->expected);
    g_free(finding->actual);
    g_free(finding->guest_path);
    g_free(finding->difference);
    g_free(finding);
}

static void spawn_free(gpointer data) {
    RecordSpawn *spawn = data;
    g_free(spawn->path);
    g_strfreev(spawn->argv);
    g_free(spawn);
}

static void file_free(gpointer data) {
    RecordFile *file = data;
    g_free(file->path);
    g_free(file->sha256);
    g_free(file);
}

static void note_free(gpointer data) {
    RecordNote *note = data;
    g_free(note->text);
    g_free(note);
}

static void attempt_free(gpointer data) {
    RecordAttempt *attempt = data;
    g_ptr_array_unref(attempt->findings);
    g_ptr_array_unref(attempt->spawns);
    g_ptr_array_unref(attempt->files);
    g_ptr_array_unref(attempt->subtests);
    g_ptr_array_unref(attempt->other_subtests);
    g_ptr_array_unref(attempt->notes);
    g_free(attempt->diagnosis);
    g_free(attempt->kernel);
    g_free(attempt->kernel_sha256);
    g_free(attempt->accelerator);
    g_free(attempt->proved_by);
    g_free(attempt->console);
    g_free(attempt);
}

static void case_free(gpointer data) {
    RecordCase *c = data;
    g_ptr_array_unref(c->attempts);
    g_array_unref(c->trend);
    g_free(c->id);
    g_free(c->name);
    g_free(c->about);
    g_free(c);
}

static void gate_free_record(gpointer data) {
    RecordGate *gate = data;
    g_ptr_array_unref(gate->cases);
    g_free(gate->name);
    g_free(gate->path);
    g_free(gate->proves);
    g_free(gate);
}

Record *record_new(void) {
    Record *record = g_new0(Record, 1);
    record->gates = g_ptr_array_new_with_free_func(gate_free_record);
    record->cases = g_ptr_array_new_with_free_func(case_free);
    record->ends = g_ptr_array_new();
    record->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return record;
}

void record_free(Record *record) {
    g_hash_table_unref(record->by_id);
    g_ptr_array_unref(record->ends);
    g_ptr_array_unref(record->cases);
    g_ptr_array_unref(record->gates);
    g_strfreev(record->arguments);
    g_strfreev(record->options);
    g_free(record->time);
    g_free(record->qemu);
    g_free(record->harness);
    g_free(record->qemu_version);
    g_free(record->confinement);
    g_free(record->kernel);
    g_free(record->kernel_sha256);
    g_free(record);
}

/* ---- Filling ---- */

RecordGate *record_add_gate(Record *record, const char *name, const char *path,
                            const char *proves) {
    RecordGate *gate = g_new0(RecordGate, 1);
    gate->name = g_strdup(name);
    gate->path = g_strdup(path);
    gate->proves = g_strdup(proves);
    gate->cases = g_ptr_array_new();
    g_ptr_array_add(record->gates, gate);
    return gate;
}

RecordCase *record_add_case(Record *record, RecordGate *gate, const char *name, const char *about,
                            gboolean requested) {
    RecordCase *c = g_new0(RecordCase, 1);
    c->record = record;
    c->gate = gate;
    c->id = g_strdup_printf("%s/%s", gate->name, name);
    c->name = g_strdup(name);
    c->about = g_strdup(about);
    c->requested = requested;
    c->attempts = g_ptr_array_new_with_free_func(attempt_free);
    c->trend = g_array_new(FALSE, FALSE, sizeof(double));
    g_ptr_array_add(record->cases, c);
    g_ptr_array_add(gate->cases, c);
    g_hash_table_insert(record->by_id, c->id, c);
    return c;
}

RecordAttempt *record_add_attempt(RecordCase *c) {
    RecordAttempt *attempt = g_new0(RecordAttempt, 1);
    attempt->record_case = c;
    attempt->findings = g_ptr_array_new_with_free_func(finding_free);
    attempt->spawns = g_ptr_array_new_with_free_func(spawn_free);
    attempt->files = g_ptr_array_new_with_free_func(file_free);
    attempt->subtests = g_ptr_array_new_with_free_func(result_free);
    attempt->other_subtests = g_ptr_array_new_with_free_func(result_free);
    attempt->notes = g_ptr_array_new_with_free_func(note_free);
    attempt->console = g_strdup("");
    g_ptr_array_add(c->attempts, attempt);
    attempt->number = c->attempts->len;
    return attempt;
}

void record_add_subtest(RecordAttempt *attempt, Result *subtest, gboolean is_asked) {
    g_ptr_array_add(is_asked ? attempt->subtests : attempt->other_subtests, subtest);
    attempt->last_subtest = subtest;
}

RecordFinding *record_add_finding(RecordAttempt *attempt, char *text) {
    RecordFinding *finding = g_new0(RecordFinding, 1);
    finding->text = text;
    g_ptr_array_add(attempt->findings, finding);
    return finding;
}

RecordSpawn *record_add_spawn(RecordAttempt *attempt) {
    RecordSpawn *spawn = g_new0(RecordSpawn, 1);
    spawn->host_ns = spawn->guest_ns = -1;
    g_ptr_array_add(attempt->spawns, spawn);
    return spawn;
}

RecordFile *record_add_file(RecordAttempt *attempt, char *path, guint64 size, char *sha256) {
    RecordFile *file = g_new0(RecordFile, 1);
    *file = (RecordFile){path, size, sha256, FALSE};
    g_ptr_array_add(attempt->files, file);
    return file;
}

static const char *const note_names[] = {
    "enosys",    "panic",     "lost", "foreign", "bad",      "timeout", "hang",
    "interrupt", "trouble",   "core", "cached",  "uncached", "stopped", "recorded",
    "left-out",  "forbidden", "late", "flaky",   "warm",     "cold"};
G_STATIC_ASSERT(G_N_ELEMENTS(note_names) == NOTE_KINDS);

const char *record_note_name(NoteKind kind) { return note_names[kind]; }

gboolean record_note_find(const char *name, NoteKind *ret_kind) {
    for (guint i = 0; name && i < NOTE_KINDS; i++) {
        if (strcmp(note_names[i], name) != 0) continue;
        *ret_kind = i;
        return TRUE;
    }
    return FALSE;
}

void record_add_note(RecordAttempt *attempt, gint64 at_ns, NoteKind kind, char *text) {
    RecordNote *note = g_new0(RecordNote, 1);
    note->at_ns = at_ns;
    note->kind = kind;
    note->text = text;
    g_ptr_array_add(attempt->notes, note);
}

void record_end_attempt(Record *record, RecordAttempt *attempt) {
    attempt->ended = TRUE;
    g_ptr_array_add(record->ends, attempt);
}

static void break_off(Record *record, RecordAttempt *attempt) {
    attempt->verdict = attempt->ran ? VERDICT_ERROR : VERDICT_SKIP;
    attempt->duration_ns = attempt->ran ? MAX(record->end_at_ns - attempt->start_at_ns, 0) : 0;
    record_add_finding(
        attempt, g_strdup_printf("the run stopped before it %s", attempt->ran ? "ended" : "began"));
    if (attempt->ran)
        record_add_note(attempt, record->end_at_ns, NOTE_INTERRUPT, g_strdup("the run stopped"));
    record_end_attempt(record, attempt);
}

void record_close(Record *record) {
    for (guint i = 0; i < record->cases->len; i++) {
        RecordCase *c = record->cases->pdata[i];
        RecordAttempt *last =
            c->attempts->len > 0 ? c->attempts->pdata[c->attempts->len - 1] : NULL;
        if (!last)
            break_off(record, record_add_attempt(c));
        else if (!last->ended)
            break_off(record, last);
    }
}

/* ---- Queries ---- */

RecordGate *record_find_gate(const Record *record, const char *name) {
    for (guint i = 0; i < record->gates->len; i++) {
        RecordGate *gate = record->gates->pdata[i];
        if (strcmp(gate->name, name) == 0) return gate;
    }
    return NULL;
}

RecordCase *record_find_case(const Record *record, const char *id) {
    return g_hash_table_lookup(record->by_id, id);
}

static gboolean has_note(const RecordAttempt *attempt, NoteKind kind) {
    for (guint i = 0; i < attempt->notes->len; i++)
        if (((RecordNote *)attempt->notes->pdata[i])->kind == kind) return TRUE;
    return FALSE;
}

gboolean record_is_recording(const RecordAttempt *attempt) {
    return has_note(attempt, NOTE_RECORDED);
}

const RecordAttempt *record_result(const RecordCase *c) {
    for (guint i = c->attempts->len; i > 1; i--) {
        const RecordAttempt *attempt = c->attempts->pdata[i - 1];
        if (attempt->verdict != VERDICT_SKIP && !has_note(attempt, NOTE_INTERRUPT) &&
            !record_is_recording(attempt))
            return attempt;
    }
    return c->attempts->pdata[0];
}

gboolean record_is_cached(const RecordAttempt *attempt) { return has_note(attempt, NOTE_CACHED); }

gboolean record_is_warm(const RecordAttempt *attempt) { return has_note(attempt, NOTE_WARM); }

const char *record_other_accelerator(const RecordAttempt *attempt) {
    return g_strcmp0(attempt->accelerator, "tcg") != 0 ? attempt->accelerator : NULL;
}

char *record_unchanged(const RecordAttempt *attempt) {
    if (!record_is_cached(attempt)) return NULL;
    if (!attempt->proved_by) return g_strdup("unchanged");
    g_autofree char *time = text_time(attempt->proved_s);
    return g_strdup_printf("unchanged since %s, %s", time ? time : "?", attempt->proved_by);
}

char *record_remark(const RecordAttempt *attempt) {
    return record_is_warm(attempt) ? g_strdup("warm") : record_unchanged(attempt);
}

gboolean record_is_flaky(const RecordCase *c) {
    const RecordAttempt *first = c->attempts->pdata[0];
    return first->verdict != VERDICT_PASS && record_result(c)->verdict == VERDICT_PASS;
}

void record_count_subtests(const RecordAttempt *attempt, guint counts[RESULT_KINDS]) {
    for (guint i = 0; i < attempt->subtests->len; i++)
        counts[((const Result *)attempt->subtests->pdata[i])->kind]++;
}

char *record_describe_subtests(const guint counts[RESULT_KINDS]) {
    static const char *const words[] = {"passed", "failed", "skipped", "failed as expected",
                                        "not reached"};
    G_STATIC_ASSERT(G_N_ELEMENTS(words) == RESULT_KINDS);
    guint all = 0;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint kind = 0; kind < RESULT_KINDS; kind++) {
        all += counts[kind];
        if (counts[kind] || kind == RESULT_PASS)
            g_string_append_printf(text, "%s%u %s", text->len ? ", " : "", counts[kind],
                                   words[kind]);
    }
    return all ? g_strdup_printf("%u subtest%s: %s", all, all == 1 ? "" : "s", text->str) : NULL;
}

static void count_case(RecordTotals *totals, const RecordCase *c) {
    totals->cases++;
    totals->verdicts[record_result(c)->verdict]++;
    totals->flaky += record_is_flaky(c);
    totals->cached += record_is_cached(record_result(c));
    record_count_subtests(record_result(c), totals->subtests);
    for (guint i = 0; i < c->attempts->len; i++) {
        const RecordAttempt *attempt = c->attempts->pdata[i];
        totals->attempts_ns += attempt->duration_ns;
        totals->spawns += attempt->spawns->len;
        totals->has_more_spawns |= has_note(attempt, NOTE_LEFT_OUT);
    }
}

static RecordTotals count_cases(const GPtrArray *cases) {
    RecordTotals totals = {0};
    for (guint i = 0; i < cases->len; i++)
        count_case(&totals, cases->pdata[i]);
    return totals;
}

guint record_failed(const RecordTotals *totals) {
    return totals->cases - totals->verdicts[VERDICT_PASS] - totals->verdicts[VERDICT_SKIP];
}

RecordTotals record_totals(const Record *record) { return count_cases(record->cases); }

RecordTotals record_gate_totals(const RecordGate *gate) { return count_cases(gate->cases); }

/* ---- Spawns in words ---- */

static gboolean needs_quotes(const char *word) {
    if (!*word) return TRUE;
    for (; *word; word++)
        if (!g_ascii_isalnum(*word) && !strchr("/.-_+=:,@%", *word)) return TRUE;
    return FALSE;
}

static void append_word(GString *line, const char *word) {
    g_autofree char *quoted = needs_quotes(word) ? g_shell_quote(word) : NULL;
    g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", quoted ? quoted : word);
}

char *record_command(const RecordSpawn *spawn) {
    GString *line = g_string_new(NULL);
    for (char **word = spawn->argv; *word; word++)
        append_word(line, *word);
    return g_string_free(line, FALSE);
}

static gboolean names_driver(const GStrv options) {
    for (char **option = options; option && *option; option++)
        if (strcmp(*option, "--driver") == 0) return TRUE;
    return FALSE;
}

char *record_kernel(const RecordAttempt *attempt) {
    if (!attempt->kernel_sha256) return g_strdup(attempt->kernel);
    return g_strdup_printf("%s, sha256 %s", attempt->kernel, attempt->kernel_sha256);
}

char *record_other_kernel(const RecordAttempt *attempt) {
    gboolean is_seed = g_strcmp0(attempt->kernel, attempt->record_case->record->kernel) == 0;
    return is_seed ? NULL : record_kernel(attempt);
}

char *record_again(const RecordCase *c) {
    const char *program = *c->record->arguments;
    g_autofree char *gate_name = NULL;
    Driver driver = driver_of_label(c->gate->name, &gate_name);
    g_autofree char *id = g_strconcat(gate_name, "/", c->name, NULL);
    GString *line = g_string_new(NULL);
    append_word(line, program ? program : "harness");
    append_word(line, "run");
    for (char **option = c->record->options; option && *option; option++)
        append_word(line, *option);
    gboolean named = names_driver(c->record->options);
    if ((driver == DRIVER_LINUX || driver == DRIVER_HEX) && !named) {
        append_word(line, "--driver");
        append_word(line, driver_name(driver));
    }
    append_word(line, "--filter");
    append_word(line, id);
    append_word(line, c->gate->path);
    return g_string_free(line, FALSE);
}

char *record_exit(const RecordSpawn *spawn) {
    if (spawn->host_ns < 0) return g_strdup("did not end");
    return spawn->signal ? g_strdup_printf("signal %" G_GUINT64_FORMAT, spawn->signal)
                         : g_strdup_printf("exit %" G_GUINT64_FORMAT, spawn->status);
}
