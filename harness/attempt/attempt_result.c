#include "attempt/attempt_result.h"
#include "attempt/attempt_cache.h"
#include "attempt/attempt_expected.h"
#include "attempt/attempt_stream.h"
#include "attempt/diagnosis.h"
#include "attempt/verdict_decide.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "guest/replay.h"
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The diagnosis with the paths of core and replay appended; NULL if there is nothing. */
static char *add_artifacts(const AttemptState *attempt, const char *diagnosis,
                           const char *symbols) {
    const Event *core = event_log_find(attempt->public.log, EVENT_CORE);
    const Event *recorded = event_log_find(attempt->public.log, EVENT_RECORDED);
    if (!core && !recorded) return g_strdup(diagnosis);
    GString *text = g_string_new(diagnosis);
    if (core) g_string_append_printf(text, "core: gdb-multiarch %s %s\n", symbols, core->text);
    if (recorded) g_string_append_printf(text, "replay: %s\n", recorded->text);
    return g_string_free(text, FALSE);
}

/* Removes the core file if no core was dumped. */
static void end_core_file(const AttemptState *attempt) {
    struct stat status;
    if (attempt->core_path && stat(attempt->core_path, &status) == 0 && status.st_size == 0)
        unlink(attempt->core_path);
}

/* QEMU's log is complete only if QEMU ends by itself. */
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
                      : "none: QEMU did not end when asked to, so its recording is incomplete");
}

static void append_left_out(AttemptState *attempt) {
    for (guint class = 0; class < EVENT_CLASSES; class ++) {
        g_autofree char *text = event_log_describe_left_out(attempt->public.log, class);
        if (!text) continue;
        attempt_append(attempt, &(Event){.kind = EVENT_LEFT_OUT, .text = text, .number = class});
    }
}

/* An attempt that was not prepared has no kernel. */
static char *diagnose(const AttemptState *attempt) {
    g_autofree char *symbols = attempt->kernel ? boot_symbols(&attempt->boot) : NULL;
    const Inputs *inputs = attempt->public.inputs;
    g_autofree char *where = diagnosis_make(attempt->public.log, attempt->capture, symbols,
                                            inputs ? inputs->files : NULL);
    return add_artifacts(attempt, where, symbols);
}

gboolean attempt_runs_again(const AttemptState *attempt) {
    return attempt->warm && attempt->public.verdict->kind != VERDICT_PASS &&
           !event_log_find(attempt->public.log, EVENT_INTERRUPT);
}

void attempt_finish(AttemptState *attempt) {
    attempt_drop_source(&attempt->console_source);
    attempt_drop_source(&attempt->qmp_source);
    attempt_drop_source(&attempt->stderr_source);
    attempt_drop_source(&attempt->watchdog);
    if (attempt->console) attempt_stream_end(attempt);
    append_left_out(attempt);
    end_recording(attempt);
    end_core_file(attempt);
    attempt->public.duration_ns = clock_now_ns() - attempt->start_ns;
    g_autoptr(GPtrArray) expected = attempt_expected_files(attempt);
    attempt->public.verdict = verdict_decide(attempt->public.subject.gate_case, attempt->public.log,
                                             expected, attempt->public.subject.counterpart_files);
    if (!attempt_runs_again(attempt)) {
        attempt->public.diagnosis = diagnose(attempt);
        attempt_cache_keep(attempt, expected);
    }
    attempt->ended(attempt);
}

void attempt_finish_when_ended(AttemptState *attempt) {
    if (attempt->console_ended && attempt->exited)
        attempt_finish(attempt);
    else
        attempt_begin_grace(attempt);
}
