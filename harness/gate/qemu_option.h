/* Values of QEMU's -M and -cpu, as gates give them. */
#pragma once
#include <glib.h>

/*
 * Why `value` is not acceptable, or NULL: it must be a name and options that configure the guest's
 * machine. Gates are not trusted with files of the host: options that name a file, and options that
 * the table does not list as harmless, are refused.
 */
char *qemu_option_check(const char *value);

/* A text as part of an option's value, where "," ends a part and ",," stands for one. Free with
 * g_free. */
char *qemu_option_escape(const char *text);
