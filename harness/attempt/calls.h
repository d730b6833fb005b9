/* System calls that programs made but the kernel does not have. */
#pragma once
#include "attempt/event.h"

/* The name of an aarch64 system call of Linux, such as "ioctl"; NULL if unknown. */
const char *calls_name(guint64 number);

/* A line for each program of the log that made such calls: its path, each call once with name and
 * number, and what to do. Ends with NULL, free with g_strfreev. */
GStrv calls_missing(const EventLog *log);
