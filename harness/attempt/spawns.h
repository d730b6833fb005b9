/* The programs that an attempt spawned, with their costs: derived from its events. */
#pragma once
#include "attempt/event.h"

typedef struct {
    guint64 pid, ppid;
    const char *path;
    const char *argv; /* percent-encoded, joined with "," */
    guint64 start_ticks;
    gint64 start_ns; /* host clock at its SPAWN line */
    gint64 host_ns;  /* from its SPAWN line to its EXIT line; -1: it has not ended */
    gint64 guest_ns; /* the same by the guest's counter; -1: not ended, or invalid ticks */
    guint64 status;
    guint64 signal; /* 0: it exited with status */
} Spawn;

/* The spawns of the events so far. */
typedef struct {
    GArray *all;     /* of Spawn, in the order of their SPAWN lines; strings belong to the events */
    GArray *running; /* of guint: indices of running spawns, innermost last */
    guint64 freq_hz; /* of the guest's counter; 0 before its BOOT line */
} Spawns;

void spawns_init(Spawns *spawns);
void spawns_clear(Spawns *spawns);

/* Takes the next event; the index of the spawn that began or ended with it, or -1. */
gssize spawns_push(Spawns *spawns, const Event *event);

/* Those of a whole log, in the order of their SPAWN lines; strings are the log's. Free with
 * g_array_unref. */
GArray *spawns_from_log(const EventLog *log);

/* The arguments in a Spawn's argv, decoded (text_from_bytes); free with g_strfreev. */
GStrv spawns_decode_argv(const char *argv);
