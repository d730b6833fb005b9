#define _GNU_SOURCE /* fallocate */
#include "attempt/attempt_stream.h"
#include "attempt/attempt_drives.h"
#include "attempt/attempt_files.h"
#include "attempt/attempt_talk.h"
#include "base/clock.h"
#include "base/cpio.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/text.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Bytes shown of a foreign line. */
#define FOREIGN_SHOWN 160

static void foreign_line(AttemptState *attempt, const guint8 *line, gsize length) {
    if (attempt->foreign_lines++ > 0) return;
    g_autofree char *raw = g_strndup((const char *)line, MIN(length, FOREIGN_SHOWN));
    g_autofree char *text = g_utf8_make_valid(g_strchomp(raw), -1);
    attempt_event(attempt, EVENT_FOREIGN, text);
}

/* What must not appear is looked for until the end of all output, whatever has been decided. The
 * guest is ended by the watchdog, after a look at it. */
static void watch_text(AttemptState *attempt, const guint8 *text, gsize length, gboolean is_end) {
    WatchMatch match;
    if (watch_feed(attempt->watch, text, length, is_end, &match)) {
        g_autofree char *matched = text_line(match.matched);
        g_autofree char *said = g_strdup_printf("\"%s\": %s", match.shown, matched);
        attempt_append(attempt,
                       &(Event){.kind = EVENT_FORBIDDEN, .text = said, .number = match.is_panic});
        attempt->saw_forbidden = TRUE;
        attempt_look_at(attempt, 0);
    } else if (watch_failure(attempt->watch) && !attempt->stopping) {
        attempt_error(
            attempt, "what the console must not show",
            g_error_new_literal(HARNESS_ERROR, HARNESS_ERROR_GATE, watch_failure(attempt->watch)));
    }
}

/* A subtest of the case. */
static void on_result(gpointer data, const Result *result) {
    AttemptState *attempt = data;
    gsize bytes =
        sizeof(Event) + strlen(result->name) + (result->detail ? strlen(result->detail) : 0);
    if (!event_log_has_room(attempt->public.log, EVENT_SUBTESTS, bytes)) return;
    attempt_append(
        attempt, &(Event){.kind = EVENT_SUBTEST,
                          .text = result->name,
                          .number = result->kind,
                          .size = result->host_ns < 0 ? SUBTEST_UNTIMED : (guint64)result->host_ns,
                          .detail = result->detail});
}

static void on_mistake(gpointer data, const char *text) {
    attempt_guest_event(data, EVENT_BAD, text);
}

Results *attempt_stream_results(AttemptState *attempt) {
    static const ResultsObserver results_observer = {on_result, on_mistake};
    const GateCase *c = attempt->public.subject.gate_case;
    return results_new(c->results, c->result_lines, &results_observer, attempt);
}

static void program_text(AttemptState *attempt, const guint8 *text, gsize length) {
    excerpt_add(&attempt->public.console, text, length);
    watch_text(attempt, text, length, FALSE);
    if (attempt->results) results_feed(attempt->results, text, length, clock_now_ns());
    for (guint found = matcher_feed(&attempt->matcher, text, length); found > 0; found--)
        attempt_event(attempt, EVENT_MATCH, NULL);
    attempt_talk_feed(attempt, text, length);
    /* For a kernel without kernel lines, any output is progress. */
    if (!attempt->public.subject.gate_case->end.is_judged) attempt_progress(attempt);
    attempt_talk_end_when_done(attempt);
    attempt->observer->text(attempt->data, &attempt->public, text, length);
}

/* An EXIT line is kept if its SPAWN line was. */
static gboolean keeps_exit(AttemptState *attempt, const KernelLine *kernel_line) {
    EventLog *log = attempt->public.log;
    if (g_hash_table_remove(attempt->running, GSIZE_TO_POINTER(kernel_line->exit.pid))) return TRUE;
    if (log->left_out[EVENT_PROGRAMS] == 0)
        return event_log_has_room(log, EVENT_LINES, event_line_bytes(kernel_line));
    log->left_out_ns = clock_now_ns();
    return FALSE;
}

/* Whether the log has room for the line; END and the first PANIC always fit. */
static gboolean keeps_line(AttemptState *attempt, const KernelLine *kernel_line) {
    EventLog *log = attempt->public.log;
    gboolean first_panic = kernel_line->kind == LINE_PANIC && !attempt->panicked;
    attempt->panicked |= first_panic;
    if (kernel_line->kind == LINE_END || first_panic) return TRUE;
    if (kernel_line->kind == LINE_EXIT) return keeps_exit(attempt, kernel_line);
    EventClass class = kernel_line->kind == LINE_SPAWN  ? EVENT_PROGRAMS
                       : kernel_line->kind == LINE_FILE ? EVENT_FILES
                                                        : EVENT_LINES;
    gboolean kept = event_log_has_room(log, class, event_line_bytes(kernel_line));
    if (kept && kernel_line->kind == LINE_SPAWN)
        g_hash_table_add(attempt->running, GSIZE_TO_POINTER(kernel_line->spawn.pid));
    return kept;
}

static void kernel_line(AttemptState *attempt, const ConsoleItem *item) {
    const KernelLine *kernel_line = item->kernel_line;
    Event event = {.kind = EVENT_LINE, .time_ns = clock_now_ns(), .kernel_line = *kernel_line};
    attempt_progress(attempt);
    excerpt_add(&attempt->public.console, item->data, item->length);
    gboolean kept = keeps_line(attempt, kernel_line);
    event.left_out = !kept;
    if (kept)
        attempt_append(attempt, &event);
    else
        attempt->observer->event(attempt->data, &attempt->public, &event);
    attempt->timed_line |= item->kernel_line->kind != LINE_FILE;
    if (item->kernel_line->kind == LINE_END) attempt_saw_end(attempt);
    if (item->kernel_line->kind != LINE_FILE) return;
    attempt_files_begin(attempt, item->kernel_line->file.path, kept);
}

static void handle_item(AttemptState *attempt, const ConsoleItem *item) {
    switch (item->kind) {
    case CONSOLE_FOREIGN:
        foreign_line(attempt, item->data, item->length);
        program_text(attempt, item->data, item->length);
        break;
    case CONSOLE_TEXT: program_text(attempt, item->data, item->length); break;
    case CONSOLE_LINE: kernel_line(attempt, item); break;
    case CONSOLE_DATA:
        attempt_progress(attempt);
        attempt_files_data(attempt, item->data, item->length);
        break;
    case CONSOLE_FILE_END:
        attempt_files_end(attempt, item->kernel_line->file.path, item->kernel_line->file.size);
        break;
    case CONSOLE_BAD:
        attempt_guest_event(attempt, EVENT_BAD, item->message);
        attempt->in_file = FALSE;
        outputs_drop(attempt->outputs);
        break;
    }
}

static void pull_items(AttemptState *attempt) {
    ConsoleItem item;
    while (console_pull(attempt->console, &item)) {
        gboolean begins_file = item.kind == CONSOLE_LINE && item.kernel_line->kind == LINE_FILE;
        handle_item(attempt, &item);
        /* The strings of a FILE line are needed until the file ends. */
        if (!begins_file && item.kind != CONSOLE_DATA) g_string_chunk_clear(attempt->line_strings);
    }
}

void attempt_stream_feed(AttemptState *attempt, const guint8 *data, gsize length) {
    GError *error = NULL;
    attempt->console_bytes += length;
    /* A recording QEMU may be too busy to report that the guest runs. */
    attempt->continued |= attempt->replay_path != NULL;
    if (attempt->transcript_fd >= 0 && !fdio_write(attempt->transcript_fd, data, length, &error)) {
        fdio_clear(&attempt->transcript_fd);
        attempt_error(attempt, "transcript", error);
    }
    console_push(attempt->console, data, length);
    pull_items(attempt);
}

static void archive_file(AttemptState *attempt, const CpioEntry *entry) {
    g_autofree char *guest_path = g_strconcat("/", entry->name, NULL);
    attempt_files_begin(attempt, guest_path, TRUE);
    attempt_files_data(attempt, entry->data, entry->size);
    attempt_files_end(attempt, guest_path, entry->size);
}

/* Frees the memory of the disk as it is read, in steps of this many bytes. */
#define DISK_STEP ((gsize)16 << 20)

static void release_disk(int fd, gsize *done, gsize upto) {
    if (upto - *done < DISK_STEP) return;
    gsize whole = upto - upto % DISK_STEP;
    (void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)*done,
                     (off_t)(whole - *done));
    *done = whole;
}

/* The newc archive on the disk seed-out. It may be missing or
 * truncated unless the guest reached END. */
static void read_disk(AttemptState *attempt) {
    struct stat status;
    if (fstat(attempt->seed_out_fd, &status) != 0 || status.st_size == 0) return;
    gsize size = (gsize)status.st_size;
    void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, attempt->seed_out_fd, 0);
    if (data == MAP_FAILED) return;
    CpioReader reader = {data, size, 0};
    CpioEntry entry;
    gsize done = 0;
    g_autoptr(GError) error = NULL;
    while (cpio_read(&reader, &entry, &error)) {
        archive_file(attempt, &entry);
        release_disk(attempt->seed_out_fd, &done, reader.at);
    }
    if (error && event_log_find_line(attempt->public.log, LINE_END)) {
        g_prefix_error(&error, "the disk seed-out: ");
        attempt_guest_event(attempt, EVENT_BAD, error->message);
    }
    munmap(data, size);
}

/* Some tests of kvm-unit-tests print no result: their answer is the exit status alone. */
static gboolean may_be_silent(const GateCase *c) {
    return c->results == RESULTS_KVM_UNIT_TESTS && c->status >= 0;
}

void attempt_stream_end(AttemptState *attempt) {
    console_end(attempt->console);
    pull_items(attempt);
    watch_text(attempt, NULL, 0, TRUE);
    if (attempt->results)
        results_end(attempt->results, may_be_silent(attempt->public.subject.gate_case));
    attempt_talk_end(attempt, event_log_find(attempt->public.log, EVENT_TIMEOUT) ||
                                  event_log_find(attempt->public.log, EVENT_LATE) ||
                                  event_log_find(attempt->public.log, EVENT_HANG));
    if (attempt->seed_out_fd >= 0) read_disk(attempt);
    attempt_drives_read(attempt);
    if (attempt->foreign_lines > 0)
        attempt_append(attempt,
                       &(Event){.kind = EVENT_FOREIGN_LINES, .number = attempt->foreign_lines});
}
