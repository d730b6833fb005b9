/* Adds what a case has executed to a Coverage: finds the program of each counted instruction. */
#pragma once
#include "coverage/counters.h"
#include "coverage/coverage.h"

typedef struct _Collector Collector;

/* `coverage` must outlive it. */
Collector *collector_new(Coverage *coverage);
void collector_free(Collector *collector);

/* A file of a case that may be a program. */
typedef struct {
    const char *name; /* its path in the guest, or that of the kernel's ELF file */
    GBytes *content;
    gboolean is_started; /* it is known that the case started it */
} CollectProgram;

/*
 * Adds what case `index` has executed. An instruction belongs to the program that has its bytes at
 * its address; where several have, to the one that has most of what ran in the same page of guest
 * memory and, of equal ones, to those that were started. `is_exact`: counts add up, since the guest
 * has one processor; otherwise both sides of a branch count as run unless one of them never was.
 * Returns the number of instructions that no program has.
 */
guint collector_add(Collector *collector, guint index, const Counters *counters,
                    const CollectProgram *programs, guint programs_n, gboolean is_exact);
