/* Reads the record of a run from its journal: the inverse of journal_format.h. */
#pragma once
#include "record/record.h"

/*
 * Reads `length` bytes of a journal. It may be truncated anywhere after its plan: an incomplete
 * last line is ignored, and open attempts are closed (record_close). Unknown events are ignored.
 * NULL and *error (HARNESS_ERROR_PROTOCOL, "NAME:LINE: ...") for any other error in the format.
 */
Record *record_read(const char *name, const char *data, gsize length, GError **error);

/* Reads the file `path`, which must be a regular one; also HARNESS_ERROR_IO. */
Record *record_load(const char *path, GError **error);
