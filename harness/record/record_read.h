/* A journal back to the record of its run: the other direction of journal_format.h. */
#pragma once
#include "record/record.h"

/*
 * Reads `length` bytes of a journal. It may be cut off anywhere behind its plan: a last line that
 * is not whole is left out, and what had not ended is closed (record_close). Lines of events that
 * are not known are passed over. NULL and *error (HARNESS_ERROR_PROTOCOL, "NAME:LINE: ...") for
 * anything else that breaks the format.
 */
Record *record_read(const char *name, const char *data, gsize length, GError **error);

/* Reads the file `path`, which must be a regular one; also HARNESS_ERROR_IO. */
Record *record_load(const char *path, GError **error);
