/* System calls that programs made and the kernel does not have. */
#pragma once
#include "attempt/event.h"

/* What Linux calls the number on aarch64, "ioctl"; NULL for none. */
const char *calls_name(guint64 number);

/* A line for each program of the log that made such calls: its path, each call once with name and
 * number, and what to do. Ends with NULL, free with g_strfreev. */
GStrv calls_missing(const EventLog *log);
