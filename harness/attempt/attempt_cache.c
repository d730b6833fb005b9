#include "attempt/attempt_cache.h"
#include "attempt/attempt_expected.h"
#include "attempt/ingredients.h"
#include "attempt/verdict_decide.h"
#include "base/error.h"
#include <string.h>

static char *make_text(const AttemptState *attempt, const Inputs *inputs, const GPtrArray *expected,
                       GError **error) {
    const CacheSubject subject = {.boot = &attempt->boot,
                                  .qemu = attempt->qemu,
                                  .icount = attempt->options->icount,
                                  .accelerator = attempt->accelerator,
                                  .timeout_factor = attempt->options->timeout_factor,
                                  .inputs = inputs,
                                  .expected = expected,
                                  .counterpart_files = attempt->public.subject.counterpart_files};
    return cache_key_text(attempt->options->cache->memo, &subject, error);
}

/* Whether the key has all that can change the result. It does not know the host's processor, and no
 * files of the host that the guest, or a word of QEMU's command line, may read, nor what is beyond
 * a network. */
static gboolean is_closed(const AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    return strcmp(attempt->accelerator, "tcg") == 0 && !c->qemu.host && !c->qemu.is_semihosted &&
           c->net != NET_OPEN;
}

/* Uses the result in the folder, if it would pass today. */
static void restore(AttemptState *attempt, const GPtrArray *expected) {
    Cache *cache = attempt->options->cache;
    g_autoptr(EventLog) log = event_log_new();
    event_log_append(log, event_log_get(attempt->public.log, 0));
    if (!cache_restore(cache, attempt->cache_key, attempt->folder, log)) return;
    g_autoptr(Verdict) verdict = verdict_decide(attempt->public.subject.gate_case, log, expected,
                                                attempt->public.subject.counterpart_files);
    attempt->is_cached = verdict->kind == VERDICT_PASS;
    if (attempt->is_cached) {
        event_log_free(attempt->public.log);
        attempt->public.log = g_steal_pointer(&log);
    } else {
        cache_forget(cache, attempt->cache_key);
    }
}

gboolean attempt_cache_find(AttemptState *attempt, GError **error) {
    Cache *cache = attempt->options->cache;
    if (!cache || attempt->public.subject.number != 1 || !is_closed(attempt)) return TRUE;
    g_autoptr(GPtrArray) expected = attempt_expected_files(attempt);
    attempt->ingredients = make_text(attempt, attempt->public.inputs, expected, error);
    if (!attempt->ingredients) return FALSE;
    attempt->cache_key = cache_key(attempt->ingredients);
    if (!cache->is_fresh) restore(attempt, expected);
    return TRUE;
}

gboolean attempt_cache_may_ask(const AttemptState *attempt) {
    const Cache *cache = attempt->options->cache;
    return attempt->cache_key && !attempt->is_cached && !cache->is_fresh && cache->remote &&
           cache_remote_is_asked(cache->remote);
}

void attempt_cache_ask(AttemptState *attempt, GAsyncReadyCallback done) {
    attempt->asking = g_cancellable_new();
    cache_remote_fetch(attempt->options->cache->remote, attempt->cache_key, attempt->asking, done,
                       attempt);
}

void attempt_cache_answered(AttemptState *attempt, GAsyncResult *answer) {
    g_clear_object(&attempt->asking);
    if (!cache_remote_fetched(answer) || attempt->stopping) return;
    g_autoptr(GPtrArray) expected = attempt_expected_files(attempt);
    attempt->options->cache->stored++;
    restore(attempt, expected);
}

/* Whether all that the key was made from is as it was: a user who edits files does not wait for the
 * cases that run. FALSE and *error. */
static gboolean check_key(const AttemptState *attempt, const GPtrArray *expected, GError **error) {
    g_autoptr(Inputs) inputs = attempt_load_inputs(attempt, error);
    g_autofree char *text = inputs ? make_text(attempt, inputs, expected, error) : NULL;
    if (!text) return FALSE;
    if (strcmp(text, attempt->ingredients) == 0) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "an input or the kernel changed while the case ran");
    return FALSE;
}

/* The attempt did not pass, and one with the same key did: whatever the code did meanwhile, that is
 * a flake, unless the user or the machine ended this one. */
static void contradict(AttemptState *attempt, const char *key) {
    Cache *cache = attempt->options->cache;
    g_autofree char *proof = cache_proof(cache, key);
    if (proof && attempt->public.verdict->kind != VERDICT_ERROR) {
        g_autofree char *text = g_strdup_printf(
            "it passed with the same inputs, kernel, QEMU and options in %s", proof);
        attempt_event(attempt, EVENT_FLAKY, text);
    }
    cache_forget(cache, key);
}

/* A failure to write is only logged. A result that is not a pass contradicts one that is kept. */
void attempt_cache_keep(AttemptState *attempt, const GPtrArray *expected) {
    g_autoptr(GError) error = NULL;
    Cache *cache = attempt->options->cache;
    const char *key = attempt->cache_key;
    if (key && attempt->options->out_root)
        ingredients_keep(attempt->options->out_root, attempt->public.label,
                         attempt->public.subject.gate_case->name,
                         attempt->public.verdict->kind == VERDICT_PASS, attempt->ingredients);
    if (!key || attempt->is_cached) return;
    g_autofree char *id =
        g_strdup_printf("%s/%s", attempt->public.label, attempt->public.subject.gate_case->name);
    if (attempt->public.verdict->kind != VERDICT_PASS)
        contradict(attempt, key);
    else if (!check_key(attempt, expected, &error) ||
             !cache_store(cache, key, id, attempt->public.log, attempt->folder, &error))
        attempt_event(attempt, EVENT_UNCACHED, error->message);
    else if (cache->remote)
        cache_remote_send(cache->remote, key);
}
