/* The guest's bytes, from console and disk, turned into events and files. */
#define _GNU_SOURCE /* fallocate */
#include "clock.h"
#include "cpio.h"
#include "error.h"
#include "fdio.h"
#include "hash.h"
#include "run_private.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A foreign line is shown in one message; this much of it explains it. */
#define FOREIGN_SHOWN 160

/* A file from the guest is wrong (PROTOCOL) or the host cannot take it (the run ends). */
static void file_failed(RunState *run, GError *error) {
    run->in_file = FALSE;
    outputs_drop(run->outputs);
    if (error->code == HARNESS_ERROR_PROTOCOL) {
        run_guest_event(run, EVENT_BAD, error->message);
        g_error_free(error);
    } else {
        run_trouble(run, "outputs", error);
    }
}

/* A file that the guest leaves as it was put in is reported, but not written again, unless the
 * gate asks for it. */
static gboolean is_unchanged(RunState *run, const char *guest_path, guint64 size,
                             const char *sha256) {
    GBytes *input = inputs_find(run->public.inputs->files, guest_path);
    if (!input || g_bytes_get_size(input) != size) return FALSE;
    const GPtrArray *expects = run->public.subject.c->expects;
    for (guint i = 0; i < expects->len; i++)
        if (strcmp(((const GateExpect *)expects->pdata[i])->guest_path, guest_path) == 0)
            return FALSE;
    g_autofree char *hash = hash_bytes(input);
    return g_strcmp0(hash, sha256) == 0;
}

static void file_done(RunState *run, const char *guest_path, guint64 size) {
    GError *error = NULL;
    run->in_file = FALSE;
    EventLog *log = run->public.log;
    gsize bytes = sizeof(Event) + strlen(guest_path) + HASH_HEX_SIZE;
    if (run->file_left_out || !event_log_has_room(log, EVENT_FILES, bytes)) {
        outputs_drop(run->outputs);
        return;
    }
    const char *sha256 = g_string_chunk_insert_const(log->strings, outputs_sha256(run->outputs));
    gboolean unchanged = is_unchanged(run, guest_path, size, sha256);
    if (unchanged)
        outputs_drop(run->outputs);
    else if (!outputs_publish(run->outputs, &error)) {
        file_failed(run, error);
        return;
    }
    Event *event = event_log_add_text(log, EVENT_FILE, guest_path);
    event->size = size;
    event->sha256 = sha256;
    event->number = unchanged;
    run->observer->event(run->data, &run->public, event);
}

static void foreign_line(RunState *run, const guint8 *line, gsize length) {
    EventLog *log = run->public.log;
    if (run->foreign_event < 0) {
        g_autofree char *raw = g_strndup((const char *)line, MIN(length, FOREIGN_SHOWN));
        g_autofree char *text = g_utf8_make_valid(g_strchomp(raw), -1);
        run->foreign_event = log->events->len;
        run_event(run, EVENT_FOREIGN, text);
    }
    g_array_index(log->events, Event, run->foreign_event).number++;
}

/* Tells that so many waits have ended, sends what is then due, and so on. */
static void go_on(RunState *run, guint matched) {
    Dialog *dialog = &run->dialog;
    GError *error = NULL;
    while (matched > 0 || !run->stopping) {
        if (matched > 0) run->spoke_ns = clock_now_ns();
        for (; matched > 0; matched--)
            run_event(run, EVENT_REPLY, NULL);
        if (dialog->failure) {
            error = g_error_new_literal(HARNESS_ERROR, HARNESS_ERROR_GATE, dialog->failure);
            run_trouble(run, "the dialog", error);
            return;
        }
        gsize size;
        GBytes *due = run->console_ended ? NULL : dialog_take(dialog);
        if (!due) break;
        const void *data = g_bytes_get_data(due, &size);
        if (!outbox_add(&run->input, data, size, &error)) {
            run_trouble(run, "the guest's console", error);
            return;
        }
        run->spoke_ns = clock_now_ns();
        matched = dialog_feed(dialog, NULL, 0);
    }
    run_look_at(run, run_stream_quiet_at(run));
}

gint64 run_stream_quiet_at(const RunState *run) {
    gint64 quiet_ns = run->stopping ? 0 : dialog_quiet_ns(&run->dialog);
    return quiet_ns && run->spoke_ns ? run->spoke_ns + quiet_ns : G_MAXINT64;
}

/* Where only the console is judged, nothing more is waited for once it has told all. */
static void end_when_told(RunState *run) {
    if (!dialog_is_done(&run->dialog) || run->matcher.next < run->matcher.texts->len ||
        run->stopping)
        return;
    run_event(run, EVENT_TOLD, NULL);
    run_stop(run);
}

static void program_text(RunState *run, const guint8 *text, gsize length) {
    keepsake_add(&run->public.console, text, length);
    for (guint found = matcher_feed(&run->matcher, text, length); found > 0; found--)
        run_event(run, EVENT_MATCH, NULL);
    run->spoke_ns = clock_now_ns();
    go_on(run, dialog_feed(&run->dialog, text, length));
    if (!run->public.subject.c->judges_init) {
        /* Of a kernel that prints no lines of ours output is all the progress there is. */
        run_progress(run);
        end_when_told(run);
    }
    run->observer->text(run->data, &run->public, text, length);
}

void run_stream_begin(RunState *run) { go_on(run, 0); }

void run_stream_quiet(RunState *run) {
    /* Once for each time that something came. */
    run->spoke_ns = 0;
    go_on(run, dialog_quiet(&run->dialog));
    if (!run->public.subject.c->judges_init) end_when_told(run);
}

/* An EXIT line belongs to its SPAWN line, and is kept with it. */
static gboolean keeps_exit(RunState *run, const Frame *frame) {
    EventLog *log = run->public.log;
    if (g_hash_table_remove(run->running, GSIZE_TO_POINTER(frame->exit.pid))) return TRUE;
    if (log->left_out[EVENT_PROGRAMS] == 0)
        return event_log_has_room(log, EVENT_LINES, event_frame_bytes(frame));
    log->left_out_ns = clock_now_ns();
    return FALSE;
}

/* Whether the log has room for the line; the end, and why it came to it, always have. */
static gboolean keeps_frame(RunState *run, const Frame *frame) {
    EventLog *log = run->public.log;
    gboolean first_panic = frame->kind == FRAME_PANIC && !run->panicked;
    run->panicked |= first_panic;
    if (frame->kind == FRAME_END || first_panic) return TRUE;
    if (frame->kind == FRAME_EXIT) return keeps_exit(run, frame);
    EventClass class = frame->kind == FRAME_SPAWN  ? EVENT_PROGRAMS
                       : frame->kind == FRAME_FILE ? EVENT_FILES
                                                   : EVENT_LINES;
    gboolean kept = event_log_has_room(log, class, event_frame_bytes(frame));
    if (kept && frame->kind == FRAME_SPAWN)
        g_hash_table_add(run->running, GSIZE_TO_POINTER(frame->spawn.pid));
    return kept;
}

static void kernel_line(RunState *run, const ConsoleItem *item) {
    GError *error = NULL;
    const Frame *frame = item->frame;
    Event left_out = {
        .kind = EVENT_FRAME, .time_ns = clock_now_ns(), .frame = *frame, .left_out = TRUE};
    run_progress(run);
    keepsake_add(&run->public.console, item->data, item->length);
    gboolean kept = keeps_frame(run, frame);
    run->observer->event(run->data, &run->public,
                         kept ? event_log_add_frame(run->public.log, frame) : &left_out);
    run->file_left_out = frame->kind == FRAME_FILE && !kept;
    run->timed_line |= item->frame->kind != FRAME_FILE;
    if (item->frame->kind == FRAME_END) run_ended(run);
    if (item->frame->kind != FRAME_FILE) return;
    run->in_file = outputs_begin(run->outputs, item->frame->file.path, &error);
    if (!run->in_file) file_failed(run, error);
}

static void handle_item(RunState *run, const ConsoleItem *item) {
    GError *error = NULL;
    switch (item->kind) {
    case CONSOLE_FOREIGN:
        foreign_line(run, item->data, item->length);
        program_text(run, item->data, item->length);
        break;
    case CONSOLE_TEXT: program_text(run, item->data, item->length); break;
    case CONSOLE_FRAME: kernel_line(run, item); break;
    case CONSOLE_DATA:
        run_progress(run);
        if (run->in_file && !outputs_data(run->outputs, item->data, item->length, &error))
            file_failed(run, error);
        break;
    case CONSOLE_FILE_END: {
        if (run->in_file) file_done(run, item->frame->file.path, item->frame->file.size);
        break;
    }
    case CONSOLE_BAD:
        run_guest_event(run, EVENT_BAD, item->message);
        run->in_file = FALSE;
        outputs_drop(run->outputs);
        break;
    }
}

static void pull_items(RunState *run) {
    ConsoleItem item;
    while (console_pull(run->console, &item)) {
        gboolean begins_file = item.kind == CONSOLE_FRAME && item.frame->kind == FRAME_FILE;
        handle_item(run, &item);
        /* A file's name is asked for again at its end; data is all that comes in between. */
        if (!begins_file && item.kind != CONSOLE_DATA) g_string_chunk_clear(run->line_strings);
    }
}

void run_stream_feed(RunState *run, const guint8 *data, gsize length) {
    GError *error = NULL;
    run->console_bytes += length;
    /* A recording QEMU may be too busy to say that the guest runs. */
    run->continued |= run->replay_path != NULL;
    if (run->transcript_fd >= 0 && !fdio_write(run->transcript_fd, data, length, &error)) {
        fdio_clear(&run->transcript_fd);
        run_trouble(run, "transcript", error);
    }
    console_push(run->console, data, length);
    pull_items(run);
}

static void archive_file(RunState *run, const CpioEntry *entry) {
    GError *error = NULL;
    g_autofree char *guest_path = g_strconcat("/", entry->name, NULL);
    if (!outputs_begin(run->outputs, guest_path, &error) ||
        !outputs_data(run->outputs, entry->data, entry->size, &error))
        file_failed(run, error);
    else
        file_done(run, guest_path, entry->size);
}

/* What has been taken out of the disk, in steps of so many bytes, gives its memory back. */
#define DISK_STEP ((gsize)16 << 20)

static void release_disk(int fd, gsize *done, gsize upto) {
    if (upto - *done < DISK_STEP) return;
    gsize whole = upto - upto % DISK_STEP;
    (void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)*done,
                     (off_t)(whole - *done));
    *done = whole;
}

/* The newc archive on the disk seed-out. A guest that ended early may have left none: END tells
 * that there is one. */
static void read_disk(RunState *run) {
    struct stat status;
    if (fstat(run->seed_out_fd, &status) != 0 || status.st_size == 0) return;
    gsize size = (gsize)status.st_size;
    void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, run->seed_out_fd, 0);
    if (data == MAP_FAILED) return;
    CpioReader reader = {data, size, 0};
    CpioEntry entry;
    gsize done = 0;
    g_autoptr(GError) error = NULL;
    run->file_left_out = FALSE;
    while (cpio_read(&reader, &entry, &error)) {
        archive_file(run, &entry);
        release_disk(run->seed_out_fd, &done, reader.at);
    }
    if (error && event_log_find_frame(run->public.log, FRAME_END)) {
        g_prefix_error(&error, "the disk seed-out: ");
        run_guest_event(run, EVENT_BAD, error->message);
    }
    munmap(data, size);
}

void run_stream_end(RunState *run) {
    console_end(run->console);
    pull_items(run);
    if (!event_log_find(run->public.log, EVENT_TIMEOUT) &&
        !event_log_find(run->public.log, EVENT_HANG))
        go_on(run, dialog_end(&run->dialog));
    if (run->seed_out_fd >= 0) read_disk(run);
}
