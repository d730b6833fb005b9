/*
 * Selects the spawns that the timeline and the cases of a page show: all, or if there are too many
 * for a browser, those that failed and the costliest.
 */
#pragma once
#include "record/record.h"

/* Some 1.6 KB and 9 nodes each in the page; the table of programs (html_programs.h) has more. */
#define HTML_SPAWNS_MAX 1000

/* Files of an attempt, the first of them. */
#define HTML_FILES_MAX 1000

typedef struct {
    GHashTable *shown; /* of RecordSpawn; NULL: all */
    guint left_out;
} HtmlChoice;

void html_choice_init(HtmlChoice *choice, const Record *record);
void html_choice_clear(HtmlChoice *choice);

/* record_command; a long command is truncated and its length given. Free with g_free. */
char *html_choice_command(const RecordSpawn *spawn);

gboolean html_choice_has(const HtmlChoice *choice, const RecordSpawn *spawn);
