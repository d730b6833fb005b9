/* How the cases of a history came out. */
#pragma once
#include "history/history.h"

/* A case of the chosen machine. */
typedef struct {
    char *case_id;
    guint attempts;
    GArray *failed;      /* of gint64: the runs with an attempt that did not pass, in order */
    guint flakes;        /* attempts that did not pass though nothing had changed */
    gint64 newest_flake; /* the run of the newest one */
    char *why;           /* what is known of that one; or NULL */
} CaseVerdicts;

/* All cases, by their ids; of CaseVerdicts. NULL and *error. */
GPtrArray *verdicts_read(History *history, GError **error);
