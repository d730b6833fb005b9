/* The programs that a run spawned, with what each cost: derived from the log. */
#pragma once
#include "event.h"

typedef struct {
    guint64 pid, ppid;
    const char *path;
    const char *argv; /* percent-encoded, joined with "," */
    gint64 start_ns;  /* host clock at its SPAWN line */
    gint64 host_ns;   /* from its SPAWN line to its EXIT line; -1: it has not ended */
    gint64 guest_ns;  /* the same by the guest's counter */
    guint64 status;
    guint64 signal; /* 0: it exited with status */
} Spawn;

/* In the order of their SPAWN lines; strings are the log's. Free with g_array_unref. */
GArray *spawns_from_log(const EventLog *log);
