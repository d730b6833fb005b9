#include "record/journal.h"
#include "base/error.h"
#include "base/fdio.h"
#include "record/journal_format.h"
#include <errno.h>
#include <fcntl.h>

struct _Journal {
    char *path;
    int fd;
    const Record *record;
    GString *line; /* kept to reuse its memory */
    GError *failed;
};

/* Writes `line`. */
static void write_line(Journal *journal) {
    if (!journal->failed &&
        !fdio_write(journal->fd, journal->line->str, journal->line->len, &journal->failed))
        g_prefix_error(&journal->failed, "the journal %s: ", journal->path);
    g_string_truncate(journal->line, 0);
}

Journal *journal_open(const char *path, const Record *record, GError **error) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        error_set_errno(error, errno, "cannot write the journal %s", path);
        return NULL;
    }
    Journal *journal = g_new0(Journal, 1);
    *journal = (Journal){g_strdup(path), fd, record, g_string_sized_new(4096), NULL};
    journal_format_plan(journal->line, record);
    write_line(journal);
    if (!journal->failed) return journal;
    g_propagate_error(error, g_steal_pointer(&journal->failed));
    journal_free(journal);
    return NULL;
}

void journal_free(Journal *journal) {
    fdio_clear(&journal->fd);
    g_clear_error(&journal->failed);
    g_string_free(journal->line, TRUE);
    g_free(journal->path);
    g_free(journal);
}

void journal_started(Journal *journal, const RecordAttempt *attempt) {
    journal_format_started(journal->line, attempt);
    write_line(journal);
}

void journal_event(Journal *journal, const RecordAttempt *attempt, const Event *event,
                   gssize spawn) {
    journal_format_event(journal->line, attempt, event, spawn);
    if (journal->line->len > 0) write_line(journal);
}

void journal_ended(Journal *journal, const RecordAttempt *attempt) {
    journal_format_ended(journal->line, attempt);
    write_line(journal);
}

gboolean journal_finish(Journal *journal, GError **error) {
    journal_format_end(journal->line, journal->record);
    write_line(journal);
    if (!journal->failed) return TRUE;
    g_propagate_error(error, g_steal_pointer(&journal->failed));
    return FALSE;
}
