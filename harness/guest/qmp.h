/*
 * QEMU's control protocol (docs/interop/qmp-spec), the client's side of the stream: push bytes,
 * pull messages. It sends nothing itself; qmp_command gives the bytes to send.
 */
#pragma once
#include <json-glib/json-glib.h>

typedef struct _Qmp Qmp;

typedef enum { QMP_GREETING, QMP_RETURN, QMP_ERROR, QMP_EVENT } QmpKind;

typedef struct {
    QmpKind kind;
    gint64 id; /* RETURN, ERROR: of the command; -1 if QEMU could not tell */
    /* GREETING: QEMU's version, or NULL; EVENT: its name; ERROR: "CLASS: description"; else NULL */
    char *text;
    JsonNode *node; /* RETURN: the "return" member; EVENT: "data" or NULL; else NULL */
} QmpMessage;

Qmp *qmp_new(void);
void qmp_free(Qmp *qmp);

/* Adds `length` bytes to the stream; they are copied. */
void qmp_push(Qmp *qmp, const guint8 *data, gsize length);

/*
 * The next message. FALSE if more bytes are needed (no *error) or if the input is not QMP (*error;
 * the stream is then unusable).
 */
gboolean qmp_pull(Qmp *qmp, QmpMessage *ret_message, GError **error);
void qmp_message_clear(QmpMessage *message);

/* The line that runs `command` (no arguments) under `id`; free with g_free. */
char *qmp_command(const char *command, gint64 id);

/* The line that runs `command` of the human monitor. */
char *qmp_monitor_command(const char *command, gint64 id);

/* The line that writes guest memory as an ELF core to the file `path`. */
char *qmp_dump_command(const char *path, gint64 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qmp, qmp_free)
