/* Runs /init and follows it and all that it starts, with a SPAWN and an EXIT line for each. */
#pragma once
#include "linux.h"

/* Starts /init with `argv` and returns when it has ended: its status, or 128 + signal. What it
 * started and left running is killed. Descriptor `null` becomes its standard input. */
u32 follow_init(char **argv, int null);
