#include "run/single.h"
#include "base/signals.h"
#include "run/run_reports.h"

static void on_event(gpointer data, Attempt *attempt, const Event *event) {
    Single *single = data;
    single->observer->event(single->data, attempt, event);
}

static void on_text(gpointer data, Attempt *attempt, const guint8 *text, gsize length) {
    Single *single = data;
    single->observer->text(single->data, attempt, text, length);
}

static void on_finished(gpointer data, Attempt *attempt) {
    Single *single = data;
    if (single->observer->finished) single->observer->finished(single->data, attempt);
    g_main_loop_quit(single->loop);
}

static void on_signal(gpointer data, int number) {
    Single *single = data;
    single->interrupted = TRUE;
    attempt_interrupt(single->attempt, signals_name(number));
}

void single_start(Single *single, const AttemptSubject *subject, const AttemptOptions *options,
                  const AttemptObserver *observer, gpointer data) {
    static const AttemptObserver forward = {on_event, on_text, on_finished};
    *single = (Single){.observer = observer, .data = data};
    single->loop = g_main_loop_new(NULL, FALSE);
    /* Signals are handled from the main loop, so that whoever waits there can clean up. */
    signals_catch(on_signal, single);
    run_reports_confinement();
    single->attempt = attempt_start(subject, options, &forward, single);
}

void single_run(Single *single) { g_main_loop_run(single->loop); }

void single_clear(Single *single) {
    signals_release();
    attempt_free(single->attempt);
    g_main_loop_unref(single->loop);
}
