#include "attempt/attempt_files.h"
#include "base/error.h"
#include "base/hash.h"
#include <string.h>

/* A file is malformed (PROTOCOL), or the host cannot store it (the attempt fails). */
static void file_failed(AttemptState *attempt, GError *error) {
    attempt->in_file = FALSE;
    outputs_drop(attempt->outputs);
    if (error->code == HARNESS_ERROR_PROTOCOL) {
        attempt_guest_event(attempt, EVENT_BAD, error->message);
        g_error_free(error);
    } else {
        attempt_error(attempt, "outputs", error);
    }
}

/* A file that equals its input is reported but not written, unless the gate expects it. */
static gboolean is_unchanged(AttemptState *attempt, const char *guest_path, guint64 size,
                             const char *sha256) {
    GBytes *input = input_files_find(attempt->public.inputs->files, guest_path);
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
    gsize bytes = sizeof(Event) + strlen(guest_path) + HASH_HEX_SIZE;
    if (attempt->file_left_out || !event_log_has_room(attempt->public.log, EVENT_FILES, bytes)) {
        outputs_drop(attempt->outputs);
        return;
    }
    const char *sha256 = outputs_sha256(attempt->outputs);
    gboolean unchanged = is_unchanged(attempt, guest_path, size, sha256);
    /* Appends the event once the file has its name. */
    g_autofree char *kept_sha256 = g_strdup(sha256);
    if (unchanged)
        outputs_drop(attempt->outputs);
    else if (!outputs_publish(attempt->outputs, &error)) {
        file_failed(attempt, error);
        return;
    }
    attempt_append(attempt, &(Event){.kind = EVENT_FILE,
                                     .text = guest_path,
                                     .size = size,
                                     .sha256 = kept_sha256,
                                     .number = unchanged});
}

void attempt_files_begin(AttemptState *attempt, const char *guest_path, gboolean is_kept) {
    GError *error = NULL;
    attempt->file_left_out = !is_kept;
    attempt->in_file = outputs_begin(attempt->outputs, guest_path, &error);
    if (!attempt->in_file) file_failed(attempt, error);
}

void attempt_files_data(AttemptState *attempt, const guint8 *data, gsize length) {
    GError *error = NULL;
    if (attempt->in_file && !outputs_data(attempt->outputs, data, length, &error))
        file_failed(attempt, error);
}

void attempt_files_end(AttemptState *attempt, const char *guest_path, guint64 size) {
    if (attempt->in_file) file_done(attempt, guest_path, size);
}
