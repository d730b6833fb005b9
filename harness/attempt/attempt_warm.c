#include "attempt/attempt_warm.h"
#include "attempt/attempt_console.h"
#include "base/fdio.h"
#include <string.h>

/* A QEMU that counts, records, waits for gdb, dumps memory or leaves a transcript is started for
 * that; one for another kernel may end in any way. */
static gboolean options_allow(const AttemptOptions *options) {
    return options->warm && !options->icount && !options->plugin && !options->gdb_socket &&
           !options->cores && !options->records && !options->transcripts;
}

static gboolean is_plain(const GateCase *c) {
    return gate_case_keeps_contract(c) && !gate_case_is_foreign(c) && c->end.is_judged &&
           c->nonce && c->status < 0 && c->smp <= 1 && c->net == NET_NONE && !c->dtb &&
           !c->firmware && !c->append && c->results == RESULTS_NONE && c->dialog->len == 0 &&
           !(c->qemu.words && c->qemu.words[0]);
}

gboolean attempt_warm_qualifies(const AttemptState *attempt) {
    const AttemptSubject *subject = &attempt->public.subject;
    return options_allow(attempt->options) && !attempt->why_cold && subject->number == 1 &&
           subject->driver == DRIVER_SEED && !subject->record_root &&
           is_plain(subject->gate_case) && (!attempt->drives || attempt->drives->len == 0) &&
           strcmp(attempt->accelerator, "tcg") == 0;
}

void attempt_warm_take(AttemptState *attempt, const GuestConfig *config) {
    /* A QEMU of its own says what is wrong. */
    attempt->warm = warm_take(attempt->options->warm, config, NULL);
    if (!attempt->warm) return;
    attempt->guest = warm_guest(attempt->warm);
    qmp_free(attempt->qmp);
    attempt->qmp = warm_qmp(attempt->warm);
    if (attempt->seed_out_fd >= 0) {
        fdio_clear(&attempt->seed_out_fd);
        attempt->seed_out_fd = warm_seed_out(attempt->warm);
    }
    g_autofree char *text = warm_cases(attempt->warm) == 0
                                ? g_strdup("on a QEMU that is reset between cases, its first")
                                : g_strdup_printf("on a QEMU that was reset after %u other cases",
                                                  warm_cases(attempt->warm));
    attempt_event(attempt, EVENT_WARM, text);
}

static void load(AttemptState *attempt) {
    GError *error = NULL;
    if (!warm_load(attempt->warm, &error)) {
        attempt_error(attempt, "a QEMU that is reset between cases", error);
        return;
    }
    g_autofree char *cont = qmp_command("cont", GUEST_QMP_CONT);
    attempt->is_loaded = TRUE;
    if (!outbox_add(&attempt->commands, cont, strlen(cont), &error))
        attempt_error(attempt, "QEMU's control socket", error);
}

/* Nothing more comes: QEMU wrote all that the guest printed before it stopped. */
static void stand(AttemptState *attempt) {
    attempt_console_drain(attempt);
    attempt_append(attempt, &(Event){.kind = EVENT_EOF, .number = (gint64)attempt->console_bytes});
    attempt_drop_source(&attempt->console_source);
    attempt->is_standing = attempt->console_ended = TRUE;
}

void attempt_warm_event(AttemptState *attempt, const char *name) {
    if (!attempt->warm || attempt->stopping || attempt->is_standing) return;
    if (!attempt->is_loaded && strcmp(name, "RESET") == 0)
        load(attempt);
    else if (attempt->continued && strcmp(name, "STOP") == 0)
        stand(attempt);
}

void attempt_warm_end(AttemptState *attempt) {
    Warm *warm = g_steal_pointer(&attempt->warm);
    if (!warm) return;
    attempt->guest = NULL;
    attempt->qmp = NULL;
    gboolean is_clean = attempt->is_standing && !attempt->exited && attempt->public.verdict &&
                        attempt->public.verdict->kind == VERDICT_PASS;
    if (is_clean && attempt->stderr_text->len == 0)
        warm_give(attempt->options->warm, warm);
    else
        warm_free(warm);
}
