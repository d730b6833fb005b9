/* The reference of the gate language, generated from its tables. */
#pragma once
#include <glib.h>

typedef void (*GateLanguageHeading)(GString *out, const char *heading);

/* `example` is a line of a gate file, or NULL. */
typedef void (*GateLanguageItem)(GString *out, const char *term, const char *help,
                                 const char *example);

/* Appends every key, every form of a source, every escape and every other kind of value, through
 * `heading` and `item`. */
void gate_language_append(GString *out, GateLanguageHeading heading, GateLanguageItem item);
