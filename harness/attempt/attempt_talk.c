#include "attempt/attempt_talk.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <glib-unix.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often to look whether QEMU took what was sent. */
#define INPUT_LOOK_NS (10 * G_GINT64_CONSTANT(1000000))
/* Bytes of one read of a port. */
#define READ_BYTES 65536

static Talk *get_talk(const AttemptState *attempt, guint index) {
    return attempt->talks->pdata[index];
}

/* ---- Steps ---- */

static gint64 quiet_at(const Talk *talk) {
    gint64 quiet_ns = talk->attempt->stopping ? 0 : dialog_quiet_ns(&talk->dialog);
    return quiet_ns && talk->spoke_ns ? talk->spoke_ns + quiet_ns : G_MAXINT64;
}

static gint64 late_at(const Talk *talk) {
    gint64 within_ns = talk->attempt->stopping ? 0 : dialog_within_ns(&talk->dialog);
    return within_ns ? talk->step_since_ns + within_ns : G_MAXINT64;
}

static void fail(const Talk *talk, GError *error) {
    g_autofree char *what = talk->port
                                ? g_strdup_printf("the dialog on the port \"%s\"", talk->port)
                                : g_strdup("the dialog");
    attempt_error(talk->attempt, what, error);
}

/* Whether QEMU takes no input any more. */
static gboolean has_ended(const Talk *talk) {
    return talk->port ? talk->fd < 0 : talk->attempt->console_ended;
}

/* Appends an event for each wait that ended, then sends the texts that are due. */
static void go_on(Talk *talk, guint matched) {
    AttemptState *attempt = talk->attempt;
    Dialog *dialog = &talk->dialog;
    GError *error = NULL;
    while (matched > 0 || !attempt->stopping) {
        if (matched > 0) talk->spoke_ns = clock_now_ns();
        for (; matched > 0; matched--)
            attempt_append(
                attempt, &(Event){.kind = EVENT_REPLY, .number = dialog->next, .text = talk->port});
        if (dialog->failure) {
            fail(talk, g_error_new_literal(HARNESS_ERROR, HARNESS_ERROR_GATE, dialog->failure));
            return;
        }
        gsize size;
        GBytes *due = has_ended(talk) ? NULL : dialog_take(dialog);
        if (!due) break;
        const void *data = g_bytes_get_data(due, &size);
        if (!outbox_add(&talk->input, data, size, &error)) {
            fail(talk, error);
            return;
        }
        attempt_look_at(attempt, clock_now_ns() + INPUT_LOOK_NS);
        talk->spoke_ns = clock_now_ns();
        matched = dialog_feed(dialog, NULL, 0);
    }
    if (talk->step != dialog->next || talk->step_since_ns == 0) {
        talk->step = dialog->next;
        talk->step_since_ns = clock_now_ns();
    }
    attempt_look_at(attempt, MIN(quiet_at(talk), late_at(talk)));
}

static void feed(Talk *talk, const guint8 *text, gsize length) {
    talk->spoke_ns = clock_now_ns();
    go_on(talk, dialog_feed(&talk->dialog, text, length));
}

void attempt_talk_feed(AttemptState *attempt, const guint8 *text, gsize length) {
    feed(get_talk(attempt, 0), text, length);
}

/* ---- The end ---- */

/* Whether the dialogs are over, or without any the plan of the results has come. */
static gboolean has_said_all(const AttemptState *attempt) {
    gboolean has_steps = FALSE;
    for (guint i = 0; i < attempt->talks->len; i++) {
        const Dialog *dialog = &get_talk(attempt, i)->dialog;
        has_steps |= dialog->steps->len > 0;
        if (dialog->steps->len > 0 && !dialog_is_done(dialog)) return FALSE;
    }
    if (!has_steps && attempt->results) return results_are_complete(attempt->results);
    return has_steps;
}

void attempt_talk_end_when_done(AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    /* With a status QEMU's end is judged, and not its console alone. */
    if (c->end.is_judged || c->status >= 0 || attempt->saw_forbidden || attempt->stopping ||
        attempt->matcher.next < attempt->matcher.texts->len || !has_said_all(attempt))
        return;
    attempt_event(attempt, EVENT_CONSOLE_DONE, NULL);
    attempt_stop(attempt);
}

/* ---- Further ports ---- */

/* Reads what is there; FALSE at the end. */
static gboolean read_port(Talk *talk) {
    AttemptState *attempt = talk->attempt;
    guint8 buffer[READ_BYTES];
    g_autoptr(GError) error = NULL;
    ssize_t got = read(talk->fd, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return TRUE;
    if (got <= 0) return FALSE;
    if (!fdio_write(talk->log_fd, buffer, (gsize)got, &error)) {
        fail(talk, g_steal_pointer(&error));
        return FALSE;
    }
    if (!attempt->public.subject.gate_case->end.is_judged) attempt_progress(attempt);
    feed(talk, buffer, (gsize)got);
    attempt_talk_end_when_done(attempt);
    return TRUE;
}

static gboolean on_port(int fd, GIOCondition condition, gpointer data) {
    Talk *talk = data;
    (void)fd;
    (void)condition;
    if (read_port(talk)) return G_SOURCE_CONTINUE;
    attempt_drop_source(&talk->source);
    return G_SOURCE_REMOVE;
}

static void open_port(Talk *talk) {
    const GPtrArray *drives = talk->attempt->drives;
    for (guint i = 0; drives && i < drives->len; i++) {
        const GuestDrive *drive = drives->pdata[i];
        if (strcmp(drive->drive->name, talk->port) != 0) continue;
        talk->fd = drive->talk_fd;
        talk->log_fd = drive->fd;
    }
    outbox_init(&talk->input, talk->fd);
    talk->source = g_unix_fd_source_new(talk->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(talk->source, G_SOURCE_FUNC(on_port), talk, NULL);
    g_source_attach(talk->source, NULL);
}

static void drain_port(Talk *talk) {
    attempt_drop_source(&talk->source);
    /* QEMU has ended: what it wrote is there, and then the end. */
    for (int unread = 1; ioctl(talk->fd, FIONREAD, &unread) == 0 && unread > 0;)
        if (!read_port(talk)) break;
    talk->fd = -1;
}

/* ---- All of them ---- */

static void talk_free(gpointer data) {
    Talk *talk = data;
    attempt_drop_source(&talk->source);
    outbox_clear(&talk->input);
    dialog_clear(&talk->dialog);
    g_free(talk);
}

static void add_talk(AttemptState *attempt, GPtrArray *talks, const char *port,
                     const GPtrArray *steps) {
    Talk *talk = g_new0(Talk, 1);
    *talk = (Talk){.attempt = attempt, .port = port, .fd = -1, .log_fd = -1};
    dialog_init(&talk->dialog, steps);
    g_ptr_array_add(talks, talk);
}

GPtrArray *attempt_talk_new(AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    GPtrArray *talks = g_ptr_array_new_with_free_func(talk_free);
    add_talk(attempt, talks, NULL, c->dialog);
    for (guint i = 0; i < c->talks->len; i++) {
        const GateTalk *talk = c->talks->pdata[i];
        add_talk(attempt, talks, talk->port, talk->steps);
    }
    return talks;
}

void attempt_talk_begin(AttemptState *attempt) {
    outbox_init(&get_talk(attempt, 0)->input, attempt->guest->input_fd);
    for (guint i = 1; i < attempt->talks->len; i++)
        open_port(get_talk(attempt, i));
    for (guint i = 0; i < attempt->talks->len; i++)
        go_on(get_talk(attempt, i), 0);
}

gint64 attempt_talk_quiet_at(const AttemptState *attempt) {
    gint64 first_ns = G_MAXINT64;
    for (guint i = 0; i < attempt->talks->len; i++)
        first_ns = MIN(first_ns, quiet_at(get_talk(attempt, i)));
    return first_ns;
}

void attempt_talk_quiet(AttemptState *attempt, gint64 now_ns) {
    for (guint i = 0; i < attempt->talks->len; i++) {
        Talk *talk = get_talk(attempt, i);
        if (now_ns < quiet_at(talk)) continue;
        /* Called once for each read. */
        talk->spoke_ns = 0;
        go_on(talk, dialog_quiet(&talk->dialog));
    }
    attempt_talk_end_when_done(attempt);
}

gint64 attempt_talk_late_at(const AttemptState *attempt, const Talk **ret_talk) {
    gint64 first_ns = G_MAXINT64;
    for (guint i = 0; i < attempt->talks->len; i++) {
        const Talk *talk = get_talk(attempt, i);
        if (late_at(talk) >= first_ns) continue;
        first_ns = late_at(talk);
        if (ret_talk) *ret_talk = talk;
    }
    return first_ns;
}

static gboolean leaves_input(const Talk *talk) {
    int unread;
    if (!talk->port) return guest_leaves_input(talk->attempt->guest);
    return talk->fd >= 0 && ioctl(talk->fd, SIOCOUTQ, &unread) == 0 && unread > 0;
}

gint64 attempt_talk_wake(AttemptState *attempt) {
    gboolean is_left = FALSE;
    /* Until the guest runs, QEMU is busy with its own start. */
    if (!attempt->continued || attempt->stopping || attempt->exited) return G_MAXINT64;
    for (guint i = 0; i < attempt->talks->len; i++)
        is_left |= leaves_input(get_talk(attempt, i));
    if (!is_left) return G_MAXINT64;
    guest_wake(attempt->guest);
    return clock_now_ns() + INPUT_LOOK_NS;
}

void attempt_talk_shift(AttemptState *attempt, gint64 by_ns, gint64 now_ns) {
    for (guint i = 0; i < attempt->talks->len; i++) {
        Talk *talk = get_talk(attempt, i);
        if (talk->spoke_ns) talk->spoke_ns = MIN(talk->spoke_ns + by_ns, now_ns);
        if (talk->step_since_ns) talk->step_since_ns = MIN(talk->step_since_ns + by_ns, now_ns);
    }
}

void attempt_talk_note_open(AttemptState *attempt) {
    for (guint i = 0; i < attempt->talks->len; i++)
        if (dialog_is_open(&get_talk(attempt, i)->dialog))
            attempt_event(attempt, EVENT_OPEN, get_talk(attempt, i)->port);
}

void attempt_talk_end(AttemptState *attempt, gboolean is_stopped) {
    for (guint i = 0; i < attempt->talks->len; i++) {
        Talk *talk = get_talk(attempt, i);
        if (talk->port && talk->fd >= 0) drain_port(talk);
        if (!is_stopped) go_on(talk, dialog_end(&talk->dialog));
    }
}
