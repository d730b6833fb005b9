#include "guest/qmp.h"
#include "base/error.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "base/text.h"
#include <string.h>

/* The largest replies in use (query-qmp-schema) have 200 KB; more is not QEMU. */
#define MESSAGE_MAX (1024 * 1024)

struct _Qmp {
    GByteArray *buffer;
    gsize scanned; /* bytes of buffer known to hold no newline */
    JsonParser *parser;
};

Qmp *qmp_new(void) {
    Qmp *qmp = g_new0(Qmp, 1);
    qmp->buffer = g_byte_array_new();
    qmp->parser = json_parser_new();
    return qmp;
}

void qmp_free(Qmp *qmp) {
    g_byte_array_unref(qmp->buffer);
    g_object_unref(qmp->parser);
    g_free(qmp);
}

void qmp_push(Qmp *qmp, const guint8 *data, gsize length) {
    g_byte_array_append(qmp->buffer, data, (guint)length);
}

void qmp_message_clear(QmpMessage *message) {
    g_clear_pointer(&message->text, g_free);
    g_clear_pointer(&message->node, json_node_unref);
}

char *qmp_command(const char *command, gint64 id) {
    return g_strdup_printf("{\"execute\": \"%s\", \"id\": %" G_GINT64_FORMAT "}\n", command, id);
}

char *qmp_monitor_command(const char *command, gint64 id) {
    return g_strdup_printf("{\"execute\": \"human-monitor-command\", \"id\": %" G_GINT64_FORMAT
                           ", \"arguments\": {\"command-line\": \"%s\"}}\n",
                           id, command);
}

char *qmp_dump_command(const char *path, gint64 id) {
    GString *line = g_string_new(NULL);
    g_autofree char *protocol = g_strconcat("file:", path, NULL);
    json_out_begin(line, NULL, '{');
    json_out_text(line, "execute", "dump-guest-memory");
    json_out_int(line, "id", id);
    json_out_begin(line, "arguments", '{');
    json_out_bool(line, "paging", FALSE);
    json_out_text(line, "protocol", protocol);
    json_out_end(line, '}');
    json_out_end(line, '}');
    g_string_append_c(line, '\n');
    return g_string_free(line, FALSE);
}

static gboolean refuse(GError **error, const char *why, const char *line, gsize length) {
    g_autofree char *head = g_strndup(line, MIN(length, 80));
    g_autofree char *shown = text_line(head);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "QMP: %s: %s", why, shown);
    return FALSE;
}

/* "7.2.22 (Debian 1:7.2+dfsg-7)", or NULL when the greeting does not say. */
static char *describe_version(JsonObject *greeting) {
    JsonObject *version = json_in_member(greeting, "version");
    JsonObject *qemu = version ? json_in_member(version, "qemu") : NULL;
    gint64 major, minor, micro;
    if (!qemu || !json_in_int(qemu, "major", &major) || !json_in_int(qemu, "minor", &minor) ||
        !json_in_int(qemu, "micro", &micro))
        return NULL;
    const char *package = json_in_text(version, "package");
    gboolean named = package && *package;
    return g_strdup_printf("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT "%s%s%s",
                           major, minor, micro, named ? " (" : "", named ? package : "",
                           named ? ")" : "");
}

/* Determines the kind of message `object`; NULL on success, else the problem. */
static const char *classify(JsonObject *object, QmpMessage *message) {
    json_in_int(object, "id", &message->id);
    if (json_object_has_member(object, "QMP")) {
        JsonObject *greeting = json_in_member(object, "QMP");
        message->kind = QMP_GREETING;
        message->text = greeting ? describe_version(greeting) : NULL;
        return greeting ? NULL : "the greeting is not a JSON object";
    }
    if (json_object_has_member(object, "return")) {
        message->kind = QMP_RETURN;
        message->node = json_node_ref(json_object_get_member(object, "return"));
        return NULL;
    }
    if (json_object_has_member(object, "error")) {
        JsonObject *inner = json_in_member(object, "error");
        const char *class = inner ? json_in_text(inner, "class") : NULL;
        const char *text = inner ? json_in_text(inner, "desc") : NULL;
        if (!class || !text) return "an error without class and desc";
        message->kind = QMP_ERROR;
        message->text = g_strdup_printf("%s: %s", class, text);
        return NULL;
    }
    const char *name = json_in_text(object, "event");
    if (!name) return "neither greeting, return, error nor event";
    message->kind = QMP_EVENT;
    message->text = g_strdup(name);
    if (json_object_has_member(object, "data"))
        message->node = json_node_ref(json_object_get_member(object, "data"));
    return NULL;
}

static gboolean parse_message(Qmp *qmp, const char *line, gsize length, QmpMessage *message,
                              GError **error) {
    JsonObject *object;
    const char *why = json_in_object(qmp->parser, line, length, &object);
    if (why) {
        g_autofree char *said = g_strconcat("a message ", why, NULL);
        return refuse(error, said, line, length);
    }
    why = classify(object, message);
    return !why || refuse(error, why, line, length);
}

gboolean qmp_pull(Qmp *qmp, QmpMessage *ret_message, GError **error) {
    for (;;) {
        const guint8 *data = qmp->buffer->data;
        gsize length = qmp->buffer->len;
        const guint8 *newline =
            length > qmp->scanned ? memchr(data + qmp->scanned, '\n', length - qmp->scanned) : NULL;
        gsize line = newline ? (gsize)(newline - data) : length;
        if (line > MESSAGE_MAX)
            return refuse(error, "a message has more than 1 MiB", (const char *)data, line);
        if (!newline) {
            qmp->scanned = length;
            return FALSE;
        }
        QmpMessage message = {.id = -1};
        gsize text = line - (line > 0 && data[line - 1] == '\r');
        gboolean done = text == 0 || parse_message(qmp, (const char *)data, text, &message, error);
        g_byte_array_remove_range(qmp->buffer, 0, (guint)line + 1);
        qmp->scanned = 0;
        if (!done) {
            qmp_message_clear(&message);
            return FALSE;
        }
        if (text > 0) {
            *ret_message = message;
            return TRUE;
        }
    }
}
