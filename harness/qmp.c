#include "qmp.h"
#include "error.h"
#include <string.h>

/* The largest replies in use (query-qmp-schema) have 200 KB; more is not QEMU. */
#define MESSAGE_MAX (1024 * 1024)
/* json-glib descends by recursion: deeper nesting than any reply has must not reach it. */
#define DEPTH_MAX 64

struct _Qmp {
    GByteArray *buffer;
    gsize scanned; /* bytes of buffer known to hold no newline */
    JsonParser *parser;
};

Qmp *qmp_new(void)
{
    Qmp *qmp = g_new0(Qmp, 1);
    qmp->buffer = g_byte_array_new();
    qmp->parser = json_parser_new();
    return qmp;
}

void qmp_free(Qmp *qmp)
{
    g_byte_array_unref(qmp->buffer);
    g_object_unref(qmp->parser);
    g_free(qmp);
}

void qmp_push(Qmp *qmp, const guint8 *data, gsize length)
{
    g_byte_array_append(qmp->buffer, data, (guint)length);
}

void qmp_message_clear(QmpMessage *message)
{
    g_clear_pointer(&message->text, g_free);
    g_clear_pointer(&message->node, json_node_unref);
}

char *qmp_command(const char *command, gint64 id)
{
    return g_strdup_printf("{\"execute\": \"%s\", \"id\": %" G_GINT64_FORMAT "}\n", command, id);
}

char *qmp_monitor_command(const char *command, gint64 id)
{
    return g_strdup_printf("{\"execute\": \"human-monitor-command\", \"id\": %" G_GINT64_FORMAT
                           ", \"arguments\": {\"command-line\": \"%s\"}}\n",
                           id, command);
}

static gboolean refuse(GError **error, const char *why, const char *line, gsize length)
{
    g_autofree char *head = g_strndup(line, MIN(length, 80));
    g_autofree char *shown = g_strescape(head, NULL);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "QMP: %s: %s", why, shown);
    return FALSE;
}

static gboolean too_deep(const char *line, gsize length)
{
    int depth = 0;
    gboolean in_string = FALSE;
    for (gsize i = 0; i < length; i++) {
        char c = line[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = TRUE;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return TRUE;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return FALSE;
}

/* The string member `name` of `object`, or NULL when it is absent or something else. */
static const char *string_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : NULL;
}

static gint64 id_member(JsonObject *object)
{
    JsonNode *node = json_object_get_member(object, "id");
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64
               ? json_node_get_int(node)
               : -1;
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* What kind of message `object` is; NULL on success, else what is wrong with it. */
static const char *classify(JsonObject *object, QmpMessage *message)
{
    message->id = id_member(object);
    if (json_object_has_member(object, "QMP")) {
        message->kind = QMP_GREETING;
        return object_member(object, "QMP") ? NULL : "the greeting is no object";
    }
    if (json_object_has_member(object, "return")) {
        message->kind = QMP_RETURN;
        message->node = json_node_ref(json_object_get_member(object, "return"));
        return NULL;
    }
    if (json_object_has_member(object, "error")) {
        JsonObject *inner = object_member(object, "error");
        const char *class = inner ? string_member(inner, "class") : NULL;
        const char *text = inner ? string_member(inner, "desc") : NULL;
        if (!class || !text)
            return "an error without class and desc";
        message->kind = QMP_ERROR;
        message->text = g_strdup_printf("%s: %s", class, text);
        return NULL;
    }
    const char *name = string_member(object, "event");
    if (!name)
        return "neither greeting, return, error nor event";
    message->kind = QMP_EVENT;
    message->text = g_strdup(name);
    if (json_object_has_member(object, "data"))
        message->node = json_node_ref(json_object_get_member(object, "data"));
    return NULL;
}

static gboolean parse_message(Qmp *qmp, const char *line, gsize length, QmpMessage *message,
                              GError **error)
{
    g_autoptr(GError) failed = NULL;
    if (too_deep(line, length))
        return refuse(error, "a message is nested too deep", line, length);
    if (!g_utf8_validate_len(line, length, NULL))
        return refuse(error, "a message is not UTF-8", line, length);
    if (!json_parser_load_from_data(qmp->parser, line, (gssize)length, &failed))
        return refuse(error, "a message is not JSON", line, length);
    JsonNode *root = json_parser_get_root(qmp->parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root))
        return refuse(error, "a message is no object", line, length);
    const char *why = classify(json_node_get_object(root), message);
    return !why || refuse(error, why, line, length);
}

gboolean qmp_pull(Qmp *qmp, QmpMessage *ret_message, GError **error)
{
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
