/*
 * For test programs with many cases: main takes the name of one, runs it and exits 0, or says what
 * was expected and what came and exits 1. With no name it lists the names, one a line.
 */
#pragma once

#include "lib.h"

struct test_case {
    const char *name;
    void (*run)(void);
};

/* Ends the program unless the two are equal. */
#define CHECK(actual, expected) check_equal(__LINE__, #actual, (long)(actual), (long)(expected))

void check_equal(int line, const char *what, long actual, long expected);
int run_case(const struct test_case *cases, int argc, char **argv);
