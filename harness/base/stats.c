#include "base/stats.h"
#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double stats_median(const double *values, guint count) {
    g_autofree double *sorted = g_memdup2(values, count * sizeof(double));
    qsort(sorted, count, sizeof(double), compare);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

double stats_deviation(const double *values, guint count) {
    double median = stats_median(values, count);
    g_autofree double *distances = g_new(double, count);
    for (guint i = 0; i < count; i++)
        distances[i] = fabs(values[i] - median);
    return stats_median(distances, count);
}

typedef struct {
    double value;
    gboolean is_a;
} Ranked;

/* Ranks from 1; equal values share the mean of theirs. Returns the sum of those of `a`; *ret_ties
 * is the sum of t^3 - t over groups of t equal values. */
static double sum_of_ranks(Ranked *all, guint count, double *ret_ties) {
    double sum = 0;
    *ret_ties = 0;
    qsort(all, count, sizeof *all, compare); /* value is the first member */
    for (guint from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && all[to].value <= all[from].value; to++) {
        }
        double equal = to - from;
        *ret_ties += equal * equal * equal - equal;
        for (guint i = from; i < to; i++)
            sum += all[i].is_a ? (from + 1 + to) / 2.0 : 0;
    }
    return sum;
}

/* P(U <= u), by counting the ways: ways[i][s] of choosing i ranks whose U is s. */
static double exact_tail(guint m, guint n, guint u) {
    guint cells = m * n + 1;
    g_autofree double *ways = g_new0(double, (m + 1) * cells);
    ways[0] = 1;
    /* The k-th rank, chosen as the i-th of a, has k - i of b below it. */
    for (guint k = 1; k <= m + n; k++)
        for (guint i = MIN(k, m); i >= 1; i--)
            for (guint s = cells; s-- > k - i;)
                ways[i * cells + s] += ways[(i - 1) * cells + s - (k - i)];
    double below = 0, all = 0;
    for (guint s = 0; s < cells; s++) {
        all += ways[m * cells + s];
        below += s <= u ? ways[m * cells + s] : 0;
    }
    return below / all;
}

double stats_rank_test(const double *a, guint a_count, const double *b, guint b_count) {
    if (a_count == 0 || b_count == 0) return 1;
    guint count = a_count + b_count;
    g_autofree Ranked *all = g_new(Ranked, count);
    for (guint i = 0; i < count; i++)
        all[i] = (Ranked){i < a_count ? a[i] : b[i - a_count], i < a_count};
    double ties, m = a_count, n = b_count;
    double u = sum_of_ranks(all, count, &ties) - m * (m + 1) / 2;
    u = MIN(u, m * n - u);
    if (ties <= 0 && a_count <= STATS_EXACT_MAX && b_count <= STATS_EXACT_MAX)
        return MIN(1, 2 * exact_tail(a_count, b_count, (guint)u));
    double variance = m * n / 12 * (count + 1 - ties / (count * (count - 1.0)));
    if (variance <= 0) return 1; /* all values are equal */
    double z = (m * n / 2 - u - 0.5) / sqrt(variance);
    return z <= 0 ? 1 : erfc(z / sqrt(2));
}
