/* QEMU's control socket: its events, and the capture of a guest before it is killed. */
#pragma once
#include "attempt/attempt_state.h"

/* A GUnixFDSourceFunc for the socket; `attempt` is an AttemptState. */
gboolean attempt_control_ready(int fd, GIOCondition condition, gpointer attempt);

/* Stops the guest and captures its state, then ends QEMU. */
void attempt_capture_begin(AttemptState *attempt);

/* Abandons the capture and ends QEMU. */
void attempt_capture_end(AttemptState *attempt);
