/*
 * Where a series of costs changed its level: binary segmentation (Vostrikova, Soviet Mathematics
 * Doklady 24, 1981) with the rank test at the best place of each segment (Pettitt, Applied
 * Statistics 28, 1979, standardized), and a permutation test that says how likely a series without
 * a step would show as large a one. Ranks make single slow moments of a machine harmless. Pure
 * functions of numbers.
 */
#pragma once
#include <glib.h>

/* Fewer points on a side say nothing about times. */
#define STEPS_POINTS_MIN 5
/* The significance level of a step. */
#define STEPS_SURE 0.01
/* A smaller change of the median is no step, however sure. */
#define STEPS_RATIO_MIN 0.02

typedef struct {
    guint at;             /* index of the first value after the step */
    double before, after; /* medians of the levels on both sides, up to the next steps */
    double p;             /* of the permutation test; 0 for exact values */
} Step;

/* The steps of `count` values in their order; of Step. `exact`: the values are counts that are the
 * same in every run, so that every change is a step. The same values give the same steps. */
GArray *steps_find(const double *values, guint count, gboolean exact);
