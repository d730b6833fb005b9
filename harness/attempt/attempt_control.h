/* QEMU's control socket: what it says, and a look at a guest before it is killed. */
#pragma once
#include "attempt/attempt_state.h"

/* A GUnixFDSourceFunc for the socket; `attempt` is an AttemptState. */
gboolean attempt_control_ready(int fd, GIOCondition condition, gpointer attempt);

/* Stops the guest and asks where it stands; QEMU is ended when it has answered. */
void attempt_capture_begin(AttemptState *attempt);

/* Gives up asking, and ends QEMU. */
void attempt_capture_end(AttemptState *attempt);
