/* The files that the guest leaves: every regular file below /. */
#pragma once
#include "linux.h"

/* As hex on the console (DUMP-BEGIN ... DUMP-END); how many. */
u64 files_dump(void);

/* As newc archive, in whole sectors, to the block device `disk`; how many. */
u64 files_send(int disk);
