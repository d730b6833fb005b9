/* Robust statistics of a few numbers. */
#pragma once
#include <glib.h>

/* The median of `count` numbers (at least one), which are not changed. */
double stats_median(const double *values, guint count);

/* The median absolute deviation: the median of the distances from the median. */
double stats_deviation(const double *values, guint count);

/*
 * The two-sided p-value of the Mann-Whitney rank test (Mann and Whitney, Annals of Mathematical
 * Statistics 18, 1947): how likely two samples of one distribution would differ in rank as much
 * as these. Exact where no two values are equal and neither sample has more than STATS_EXACT_MAX;
 * else by the normal approximation with corrections for ties and continuity. 1 if either is empty.
 */
#define STATS_EXACT_MAX 40
double stats_rank_test(const double *a, guint a_count, const double *b, guint b_count);
