/* Differences of text: lines, their ends, white space, paths, timestamps. */
#pragma once
#include "differ/diff.h"

/* NULL unless both sides are text. */
Diff *diff_text(const DiffSide *a, const DiffSide *b);
