/* The end of a run: files out, the END line, power off. */
#pragma once

#include "board.h"

/* How the board is powered off. Before this is called the processor is halted. */
void shutdown_by(enum psci_conduit method);
/* Every file is dumped on the console at the end. */
void shutdown_dumps_files(void);

/* Ends the run with this status of init: files out, END line, power off. Does not return. */
void shutdown_end(u32 status);
/* Ends it after a panic whose line is printed. Does not return. */
void shutdown_abandon(void);
