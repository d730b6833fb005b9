/* What kind of words differ in two texts: a path, a timestamp, white space. */
#pragma once
#include "differ/diff.h"

/* "a path", "a timestamp", "white space", "upper and lower case", "a number", or NULL for anything
 * else. `a` and `b` are lines or strings that differ. */
const char *words_kind(const DiffSide *a, const DiffSide *b);

/* Whether the texts are equal but for timestamps, paths or white space; then its name, as above,
 * else NULL. For texts of moderate size. */
const char *words_only(const DiffSide *a, const DiffSide *b);
