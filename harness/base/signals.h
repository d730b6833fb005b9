/*
 * Signals by which a user or a system ends the harness, told from the main loop: SIGINT, SIGTERM,
 * SIGQUIT, and SIGHUP, which comes when a terminal goes away. SIGHUP and SIGQUIT stay ignored where
 * whoever started us wanted it so (nohup).
 */
#pragma once
#include <glib.h>

typedef void (*SignalsFunc)(gpointer data, int number);

/* Calls `function` for each signal that comes from now on; once at a time in a process. */
void signals_catch(SignalsFunc function, gpointer data);

/* Signals have their former effect again. */
void signals_release(void);

/* "SIGTERM" */
const char *signals_name(int number);
