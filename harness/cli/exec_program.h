/* Whether a guest can run the program of `harness exec`, said before anything is booted. */
#pragma once
#include "gate/driver.h"

/* Why `program` cannot run, as the end of a sentence about it; NULL where nothing speaks against
 * it. Only the header is looked at: the kernel of the guest has the last word. */
char *exec_program_refusal(GBytes *program, Driver driver);
