#include "base/json_in.h"

/* json-glib parses recursively, so input nested deeper than any message is rejected before. */
#define DEPTH_MAX 64

static gboolean too_deep(const char *line, gsize length) {
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
            if (++depth > DEPTH_MAX) return TRUE;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return FALSE;
}

const char *json_in_object(JsonParser *parser, const char *text, gsize length,
                           JsonObject **ret_object) {
    if (!g_utf8_validate_len(text, length, NULL)) return "is not UTF-8";
    if (too_deep(text, length)) return "is nested too deep";
    if (!json_parser_load_from_data(parser, text, (gssize)length, NULL)) return "is not JSON";
    JsonNode *root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return "is not a JSON object";
    *ret_object = json_node_get_object(root);
    return NULL;
}

static JsonNode *value_member(JsonObject *object, const char *name, GType type) {
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type ? node
                                                                                         : NULL;
}

const char *json_in_text(JsonObject *object, const char *name) {
    JsonNode *node = value_member(object, name, G_TYPE_STRING);
    return node ? json_node_get_string(node) : NULL;
}

JsonObject *json_in_member(JsonObject *object, const char *name) {
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

JsonArray *json_in_array(JsonObject *object, const char *name) {
    JsonNode *node = json_object_get_member(object, name);
    return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

gboolean json_in_int(JsonObject *object, const char *name, gint64 *ret_value) {
    JsonNode *node = value_member(object, name, G_TYPE_INT64);
    if (node) *ret_value = json_node_get_int(node);
    return node != NULL;
}
