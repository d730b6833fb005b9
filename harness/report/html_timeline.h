/* The timeline of an HTML report: a lane for each guest that runs at once, with a bar for
 * each attempt and below it one for each spawn, by depth. */
#pragma once
#include "report/html_choice.h"

void html_timeline(const Record *record, const HtmlChoice *choice, GString *out);

/* The ids of elements that bars lead to: "c3", "c3-2-17" (case, attempt, spawn; from 0, 1, 0). */
void html_case_id(GString *out, guint case_index);
void html_spawn_id(GString *out, guint case_index, guint attempt, guint spawn);

/* How long a case took, "83.3 ms", "12.34 s", and a spawn, "2.633 ms"; "-" if unknown. */
void html_case_time(GString *out, gint64 ns);
void html_spawn_time(GString *out, gint64 ns);

/* What a spawn cost by the guest's clock: a time, or instructions. */
void html_spawn_cost(GString *out, const Record *record, const RecordSpawn *spawn);
