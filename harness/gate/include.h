/*
 * Dialogs with a name: "include NAME" in a line "dialog = ...", also of a port, stands for the
 * steps of the section [dialog NAME] of the file.
 */
#pragma once
#include <glib.h>

/* The word for it. */
#define INCLUDE_WORD "include"

/* The steps of a section, as they are written; NULL if there is none of that name. Free with
 * g_free.
 */
typedef char *(*IncludeFind)(gpointer data, const char *name);

/* A line of a gate file with the steps in the place of what it includes: NULL if it includes
 * nothing, or a dialog that `find` does not know, which the parser reports. Free with g_free. */
char *include_steps(const char *line, IncludeFind find, gpointer data);

/* Whether it is a line "dialog = ...": *ret_value is then the rest. */
gboolean include_is_dialog(const char *line, const char **ret_value);
