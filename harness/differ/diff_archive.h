/* Differences of archives: members, their order, headers and contents. */
#pragma once
#include "differ/diff.h"

/* NULL unless both sides are archives of one format, and for what the members do not explain.
 * Contents of members are compared by `judge`. */
Diff *diff_archive(const DiffSide *a, const DiffSide *b, guint depth, DiffJudge judge);
