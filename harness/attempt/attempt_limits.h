/* The limits of an attempt, enforced by a periodic watchdog. */
#pragma once
#include "attempt/attempt_state.h"

/* A GSourceFunc for the watchdog. */
gboolean attempt_limits_ready(gpointer attempt);
