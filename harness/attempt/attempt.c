#include "attempt/attempt.h"
#include "attempt/attempt_private.h"
#include "attempt/cache.h"
#include "attempt/diagnosis.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "guest/boot.h"
#include "guest/confinement.h"
#include "guest/replay.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS_NS G_GINT64_CONSTANT(1000000)
/* QEMU answers within 40 ms of its start; on a machine that needs seconds no figure is worth
 * anything, but a run may still pass. */
#define ANSWER_LIMIT_NS (20 * 1000 * MS_NS)
/* What a QEMU that was told to end by SIGTERM needs at most, and one that closed its console. */
#define GRACE_NS (1000 * MS_NS)
/* A recording QEMU takes seconds to hear it, and its log is of no use if it is killed before. */
#define RECORDING_GRACE_NS (15 * 1000 * MS_NS)
/* Linux needs 0.8 s to its init on a quiet machine, and every program takes longer on it. */
#define LINUX_START_NS (10 * 1000 * MS_NS)
#define LINUX_FACTOR   2
/* One read of the console: the pipe holds 1 MiB, and other guests wait meanwhile. */
#define READ_BYTES (256 * 1024)
/* The PL011 moves at most 2 MB/s: about 1,000 bytes in this time. */
#define CONSOLE_PAUSE_US 500
/* The watchdog fires at least this often, so that it can tell how long the harness did not run;
 * what it is late by on a machine that is busy is less than the second. */
#define HEARTBEAT_NS (100 * MS_NS)
#define LATE_NS      (20 * MS_NS)
/* A stop that is worth a word. */
#define NOTED_STOP_NS (1000 * MS_NS)
/* What QEMU says of itself is a line or two. */
#define STDERR_MAX 4096
/* Digits of the nonce, which no guest program may guess: a random number of 64 bits. */
#define NONCE_DIGITS 20

void attempt_event(AttemptState *attempt, EventKind kind, const char *text) {
    EventLog *log = attempt->public.log;
    Event *event = text ? event_log_add_text(log, kind, text) : event_log_add(log, kind);
    attempt->observer->event(attempt->data, &attempt->public, event);
}

void attempt_guest_event(AttemptState *attempt, EventKind kind, const char *text) {
    gsize bytes = sizeof(Event) + (text ? strlen(text) : 0);
    if (event_log_has_room(attempt->public.log, EVENT_LINES, bytes))
        attempt_event(attempt, kind, text);
}

void attempt_progress(AttemptState *attempt) { attempt->progress_ns = clock_now_ns(); }

void attempt_stop(AttemptState *attempt) {
    attempt->stopping = TRUE;
    if (attempt->guest && !attempt->exited && attempt->grace_end_ns == 0) {
        guest_kill(attempt->guest, FALSE);
        attempt->grace_end_ns =
            clock_now_ns() + (attempt->replay_path ? RECORDING_GRACE_NS : GRACE_NS);
    }
    attempt_look_at(attempt, 0);
}

void attempt_saw_end(AttemptState *attempt) {
    if (attempt->grace_end_ns == 0)
        attempt->grace_end_ns =
            clock_now_ns() + (attempt->replay_path ? RECORDING_GRACE_NS : GRACE_NS);
    /* All files are out and nothing more will come: to wait for the power-off and for QEMU to
     * tear itself down would cost 3 ms a run. A recording is whole only at its end. */
    if (!attempt->replay_path) guest_kill(attempt->guest, TRUE);
}

void attempt_look_at(AttemptState *attempt, gint64 at_ns) {
    if (!attempt->watchdog || at_ns >= attempt->wake_ns) return;
    attempt->wake_ns = at_ns;
    g_source_set_ready_time(attempt->watchdog, at_ns / 1000);
}

void attempt_error(AttemptState *attempt, const char *what, GError *error) {
    if (!attempt->stopping) {
        g_prefix_error(&error, "%s: ", what);
        attempt_event(attempt, EVENT_ERROR, error->message);
    }
    g_error_free(error);
    attempt_stop(attempt);
}

void attempt_interrupt(Attempt *public, const char *by) {
    AttemptState *attempt = (AttemptState *)public;
    if (attempt->stopping || event_log_find_line(public->log, LINE_END)) return;
    attempt_event(attempt, EVENT_INTERRUPT, by);
    attempt_stop(attempt);
}

void attempt_drop_source(GSource **source) {
    if (*source) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}

/* ---- The end ---- */

/* On the instruction counter files go by console: how often the kernel polls a disk depends on
 * the host. Linux is slow on the console. */
static Boot make_boot(const AttemptState *attempt, const char *nonce) {
    const AttemptSubject *subject = &attempt->public.subject;
    gboolean disk =
        subject->gate_case->transport == TRANSPORT_DISK || subject->driver == DRIVER_LINUX;
    return (Boot){.driver = subject->driver,
                  .gate = subject->gate,
                  .gate_case = subject->gate_case,
                  .seed_kernel = attempt->options->kernel,
                  .nonce = nonce,
                  .disk = disk && !attempt->options->icount && !subject->record_root};
}

/* The golden hash that the file must have, or NULL: what bless has seen, or what is recorded. */
static const char *find_golden(const AttemptState *attempt, const char *guest_path) {
    const AttemptSubject *subject = &attempt->public.subject;
    const Golden *golden = subject->golden;
    if (attempt->options->any_golden)
        golden = attempt->options->blessed
                     ? g_hash_table_lookup(attempt->options->blessed, subject->gate->name)
                     : NULL;
    return golden ? golden_get(golden, subject->gate_case->name, guest_path) : NULL;
}

static GPtrArray *expected_files(AttemptState *attempt) {
    GPtrArray *expected = g_ptr_array_new_with_free_func((GDestroyNotify)expected_file_free);
    const GateCase *c = attempt->public.subject.gate_case;
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        ExpectedFile *file = g_new0(ExpectedFile, 1);
        file->guest_path = g_strdup(expect->guest_path);
        file->is_golden = expect->source == NULL;
        if (file->is_golden) file->sha256 = g_strdup(find_golden(attempt, expect->guest_path));
        file->any = file->is_golden && attempt->options->any_golden && !file->sha256;
        file->is_repeated = file->is_golden && attempt->options->any_golden;
        if (!file->is_golden && attempt->public.inputs)
            file->sha256 =
                hash_bytes(inputs_find(attempt->public.inputs->equals, expect->guest_path));
        g_ptr_array_add(expected, file);
    }
    return expected;
}

/* What is left to look into, and how; takes nothing. NULL when there is nothing to say at all. */
static char *add_artifacts(const AttemptState *attempt, const char *diagnosis, const char *kernel) {
    const Event *core = event_log_find(attempt->public.log, EVENT_CORE);
    g_autofree char *folder = g_path_get_dirname(kernel);
    const Event *recorded = event_log_find(attempt->public.log, EVENT_RECORDED);
    if (!core && !recorded) return g_strdup(diagnosis);
    GString *text = g_string_new(diagnosis);
    if (core)
        g_string_append_printf(text, "core: gdb-multiarch %s/kernel.elf %s\n", folder, core->text);
    if (recorded) g_string_append_printf(text, "replay: %s\n", recorded->text);
    return g_string_free(text, FALSE);
}

/* A guest that needed no look leaves an empty one. */
static void end_core_file(const AttemptState *attempt) {
    struct stat status;
    if (attempt->core_path && stat(attempt->core_path, &status) == 0 && status.st_size == 0)
        unlink(attempt->core_path);
}

/* Only the end that QEMU makes itself makes its log whole. */
static void end_recording(AttemptState *attempt) {
    if (!attempt->replay_path) return;
    const Event *exit = event_log_find(attempt->public.log, EVENT_QEMU_EXIT);
    if (exit && WIFEXITED((int)exit->number)) {
        attempt_event(attempt, EVENT_RECORDED, attempt->replay_path);
        return;
    }
    replay_discard(attempt->replay_path);
    attempt_event(attempt, EVENT_RECORDED,
                  !attempt->guest
                      ? "none: QEMU was not started"
                      : "none: QEMU did not end when it was told to, which makes a recording "
                        "whole");
}

/* A cache that cannot be written costs time alone, and is told. */
static void keep_result(AttemptState *attempt) {
    g_autoptr(GError) error = NULL;
    if (attempt->cache_key && attempt->public.verdict->kind == VERDICT_PASS &&
        !event_log_find(attempt->public.log, EVENT_CACHED) &&
        !cache_store(attempt->options->cache, attempt->cache_key, attempt->public.log,
                     attempt->folder, &error))
        attempt_event(attempt, EVENT_UNCACHED, error->message);
}

static char *qemu_program(const AttemptState *attempt) {
    return attempt->options->qemu
               ? g_strdup(attempt->options->qemu)
               : g_strconcat("qemu-system-", attempt->public.subject.gate_case->arch, NULL);
}

/* What an equal run left before stands for this one. */
static gboolean find_result(AttemptState *attempt, GError **error) {
    const AttemptOptions *options = attempt->options;
    if (!options->cache || attempt->public.subject.number != 1) return TRUE;
    g_autoptr(GPtrArray) expected = expected_files(attempt);
    Boot boot = make_boot(attempt, NULL);
    g_autofree char *qemu = qemu_program(attempt);
    attempt->cache_key = cache_key(&boot, qemu, options->icount, attempt->public.inputs, expected,
                                   attempt->public.subject.counterpart_files, error);
    if (!attempt->cache_key) return FALSE;
    if (cache_restore(options->cache, attempt->cache_key, attempt->outputs, attempt->public.log)) {
        g_autoptr(Verdict) verdict =
            verdict_decide(attempt->public.subject.gate_case, attempt->public.log, expected,
                           attempt->public.subject.counterpart_files);
        attempt->is_cached = verdict->kind == VERDICT_PASS;
        if (attempt->is_cached) return TRUE;
        cache_forget(options->cache, attempt->cache_key);
        event_log_free(attempt->public.log);
        attempt->public.log = event_log_new();
    }
    outputs_free(attempt->outputs);
    attempt->outputs = outputs_new(attempt->folder, error);
    return attempt->outputs != NULL;
}

static void tell_left_out(AttemptState *attempt) {
    for (guint class = 0; class < EVENT_CLASSES; class ++) {
        g_autofree char *text = event_log_describe_left_out(attempt->public.log, class);
        if (!text) continue;
        Event *event = event_log_add_text(attempt->public.log, EVENT_LEFT_OUT, text);
        event->number = class;
        attempt->observer->event(attempt->data, &attempt->public, event);
    }
}

static gboolean finish(gpointer data) {
    AttemptState *attempt = data;
    attempt_drop_source(&attempt->console_source);
    attempt_drop_source(&attempt->qmp_source);
    attempt_drop_source(&attempt->stderr_source);
    attempt_drop_source(&attempt->watchdog);
    if (attempt->console) attempt_stream_end(attempt);
    tell_left_out(attempt);
    end_recording(attempt);
    end_core_file(attempt);
    attempt->public.duration_ns = clock_now_ns() - attempt->start_ns;
    g_autoptr(GPtrArray) expected = expected_files(attempt);
    attempt->public.verdict = verdict_decide(attempt->public.subject.gate_case, attempt->public.log,
                                             expected, attempt->public.subject.counterpart_files);
    Boot boot = make_boot(attempt, NULL);
    g_autofree char *kernel = boot_kernel(&boot);
    g_autofree char *where =
        diagnosis_make(attempt->public.log, attempt->capture, kernel,
                       attempt->public.inputs ? attempt->public.inputs->files : NULL);
    attempt->public.diagnosis = add_artifacts(attempt, where, kernel);
    keep_result(attempt);
    attempt->observer->finished(attempt->data, &attempt->public);
    return G_SOURCE_REMOVE;
}

static void finish_when_ended(AttemptState *attempt) {
    if (attempt->console_ended && attempt->exited)
        finish(attempt);
    else if (attempt->grace_end_ns == 0)
        attempt->grace_end_ns = clock_now_ns() + GRACE_NS;
}

/* ---- What QEMU brings ---- */

static gboolean on_stderr(int fd, GIOCondition condition, gpointer data) {
    (void)condition;
    AttemptState *attempt = data;
    char buffer[STDERR_MAX];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        if (attempt->stderr_text->len < STDERR_MAX)
            g_string_append_len(attempt->stderr_text, buffer, got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return G_SOURCE_CONTINUE;
    attempt_drop_source(&attempt->stderr_source);
    return G_SOURCE_REMOVE;
}

static void on_qemu_exit(GObject *process, GAsyncResult *result, gpointer data) {
    AttemptState *attempt = data;
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(process), result, &error) &&
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    on_stderr(attempt->guest->stderr_fd, G_IO_IN, attempt);
    /* Whether the guest was started is told there. */
    if (attempt->qmp_source) attempt_control_ready(attempt->guest->qmp_fd, G_IO_IN, attempt);
    g_autofree char *said = g_utf8_make_valid(attempt->stderr_text->str, -1);
    g_strdelimit(g_strchomp(said), "\n", ' ');
    g_autofree char *text = g_strconcat(said, confinement_hint(said), NULL);
    Event *event = event_log_add_text(attempt->public.log, EVENT_QEMU_EXIT, text);
    event->number = g_subprocess_get_status(G_SUBPROCESS(process));
    attempt->exited = TRUE;
    attempt->observer->event(attempt->data, &attempt->public, event);
    finish_when_ended(attempt);
}

void attempt_console_drain(AttemptState *attempt) {
    guint8 buffer[4096];
    ssize_t got;
    for (gsize all = 0; attempt->console_source && all < GUEST_CONSOLE_BYTES; all += (gsize)got) {
        if ((got = read(attempt->guest->console_fd, buffer, sizeof buffer)) <= 0) return;
        attempt_stream_feed(attempt, buffer, (gsize)got);
    }
}

/*
 * Reads what the console has. QEMU writes it byte by byte, so that one that prints or dumps would
 * wake us for each few bytes: after such a read the pipe is left alone for a moment, which its
 * size allows. After a kernel line whose time is taken it is not.
 */
static gboolean on_console(gpointer data) {
    AttemptState *attempt = data;
    guint8 buffer[READ_BYTES];
    attempt->timed_line = FALSE;
    ssize_t got = read(attempt->guest->console_fd, buffer, sizeof buffer);
    if (got > 0) attempt_stream_feed(attempt, buffer, (gsize)got);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
        gboolean pause = got > 0 && !attempt->timed_line;
        g_source_modify_unix_fd(attempt->console_source, attempt->console_tag, pause ? 0 : G_IO_IN);
        g_source_set_ready_time(attempt->console_source,
                                pause ? g_get_monotonic_time() + CONSOLE_PAUSE_US : -1);
        return G_SOURCE_CONTINUE;
    }
    event_log_add(attempt->public.log, EVENT_EOF)->number = (gint64)attempt->console_bytes;
    attempt->console_ended = TRUE;
    attempt_drop_source(&attempt->console_source);
    finish_when_ended(attempt);
    return G_SOURCE_REMOVE;
}

/* ---- Limits ---- */

typedef struct {
    gint64 total_ns, hang_ns; /* hang_ns 0: not watched */
} Limits;

/* Those of the gate, which are for the seed kernel on a machine of its time. */
static Limits find_limits(const AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    double factor = attempt->options->timeout_factor > 0 ? attempt->options->timeout_factor : 1;
    Limits limits = {c->timeout_ns, c->hang_ns};
    if (attempt->options->gdb_socket) return (Limits){G_MAXINT64 / 2, 0};
    if (attempt->public.subject.driver == DRIVER_LINUX) {
        limits.total_ns = LINUX_FACTOR * c->timeout_ns + LINUX_START_NS;
        limits.hang_ns = c->hang_ns ? LINUX_FACTOR * c->hang_ns + LINUX_START_NS : 0;
    }
    limits.total_ns = MAX((gint64)((double)limits.total_ns * factor), 1);
    if (limits.hang_ns) limits.hang_ns = MAX((gint64)((double)limits.hang_ns * factor), 1);
    return limits;
}

/* The event's number is the limit that was reached, in nanoseconds. */
static void add_limit_event(AttemptState *attempt, EventKind kind, gint64 limit_ns) {
    if (dialog_is_open(&attempt->dialog)) attempt_event(attempt, EVENT_OPEN, NULL);
    Event *event = event_log_add(attempt->public.log, kind);
    event->number = limit_ns;
    attempt->observer->event(attempt->data, &attempt->public, event);
}

/* Acts on the limits that have passed; returns when the next one does. */
static gint64 check_limits(AttemptState *attempt, gint64 now_ns) {
    if (attempt->grace_end_ns) {
        if (now_ns < attempt->grace_end_ns) return attempt->grace_end_ns;
        if (attempt->exited || attempt->console_ended) {
            /* One half has ended and the other does not follow. */
            if (!attempt->exited && !attempt->stopping)
                attempt_event(attempt, EVENT_ERROR, "QEMU closed the console but did not end");
            attempt->stopping = TRUE;
        }
        if (!attempt->exited) guest_kill(attempt->guest, TRUE);
        attempt->console_ended |= attempt->exited;
        attempt->grace_end_ns = now_ns + GRACE_NS;
        return attempt->grace_end_ns;
    }
    if (attempt->capture_end_ns) {
        if (now_ns < attempt->capture_end_ns) return attempt->capture_end_ns;
        attempt_capture_end(attempt);
        return attempt->grace_end_ns;
    }
    Limits limits = find_limits(attempt);
    gint64 total_end = attempt->start_ns + attempt->stopped_ns + limits.total_ns;
    gint64 hang_end = limits.hang_ns ? attempt->progress_ns + limits.hang_ns : G_MAXINT64;
    gint64 answer_end = attempt->continued || attempt->options->gdb_socket
                            ? G_MAXINT64
                            : attempt->start_ns + attempt->stopped_ns + ANSWER_LIMIT_NS;
    if (now_ns >= total_end)
        add_limit_event(attempt, EVENT_TIMEOUT, limits.total_ns);
    else if (now_ns >= answer_end)
        attempt_event(attempt, EVENT_ERROR,
                      "QEMU did not answer on its control socket (QMP); is --qemu a QEMU?");
    else if (attempt->continued && now_ns >= hang_end)
        add_limit_event(attempt, EVENT_HANG, limits.hang_ns);
    else
        return MIN(MIN(total_end, answer_end), attempt->continued ? hang_end : G_MAXINT64);
    /* A recording QEMU is slow to answer; its replay can be asked. */
    if (!attempt->continued || attempt->qmp_source == NULL || attempt->replay_path) {
        attempt_stop(attempt);
        return attempt->grace_end_ns;
    }
    attempt_capture_begin(attempt);
    return attempt->capture_end_ns;
}

static void shift(gint64 *at_ns, gint64 by_ns, gint64 now_ns) {
    if (*at_ns) *at_ns = MIN(*at_ns + by_ns, now_ns);
}

/*
 * The harness was stopped (SIGSTOP, a debugger, a virtual machine that is put away; CLOCK_MONOTONIC
 * does not count a suspended machine) or was kept from running: the watchdog was to fire long ago.
 * A guest that nobody listens to stands still, and that time is not its own.
 */
static void give_back(AttemptState *attempt, gint64 now_ns) {
    gint64 late_ns = now_ns - attempt->wake_ns;
    if (attempt->wake_ns == 0 || late_ns < LATE_NS) return;
    attempt->stopped_ns += late_ns;
    shift(&attempt->progress_ns, late_ns, now_ns);
    shift(&attempt->spoke_ns, late_ns, now_ns);
    if (attempt->grace_end_ns) attempt->grace_end_ns += late_ns;
    if (attempt->capture_end_ns) attempt->capture_end_ns += late_ns;
    if (late_ns < NOTED_STOP_NS) return;
    g_autofree char *text = g_strdup_printf(
        "the harness did not run for %.1f s, which count for no limit", (double)late_ns / 1e9);
    attempt_event(attempt, EVENT_STOPPED, text);
}

static gboolean watchdog_fired(gpointer data) {
    AttemptState *attempt = data;
    give_back(attempt, clock_now_ns());
    /* What has come counts before any limit does. */
    attempt_console_drain(attempt);
    if (clock_now_ns() >= attempt_stream_quiet_at(attempt)) attempt_stream_quiet(attempt);
    gint64 now_ns = clock_now_ns();
    gint64 next_ns = MIN(check_limits(attempt, now_ns), attempt_stream_quiet_at(attempt));
    attempt->wake_ns = CLAMP(next_ns, now_ns, now_ns + HEARTBEAT_NS);
    g_source_set_ready_time(attempt->watchdog, (attempt->wake_ns + 999) / 1000);
    if (attempt->console_ended && attempt->exited) finish(attempt);
    return G_SOURCE_CONTINUE;
}

/* ---- The start ---- */

static gboolean dispatch_own(GSource *source, GSourceFunc callback, gpointer data) {
    (void)source;
    return callback(data);
}

static GSourceFuncs own_source_funcs = {.dispatch = dispatch_own};

static GSource *watch(int fd, GUnixFDSourceFunc function, AttemptState *attempt) {
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(source, G_SOURCE_FUNC(function), attempt, NULL);
    g_source_attach(source, NULL);
    return source;
}

/* A source of our own kind, which calls `function` at its ready time or for a descriptor. */
static GSource *new_source(GSourceFunc function, AttemptState *attempt) {
    GSource *source = g_source_new(&own_source_funcs, sizeof(GSource));
    g_source_set_callback(source, function, attempt, NULL);
    g_source_attach(source, NULL);
    return source;
}

/* Not to be guessed by a program, on the instruction counter neither, where the kernel's work on it
 * counts: as decimal digits, always as many, which the kernel tells from letters at one price. */
static gboolean make_nonce(char *ret_text, GError **error) {
    guint64 number;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return error_set_errno(error, errno, "random bytes for the nonce");
    g_snprintf(ret_text, NONCE_DIGITS + 1, "%0*" G_GUINT64_FORMAT, NONCE_DIGITS, number);
    return TRUE;
}

/* The disk that files come out on: as large as guest memory, since it holds no more; sparse. */
static gboolean make_seed_out(AttemptState *attempt, GError **error) {
    attempt->seed_out_fd = fdio_memfd("seed-out", error);
    if (attempt->seed_out_fd < 0) return FALSE;
    if (ftruncate(attempt->seed_out_fd, (off_t)attempt->public.subject.gate_case->memory_bytes) !=
        0)
        return error_set_errno(error, errno, "the disk seed-out");
    return TRUE;
}

/* The absolute path FOLDER/LABEL/CASE.SUFFIX, whose folder is made; NULL and *error. */
static char *make_path(const AttemptState *attempt, const char *folder, const char *suffix,
                       GError **error) {
    g_autofree char *file = g_strdup_printf("%s/%s/%s.%s", folder, attempt->public.label,
                                            attempt->public.subject.gate_case->name, suffix);
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    if (!fdio_check_links(folder, file, error)) return NULL;
    if (g_mkdir_with_parents(parent, 0777) == 0) return g_steal_pointer(&path);
    error_set_errno(error, errno, "cannot make the folder of %s", path);
    return NULL;
}

/* QEMU may write into it, and make none. */
static gboolean make_core(const char *path, GError **error) {
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return error_set_errno(error, errno, "the core %s", path);
    fdio_clear(&fd);
    return TRUE;
}

/* The files that are kept of the run itself. */
static gboolean open_artifacts(AttemptState *attempt, GError **error) {
    const AttemptOptions *options = attempt->options;
    if (options->transcripts) {
        g_autofree char *path = make_path(attempt, options->transcripts, "console", error);
        if (!path) return FALSE;
        attempt->transcript_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (attempt->transcript_fd < 0)
            return error_set_errno(error, errno, "the transcript %s", path);
    }
    const AttemptSubject *subject = &attempt->public.subject;
    if (subject->record_root)
        return (attempt->replay_path = make_path(attempt, subject->record_root, "replay", error)) !=
               NULL;
    if (options->cores) {
        /* Each attempt has its own: what an earlier one told stays true. */
        g_autofree char *suffix =
            subject->number > 1 ? g_strdup_printf("%u.core", subject->number) : g_strdup("core");
        if (!(attempt->core_path = make_path(attempt, options->cores, suffix, error))) return FALSE;
        return make_core(attempt->core_path, error);
    }
    return TRUE;
}

static gboolean start_guest(AttemptState *attempt, const char *nonce, GError **error) {
    const GateCase *c = attempt->public.subject.gate_case;
    Boot boot = make_boot(attempt, nonce);
    gboolean disk_in = boot.disk && boot.driver == DRIVER_SEED;
    int archive = boot_archive(&boot, attempt->public.inputs, error);
    if (archive < 0 || (boot.disk && !make_seed_out(attempt, error))) {
        fdio_clear(&archive);
        return FALSE;
    }
    g_autofree char *kernel = boot_kernel(&boot);
    g_autofree char *append = boot_args(&boot);
    g_autofree char *qemu = qemu_program(attempt);
    GuestConfig config = {
        .qemu = qemu,
        .arch = c->arch,
        .machine = gate_case_machine(c),
        .cpu = gate_case_cpu(c),
        .kernel = kernel,
        .append = append,
        .memory_bytes = c->memory_bytes,
        .icount = attempt->options->icount,
        .gdb_socket = attempt->options->gdb_socket,
        .core_file = attempt->core_path,
        .initrd_fd = disk_in ? -1 : archive,
        .seed_in_fd = disk_in ? archive : -1,
        .seed_out_fd = attempt->seed_out_fd,
    };
    g_autoptr(Replay) replay = NULL;
    if (attempt->replay_path)
        replay = replay_prepare(&config, attempt->replay_path, archive, error);
    if (replay || !attempt->replay_path) attempt->guest = guest_start(&config, error);
    fdio_clear(&archive);
    return attempt->guest != NULL;
}

static gboolean prepare(AttemptState *attempt, GError **error) {
    const AttemptSubject *subject = &attempt->public.subject;
    const AttemptOptions *options = attempt->options;
    const GateCase *c = subject->gate_case;
    char nonce[NONCE_DIGITS + 1];
    if (!make_nonce(nonce, error)) return FALSE;
    attempt->public.inputs =
        inputs_load(subject->gate, c, subject->driver,
                    options->inputs_root ? options->inputs_root : options->out_root, error);
    if (!attempt->public.inputs) return FALSE;
    if (attempt->folder && !fdio_check_links(options->out_root, attempt->folder, error))
        return FALSE;
    attempt->outputs = outputs_new(attempt->folder, error);
    if (!attempt->outputs || !find_result(attempt, error)) return FALSE;
    if (attempt->is_cached) return TRUE;
    if (!open_artifacts(attempt, error)) return FALSE;
    attempt->console = console_new(c->nonce ? nonce : NULL, attempt->line_strings);
    return start_guest(attempt, c->nonce ? nonce : NULL, error);
}

/* All sources have one priority: a guest that prints without end must not starve the limits. */
static void listen_to_guest(AttemptState *attempt) {
    attempt->console_source = new_source(on_console, attempt);
    attempt->console_tag =
        g_source_add_unix_fd(attempt->console_source, attempt->guest->console_fd, G_IO_IN);
    outbox_init(&attempt->input, attempt->guest->input_fd);
    outbox_init(&attempt->commands, attempt->guest->qmp_fd);
    attempt->qmp_source = watch(attempt->guest->qmp_fd, attempt_control_ready, attempt);
    attempt->stderr_source = watch(attempt->guest->stderr_fd, on_stderr, attempt);
    g_subprocess_wait_async(attempt->guest->process, attempt->waiting, on_qemu_exit, attempt);
    attempt->watchdog = new_source(watchdog_fired, attempt);
    /* What it took us until here, or what we were stopped for, is not the guest's time; from now on
     * the watchdog sees it. */
    gint64 now_ns = clock_now_ns();
    attempt->stopped_ns = now_ns - attempt->start_ns;
    attempt->progress_ns = now_ns;
    attempt->wake_ns = G_MAXINT64;
    attempt_look_at(attempt, now_ns);
    attempt_stream_begin(attempt);
}

/* The caller hears of a run that was not needed once it knows the run. */
static gboolean tell_cached(gpointer data) {
    AttemptState *attempt = data;
    for (guint i = 0; i < attempt->public.log->events->len; i++)
        attempt->observer->event(attempt->data, &attempt->public,
                                 event_log_get(attempt->public.log, i));
    return finish(attempt);
}

Attempt *attempt_start(const AttemptSubject *subject, const AttemptOptions *options,
                       const AttemptObserver *observer, gpointer data) {
    AttemptState *attempt = g_new0(AttemptState, 1);
    const GateCase *c = subject->gate_case;
    attempt->public.subject = *subject;
    attempt->public.label = driver_label(subject->driver, subject->gate->name);
    attempt->public.log = event_log_new();
    excerpt_init(&attempt->public.console);
    attempt->line_strings = g_string_chunk_new(4096);
    attempt->running = g_hash_table_new(NULL, NULL);
    attempt->options = options;
    attempt->observer = observer;
    attempt->data = data;
    if (options->out_root)
        attempt->folder =
            g_strdup_printf("%s/%s/%s", options->out_root, attempt->public.label, c->name);
    attempt->qmp = qmp_new();
    matcher_init(&attempt->matcher, c->console);
    dialog_init(&attempt->dialog, c->dialog);
    attempt->foreign_event = attempt->seed_out_fd = attempt->transcript_fd = -1;
    attempt->stderr_text = g_string_new(NULL);
    attempt->waiting = g_cancellable_new();
    attempt->start_ns = attempt->progress_ns = clock_now_ns();

    GError *error = NULL;
    if (prepare(attempt, &error) && attempt->is_cached) {
        g_idle_add(tell_cached, attempt);
    } else if (!error) {
        attempt_event(attempt, EVENT_START, NULL);
        /* A budget is what a case may cost on the seed kernel. */
        g_array_index(attempt->public.log->events, Event, 0).number =
            options->icount && subject->driver == DRIVER_SEED;
        listen_to_guest(attempt);
    } else {
        event_log_add_text(attempt->public.log, EVENT_ERROR, error->message);
        g_error_free(error);
        g_clear_pointer(&attempt->console, console_free);
        g_idle_add(finish, attempt);
    }
    return &attempt->public;
}

void attempt_free(Attempt *public) {
    AttemptState *attempt = (AttemptState *)public;
    g_cancellable_cancel(attempt->waiting);
    g_object_unref(attempt->waiting);
    outbox_clear(&attempt->input);
    outbox_clear(&attempt->commands);
    g_clear_pointer(&attempt->guest, guest_free);
    g_clear_pointer(&attempt->console, console_free);
    g_clear_pointer(&attempt->outputs, outputs_free);
    g_clear_pointer(&public->inputs, inputs_free);
    g_clear_pointer(&public->verdict, verdict_free);
    g_clear_pointer(&attempt->capture, capture_free);
    g_free(public->diagnosis);
    g_free(public->label);
    qmp_free(attempt->qmp);
    matcher_clear(&attempt->matcher);
    dialog_clear(&attempt->dialog);
    fdio_clear(&attempt->seed_out_fd);
    fdio_clear(&attempt->transcript_fd);
    g_string_free(attempt->stderr_text, TRUE);
    g_free(attempt->cache_key);
    g_free(attempt->core_path);
    g_free(attempt->replay_path);
    excerpt_clear(&public->console);
    g_string_chunk_free(attempt->line_strings);
    g_hash_table_unref(attempt->running);
    event_log_free(public->log);
    g_free(attempt->folder);
    g_free(attempt);
}
