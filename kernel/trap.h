/* Exceptions other than system calls. */
#pragma once

#include "context.h"

/* A fault of the current process, from machine.S: mended if it is a first touch, else its end.
 * Returns the registers to go on with. */
struct context *trap_user(struct context *context, u64 esr, u64 far);
