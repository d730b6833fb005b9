/* Members of untrusted JSON objects: a member of the wrong type counts as missing. */
#pragma once
#include <json-glib/json-glib.h>

/*
 * Reads `length` bytes of UTF-8 as one object. NULL on success, else what is wrong: "is not
 * UTF-8", "is nested too deep", "is not JSON", "is not a JSON object". *ret_object is `parser`'s
 * and lives until its next use.
 */
const char *json_in_object(JsonParser *parser, const char *text, gsize length,
                           JsonObject **ret_object);

/* The member `name` of `object`; NULL if there is no such member of that type. */
const char *json_in_text(JsonObject *object, const char *name);
JsonObject *json_in_member(JsonObject *object, const char *name);
JsonArray *json_in_array(JsonObject *object, const char *name);

/* FALSE, and *ret_value untouched, if there is no integer `name`. */
gboolean json_in_int(JsonObject *object, const char *name, gint64 *ret_value);
