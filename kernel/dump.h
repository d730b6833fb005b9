/* Files out over the console: FILE frames in hex. */
#pragma once

/* Prints every file, in the order in which they were made, between DUMP-BEGIN and DUMP-END. */
void dump_all(void);
