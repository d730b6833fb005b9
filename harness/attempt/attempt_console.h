/* Reads the guest's console. */
#pragma once
#include "attempt/attempt_state.h"

/* Takes in what the console has now. */
void attempt_console_drain(AttemptState *attempt);

/* A GSourceFunc for console_source. */
gboolean attempt_console_ready(gpointer attempt);
