/* What the values of a gate file can be: told from the tables that its parsers use, for
 * `check --keys` and the manual page alike. */
#pragma once
#include <glib.h>

typedef void (*GateLanguageHeading)(GString *out, const char *heading);
typedef void (*GateLanguageItem)(GString *out, const char *term, const char *help);

/* Appends each heading, and below it each form of a value with what it stands for. */
void gate_language_append(GString *out, GateLanguageHeading heading, GateLanguageItem item);
