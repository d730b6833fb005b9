/*
 * One test of kvm-unit-tests on its way to a case: what its runner would give QEMU, as keys of a
 * gate.
 */
#pragma once
#include "gate/unittests_gate.h"

/* What the run script of an architecture gives QEMU, and how a test ends there. */
typedef struct {
    const char *arch;    /* kvm-unit-tests' name */
    const char *machine; /* its type, and an option of it that is always given */
    const char *option;
    const char *kvm_option; /* of the machine, with that accelerator */
    const char *words;      /* of QEMU */
    gboolean has_cpu;       /* the tree's config.mak names the processor */
    /* lib/chr-testdev.c, lib/x86/io.c: twice the test's status, plus 1. Elsewhere QEMU is powered
     * off, and the console shows that number (scripts/arch-run.bash, run_qemu_status). */
    gboolean has_exit_device;
} UnittestsRunner;

/* One test on its way to a case. */
typedef struct {
    const UnittestsTree *tree;
    const UnittestsRunner *runner;
    const Unittest *test;
    char *append, *smp, *memory, *cpu, *accel, *timeout;
    char *machine_type, *machine;       /* machine: all of -machine */
    GPtrArray *machine_options, *words; /* of strings */
    GString *comments;
    char *why; /* it is left out */
} UnittestsCase;

/* NULL: its architecture is not known. */
const UnittestsRunner *unittests_runner_find(const UnittestsConfig *config);

/* Fills *ret_case; release it with unittests_case_clear. */
void unittests_case_init(UnittestsCase *ret_case, const UnittestsTree *tree,
                         const UnittestsRunner *runner, const Unittest *test);
void unittests_case_clear(UnittestsCase *c);
