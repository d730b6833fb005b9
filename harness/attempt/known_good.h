/*
 * The last output of each golden file that had the right hash, kept below the output folder, so
 * that a later mismatch can be shown byte by byte.
 */
#pragma once
#include "attempt/attempt.h"

/* Keeps the golden files of an attempt that passed. Failures are ignored: they cost a later diff.
 */
void known_good_keep(const char *out_root, const Attempt *attempt);

/* Where the last right output of `guest_path` is kept, if there is one. Free with g_free. */
char *known_good_path(const char *out_root, const Attempt *attempt, const char *guest_path);
