#include "record/record_read.h"
#include "base/error.h"
#include "base/json_in.h"
#include "base/text.h"
#include "record/journal_format.h"
#include <string.h>

/* Times beyond a century are invalid, so that sums cannot overflow. */
#define TIME_MAX_NS (G_MAXINT64 / 3)

typedef struct {
    const char *name;
    guint line; /* from 1 */
    JsonParser *parser;
    JsonObject *object; /* the line */
    Record *record;
    guint gates, cases; /* as given by the first line */
} Reader;

/* The mistake in a line, as a sentence without its subject, or NULL. */
typedef const char *Wrong;

/* ---- Members ---- */

/* An escape may also be a lone surrogate, which is not a character. */
static char *take_text(JsonObject *object, const char *name) {
    const char *text = json_in_text(object, name);
    return text ? text_from_bytes(text, strlen(text)) : NULL;
}

static gboolean take_time(JsonObject *object, const char *name, gint64 *ret_ns) {
    gint64 ns;
    if (!json_in_int(object, name, &ns) || ns < 0 || ns > TIME_MAX_NS) return FALSE;
    *ret_ns = ns;
    return TRUE;
}

static guint64 take_uint(JsonObject *object, const char *name) {
    gint64 value = 0;
    json_in_int(object, name, &value);
    return (guint64)MAX(value, 0);
}

static gboolean take_bool(JsonObject *object, const char *name) {
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == G_TYPE_BOOLEAN && json_node_get_boolean(node);
}

/* The strings of an array; other elements are ignored. */
static GStrv take_texts(JsonObject *object, const char *name) {
    JsonArray *array = json_in_array(object, name);
    guint count = array ? json_array_get_length(array) : 0;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++) {
        JsonNode *node = json_array_get_element(array, i);
        const char *text = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
        if (text) g_ptr_array_add(texts, text_from_bytes(text, strlen(text)));
    }
    g_ptr_array_add(texts, NULL);
    return (GStrv)g_ptr_array_steal(texts, NULL);
}

/* ---- The plan ---- */

static Wrong read_run(Reader *reader) {
    JsonObject *object = reader->object;
    Record *record = reader->record;
    gint64 version = 0, gates = -1, cases = -1;
    if (g_strcmp0(json_in_text(object, "event"), "run") != 0 ||
        !json_in_int(object, "journal", &version))
        return "is not the first line of a journal";
    if (version != JOURNAL_VERSION)
        return "has a journal version that this harness does not support";
    if (!json_in_int(object, "gates", &gates) || !json_in_int(object, "cases", &cases) ||
        gates < 0 || gates > G_MAXINT || cases < 0 || cases > G_MAXINT)
        return "lacks the numbers of gates and cases";
    reader->gates = (guint)gates;
    reader->cases = (guint)cases;
    record->time = take_text(object, "time");
    if (!record->time || !take_time(object, "clock_ns", &record->clock_ns))
        return "lacks the time of the start of the run";
    record->arguments = take_texts(object, "arguments");
    record->qemu = take_text(object, "qemu");
    record->kernel = take_text(object, "kernel");
    record->options = take_texts(object, "options");
    record->icount = take_bool(object, "icount");
    record->harness = take_text(object, "harness");
    record->confinement = take_text(object, "confinement");
    record->kernel_sha256 = take_text(object, "kernel_sha256");
    return record->qemu && record->kernel ? NULL : "lacks the names of QEMU and the kernel";
}

static Wrong read_gate(Reader *reader) {
    g_autofree char *name = take_text(reader->object, "gate");
    g_autofree char *path = take_text(reader->object, "path");
    g_autofree char *proves = take_text(reader->object, "proves");
    if (!name || !path) return "lacks the name and path of a gate";
    if (record_find_gate(reader->record, name)) return "repeats a gate";
    record_add_gate(reader->record, name, path, proves);
    return NULL;
}

static Wrong read_case(Reader *reader) {
    g_autofree char *gate_name = take_text(reader->object, "gate");
    g_autofree char *name = take_text(reader->object, "name");
    g_autofree char *about = take_text(reader->object, "about");
    RecordGate *gate = gate_name ? record_find_gate(reader->record, gate_name) : NULL;
    if (!gate || !name) return "does not name a case of an earlier gate";
    g_autofree char *id = g_strdup_printf("%s/%s", gate_name, name);
    if (record_find_case(reader->record, id)) return "repeats a case";
    record_add_case(reader->record, gate, name, about, take_bool(reader->object, "requested"));
    return NULL;
}

/* ---- Attempts ---- */

static Wrong read_start(RecordAttempt *attempt, JsonObject *object) {
    if (attempt->ran) return "begins an attempt that has already begun";
    attempt->ran = TRUE;
    attempt->kernel = take_text(object, "kernel");
    attempt->kernel_sha256 = take_text(object, "kernel_sha256");
    attempt->accelerator = take_text(object, "accelerator");
    attempt->start_at_ns = attempt->record_case->record->end_at_ns;
    return NULL;
}

static Wrong read_spawn(RecordAttempt *attempt, JsonObject *object) {
    gint64 index;
    g_autofree char *path = take_text(object, "path");
    if (!path || !json_in_int(object, "spawn", &index) || index != attempt->spawns->len)
        return "is not the next spawn of its attempt";
    RecordSpawn *spawn = record_add_spawn(attempt);
    spawn->path = g_steal_pointer(&path);
    spawn->argv = take_texts(object, "argv");
    spawn->pid = take_uint(object, "pid");
    spawn->ppid = take_uint(object, "ppid");
    spawn->start_at_ns = attempt->record_case->record->end_at_ns;
    return NULL;
}

static Wrong read_exit(RecordAttempt *attempt, JsonObject *object) {
    gint64 index;
    /* The end of a program whose start has no line. */
    if (!json_in_int(object, "spawn", &index)) return NULL;
    if (index < 0 || index >= attempt->spawns->len) return "ends a spawn that has not begun";
    RecordSpawn *spawn = attempt->spawns->pdata[index];
    if (spawn->host_ns >= 0) return "ends a spawn that has already ended";
    if (!take_time(object, "host_ns", &spawn->host_ns)) return "lacks the duration of the spawn";
    take_time(object, "guest_ns", &spawn->guest_ns);
    spawn->status = take_uint(object, "status");
    spawn->signal = take_uint(object, "signal");
    return NULL;
}

static Wrong read_file(RecordAttempt *attempt, JsonObject *object) {
    g_autofree char *path = take_text(object, "path");
    g_autofree char *sha256 = take_text(object, "sha256");
    if (!path || !sha256) return "lacks the path and hash of a file";
    RecordFile *file = record_add_file(attempt, g_steal_pointer(&path), take_uint(object, "size"),
                                       g_steal_pointer(&sha256));
    file->unchanged = take_bool(object, "unchanged");
    return NULL;
}

static Wrong read_subtest(RecordAttempt *attempt, JsonObject *object) {
    g_autofree char *name = take_text(object, "name");
    ResultKind kind;
    if (!name || !result_find(json_in_text(object, "result"), &kind))
        return "lacks the name and result of a subtest";
    gint64 host_ns = -1;
    json_in_int(object, "host_ns", &host_ns);
    record_add_subtest(
        attempt,
        result_new(kind, g_steal_pointer(&name), take_text(object, "detail"), MAX(host_ns, -1)),
        !take_bool(object, "not_asked"));
    return NULL;
}

static Wrong read_qemu(RecordAttempt *attempt, JsonObject *object) {
    Record *record = (Record *)attempt->record_case->record;
    if (!record->qemu_version) record->qemu_version = take_text(object, "text");
    return NULL;
}

static Wrong read_findings(RecordAttempt *attempt, JsonObject *object) {
    JsonArray *array = json_in_array(object, "findings");
    if (!array) return "lacks the findings";
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonNode *node = json_array_get_element(array, i);
        JsonObject *from = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
        g_autofree char *text = from ? take_text(from, "text") : NULL;
        if (!text) return "has a finding without text";
        RecordFinding *to = record_add_finding(attempt, g_steal_pointer(&text));
        to->expected = take_text(from, "expected");
        to->actual = take_text(from, "actual");
        to->guest_path = take_text(from, "path");
        to->difference = take_text(from, "difference");
    }
    return NULL;
}

static Wrong read_verdict(RecordAttempt *attempt, JsonObject *object) {
    const char *verdict = json_in_text(object, "verdict");
    guint kind = 0;
    while (kind < VERDICT_KINDS && g_strcmp0(verdict, verdict_name(kind)) != 0)
        kind++;
    if (kind == VERDICT_KINDS || !take_time(object, "duration_ns", &attempt->duration_ns))
        return "lacks the verdict and its duration";
    if (kind == VERDICT_PASS && !attempt->ran)
        return "has the verdict pass for an attempt that has not begun";
    attempt->verdict = kind;
    Wrong wrong = read_findings(attempt, object);
    if (wrong) return wrong;
    if (kind != VERDICT_PASS && attempt->findings->len == 0)
        return "lacks a reason for the verdict";
    attempt->diagnosis = take_text(object, "diagnosis");
    char *console = take_text(object, "console");
    if (console) {
        g_free(attempt->console);
        attempt->console = console;
    }
    record_end_attempt((Record *)attempt->record_case->record, attempt);
    return NULL;
}

/* Lines of an attempt. */
static const struct {
    const char *event;
    Wrong (*read)(RecordAttempt *attempt, JsonObject *object);
} attempt_lines[] = {
    {"start", read_start},     {"spawn", read_spawn}, {"exit", read_exit},
    {"file", read_file},       {"qemu", read_qemu},   {"subtest", read_subtest},
    {"verdict", read_verdict},
};

/* The attempt of the line: the running one, or with `fresh` the one after the last that ended. */
static Wrong find_attempt(Reader *reader, gboolean fresh, RecordAttempt **ret_attempt) {
    const char *id = json_in_text(reader->object, "case");
    RecordCase *c = id ? record_find_case(reader->record, id) : NULL;
    gint64 number = 0;
    if (!c) return "does not name a case of the plan";
    RecordAttempt *last = c->attempts->len > 0 ? c->attempts->pdata[c->attempts->len - 1] : NULL;
    gboolean open = last && !last->ended;
    if (!json_in_int(reader->object, "attempt", &number) || (!open && !fresh) ||
        number != (gint64)c->attempts->len + !open)
        return "refers to no running attempt";
    *ret_attempt = open ? last : record_add_attempt(c);
    return NULL;
}

static Wrong read_attempt_line(Reader *reader, const char *event) {
    RecordAttempt *attempt;
    Wrong wrong;
    for (guint i = 0; i < G_N_ELEMENTS(attempt_lines); i++) {
        if (strcmp(attempt_lines[i].event, event) != 0) continue;
        gboolean fresh = strcmp(event, "start") == 0 || strcmp(event, "verdict") == 0;
        wrong = find_attempt(reader, fresh, &attempt);
        return wrong ? wrong : attempt_lines[i].read(attempt, reader->object);
    }
    NoteKind kind;
    if (!record_note_find(event, &kind)) return NULL;
    if ((wrong = find_attempt(reader, FALSE, &attempt))) return wrong;
    if (kind == NOTE_CACHED && !attempt->proved_by) {
        attempt->proved_by = take_text(reader->object, "proved_by");
        json_in_int(reader->object, "proved_s", &attempt->proved_s);
    }
    record_add_note(attempt, reader->record->end_at_ns, kind, take_text(reader->object, "text"));
    return NULL;
}

/* ---- Lines ---- */

static Wrong read_object(Reader *reader) {
    Record *record = reader->record;
    if (reader->line == 1) return read_run(reader);
    const char *event = json_in_text(reader->object, "event");
    if (!event) return "has no \"event\" member";
    if (record->gates->len < reader->gates)
        return strcmp(event, "gate") == 0 ? read_gate(reader)
                                          : "is not the expected gate of the plan";
    if (record->cases->len < reader->cases)
        return strcmp(event, "case") == 0 ? read_case(reader)
                                          : "is not the expected case of the plan";
    /* Events of guests that run at once are in the order of writing. */
    gint64 at_ns;
    if (!take_time(reader->object, "at_ns", &at_ns)) return "lacks the time of the event";
    record->end_at_ns = at_ns;
    if (strcmp(event, "totals") != 0) return read_attempt_line(reader, event);
    record->complete = TRUE;
    record->interrupted = take_bool(reader->object, "interrupted");
    /* Older journals lack these members. */
    take_time(reader->object, "cpu_ns", &record->cpu_ns);
    take_time(reader->object, "qemu_cpu_ns", &record->qemu_cpu_ns);
    return NULL;
}

static Wrong read_line(Reader *reader, const char *line, gsize length) {
    if (reader->record->complete) return "comes after the end of the run";
    Wrong wrong = json_in_object(reader->parser, line, length, &reader->object);
    return wrong ? wrong : read_object(reader);
}

static gboolean refuse(const Reader *reader, Wrong wrong, GError **error) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "%s:%u: the line %s", reader->name,
                reader->line, wrong);
    return FALSE;
}

static gboolean read_lines(Reader *reader, const char *data, gsize length, GError **error) {
    for (gsize at = 0; at < length;) {
        const char *newline = memchr(data + at, '\n', length - at);
        /* A line without its newline is incomplete. */
        if (!newline) break;
        gsize end = (gsize)(newline - data);
        reader->line++;
        Wrong wrong = read_line(reader, data + at, end - at);
        if (wrong) return refuse(reader, wrong, error);
        at = end + 1;
    }
    if (reader->line == 0 || reader->record->gates->len < reader->gates ||
        reader->record->cases->len < reader->cases) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                    "%s: not a journal, or truncated before the end of its plan, when nothing had "
                    "run",
                    reader->name);
        return FALSE;
    }
    return TRUE;
}

Record *record_read(const char *name, const char *data, gsize length, GError **error) {
    g_autoptr(Record) record = record_new();
    Reader reader = {.name = name, .parser = json_parser_new(), .record = record};
    gboolean good = read_lines(&reader, data, length, error);
    g_object_unref(reader.parser);
    if (!good) return NULL;
    record_close(record);
    return g_steal_pointer(&record);
}

Record *record_load(const char *path, GError **error) {
    g_autoptr(GError) failed = NULL;
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s is not a regular file", path);
        return NULL;
    }
    g_autofree char *data = NULL;
    gsize length;
    /* Not mapped: another run may truncate the file meanwhile. */
    if (g_file_get_contents(path, &data, &length, &failed))
        return record_read(path, data, length, error);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s", failed->message);
    return NULL;
}
