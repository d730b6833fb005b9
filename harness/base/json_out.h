/*
 * JSON (RFC 8259) appended to a GString that holds nothing else: each call writes one member of
 * an object, or with `name` NULL one element of an array, and the comma before it where one is
 * due. It writes no white space; a caller may append newlines between members.
 */
#pragma once
#include <glib.h>

/* jq and JavaScript hold integers exactly up to this (RFC 8259, section 6). */
#define JSON_OUT_INT_MAX ((G_GUINT64_CONSTANT(1) << 53) - 1)

/* `bracket` is '{' or '['; json_out_end takes the matching '}' or ']'. */
void json_out_begin(GString *out, const char *name, char bracket);
void json_out_end(GString *out, char bracket);

/* `text` is valid UTF-8; NULL writes nothing. */
void json_out_text(GString *out, const char *name, const char *text);
void json_out_int(GString *out, const char *name, gint64 value);

/* With six digits after the point, but no zeros at their end; what is no finite number as 0. */
void json_out_double(GString *out, const char *name, double value);

/* Larger values are written as JSON_OUT_INT_MAX: a guest can claim any number, and readers must
 * still parse it. */
void json_out_uint(GString *out, const char *name, guint64 value);

/* Addresses, which use all 64 bits: the string "0x...". */
void json_out_hex(GString *out, const char *name, guint64 value);
void json_out_bool(GString *out, const char *name, gboolean value);
