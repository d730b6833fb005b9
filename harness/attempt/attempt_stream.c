/* The guest's bytes, from console and disk, turned into events and files. */
#include "attempt/attempt_private.h"
#include "base/clock.h"
#include "base/cpio.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/hash.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A foreign line is shown in one message; this much of it explains it. */
#define FOREIGN_SHOWN 160

/* A file from the guest is wrong (PROTOCOL) or the host cannot take it (the run ends). */
static void file_failed(AttemptState *attempt, GError *error) {
    attempt->in_file = FALSE;
    outputs_drop(attempt->outputs);
    if (error->code == HARNESS_ERROR_PROTOCOL) {
        attempt_event(attempt, EVENT_BAD, error->message);
        g_error_free(error);
    } else {
        attempt_error(attempt, "outputs", error);
    }
}

/* A file that the guest leaves as it was put in is reported, but not written again, unless the
 * gate asks for it. */
static gboolean is_unchanged(AttemptState *attempt, const char *guest_path, guint64 size,
                             const char *sha256) {
    GBytes *input = inputs_find(attempt->public.inputs->files, guest_path);
    if (!input || g_bytes_get_size(input) != size) return FALSE;
    const GPtrArray *expects = attempt->public.subject.gate_case->expects;
    for (guint i = 0; i < expects->len; i++)
        if (strcmp(((const GateExpect *)expects->pdata[i])->guest_path, guest_path) == 0)
            return FALSE;
    g_autofree char *hash = hash_bytes(input);
    return g_strcmp0(hash, sha256) == 0;
}

static void file_done(AttemptState *attempt, const char *guest_path, guint64 size) {
    GError *error = NULL;
    attempt->in_file = FALSE;
    EventLog *log = attempt->public.log;
    const char *sha256 =
        g_string_chunk_insert_const(log->strings, outputs_sha256(attempt->outputs));
    gboolean unchanged = is_unchanged(attempt, guest_path, size, sha256);
    if (unchanged)
        outputs_drop(attempt->outputs);
    else if (!outputs_publish(attempt->outputs, &error)) {
        file_failed(attempt, error);
        return;
    }
    Event *event = event_log_add_text(log, EVENT_FILE, guest_path);
    event->size = size;
    event->sha256 = sha256;
    event->number = unchanged;
    attempt->observer->event(attempt->data, &attempt->public, event);
}

static void foreign_line(AttemptState *attempt, const guint8 *line, gsize length) {
    EventLog *log = attempt->public.log;
    if (attempt->foreign_event < 0) {
        g_autofree char *raw = g_strndup((const char *)line, MIN(length, FOREIGN_SHOWN));
        g_autofree char *text = g_utf8_make_valid(g_strchomp(raw), -1);
        attempt->foreign_event = log->events->len;
        attempt_event(attempt, EVENT_FOREIGN, text);
    }
    g_array_index(log->events, Event, attempt->foreign_event).number++;
}

/* Tells that so many waits have ended, sends what is then due, and so on. */
static void go_on(AttemptState *attempt, guint matched) {
    Dialog *dialog = &attempt->dialog;
    GError *error = NULL;
    while (matched > 0 || !attempt->stopping) {
        if (matched > 0) attempt->spoke_ns = clock_now_ns();
        for (; matched > 0; matched--)
            attempt_event(attempt, EVENT_REPLY, NULL);
        if (dialog->failure) {
            error = g_error_new_literal(HARNESS_ERROR, HARNESS_ERROR_GATE, dialog->failure);
            attempt_error(attempt, "the dialog", error);
            return;
        }
        gsize size;
        GBytes *due = attempt->console_ended ? NULL : dialog_take(dialog);
        if (!due) break;
        const void *data = g_bytes_get_data(due, &size);
        if (!outbox_add(&attempt->input, data, size, &error)) {
            attempt_error(attempt, "the guest's console", error);
            return;
        }
        attempt->spoke_ns = clock_now_ns();
        matched = dialog_feed(dialog, NULL, 0);
    }
    attempt_look_at(attempt, attempt_stream_quiet_at(attempt));
}

gint64 attempt_stream_quiet_at(const AttemptState *attempt) {
    gint64 quiet_ns = attempt->stopping ? 0 : dialog_quiet_ns(&attempt->dialog);
    return quiet_ns && attempt->spoke_ns ? attempt->spoke_ns + quiet_ns : G_MAXINT64;
}

/* Where only the console is judged, nothing more is waited for once it has told all. */
static void end_when_done(AttemptState *attempt) {
    if (!dialog_is_done(&attempt->dialog) || attempt->matcher.next < attempt->matcher.texts->len ||
        attempt->stopping)
        return;
    attempt_event(attempt, EVENT_CONSOLE_DONE, NULL);
    attempt_stop(attempt);
}

static void program_text(AttemptState *attempt, const guint8 *text, gsize length) {
    excerpt_add(&attempt->public.console, text, length);
    for (guint found = matcher_feed(&attempt->matcher, text, length); found > 0; found--)
        attempt_event(attempt, EVENT_MATCH, NULL);
    attempt->spoke_ns = clock_now_ns();
    go_on(attempt, dialog_feed(&attempt->dialog, text, length));
    if (!attempt->public.subject.gate_case->end.is_judged) {
        /* Of a kernel that prints no lines of ours output is all the progress there is. */
        attempt_progress(attempt);
        end_when_done(attempt);
    }
    attempt->observer->text(attempt->data, &attempt->public, text, length);
}

void attempt_stream_begin(AttemptState *attempt) { go_on(attempt, 0); }

void attempt_stream_quiet(AttemptState *attempt) {
    /* Once for each time that something came. */
    attempt->spoke_ns = 0;
    go_on(attempt, dialog_quiet(&attempt->dialog));
    if (!attempt->public.subject.gate_case->end.is_judged) end_when_done(attempt);
}

static void kernel_line(AttemptState *attempt, const ConsoleItem *item) {
    GError *error = NULL;
    attempt_progress(attempt);
    excerpt_add(&attempt->public.console, item->data, item->length);
    Event *event = event_log_add(attempt->public.log, EVENT_LINE);
    event->kernel_line = *item->kernel_line;
    attempt->observer->event(attempt->data, &attempt->public, event);
    attempt->timed_line |= item->kernel_line->kind != LINE_FILE;
    if (item->kernel_line->kind == LINE_END) attempt_saw_end(attempt);
    if (item->kernel_line->kind != LINE_FILE) return;
    attempt->in_file = outputs_begin(attempt->outputs, item->kernel_line->file.path, &error);
    if (!attempt->in_file) file_failed(attempt, error);
}

static void handle_item(AttemptState *attempt, const ConsoleItem *item) {
    GError *error = NULL;
    switch (item->kind) {
    case CONSOLE_FOREIGN:
        foreign_line(attempt, item->data, item->length);
        program_text(attempt, item->data, item->length);
        break;
    case CONSOLE_TEXT: program_text(attempt, item->data, item->length); break;
    case CONSOLE_LINE: kernel_line(attempt, item); break;
    case CONSOLE_DATA:
        attempt_progress(attempt);
        if (attempt->in_file && !outputs_data(attempt->outputs, item->data, item->length, &error))
            file_failed(attempt, error);
        break;
    case CONSOLE_FILE_END: {
        const KernelLine *kernel_line =
            &event_log_find_line(attempt->public.log, LINE_FILE)->kernel_line;
        if (attempt->in_file) file_done(attempt, kernel_line->file.path, kernel_line->file.size);
        break;
    }
    case CONSOLE_BAD:
        attempt_event(attempt, EVENT_BAD, item->message);
        attempt->in_file = FALSE;
        outputs_drop(attempt->outputs);
        break;
    }
}

static void pull_items(AttemptState *attempt) {
    ConsoleItem item;
    while (console_pull(attempt->console, &item))
        handle_item(attempt, &item);
}

void attempt_stream_feed(AttemptState *attempt, const guint8 *data, gsize length) {
    GError *error = NULL;
    attempt->console_bytes += length;
    /* A recording QEMU may be too busy to say that the guest runs. */
    attempt->continued |= attempt->replay_path != NULL;
    if (attempt->transcript_fd >= 0 && !fdio_write(attempt->transcript_fd, data, length, &error)) {
        fdio_clear(&attempt->transcript_fd);
        attempt_error(attempt, "transcript", error);
    }
    console_push(attempt->console, data, length);
    pull_items(attempt);
}

static void archive_file(AttemptState *attempt, const CpioEntry *entry) {
    GError *error = NULL;
    g_autofree char *guest_path = g_strconcat("/", entry->name, NULL);
    if (!outputs_begin(attempt->outputs, guest_path, &error) ||
        !outputs_data(attempt->outputs, entry->data, entry->size, &error))
        file_failed(attempt, error);
    else
        file_done(attempt, guest_path, entry->size);
}

/* The newc archive on the disk seed-out. A guest that ended early may have left none: END tells
 * that there is one. */
static void read_disk(AttemptState *attempt) {
    struct stat status;
    if (fstat(attempt->seed_out_fd, &status) != 0 || status.st_size == 0) return;
    gsize size = (gsize)status.st_size;
    void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, attempt->seed_out_fd, 0);
    if (data == MAP_FAILED) return;
    CpioReader reader = {data, size, 0};
    CpioEntry entry;
    g_autoptr(GError) error = NULL;
    while (cpio_read(&reader, &entry, &error))
        archive_file(attempt, &entry);
    if (error && event_log_find_line(attempt->public.log, LINE_END)) {
        g_prefix_error(&error, "the disk seed-out: ");
        attempt_event(attempt, EVENT_BAD, error->message);
    }
    munmap(data, size);
}

void attempt_stream_end(AttemptState *attempt) {
    console_end(attempt->console);
    pull_items(attempt);
    if (!event_log_find(attempt->public.log, EVENT_TIMEOUT) &&
        !event_log_find(attempt->public.log, EVENT_HANG))
        go_on(attempt, dialog_end(&attempt->dialog));
    if (attempt->seed_out_fd >= 0) read_disk(attempt);
}
