#include "record/journal_format.h"
#include "attempt/calls.h"
#include "base/json_out.h"
#include "base/text.h"
#include <string.h>
#include <sys/wait.h>

/* ---- Events ---- */

static const char *line_event_name(KernelLineKind kind) {
    switch (kind) {
    case LINE_BOOT: return "boot";
    case LINE_SPAWN: return "spawn";
    case LINE_EXIT: return "exit";
    case LINE_ENOSYS: return record_note_name(NOTE_ENOSYS);
    case LINE_PANIC: return record_note_name(NOTE_PANIC);
    case LINE_LOST: return record_note_name(NOTE_LOST);
    case LINE_END: return "end";
    case LINE_DUMP_BEGIN:
    case LINE_FILE: /* EVENT_FILE follows when it is complete */
    case LINE_DUMP_END:
    case LINE_REGISTERS: /* in the diagnosis */
    case LINE_BACKTRACE: return NULL;
    }
    return NULL;
}

const char *journal_event_name(const Event *event) {
    switch (event->kind) {
    case EVENT_LINE: return line_event_name(event->kernel_line.kind);
    case EVENT_VERSION: return "qemu";
    case EVENT_WARM: return record_note_name(NOTE_WARM);
    case EVENT_COLD: return record_note_name(NOTE_COLD);
    case EVENT_CONTINUE: return "continue";
    case EVENT_FILE: return "file";
    case EVENT_FOREIGN: return record_note_name(NOTE_FOREIGN);
    case EVENT_BAD: return record_note_name(NOTE_BAD);
    case EVENT_MATCH: return "match";
    case EVENT_REPLY: return "reply";
    case EVENT_OPEN: return "open";
    case EVENT_CONSOLE_DONE: return "told";
    case EVENT_SUBTEST: return "subtest";
    case EVENT_FORBIDDEN: return record_note_name(NOTE_FORBIDDEN);
    case EVENT_TIMEOUT: return record_note_name(NOTE_TIMEOUT);
    case EVENT_LATE: return record_note_name(NOTE_LATE);
    case EVENT_HANG: return record_note_name(NOTE_HANG);
    case EVENT_STOPPED: return record_note_name(NOTE_STOPPED);
    case EVENT_CORE: return record_note_name(NOTE_CORE);
    case EVENT_RECORDED: return record_note_name(NOTE_RECORDED);
    case EVENT_CACHED: return record_note_name(NOTE_CACHED);
    case EVENT_UNCACHED: return record_note_name(NOTE_UNCACHED);
    case EVENT_FLAKY: return record_note_name(NOTE_FLAKY);
    case EVENT_LEFT_OUT: return record_note_name(NOTE_LEFT_OUT);
    case EVENT_INTERRUPT: return record_note_name(NOTE_INTERRUPT);
    case EVENT_QMP: return "qmp";
    case EVENT_ERROR: return record_note_name(NOTE_ERROR);
    case EVENT_QEMU_EXIT: return "qemu-exit";
    case EVENT_START:         /* in the line of the attempt */
    case EVENT_FOREIGN_LINES: /* in the verdict */
    case EVENT_EOF: return NULL;
    }
    return NULL;
}

char *journal_event_text(const Event *event) {
    const KernelLine *kernel_line = &event->kernel_line;
    const char *text = event->kind == EVENT_CACHED ? event->sha256 : event->text;
    if (event->kind == EVENT_LINE && kernel_line->kind == LINE_ENOSYS) {
        const char *name = calls_name(kernel_line->enosys.number);
        return g_strdup_printf("system call %" G_GUINT64_FORMAT "%s%s%s of pid %" G_GUINT64_FORMAT
                               " is unknown to the kernel",
                               kernel_line->enosys.number, name ? " (" : "", name ? name : "",
                               name ? ")" : "", kernel_line->enosys.pid);
    }
    if (event->kind == EVENT_LINE &&
        (kernel_line->kind == LINE_PANIC || kernel_line->kind == LINE_LOST))
        text = kernel_line->text;
    return text ? text_from_bytes(text, strlen(text)) : NULL;
}

/* ---- Lines ---- */

/* Begins a line; json_out wants a string of its own. */
static GString *begin_line(const char *event) {
    GString *line = g_string_sized_new(256);
    json_out_begin(line, NULL, '{');
    json_out_text(line, "event", event);
    return line;
}

static GString *begin_attempt_line(const char *event, const RecordAttempt *attempt, gint64 at_ns) {
    GString *line = begin_line(event);
    json_out_text(line, "case", attempt->record_case->id);
    json_out_int(line, "attempt", attempt->number);
    json_out_int(line, "at_ns", at_ns);
    return line;
}

static void end_line(GString *out, GString *line) {
    json_out_end(line, '}');
    g_string_append_len(out, line->str, (gssize)line->len);
    g_string_append_c(out, '\n');
    g_string_free(line, TRUE);
}

static void add_texts(GString *line, const char *name, const GStrv texts) {
    json_out_begin(line, name, '[');
    for (char **text = texts; *text; text++)
        json_out_text(line, NULL, *text);
    json_out_end(line, ']');
}

void journal_format_plan(GString *out, const Record *record) {
    GString *line = begin_line("run");
    json_out_int(line, "journal", JOURNAL_VERSION);
    json_out_text(line, "time", record->time);
    json_out_int(line, "clock_ns", record->clock_ns);
    add_texts(line, "arguments", record->arguments);
    if (record->options) add_texts(line, "options", record->options);
    json_out_text(line, "qemu", record->qemu);
    json_out_text(line, "confinement", record->confinement);
    json_out_text(line, "kernel", record->kernel);
    json_out_text(line, "harness", record->harness);
    json_out_text(line, "kernel_sha256", record->kernel_sha256);
    json_out_bool(line, "icount", record->icount);
    json_out_int(line, "gates", record->gates->len);
    json_out_int(line, "cases", record->cases->len);
    end_line(out, line);
    for (guint i = 0; i < record->gates->len; i++) {
        const RecordGate *gate = record->gates->pdata[i];
        line = begin_line("gate");
        json_out_text(line, "gate", gate->name);
        json_out_text(line, "path", gate->path);
        json_out_text(line, "proves", gate->proves);
        end_line(out, line);
    }
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordCase *c = record->cases->pdata[i];
        line = begin_line("case");
        json_out_text(line, "case", c->id);
        json_out_text(line, "gate", c->gate->name);
        json_out_text(line, "name", c->name);
        json_out_text(line, "about", c->about);
        json_out_bool(line, "requested", c->requested);
        end_line(out, line);
    }
}

void journal_format_started(GString *out, const RecordAttempt *attempt) {
    GString *line = begin_attempt_line("start", attempt, attempt->start_at_ns);
    json_out_text(line, "kernel", attempt->kernel);
    json_out_text(line, "kernel_sha256", attempt->kernel_sha256);
    json_out_text(line, "accelerator", attempt->accelerator);
    end_line(out, line);
}

void journal_format_ended(GString *out, const RecordAttempt *attempt) {
    GString *line = begin_attempt_line("verdict", attempt, attempt->record_case->record->end_at_ns);
    json_out_text(line, "verdict", verdict_name(attempt->verdict));
    json_out_int(line, "duration_ns", attempt->duration_ns);
    json_out_begin(line, "findings", '[');
    for (guint i = 0; i < attempt->findings->len; i++) {
        const RecordFinding *finding = attempt->findings->pdata[i];
        json_out_begin(line, NULL, '{');
        json_out_text(line, "text", finding->text);
        json_out_text(line, "expected", finding->expected);
        json_out_text(line, "actual", finding->actual);
        json_out_text(line, "path", finding->guest_path);
        json_out_text(line, "difference", finding->difference);
        json_out_end(line, '}');
    }
    json_out_end(line, ']');
    json_out_text(line, "diagnosis", attempt->diagnosis);
    json_out_text(line, "console", attempt->console);
    end_line(out, line);
}

void journal_format_end(GString *out, const Record *record) {
    RecordTotals totals = record_totals(record);
    GString *line = begin_line("totals");
    json_out_int(line, "at_ns", record->end_at_ns);
    json_out_bool(line, "interrupted", record->interrupted);
    json_out_int(line, "cases", totals.cases);
    for (guint kind = 0; kind < VERDICT_KINDS; kind++)
        json_out_int(line, verdict_name(kind), totals.verdicts[kind]);
    json_out_int(line, "flaky", totals.flaky);
    json_out_int(line, "cpu_ns", record->cpu_ns);
    json_out_int(line, "qemu_cpu_ns", record->qemu_cpu_ns);
    end_line(out, line);
}

/* ---- The line of an event ---- */

static void add_spawn(GString *line, const RecordSpawn *spawn, gssize index) {
    json_out_int(line, "spawn", index);
    json_out_uint(line, "pid", spawn->pid);
    json_out_uint(line, "ppid", spawn->ppid);
    json_out_text(line, "path", spawn->path);
    add_texts(line, "argv", spawn->argv);
}

static void add_exit(GString *line, const KernelLine *kernel_line, const RecordSpawn *spawn,
                     gssize index) {
    if (spawn) json_out_int(line, "spawn", index);
    json_out_uint(line, "pid", kernel_line->exit.pid);
    if (kernel_line->exit.signal) {
        json_out_uint(line, "signal", kernel_line->exit.signal);
        json_out_hex(line, "elr", kernel_line->exit.elr);
        json_out_hex(line, "far", kernel_line->exit.far);
        json_out_hex(line, "esr", kernel_line->exit.esr);
    } else {
        json_out_uint(line, "status", kernel_line->exit.status);
    }
    if (spawn) json_out_int(line, "host_ns", spawn->host_ns);
    if (spawn && spawn->guest_ns >= 0) json_out_int(line, "guest_ns", spawn->guest_ns);
}

static void add_kernel_line(GString *line, const KernelLine *kernel_line, const RecordSpawn *spawn,
                            gssize index) {
    switch (kernel_line->kind) {
    case LINE_BOOT:
        json_out_uint(line, "mem_bytes", kernel_line->boot.mem_bytes);
        json_out_uint(line, "freq_hz", kernel_line->boot.freq_hz);
        break;
    case LINE_SPAWN: add_spawn(line, spawn, index); break;
    case LINE_EXIT: add_exit(line, kernel_line, spawn, index); break;
    case LINE_ENOSYS:
        json_out_uint(line, "number", kernel_line->enosys.number);
        json_out_text(line, "name", calls_name(kernel_line->enosys.number));
        json_out_uint(line, "pid", kernel_line->enosys.pid);
        break;
    case LINE_END:
        json_out_uint(line, "status", kernel_line->end.status);
        json_out_uint(line, "files", kernel_line->end.files);
        json_out_uint(line, "leaked_pages", kernel_line->end.leaked_pages);
        break;
    default: break;
    }
}

static void add_file(GString *line, const RecordFile *file) {
    json_out_text(line, "path", file->path);
    json_out_uint(line, "size", file->size);
    json_out_text(line, "sha256", file->sha256);
    if (file->unchanged) json_out_bool(line, "unchanged", TRUE);
}

static void add_subtest(GString *line, const RecordAttempt *attempt) {
    const Result *subtest = attempt->last_subtest;
    const GPtrArray *asked = attempt->subtests;
    json_out_text(line, "name", subtest->name);
    json_out_text(line, "result", result_name(subtest->kind));
    json_out_text(line, "detail", subtest->detail);
    if (subtest->host_ns >= 0) json_out_int(line, "host_ns", subtest->host_ns);
    if (asked->len == 0 || asked->pdata[asked->len - 1] != subtest)
        json_out_bool(line, "not_asked", TRUE);
}

static void add_qemu_exit(GString *line, int wait_status) {
    if (WIFSIGNALED(wait_status))
        json_out_int(line, "signal", WTERMSIG(wait_status));
    else
        json_out_int(line, "status", WEXITSTATUS(wait_status));
}

static void add_proof(GString *line, const RecordAttempt *attempt) {
    json_out_text(line, "proved_by", attempt->proved_by);
    json_out_int(line, "proved_s", attempt->proved_s);
}

void journal_format_event(GString *out, const RecordAttempt *attempt, const Event *event,
                          gssize spawn) {
    const char *name = journal_event_name(event);
    if (!name) return;
    GString *line =
        begin_attempt_line(name, attempt, event->time_ns - attempt->record_case->record->clock_ns);
    if (event->kind == EVENT_LINE)
        add_kernel_line(line, &event->kernel_line,
                        spawn >= 0 ? attempt->spawns->pdata[spawn] : NULL, spawn);
    if (event->kind == EVENT_QEMU_EXIT) add_qemu_exit(line, (int)event->number);
    if (event->kind == EVENT_CACHED) add_proof(line, attempt);
    if (event->kind == EVENT_SUBTEST) {
        add_subtest(line, attempt);
    } else if (event->kind == EVENT_FILE) {
        add_file(line, attempt->files->pdata[attempt->files->len - 1]);
    } else {
        g_autofree char *text = journal_event_text(event);
        json_out_text(line, "text", text);
    }
    end_line(out, line);
}
