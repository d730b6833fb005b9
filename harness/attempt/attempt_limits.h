/* The limits of an attempt, by a watchdog that fires all the time. */
#pragma once
#include "attempt/attempt_state.h"

/* A GSourceFunc for the watchdog. */
gboolean attempt_limits_ready(gpointer attempt);
