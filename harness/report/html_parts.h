/* Small parts of the HTML pages. */
#pragma once
#include <glib.h>

/* `before`, the text escaped, `after`: both are markup. */
void html_append(GString *out, const char *before, const char *text, const char *after);

/* Appends lines; some get a class by how they begin: `classes` has pairs of a beginning and a
 * class, and ends with NULL. */
void html_append_lines(GString *out, const char *text, const char *const (*classes)[2]);
