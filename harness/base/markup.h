/* Text in XML 1.0 and HTML, of elements and of attributes in double quotes. */
#pragma once
#include <glib.h>

/* Appends `text` (text_visible) with its markup escaped: it cannot end the
 * surrounding element, attribute or CDATA section ("]]>"). */
void markup_text(GString *out, const char *text);

/* The same on one line. */
void markup_line(GString *out, const char *text);
