#include "report/report_json.h"
#include "base/json_out.h"

/* The version of the document; it grows only when members change their meaning. */
#define REPORT_JSON_VERSION 1

static void add_totals(GString *out, const char *name, const RecordTotals *totals) {
    json_out_begin(out, name, '{');
    json_out_int(out, "cases", totals->cases);
    for (guint kind = 0; kind < VERDICT_KINDS; kind++)
        json_out_int(out, verdict_name(kind), totals->verdicts[kind]);
    json_out_int(out, "flaky", totals->flaky);
    json_out_int(out, "cached", totals->cached);
    json_out_int(out, "spawns", totals->spawns);
    json_out_begin(out, "subtests", '{');
    for (guint kind = 0; kind < RESULT_KINDS; kind++)
        json_out_int(out, result_name(kind), totals->subtests[kind]);
    json_out_end(out, '}');
    json_out_int(out, "duration_ns", totals->attempts_ns);
    json_out_end(out, '}');
}

static void add_texts(GString *out, const char *name, const GStrv texts) {
    json_out_begin(out, name, '[');
    for (char **text = texts; *text; text++)
        json_out_text(out, NULL, *text);
    json_out_end(out, ']');
}

static void add_finding(GString *out, const RecordFinding *finding) {
    json_out_begin(out, NULL, '{');
    json_out_text(out, "text", finding->text);
    json_out_text(out, "path", finding->guest_path);
    json_out_text(out, "expected", finding->expected);
    json_out_text(out, "actual", finding->actual);
    json_out_text(out, "difference", finding->difference);
    json_out_end(out, '}');
}

static void add_spawn(GString *out, const RecordSpawn *spawn) {
    json_out_begin(out, NULL, '{');
    json_out_uint(out, "pid", spawn->pid);
    json_out_uint(out, "ppid", spawn->ppid);
    json_out_text(out, "path", spawn->path);
    add_texts(out, "argv", spawn->argv);
    json_out_int(out, "start_at_ns", spawn->start_at_ns);
    if (spawn->host_ns >= 0) {
        json_out_int(out, "host_ns", spawn->host_ns);
        json_out_uint(out, spawn->signal ? "signal" : "status",
                      spawn->signal ? spawn->signal : spawn->status);
    }
    if (spawn->guest_ns >= 0) json_out_int(out, "guest_ns", spawn->guest_ns);
    json_out_end(out, '}');
}

static void add_file(GString *out, const RecordFile *file) {
    json_out_begin(out, NULL, '{');
    json_out_text(out, "path", file->path);
    json_out_uint(out, "size", file->size);
    json_out_text(out, "sha256", file->sha256);
    if (file->unchanged) json_out_bool(out, "unchanged", TRUE);
    json_out_end(out, '}');
}

static void add_subtest(GString *out, const Result *subtest) {
    json_out_begin(out, NULL, '{');
    json_out_text(out, "name", subtest->name);
    json_out_text(out, "result", result_name(subtest->kind));
    json_out_text(out, "detail", subtest->detail);
    if (subtest->host_ns >= 0) json_out_int(out, "host_ns", subtest->host_ns);
    json_out_end(out, '}');
}

static void add_note(GString *out, const RecordNote *note) {
    json_out_begin(out, NULL, '{');
    json_out_int(out, "at_ns", note->at_ns);
    json_out_text(out, "event", record_note_name(note->kind));
    json_out_text(out, "text", note->text);
    json_out_end(out, '}');
}

/* An array `name` of everything in `from`, each element by `add`. */
#define ADD_ALL(out, name, from, add)              \
    do {                                           \
        json_out_begin(out, name, '[');            \
        for (guint i_ = 0; i_ < (from)->len; i_++) \
            add(out, (from)->pdata[i_]);           \
        json_out_end(out, ']');                    \
    } while (0)

static void add_attempt(GString *out, const RecordAttempt *attempt) {
    json_out_begin(out, NULL, '{');
    json_out_int(out, "attempt", attempt->number);
    json_out_text(out, "verdict", verdict_name(attempt->verdict));
    if (attempt->ran) json_out_int(out, "start_at_ns", attempt->start_at_ns);
    json_out_begin(out, "kernel", '{');
    json_out_text(out, "path", attempt->kernel);
    json_out_text(out, "sha256", attempt->kernel_sha256);
    json_out_end(out, '}');
    json_out_text(out, "accelerator", attempt->accelerator);
    json_out_int(out, "duration_ns", attempt->duration_ns);
    if (attempt->proved_by) {
        json_out_text(out, "proved_by", attempt->proved_by);
        json_out_int(out, "proved_s", attempt->proved_s);
    }
    ADD_ALL(out, "findings", attempt->findings, add_finding);
    json_out_text(out, "diagnosis", attempt->diagnosis);
    json_out_text(out, "console", attempt->console);
    ADD_ALL(out, "spawns", attempt->spawns, add_spawn);
    ADD_ALL(out, "files", attempt->files, add_file);
    ADD_ALL(out, "subtests", attempt->subtests, add_subtest);
    ADD_ALL(out, "notes", attempt->notes, add_note);
    json_out_end(out, '}');
}

static void add_case(GString *out, const RecordCase *c) {
    const RecordAttempt *result = record_result(c);
    g_string_append_c(out, '\n');
    json_out_begin(out, NULL, '{');
    json_out_text(out, "id", c->id);
    json_out_text(out, "gate", c->gate->name);
    json_out_text(out, "case", c->name);
    json_out_text(out, "about", c->about);
    json_out_bool(out, "requested", c->requested);
    json_out_text(out, "verdict", verdict_name(result->verdict));
    json_out_bool(out, "flaky", record_is_flaky(c));
    json_out_int(out, "duration_ns", result->duration_ns);
    ADD_ALL(out, "attempts", c->attempts, add_attempt);
    json_out_end(out, '}');
}

static void add_gate(GString *out, const RecordGate *gate) {
    RecordTotals totals = record_gate_totals(gate);
    json_out_begin(out, NULL, '{');
    json_out_text(out, "gate", gate->name);
    json_out_text(out, "path", gate->path);
    json_out_text(out, "proves", gate->proves);
    add_totals(out, "totals", &totals);
    json_out_end(out, '}');
}

void report_json(const Record *record, GString *out) {
    RecordTotals totals = record_totals(record);
    json_out_begin(out, NULL, '{');
    json_out_int(out, "report", REPORT_JSON_VERSION);
    json_out_text(out, "harness", record->harness);
    json_out_text(out, "time", record->time);
    add_texts(out, "arguments", record->arguments);
    json_out_begin(out, "qemu", '{');
    json_out_text(out, "path", record->qemu);
    json_out_text(out, "version", record->qemu_version);
    json_out_text(out, "confinement", record->confinement);
    json_out_end(out, '}');
    json_out_begin(out, "kernel", '{');
    json_out_text(out, "path", record->kernel);
    json_out_text(out, "sha256", record->kernel_sha256);
    json_out_end(out, '}');
    json_out_bool(out, "icount", record->icount);
    json_out_bool(out, "complete", record->complete);
    json_out_bool(out, "interrupted", record->interrupted);
    json_out_int(out, "duration_ns", record->end_at_ns);
    json_out_int(out, "cpu_ns", record->cpu_ns);
    json_out_int(out, "qemu_cpu_ns", record->qemu_cpu_ns);
    add_totals(out, "totals", &totals);
    ADD_ALL(out, "gates", record->gates, add_gate);
    ADD_ALL(out, "cases", record->cases, add_case);
    json_out_end(out, '}');
    g_string_append_c(out, '\n');
}
