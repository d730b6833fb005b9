/* Text in XML 1.0 and HTML, of elements and of attributes in double quotes. */
#pragma once
#include <glib.h>

/* Appends `text` (text_visible) with its markup escaped: nothing in it can end what it stands in,
 * "]]>" included. */
void markup_text(GString *out, const char *text);

/* The same on one line. */
void markup_line(GString *out, const char *text);
