/* The calls spawn and waitid. */
#pragma once

#include "types.h"

/* spawn(path, argv): starts the program, which is the current process when this returns 0; the
 * caller gets its pid when it has ended. On an error nothing has changed. */
i64 sys_spawn(const u64 *x);
/* waitid(idtype, id, info, options, rusage): waitid(2). Children have always ended already. */
i64 sys_waitid(const u64 *x);
