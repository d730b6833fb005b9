#include "run/recorder.h"
#include "attempt/difference.h"
#include "attempt/spawns.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/version.h"
#include "guest/confinement.h"
#include "record/journal_format.h"
#include <string.h>
#include <sys/resource.h>

/* A running attempt. */
typedef struct {
    RecordAttempt *attempt;
    Spawns spawns;
} Live;

struct _Recorder {
    Record *record;
    const char *out_root;
    const char *cache;  /* its folder, or NULL */
    GHashTable *live;   /* PlanCase -> Live */
    GHashTable *hashes; /* path of a kernel -> its sha256, or NULL */
};

static void live_free(gpointer data) {
    spawns_clear(&((Live *)data)->spawns);
    g_free(data);
}

static char *to_text(const char *bytes) {
    return bytes ? text_from_bytes(bytes, strlen(bytes)) : NULL;
}

static char *hash_file(const char *path) {
    g_autoptr(GBytes) bytes = fdio_load(path, NULL);
    return bytes ? hash_bytes(bytes) : NULL;
}

static void record_plan(Record *record, const Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        RecordGate *gate = record_find_gate(record, planned->label);
        if (!gate) {
            g_autofree char *path = to_text(planned->gate->path);
            gate = record_add_gate(record, planned->label, path, planned->gate->proves);
        }
        record_add_case(record, gate, planned->gate_case->name, planned->gate_case->about,
                        planned->requested);
    }
}

Recorder *recorder_new(const RecorderHead *head, const char *out_root) {
    Recorder *recorder = g_new0(Recorder, 1);
    Record *record = recorder->record = record_new();
    g_autoptr(GDateTime) utc = g_date_time_new_now_utc();
    record->time = g_date_time_format(utc, "%Y-%m-%dT%H:%M:%S.%fZ");
    record->clock_ns = clock_now_ns();
    record->arguments = g_strdupv((char **)head->arguments);
    for (char **argument = record->arguments; *argument; argument++) {
        g_autofree char *raw = *argument;
        *argument = to_text(raw);
    }
    record->options = g_strdupv(head->options);
    for (char **option = record->options; *option; option++) {
        g_autofree char *raw = *option;
        *option = to_text(raw);
    }
    g_autofree char *qemu = g_find_program_in_path(head->qemu);
    record->qemu = to_text(qemu ? qemu : head->qemu);
    record->confinement = g_strdup(confinement_describe());
    record->kernel = to_text(head->kernel);
    record->icount = head->icount;
    record->harness = g_strdup(HARNESS_VERSION);
    record->kernel_sha256 = hash_file(head->kernel);
    record_plan(record, head->plan);
    recorder->out_root = out_root;
    recorder->cache = head->cache;
    recorder->hashes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    recorder->live = g_hash_table_new_full(NULL, NULL, NULL, live_free);
    return recorder;
}

void recorder_free(Recorder *recorder) {
    g_hash_table_unref(recorder->hashes);
    g_hash_table_unref(recorder->live);
    record_free(recorder->record);
    g_free(recorder);
}

const Record *recorder_record(const Recorder *recorder) { return recorder->record; }

/* Hashed once: a kernel of Linux is large. */
static const char *hash_kernel(Recorder *recorder, const char *kernel) {
    gpointer hash;
    if (g_hash_table_lookup_extended(recorder->hashes, kernel, NULL, &hash)) return hash;
    hash = hash_file(kernel);
    g_hash_table_insert(recorder->hashes, g_strdup(kernel), hash);
    return hash;
}

const RecordAttempt *recorder_started(Recorder *recorder, const PlanCase *planned,
                                      const char *kernel, const char *accelerator) {
    Live *live = g_new0(Live, 1);
    spawns_init(&live->spawns);
    live->attempt = record_add_attempt(record_find_case(recorder->record, planned->id));
    live->attempt->ran = TRUE;
    live->attempt->start_at_ns = clock_now_ns() - recorder->record->clock_ns;
    live->attempt->kernel = to_text(kernel);
    live->attempt->accelerator = g_strdup(accelerator);
    live->attempt->kernel_sha256 = g_strdup(hash_kernel(recorder, kernel));
    g_hash_table_replace(recorder->live, (gpointer)planned, live);
    return live->attempt;
}

/* ---- Events ---- */

/* What spawns_push has found, copied. */
static void keep_spawn(Recorder *recorder, Live *live, guint index) {
    const Spawn *from = &g_array_index(live->spawns.all, Spawn, index);
    RecordSpawn *to;
    if (index == live->attempt->spawns->len) {
        to = record_add_spawn(live->attempt);
        to->pid = from->pid;
        to->ppid = from->ppid;
        to->path = to_text(from->path);
        to->argv = spawns_decode_argv(from->argv);
        to->start_at_ns = from->start_ns - recorder->record->clock_ns;
        return;
    }
    to = live->attempt->spawns->pdata[index];
    to->host_ns = from->host_ns;
    to->guest_ns = from->guest_ns;
    to->status = from->status;
    to->signal = from->signal;
}

static void keep_subtest(RecordAttempt *attempt, const PlanCase *planned, const Event *event) {
    gint64 host_ns = event->size == SUBTEST_UNTIMED ? -1 : (gint64)event->size;
    Result *subtest = result_new((ResultKind)event->number, to_text(event->text),
                                 to_text(event->detail), host_ns);
    record_add_subtest(attempt, subtest, plan_case_asks(planned, subtest->name));
}

const RecordAttempt *recorder_event(Recorder *recorder, const PlanCase *planned, const Event *event,
                                    gssize *ret_spawn) {
    Live *live = g_hash_table_lookup(recorder->live, planned);
    Record *record = recorder->record;
    NoteKind kind;
    if (event->kind == EVENT_CACHED) {
        live->attempt->proved_by = to_text(event->text);
        live->attempt->proved_s = event->number;
    }
    *ret_spawn = spawns_push(&live->spawns, event);
    if (*ret_spawn >= 0)
        keep_spawn(recorder, live, (guint)*ret_spawn);
    else if (event->kind == EVENT_FILE)
        record_add_file(live->attempt, to_text(event->text), event->size, g_strdup(event->sha256))
            ->unchanged = event->number != 0;
    else if (event->kind == EVENT_SUBTEST)
        keep_subtest(live->attempt, planned, event);
    else if (event->kind == EVENT_VERSION && !record->qemu_version)
        record->qemu_version = to_text(event->text);
    else if (record_note_find(journal_event_name(event), &kind))
        record_add_note(live->attempt, event->time_ns - record->clock_ns, kind,
                        journal_event_text(event));
    return live->attempt;
}

/* ---- The end ---- */

static void keep_verdict(RecordAttempt *attempt, const Verdict *verdict, const Attempt *ended,
                         const DifferencePlaces *places) {
    attempt->verdict = verdict->kind;
    for (guint i = 0; i < verdict->findings->len; i++) {
        const Finding *from = verdict->findings->pdata[i];
        RecordFinding *to = record_add_finding(attempt, to_text(from->text));
        to->expected = to_text(from->expected);
        to->actual = to_text(from->actual);
        to->guest_path = to_text(from->guest_path);
        g_autofree char *difference = ended ? difference_describe(ended, from, places) : NULL;
        to->difference = to_text(difference);
    }
}

const RecordAttempt *recorder_ended(Recorder *recorder, const CaseResult *result) {
    Record *record = recorder->record;
    const Live *live = g_hash_table_lookup(recorder->live, result->planned);
    RecordAttempt *attempt =
        live ? live->attempt : record_add_attempt(record_find_case(record, result->planned->id));
    const DifferencePlaces places = {recorder->out_root, recorder->cache, record->arguments[0]};
    keep_verdict(attempt, result->verdict, result->attempt, &places);
    if (result->attempt) {
        attempt->duration_ns = result->attempt->duration_ns;
        attempt->diagnosis = to_text(result->attempt->diagnosis);
        g_free(attempt->console);
        attempt->console = excerpt_text(&result->attempt->console);
    }
    record->end_at_ns = clock_now_ns() - record->clock_ns;
    record_end_attempt(record, attempt);
    g_hash_table_remove(recorder->live, result->planned);
    return attempt;
}

static gint64 cpu_ns(int who) {
    struct rusage usage;
    if (getrusage(who, &usage) != 0) return 0;
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_GINT64_CONSTANT(1000000000) +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * G_GINT64_CONSTANT(1000);
}

void recorder_finished(Recorder *recorder, gboolean interrupted) {
    Record *record = recorder->record;
    record->cpu_ns = cpu_ns(RUSAGE_SELF);
    record->qemu_cpu_ns = cpu_ns(RUSAGE_CHILDREN);
    record->complete = TRUE;
    record->interrupted = interrupted;
    record->end_at_ns = clock_now_ns() - record->clock_ns;
}
