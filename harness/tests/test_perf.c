/* Statistics against published values, ranges as users write them, and comparisons. */
#include "base/stats.h"
#include "history/perf.h"
#include "history/steps.h"
#include "suite.h"
#include <math.h>

static gboolean near(double a, double b) { return fabs(a - b) < 5e-5; }

START_TEST(medians) {
    const double odd[] = {9, 1, 5}, even[] = {4, 1, 3, 2}, spread[] = {1, 1, 2, 2, 4, 6, 9};
    ck_assert(near(stats_median(odd, 3), 5));
    ck_assert(near(stats_median(even, 4), 2.5));
    ck_assert(near(stats_median(odd, 1), 9));
    ck_assert(near(stats_deviation(spread, 7), 1)); /* the textbook example */
    ck_assert(near(odd[0], 9));
}
END_TEST

START_TEST(rank_test_as_published) {
    /* U of separate samples has one arrangement at each end of all: 2 / binomial(m + n, m). */
    const double low[] = {1, 2, 3, 4, 5, 6, 7, 8}, high[] = {11, 12, 13, 14, 15, 16, 17, 18};
    ck_assert(near(stats_rank_test(low, 4, high, 4), 2.0 / 70));
    ck_assert(near(stats_rank_test(low, 5, high, 5), 2.0 / 252));
    ck_assert(near(stats_rank_test(high, 8, low, 8), 2.0 / 12870));
    /* Mann and Whitney 1947, table I: n = 5, m = 4, P(U <= 3) = 0.056. */
    const double a[] = {1, 2, 3, 7}, b[] = {4, 5, 6, 8, 9};
    ck_assert_msg(fabs(stats_rank_test(a, 4, b, 5) - 2 * 7.0 / 126) < 1e-9, "U = 3");
    /* Ties: all values equal differ in nothing; the approximation without them is near. */
    const double same[] = {1, 1, 1, 1, 1, 1};
    ck_assert(near(stats_rank_test(same, 6, same, 6), 1));
    const double tied[] = {1, 2, 3, 4, 5, 6, 7, 7}, above[] = {11, 12, 13, 14, 15, 16, 17, 17};
    ck_assert(stats_rank_test(tied, 8, above, 8) < 0.001);
    ck_assert(near(stats_rank_test(a, 0, b, 5), 1));
}
END_TEST

START_TEST(rank_test_agrees_with_counting) {
    /* All choices of 4 of 9 ranks, counted one by one. */
    for (guint chosen = 0; chosen < 1u << 9; chosen++) {
        double a[9], b[9];
        guint m = 0, n = 0, below = 0, all = 0, u = 0;
        for (guint i = 0; i < 9; i++) {
            if (chosen & 1u << i) {
                a[m++] = i;
                u += n;
            } else {
                b[n++] = i;
            }
        }
        if (m != 4) continue;
        u = MIN(u, m * n - u);
        for (guint other = 0; other < 1u << 9; other++) {
            guint k = 0, l = 0, v = 0;
            for (guint i = 0; i < 9; i++) {
                if (other & 1u << i) {
                    k++;
                    v += l;
                } else {
                    l++;
                }
            }
            all += k == 4;
            below += k == 4 && v <= u;
        }
        ck_assert(near(stats_rank_test(a, m, b, n), MIN(1, 2.0 * below / all)));
    }
}
END_TEST

START_TEST(ranges) {
    static const struct {
        const char *text;
        gint64 first, last; /* 0: no range */
    } cases[] = {{"12", 12, 12},    {"3..9", 3, 9},     {"..8", 1, 8},   {"3..", 3, 20},
                 {"last", 20, 20},  {"last:5", 16, 20}, {"", 0, 0},      {"..", 0, 0},
                 {"9..3", 0, 0},    {"x", 0, 0},        {"last:", 0, 0}, {"last:0", 0, 0},
                 {"1..2..3", 0, 0}, {"-1", 0, 0}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        HistoryRange range = {0, 0};
        gboolean parsed = perf_parse_range(cases[i].text, 20, &range);
        ck_assert_msg(parsed == (cases[i].first != 0), "%s", cases[i].text);
        ck_assert_int_eq(range.first, cases[i].first);
        ck_assert_int_eq(range.last, cases[i].last);
    }
}
END_TEST

START_TEST(comparisons) {
    HistorySeries series = {.points = g_array_new(FALSE, FALSE, sizeof(HistoryPoint))};
    for (gint64 run = 1; run <= 15; run++) {
        /* 1 to 5, then the same, then twice as much. */
        HistoryPoint point = {run, (double)((run - 1) % 5 + 1) * (run > 10 ? 2 : 1) +
                                       100.0 * (run > 10)};
        g_array_append_val(series.points, point);
    }
    PerfComparison c;
    ck_assert(perf_compare(&series, (HistoryRange){1, 5}, (HistoryRange){6, 10}, FALSE, &c));
    ck_assert_int_eq(c.change, PERF_SAME);
    ck_assert(near(c.ratio, 1));
    ck_assert(perf_compare(&series, (HistoryRange){1, 10}, (HistoryRange){11, 15}, FALSE, &c));
    ck_assert_int_eq(c.change, PERF_SLOWER);
    ck_assert(perf_compare(&series, (HistoryRange){11, 15}, (HistoryRange){1, 10}, FALSE, &c));
    ck_assert_int_eq(c.change, PERF_FASTER);
    ck_assert(perf_compare(&series, (HistoryRange){1, 4}, (HistoryRange){11, 15}, FALSE, &c));
    ck_assert_int_eq(c.change, PERF_UNKNOWN);
    ck_assert(perf_compare(&series, (HistoryRange){1, 1}, (HistoryRange){6, 6}, TRUE, &c));
    ck_assert_int_eq(c.change, PERF_SAME);
    ck_assert(perf_compare(&series, (HistoryRange){1, 1}, (HistoryRange){2, 2}, TRUE, &c));
    ck_assert_int_eq(c.change, PERF_SLOWER);
    ck_assert(!perf_compare(&series, (HistoryRange){1, 5}, (HistoryRange){16, 20}, FALSE, &c));
    /* Half as much again, but of values that stray as far: no "same". */
    HistorySeries stray = {.points = g_array_new(FALSE, FALSE, sizeof(HistoryPoint))};
    static const double values[] = {1, 2, 9, 2, 1, 3, 1, 9, 3, 3};
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        HistoryPoint point = {i + 1, values[i]};
        g_array_append_val(stray.points, point);
    }
    ck_assert(perf_compare(&stray, (HistoryRange){1, 5}, (HistoryRange){6, 10}, FALSE, &c));
    ck_assert_int_eq(c.change, PERF_UNSURE);
    ck_assert(near(c.ratio, 1.5));
    g_array_unref(stray.points);
    g_autofree char *line = perf_sparkline(series.points, 3);
    ck_assert_str_eq(line, "▁▅█");
    g_array_unref(series.points);
}
END_TEST

/* Times of a busy machine: some spread, and one in ten much slower. */
static void fill_noisy(GRand *random, double *values, guint count, guint at, double ratio) {
    for (guint i = 0; i < count; i++) {
        double noise = 0;
        for (guint k = 0; k < 6; k++)
            noise += g_rand_double_range(random, -0.01, 0.01);
        values[i] = 100 * (1 + noise) * (i < at ? 1 : ratio);
        if (g_rand_int_range(random, 0, 10) == 0) values[i] *= g_rand_double_range(random, 1.1, 2);
    }
}

START_TEST(finds_planted_steps) {
    static const double ratios[] = {1.05, 1.1, 1.2, 0.9};
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    double values[60];
    for (guint r = 0; r < G_N_ELEMENTS(ratios); r++) {
        guint found = 0, near_it = 0, more = 0;
        for (guint trial = 0; trial < 100; trial++) {
            guint at = (guint)g_rand_int_range(random, 15, 46);
            fill_noisy(random, values, 60, at, ratios[r]);
            g_autoptr(GArray) steps = steps_find(values, 60, FALSE);
            found += steps->len > 0;
            more += steps->len > 1;
            if (steps->len != 1) continue;
            const Step *step = &g_array_index(steps, Step, 0);
            near_it += ABS((int)step->at - (int)at) <= 2;
            ck_assert(fabs(step->after / step->before - ratios[r]) < 0.1);
            ck_assert(step->p <= STEPS_SURE);
        }
        ck_assert_msg(found >= 95, "%.2f: found %u of 100", ratios[r], found);
        ck_assert_msg(near_it >= 85, "%.2f: %u within two runs of the place", ratios[r], near_it);
        ck_assert_msg(more <= 5, "%.2f: %u with a second step", ratios[r], more);
    }
}
END_TEST

START_TEST(finds_no_step_in_noise) {
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    double values[80];
    guint false_alarms = 0;
    for (guint trial = 0; trial < 500; trial++) {
        fill_noisy(random, values, 80, 80, 1);
        g_autoptr(GArray) steps = steps_find(values, 80, FALSE);
        false_alarms += steps->len > 0;
    }
    ck_assert_msg(false_alarms <= 5, "%u false alarms in 500 series", false_alarms);
    g_autoptr(GArray) few = steps_find((const double[]){1, 1, 1, 9, 9, 9}, 6, FALSE);
    ck_assert_uint_eq(few->len, 0);
    g_autoptr(GArray) none = steps_find(values, 0, FALSE);
    ck_assert_uint_eq(none->len, 0);
}
END_TEST

START_TEST(finds_several_steps_in_a_long_series) {
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    g_autofree double *values = g_new(double, 10000);
    fill_noisy(random, values, 10000, 2500, 1.1);
    for (guint i = 7000; i < 10000; i++)
        values[i] *= 0.8;
    g_autoptr(GArray) steps = steps_find(values, 10000, FALSE);
    ck_assert_uint_eq(steps->len, 2);
    ck_assert(ABS((int)g_array_index(steps, Step, 0).at - 2500) <= 3);
    ck_assert(ABS((int)g_array_index(steps, Step, 1).at - 7000) <= 3);
}
END_TEST

START_TEST(every_change_of_a_count_is_a_step) {
    const double counts[] = {5, 5, 5, 6, 6, 5};
    g_autoptr(GArray) steps = steps_find(counts, 6, TRUE);
    ck_assert_uint_eq(steps->len, 2);
    const Step *first = &g_array_index(steps, Step, 0);
    ck_assert(first->at == 3 && near(first->before, 5) && near(first->after, 6) &&
              near(first->p, 0));
    ck_assert_uint_eq(g_array_index(steps, Step, 1).at, 5);
}
END_TEST

SUITE_MAIN("perf", finds_planted_steps, finds_no_step_in_noise,
           finds_several_steps_in_a_long_series, every_change_of_a_count_is_a_step, medians,
           rank_test_as_published, rank_test_agrees_with_counting, ranges, comparisons)
