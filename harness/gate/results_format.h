/* How a guest prints the results of its tests: the key "results". */
#pragma once

typedef enum {
    RESULTS_NONE,
    RESULTS_TAP,            /* TAP 12 to 14 (testanything.org) */
    RESULTS_KTAP,           /* Linux's KTAP, and what KUnit printed before it */
    RESULTS_KVM_UNIT_TESTS, /* "PASS: NAME" and the like (kvm-unit-tests, lib/report.c) */
    RESULTS_REGEX,          /* lines that the expressions of the case match */
} ResultsFormat;
