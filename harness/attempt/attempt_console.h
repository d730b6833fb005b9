/* Reads the guest's console. */
#pragma once
#include "attempt/attempt_state.h"

/* Processes the pending console bytes. */
void attempt_console_drain(AttemptState *attempt);

/* A GSourceFunc for console_source. */
gboolean attempt_console_ready(gpointer attempt);
