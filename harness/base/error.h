/*
 * The one error domain of the harness. The code gives the kind of failure, which decides
 * the exit status; the message says where, and what to do.
 */
#pragma once
#include <glib.h>

#define HARNESS_ERROR (harness_error_quark())

typedef enum {
    HARNESS_ERROR_USAGE,    /* arguments of the command line: exit status 2 */
    HARNESS_ERROR_GATE,     /* a gate or golden file: exit status 2 */
    HARNESS_ERROR_IO,       /* a host file could not be read or written: exit status 3 */
    HARNESS_ERROR_QEMU,     /* QEMU could not be started or failed: exit status 3 */
    HARNESS_ERROR_PROTOCOL, /* malformed input: console, QMP, cpio */
} HarnessError;

GQuark harness_error_quark(void);

/* Sets *error to HARNESS_ERROR_IO with "what: strerror(errno_value)"; always returns FALSE. */
gboolean error_set_errno(GError **error, int errno_value, const char *what, ...)
    G_GNUC_PRINTF(3, 4);
