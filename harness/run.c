#include "run.h"
#include "boot.h"
#include "cache.h"
#include "clock.h"
#include "confinement.h"
#include "diagnosis.h"
#include "error.h"
#include "fdio.h"
#include "hash.h"
#include "replay.h"
#include "run_private.h"
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

void run_event(RunState *run, EventKind kind, const char *text) {
    EventLog *log = run->public.log;
    Event *event = text ? event_log_add_text(log, kind, text) : event_log_add(log, kind);
    run->observer->event(run->data, &run->public, event);
}

void run_guest_event(RunState *run, EventKind kind, const char *text) {
    gsize bytes = sizeof(Event) + (text ? strlen(text) : 0);
    if (event_log_has_room(run->public.log, EVENT_LINES, bytes)) run_event(run, kind, text);
}

void run_progress(RunState *run) { run->progress_ns = clock_now_ns(); }

void run_stop(RunState *run) {
    run->stopping = TRUE;
    if (run->guest && !run->exited && run->grace_end_ns == 0) {
        guest_kill(run->guest, FALSE);
        run->grace_end_ns = clock_now_ns() + (run->replay_path ? RECORDING_GRACE_NS : GRACE_NS);
    }
    run_look_at(run, 0);
}

void run_ended(RunState *run) {
    if (run->grace_end_ns == 0)
        run->grace_end_ns = clock_now_ns() + (run->replay_path ? RECORDING_GRACE_NS : GRACE_NS);
    /* All files are out and nothing more will come: to wait for the power-off and for QEMU to
     * tear itself down would cost 3 ms a run. A recording is whole only at its end. */
    if (!run->replay_path) guest_kill(run->guest, TRUE);
}

void run_look_at(RunState *run, gint64 at_ns) {
    if (!run->watchdog || at_ns >= run->wake_ns) return;
    run->wake_ns = at_ns;
    g_source_set_ready_time(run->watchdog, at_ns / 1000);
}

void run_trouble(RunState *run, const char *what, GError *error) {
    if (!run->stopping) {
        g_prefix_error(&error, "%s: ", what);
        run_event(run, EVENT_TROUBLE, error->message);
    }
    g_error_free(error);
    run_stop(run);
}

void run_interrupt(Run *public, const char *by) {
    RunState *run = (RunState *)public;
    if (run->stopping || event_log_find_frame(public->log, FRAME_END)) return;
    run_event(run, EVENT_INTERRUPT, by);
    run_stop(run);
}

void run_drop_source(GSource **source) {
    if (*source) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}

/* ---- The end ---- */

/* On the instruction counter files go by console: how often the kernel polls a disk depends on
 * the host. Linux is slow on the console. */
static Boot make_boot(const RunState *run, const char *nonce) {
    const RunSubject *subject = &run->public.subject;
    gboolean disk = subject->c->transport == TRANSPORT_DISK || subject->driver == DRIVER_LINUX;
    return (Boot){.driver = subject->driver,
                  .gate = subject->gate,
                  .c = subject->c,
                  .seed_kernel = run->options->kernel,
                  .nonce = nonce,
                  .disk = disk && !run->options->icount && !subject->record_root};
}

/* The golden hash that the file must have, or NULL: what bless has seen, or what is recorded. */
static const char *find_golden(const RunState *run, const char *guest_path) {
    const RunSubject *subject = &run->public.subject;
    const Golden *golden = subject->golden;
    if (run->options->any_golden)
        golden = run->options->blessed
                     ? g_hash_table_lookup(run->options->blessed, subject->gate->name)
                     : NULL;
    return golden ? golden_get(golden, subject->c->name, guest_path) : NULL;
}

static GPtrArray *expected_files(RunState *run) {
    GPtrArray *expected = g_ptr_array_new_with_free_func((GDestroyNotify)expected_file_free);
    const GateCase *c = run->public.subject.c;
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        ExpectedFile *file = g_new0(ExpectedFile, 1);
        file->guest_path = g_strdup(expect->guest_path);
        file->is_golden = expect->source == NULL;
        if (file->is_golden) file->sha256 = g_strdup(find_golden(run, expect->guest_path));
        file->any = file->is_golden && run->options->any_golden && !file->sha256;
        file->is_repeated = file->is_golden && run->options->any_golden;
        if (!file->is_golden && run->public.inputs)
            file->sha256 = hash_bytes(inputs_find(run->public.inputs->equals, expect->guest_path));
        g_ptr_array_add(expected, file);
    }
    return expected;
}

/* What is left to look into, and how; takes nothing. NULL when there is nothing to say at all. */
static char *add_keepsakes(const RunState *run, const char *diagnosis, const char *kernel) {
    const Event *core = event_log_find(run->public.log, EVENT_CORE);
    g_autofree char *folder = g_path_get_dirname(kernel);
    const Event *recorded = event_log_find(run->public.log, EVENT_RECORDED);
    if (!core && !recorded) return g_strdup(diagnosis);
    GString *text = g_string_new(diagnosis);
    if (core)
        g_string_append_printf(text, "core: gdb-multiarch %s/kernel.elf %s\n", folder, core->text);
    if (recorded) g_string_append_printf(text, "replay: %s\n", recorded->text);
    return g_string_free(text, FALSE);
}

/* A guest that needed no look leaves an empty one. */
static void end_core_file(const RunState *run) {
    struct stat status;
    if (run->core_path && stat(run->core_path, &status) == 0 && status.st_size == 0)
        unlink(run->core_path);
}

/* Only the end that QEMU makes itself makes its log whole. */
static void end_recording(RunState *run) {
    if (!run->replay_path) return;
    const Event *exit = event_log_find(run->public.log, EVENT_QEMU_EXIT);
    if (exit && WIFEXITED((int)exit->number)) {
        run_event(run, EVENT_RECORDED, run->replay_path);
        return;
    }
    replay_discard(run->replay_path);
    run_event(run, EVENT_RECORDED,
              !run->guest ? "none: QEMU was not started"
                          : "none: QEMU did not end when it was told to, which makes a recording "
                            "whole");
}

/* A cache that cannot be written costs time alone, and is told. */
static void keep_result(RunState *run) {
    g_autoptr(GError) error = NULL;
    if (run->cache_key && run->public.verdict->kind == VERDICT_PASS &&
        !event_log_find(run->public.log, EVENT_CACHED) &&
        !cache_store(run->options->cache, run->cache_key, run->public.log, run->folder, &error))
        run_event(run, EVENT_UNCACHED, error->message);
}

static char *qemu_program(const RunState *run) {
    return run->options->qemu ? g_strdup(run->options->qemu)
                              : g_strconcat("qemu-system-", run->public.subject.c->arch, NULL);
}

/* What an equal run left before stands for this one. */
static gboolean find_result(RunState *run, GError **error) {
    const RunOptions *options = run->options;
    if (!options->cache || run->public.subject.attempt != 1) return TRUE;
    g_autoptr(GPtrArray) expected = expected_files(run);
    Boot boot = make_boot(run, NULL);
    g_autofree char *qemu = qemu_program(run);
    run->cache_key = cache_key(&boot, qemu, options->icount, run->public.inputs, expected,
                               run->public.subject.twin_files, error);
    if (!run->cache_key) return FALSE;
    if (cache_restore(options->cache, run->cache_key, run->outputs, run->public.log)) {
        g_autoptr(Verdict) verdict = verdict_decide(run->public.subject.c, run->public.log,
                                                    expected, run->public.subject.twin_files);
        run->is_cached = verdict->kind == VERDICT_PASS;
        if (run->is_cached) return TRUE;
        cache_forget(options->cache, run->cache_key);
        event_log_free(run->public.log);
        run->public.log = event_log_new();
    }
    outputs_free(run->outputs);
    run->outputs = outputs_new(run->folder, error);
    return run->outputs != NULL;
}

static void tell_left_out(RunState *run) {
    for (guint class = 0; class < EVENT_CLASSES; class ++) {
        g_autofree char *text = event_log_describe_left_out(run->public.log, class);
        if (!text) continue;
        Event *event = event_log_add_text(run->public.log, EVENT_LEFT_OUT, text);
        event->number = class;
        run->observer->event(run->data, &run->public, event);
    }
}

static gboolean finish(gpointer data) {
    RunState *run = data;
    run_drop_source(&run->console_source);
    run_drop_source(&run->qmp_source);
    run_drop_source(&run->stderr_source);
    run_drop_source(&run->watchdog);
    if (run->console) run_stream_end(run);
    tell_left_out(run);
    end_recording(run);
    end_core_file(run);
    run->public.duration_ns = clock_now_ns() - run->start_ns;
    g_autoptr(GPtrArray) expected = expected_files(run);
    run->public.verdict = verdict_decide(run->public.subject.c, run->public.log, expected,
                                         run->public.subject.twin_files);
    Boot boot = make_boot(run, NULL);
    g_autofree char *kernel = boot_kernel(&boot);
    g_autofree char *stood = diagnosis_make(run->public.log, run->capture, kernel,
                                            run->public.inputs ? run->public.inputs->files : NULL);
    run->public.diagnosis = add_keepsakes(run, stood, kernel);
    keep_result(run);
    run->observer->finished(run->data, &run->public);
    return G_SOURCE_REMOVE;
}

static void finish_when_ended(RunState *run) {
    if (run->console_ended && run->exited)
        finish(run);
    else if (run->grace_end_ns == 0)
        run->grace_end_ns = clock_now_ns() + GRACE_NS;
}

/* ---- What QEMU brings ---- */

static gboolean on_stderr(int fd, GIOCondition condition, gpointer data) {
    (void)condition;
    RunState *run = data;
    char buffer[STDERR_MAX];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        if (run->stderr_text->len < STDERR_MAX) g_string_append_len(run->stderr_text, buffer, got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return G_SOURCE_CONTINUE;
    run_drop_source(&run->stderr_source);
    return G_SOURCE_REMOVE;
}

static void on_qemu_exit(GObject *process, GAsyncResult *result, gpointer data) {
    RunState *run = data;
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(process), result, &error) &&
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    on_stderr(run->guest->stderr_fd, G_IO_IN, run);
    /* Whether the guest was started is told there. */
    if (run->qmp_source) run_control_ready(run->guest->qmp_fd, G_IO_IN, run);
    g_autofree char *said = g_utf8_make_valid(run->stderr_text->str, -1);
    g_strdelimit(g_strchomp(said), "\n", ' ');
    g_autofree char *text = g_strconcat(said, confinement_hint(said), NULL);
    Event *event = event_log_add_text(run->public.log, EVENT_QEMU_EXIT, text);
    event->number = g_subprocess_get_status(G_SUBPROCESS(process));
    run->exited = TRUE;
    run->observer->event(run->data, &run->public, event);
    finish_when_ended(run);
}

void run_console_drain(RunState *run) {
    guint8 buffer[4096];
    ssize_t got;
    for (gsize all = 0; run->console_source && all < GUEST_CONSOLE_BYTES; all += (gsize)got) {
        if ((got = read(run->guest->console_fd, buffer, sizeof buffer)) <= 0) return;
        run_stream_feed(run, buffer, (gsize)got);
    }
}

/*
 * Reads what the console has. QEMU writes it byte by byte, so that one that prints or dumps would
 * wake us for each few bytes: after such a read the pipe is left alone for a moment, which its
 * size allows. After a kernel line whose time is taken it is not.
 */
static gboolean on_console(gpointer data) {
    RunState *run = data;
    guint8 buffer[READ_BYTES];
    run->timed_line = FALSE;
    ssize_t got = read(run->guest->console_fd, buffer, sizeof buffer);
    if (got > 0) run_stream_feed(run, buffer, (gsize)got);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
        gboolean pause = got > 0 && !run->timed_line;
        g_source_modify_unix_fd(run->console_source, run->console_tag, pause ? 0 : G_IO_IN);
        g_source_set_ready_time(run->console_source,
                                pause ? g_get_monotonic_time() + CONSOLE_PAUSE_US : -1);
        return G_SOURCE_CONTINUE;
    }
    event_log_add(run->public.log, EVENT_EOF)->number = (gint64)run->console_bytes;
    run->console_ended = TRUE;
    run_drop_source(&run->console_source);
    finish_when_ended(run);
    return G_SOURCE_REMOVE;
}

/* ---- Limits ---- */

typedef struct {
    gint64 total_ns, hang_ns; /* hang_ns 0: not watched */
} Limits;

/* Those of the gate, which are for the seed kernel on a machine of its time. */
static Limits find_limits(const RunState *run) {
    const GateCase *c = run->public.subject.c;
    double factor = run->options->timeout_factor > 0 ? run->options->timeout_factor : 1;
    Limits limits = {c->timeout_ns, c->hang_ns};
    if (run->options->gdb_socket) return (Limits){G_MAXINT64 / 2, 0};
    if (run->public.subject.driver == DRIVER_LINUX) {
        limits.total_ns = LINUX_FACTOR * c->timeout_ns + LINUX_START_NS;
        limits.hang_ns = c->hang_ns ? LINUX_FACTOR * c->hang_ns + LINUX_START_NS : 0;
    }
    limits.total_ns = MAX((gint64)((double)limits.total_ns * factor), 1);
    if (limits.hang_ns) limits.hang_ns = MAX((gint64)((double)limits.hang_ns * factor), 1);
    return limits;
}

/* The event's number is the limit that was reached, in nanoseconds. */
static void add_limit_event(RunState *run, EventKind kind, gint64 limit_ns) {
    if (dialog_is_open(&run->dialog)) run_event(run, EVENT_OPEN, NULL);
    Event *event = event_log_add(run->public.log, kind);
    event->number = limit_ns;
    run->observer->event(run->data, &run->public, event);
}

/* Acts on the limits that have passed; returns when the next one does. */
static gint64 check_limits(RunState *run, gint64 now_ns) {
    if (run->grace_end_ns) {
        if (now_ns < run->grace_end_ns) return run->grace_end_ns;
        if (run->exited || run->console_ended) {
            /* One half has ended and the other does not follow. */
            if (!run->exited && !run->stopping)
                run_event(run, EVENT_TROUBLE, "QEMU closed the console but did not end");
            run->stopping = TRUE;
        }
        if (!run->exited) guest_kill(run->guest, TRUE);
        run->console_ended |= run->exited;
        run->grace_end_ns = now_ns + GRACE_NS;
        return run->grace_end_ns;
    }
    if (run->capture_end_ns) {
        if (now_ns < run->capture_end_ns) return run->capture_end_ns;
        run_capture_end(run);
        return run->grace_end_ns;
    }
    Limits limits = find_limits(run);
    gint64 total_end = run->start_ns + run->stopped_ns + limits.total_ns;
    gint64 hang_end = limits.hang_ns ? run->progress_ns + limits.hang_ns : G_MAXINT64;
    gint64 answer_end = run->continued || run->options->gdb_socket
                            ? G_MAXINT64
                            : run->start_ns + run->stopped_ns + ANSWER_LIMIT_NS;
    if (now_ns >= total_end)
        add_limit_event(run, EVENT_TIMEOUT, limits.total_ns);
    else if (now_ns >= answer_end)
        run_event(run, EVENT_TROUBLE,
                  "QEMU did not answer on its control socket (QMP); is --qemu a QEMU?");
    else if (run->continued && now_ns >= hang_end)
        add_limit_event(run, EVENT_HANG, limits.hang_ns);
    else
        return MIN(MIN(total_end, answer_end), run->continued ? hang_end : G_MAXINT64);
    /* A recording QEMU is slow to answer; its replay can be asked. */
    if (!run->continued || run->qmp_source == NULL || run->replay_path) {
        run_stop(run);
        return run->grace_end_ns;
    }
    run_capture_begin(run);
    return run->capture_end_ns;
}

static void shift(gint64 *at_ns, gint64 by_ns, gint64 now_ns) {
    if (*at_ns) *at_ns = MIN(*at_ns + by_ns, now_ns);
}

/*
 * The harness was stopped (SIGSTOP, a debugger, a virtual machine that is put away; CLOCK_MONOTONIC
 * does not count a suspended machine) or was kept from running: the watchdog was to fire long ago.
 * A guest that nobody listens to stands still, and that time is not its own.
 */
static void give_back(RunState *run, gint64 now_ns) {
    gint64 late_ns = now_ns - run->wake_ns;
    if (run->wake_ns == 0 || late_ns < LATE_NS) return;
    run->stopped_ns += late_ns;
    shift(&run->progress_ns, late_ns, now_ns);
    shift(&run->spoke_ns, late_ns, now_ns);
    if (run->grace_end_ns) run->grace_end_ns += late_ns;
    if (run->capture_end_ns) run->capture_end_ns += late_ns;
    if (late_ns < NOTED_STOP_NS) return;
    g_autofree char *text = g_strdup_printf(
        "the harness did not run for %.1f s, which count for no limit", (double)late_ns / 1e9);
    run_event(run, EVENT_STOPPED, text);
}

static gboolean watchdog_fired(gpointer data) {
    RunState *run = data;
    give_back(run, clock_now_ns());
    /* What has come counts before any limit does. */
    run_console_drain(run);
    if (clock_now_ns() >= run_stream_quiet_at(run)) run_stream_quiet(run);
    gint64 now_ns = clock_now_ns();
    gint64 next_ns = MIN(check_limits(run, now_ns), run_stream_quiet_at(run));
    run->wake_ns = CLAMP(next_ns, now_ns, now_ns + HEARTBEAT_NS);
    g_source_set_ready_time(run->watchdog, (run->wake_ns + 999) / 1000);
    if (run->console_ended && run->exited) finish(run);
    return G_SOURCE_CONTINUE;
}

/* ---- The start ---- */

static gboolean dispatch_own(GSource *source, GSourceFunc callback, gpointer data) {
    (void)source;
    return callback(data);
}

static GSourceFuncs own_source_funcs = {.dispatch = dispatch_own};

static GSource *watch(int fd, GUnixFDSourceFunc function, RunState *run) {
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(source, G_SOURCE_FUNC(function), run, NULL);
    g_source_attach(source, NULL);
    return source;
}

/* A source of our own kind, which calls `function` at its ready time or for a descriptor. */
static GSource *own_source(GSourceFunc function, RunState *run) {
    GSource *source = g_source_new(&own_source_funcs, sizeof(GSource));
    g_source_set_callback(source, function, run, NULL);
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
static gboolean make_seed_out(RunState *run, GError **error) {
    run->seed_out_fd = fdio_memfd("seed-out", error);
    if (run->seed_out_fd < 0) return FALSE;
    if (ftruncate(run->seed_out_fd, (off_t)run->public.subject.c->memory_bytes) != 0)
        return error_set_errno(error, errno, "the disk seed-out");
    return TRUE;
}

/* The absolute path FOLDER/LABEL/CASE.SUFFIX, whose folder is made; NULL and *error. */
static char *make_path(const RunState *run, const char *folder, const char *suffix,
                       GError **error) {
    g_autofree char *file = g_strdup_printf("%s/%s/%s.%s", folder, run->public.label,
                                            run->public.subject.c->name, suffix);
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
static gboolean open_keepsakes(RunState *run, GError **error) {
    const RunOptions *options = run->options;
    if (options->transcripts) {
        g_autofree char *path = make_path(run, options->transcripts, "console", error);
        if (!path) return FALSE;
        run->transcript_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (run->transcript_fd < 0) return error_set_errno(error, errno, "the transcript %s", path);
    }
    const RunSubject *subject = &run->public.subject;
    if (subject->record_root)
        return (run->replay_path = make_path(run, subject->record_root, "replay", error)) != NULL;
    if (options->cores) {
        /* Each attempt has its own: what an earlier one told stays true. */
        g_autofree char *suffix =
            subject->attempt > 1 ? g_strdup_printf("%u.core", subject->attempt) : g_strdup("core");
        if (!(run->core_path = make_path(run, options->cores, suffix, error))) return FALSE;
        return make_core(run->core_path, error);
    }
    return TRUE;
}

static gboolean start_guest(RunState *run, const char *nonce, GError **error) {
    const GateCase *c = run->public.subject.c;
    Boot boot = make_boot(run, nonce);
    gboolean disk_in = boot.disk && boot.driver == DRIVER_SEED;
    int archive = boot_archive(&boot, run->public.inputs, error);
    if (archive < 0 || (boot.disk && !make_seed_out(run, error))) {
        fdio_clear(&archive);
        return FALSE;
    }
    g_autofree char *kernel = boot_kernel(&boot);
    g_autofree char *append = boot_args(&boot);
    g_autofree char *qemu = qemu_program(run);
    GuestConfig config = {
        .qemu = qemu,
        .arch = c->arch,
        .machine = c->machine,
        .cpu = c->cpu,
        .kernel = kernel,
        .append = append,
        .memory_bytes = c->memory_bytes,
        .icount = run->options->icount,
        .gdb_socket = run->options->gdb_socket,
        .core_file = run->core_path,
        .initrd_fd = disk_in ? -1 : archive,
        .seed_in_fd = disk_in ? archive : -1,
        .seed_out_fd = run->seed_out_fd,
    };
    g_autoptr(Replay) replay = NULL;
    if (run->replay_path) replay = replay_prepare(&config, run->replay_path, archive, error);
    if (replay || !run->replay_path) run->guest = guest_start(&config, error);
    fdio_clear(&archive);
    return run->guest != NULL;
}

static gboolean prepare(RunState *run, GError **error) {
    const RunSubject *subject = &run->public.subject;
    const RunOptions *options = run->options;
    const GateCase *c = subject->c;
    char nonce[NONCE_DIGITS + 1];
    if (!make_nonce(nonce, error)) return FALSE;
    run->public.inputs =
        inputs_load(subject->gate, c, subject->driver,
                    options->inputs_root ? options->inputs_root : options->out_root, error);
    if (!run->public.inputs) return FALSE;
    if (run->folder && !fdio_check_links(options->out_root, run->folder, error)) return FALSE;
    run->outputs = outputs_new(run->folder, error);
    if (!run->outputs || !find_result(run, error)) return FALSE;
    if (run->is_cached) return TRUE;
    if (!open_keepsakes(run, error)) return FALSE;
    run->console = console_new(c->nonce ? nonce : NULL, run->line_strings);
    return start_guest(run, c->nonce ? nonce : NULL, error);
}

/* All sources have one priority: a guest that prints without end must not starve the limits. */
static void listen_to_guest(RunState *run) {
    run->console_source = own_source(on_console, run);
    run->console_tag = g_source_add_unix_fd(run->console_source, run->guest->console_fd, G_IO_IN);
    outbox_init(&run->input, run->guest->input_fd);
    outbox_init(&run->commands, run->guest->qmp_fd);
    run->qmp_source = watch(run->guest->qmp_fd, run_control_ready, run);
    run->stderr_source = watch(run->guest->stderr_fd, on_stderr, run);
    g_subprocess_wait_async(run->guest->process, run->waiting, on_qemu_exit, run);
    run->watchdog = own_source(watchdog_fired, run);
    /* What it took us until here, or what we were stopped for, is not the guest's time; from now on
     * the watchdog sees it. */
    gint64 now_ns = clock_now_ns();
    run->stopped_ns = now_ns - run->start_ns;
    run->progress_ns = now_ns;
    run->wake_ns = G_MAXINT64;
    run_look_at(run, now_ns);
    run_stream_begin(run);
}

/* The caller hears of a run that was not needed once it knows the run. */
static gboolean tell_cached(gpointer data) {
    RunState *run = data;
    for (guint i = 0; i < run->public.log->events->len; i++)
        run->observer->event(run->data, &run->public, event_log_get(run->public.log, i));
    return finish(run);
}

Run *run_start(const RunSubject *subject, const RunOptions *options, const RunObserver *observer,
               gpointer data) {
    RunState *run = g_new0(RunState, 1);
    const GateCase *c = subject->c;
    run->public.subject = *subject;
    run->public.label = driver_label(subject->driver, subject->gate->name);
    run->public.log = event_log_new();
    keepsake_init(&run->public.console);
    run->line_strings = g_string_chunk_new(4096);
    run->running = g_hash_table_new(NULL, NULL);
    run->options = options;
    run->observer = observer;
    run->data = data;
    if (options->out_root)
        run->folder = g_strdup_printf("%s/%s/%s", options->out_root, run->public.label, c->name);
    run->qmp = qmp_new();
    matcher_init(&run->matcher, c->console);
    dialog_init(&run->dialog, c->dialog);
    run->foreign_event = run->seed_out_fd = run->transcript_fd = -1;
    run->stderr_text = g_string_new(NULL);
    run->waiting = g_cancellable_new();
    run->start_ns = run->progress_ns = clock_now_ns();

    GError *error = NULL;
    if (prepare(run, &error) && run->is_cached) {
        g_idle_add(tell_cached, run);
    } else if (!error) {
        run_event(run, EVENT_START, NULL);
        /* A budget is what a case may cost on the seed kernel. */
        g_array_index(run->public.log->events, Event, 0).number =
            options->icount && subject->driver == DRIVER_SEED;
        listen_to_guest(run);
    } else {
        event_log_add_text(run->public.log, EVENT_TROUBLE, error->message);
        g_error_free(error);
        g_clear_pointer(&run->console, console_free);
        g_idle_add(finish, run);
    }
    return &run->public;
}

void run_free(Run *public) {
    RunState *run = (RunState *)public;
    g_cancellable_cancel(run->waiting);
    g_object_unref(run->waiting);
    outbox_clear(&run->input);
    outbox_clear(&run->commands);
    g_clear_pointer(&run->guest, guest_free);
    g_clear_pointer(&run->console, console_free);
    g_clear_pointer(&run->outputs, outputs_free);
    g_clear_pointer(&public->inputs, inputs_free);
    g_clear_pointer(&public->verdict, verdict_free);
    g_clear_pointer(&run->capture, capture_free);
    g_free(public->diagnosis);
    g_free(public->label);
    qmp_free(run->qmp);
    matcher_clear(&run->matcher);
    dialog_clear(&run->dialog);
    fdio_clear(&run->seed_out_fd);
    fdio_clear(&run->transcript_fd);
    g_string_free(run->stderr_text, TRUE);
    g_free(run->cache_key);
    g_free(run->core_path);
    g_free(run->replay_path);
    keepsake_clear(&public->console);
    g_string_chunk_free(run->line_strings);
    g_hash_table_unref(run->running);
    event_log_free(public->log);
    g_free(run->folder);
    g_free(run);
}
