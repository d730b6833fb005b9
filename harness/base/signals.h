/*
 * Signals that end the harness, delivered from the main loop: SIGINT, SIGTERM,
 * SIGQUIT, and SIGHUP, which comes when a terminal goes away. SIGHUP and SIGQUIT stay ignored if
 * they were ignored at the start (nohup).
 */
#pragma once
#include <glib.h>

typedef void (*SignalsFunc)(gpointer data, int number);

/* Calls `function` for each signal from now on. At most one such function in a process. */
void signals_catch(SignalsFunc function, gpointer data);

/* Restores the former effect of the signals. */
void signals_release(void);

/* "SIGTERM" */
const char *signals_name(int number);
