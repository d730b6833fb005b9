/* Values of QEMU's -M and -cpu, as gates give them. */
#pragma once
#include <glib.h>

/*
 * What is wrong with `value`, or NULL: it must be a name, and options that choose how the guest's
 * machine is made. Whoever runs a gate of somebody else's trusts it with nothing of the host: an
 * option that names a file, which QEMU would read or write, is refused, and so is whatever this
 * table does not know to be harmless.
 */
char *qemu_option_check(const char *value);
