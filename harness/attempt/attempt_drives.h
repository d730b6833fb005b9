/* The disks and shares of an attempt, and the files that its guest leaves on them. */
#pragma once
#include "attempt/attempt_state.h"

/* Makes the drives of the case. FALSE and *error. */
gboolean attempt_drives_make(AttemptState *attempt, GError **error);

/* QEMU has ended: adds an event for each file that the case expects or takes from a drive, and that
 * is there, and keeps it with the outputs. */
void attempt_drives_read(AttemptState *attempt);
