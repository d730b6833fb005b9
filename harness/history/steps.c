#include "history/steps.h"
#include "base/stats.h"
#include <math.h>
#include <string.h>

/* Permutations of the test; with all of them below the series, p is 1/(PERMUTATIONS + 1). */
#define PERMUTATIONS 399
/* A largest deviation below this has p above 0.01 in every series: no permutation need be tried.
 * The maximum over all places of a standardized sum of ranks exceeds it more often by chance than
 * in one of a hundred series. */
#define DEVIATION_MIN 2.6
/* And one above this has the smallest p in every series: a standardized sum of ranks has tails no
 * heavier than the normal distribution, by which any of 10^6 places exceeds it with p < 10^-9. */
#define DEVIATION_SURE 8.0

typedef struct {
    double value;
    guint index;
} Ranked;

static int compare_ranked(const void *a, const void *b) {
    const Ranked *one = a, *other = b;
    return (one->value > other->value) - (one->value < other->value);
}

/* The ranks of the values from 1; equal ones share their mean. */
static void find_ranks(const double *values, guint count, double *ret_ranks) {
    g_autofree Ranked *sorted = g_new(Ranked, count);
    for (guint i = 0; i < count; i++)
        sorted[i] = (Ranked){values[i], i};
    qsort(sorted, count, sizeof *sorted, compare_ranked);
    for (guint i = 0; i < count;) {
        guint end = i + 1;
        while (end < count && !(sorted[end].value > sorted[i].value))
            end++;
        for (guint k = i; k < end; k++)
            ret_ranks[sorted[k].index] = (i + 1 + end) / 2.0;
        i = end;
    }
}

/* One by the standard deviation of the sum of the first i of `count` ranks, for each i. */
static double *find_scales(guint count) {
    double *scales = g_new(double, count);
    for (guint i = 0; i < count; i++)
        scales[i] = i > 0 ? 1 / sqrt((double)i * (count - i) * (count + 1.0) / 12) : 0;
    return scales;
}

/* The place where the sum of ranks before it deviates most from what is expected, in standard
 * deviations of it: index of the first value after, or 0 if there is none. */
static guint find_place(const double *ranks, const double *scales, guint count,
                        double *ret_deviation) {
    guint place = 0;
    double above = 0, mean = (count + 1.0) / 2, most = 0;
    for (guint i = 1; i + STEPS_POINTS_MIN <= count; i++) {
        above += ranks[i - 1] - mean;
        double deviation = fabs(above) * scales[i];
        if (i < STEPS_POINTS_MIN || deviation <= most) continue;
        most = deviation;
        place = i;
    }
    *ret_deviation = most;
    return place;
}

/* Below `bound`, by xorshift64* (Vigna, ACM Transactions on Mathematical Software 42, 2016): a test
 * of a long series shuffles millions of ranks. */
static guint random_below(guint64 *state, guint bound) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    guint64 high = (*state * G_GUINT64_CONSTANT(0x2545f4914f6cdd1d)) >> 32;
    return (guint)(high * bound >> 32);
}

/* How often a random order of the ranks deviates as much. The generator begins anew, so that the
 * same values give the same p. */
static double test_place(const double *ranks, const double *scales, guint count, double deviation) {
    if (deviation > DEVIATION_SURE) return 1.0 / (PERMUTATIONS + 1);
    g_autofree double *mixed = g_memdup2(ranks, count * sizeof *ranks);
    guint64 state = G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) + count;
    guint as_large = 0;
    for (guint trial = 0; trial < PERMUTATIONS; trial++) {
        double other;
        for (guint i = count - 1; i > 0; i--) {
            guint k = random_below(&state, i + 1);
            double value = mixed[i];
            mixed[i] = mixed[k];
            mixed[k] = value;
        }
        find_place(mixed, scales, count, &other);
        as_large += other >= deviation;
        /* It is not sure any more. */
        if ((as_large + 1.0) / (PERMUTATIONS + 1) > STEPS_SURE) return 1;
    }
    return (as_large + 1.0) / (PERMUTATIONS + 1);
}

/* Adds the steps of values [begin, end), each with its p. */
static void find_in(const double *values, guint begin, guint end, GArray *steps) {
    guint count = end - begin;
    double deviation;
    if (count < 2 * STEPS_POINTS_MIN) return;
    g_autofree double *ranks = g_new(double, count);
    find_ranks(values + begin, count, ranks);
    g_autofree double *scales = find_scales(count);
    guint place = find_place(ranks, scales, count, &deviation);
    if (place == 0 || deviation < DEVIATION_MIN) return;
    Step step = {.at = begin + place, .p = test_place(ranks, scales, count, deviation)};
    if (step.p > STEPS_SURE) return;
    find_in(values, begin, step.at, steps);
    g_array_append_val(steps, step);
    find_in(values, step.at, end, steps);
}

/* Moves a step to where the values fit the two levels best, by the sum of their distances: the rank
 * test finds that there is a step, but draws its place to the middle. */
static void place_step(const double *values, guint begin, guint end, Step *step) {
    double before = stats_median(values + begin, step->at - begin);
    double after = stats_median(values + step->at, end - step->at);
    double sum = 0, least = 0;
    guint place = begin;
    /* The sum for a step at `i`, without what all places have in common. */
    for (guint i = begin; i < end; i++) {
        sum += fabs(values[i] - before) - fabs(values[i] - after);
        gboolean is_far = i + 1 >= begin + STEPS_POINTS_MIN && i + 1 + STEPS_POINTS_MIN <= end;
        if (!is_far || (place != begin && sum >= least)) continue;
        least = sum;
        place = i + 1;
    }
    if (place != begin) step->at = place;
}

static void place_steps(const double *values, guint count, GArray *steps) {
    for (guint i = 0; i < steps->len; i++) {
        guint begin = i > 0 ? g_array_index(steps, Step, i - 1).at : 0;
        guint end = i + 1 < steps->len ? g_array_index(steps, Step, i + 1).at : count;
        place_step(values, begin, end, &g_array_index(steps, Step, i));
    }
}

/* Sets the levels on both sides of each step. */
static void set_levels(const double *values, guint count, GArray *steps) {
    for (guint i = 0; i < steps->len; i++) {
        Step *step = &g_array_index(steps, Step, i);
        guint begin = i > 0 ? g_array_index(steps, Step, i - 1).at : 0;
        guint end = i + 1 < steps->len ? g_array_index(steps, Step, i + 1).at : count;
        step->before = stats_median(values + begin, step->at - begin);
        step->after = stats_median(values + step->at, end - step->at);
    }
}

static gboolean is_small(const Step *step) {
    return fabs(step->after - step->before) < STEPS_RATIO_MIN * fabs(step->before);
}

/* Drops the smallest step while it is too small; its neighbours' levels grow together. */
static void drop_small(const double *values, guint count, GArray *steps) {
    for (;;) {
        set_levels(values, count, steps);
        guint smallest = steps->len;
        double least = G_MAXDOUBLE;
        for (guint i = 0; i < steps->len; i++) {
            const Step *step = &g_array_index(steps, Step, i);
            double change = fabs(step->after - step->before);
            if (!is_small(step) || change >= least) continue;
            least = change;
            smallest = i;
        }
        if (smallest == steps->len) return;
        g_array_remove_index(steps, smallest);
    }
}

GArray *steps_find(const double *values, guint count, gboolean exact) {
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(Step));
    for (guint i = 1; exact && i < count; i++) {
        Step step = {.at = i};
        if (memcmp(&values[i], &values[i - 1], sizeof *values) != 0)
            g_array_append_val(steps, step);
    }
    if (exact)
        set_levels(values, count, steps);
    else {
        find_in(values, 0, count, steps);
        place_steps(values, count, steps);
        drop_small(values, count, steps);
    }
    return steps;
}
