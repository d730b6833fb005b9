/*
 * Cases of a kind: a section with lines "each NAME = VALUE..." stands for a case for each
 * combination of the values, in which {NAME} in any value, and in the name of the case, is that
 * value. A name without {NAME} gets "-VALUE" for each, so that names stay unique:
 *
 *     [case boot]                        [case boot-virt-1] ... [case boot-sbsa-ref-2]
 *     each machine = virt sbsa-ref
 *     each smp = 1 2
 *     machine = {machine}
 *     smp = {smp}
 *
 * A section [set NAME] has lines for cases that say "on = NAME...", which makes a case for each of
 * the sets as "each" does for values: the lines come before those of the case, and {on} is the
 * name. A line of the case takes the place of one of the set with the same key and argument.
 *
 *     [set riscv]                        [case boot]
 *     arch = riscv64                     on = arm64 riscv
 */
#pragma once
#include "base/diag.h"

/* The words that such lines and sections begin with. */
#define EXPAND_KEY "each"
#define EXPAND_ON  "on"
#define EXPAND_SET "set"
/* A section with steps that other dialogs include (include.h). */
#define EXPAND_DIALOG "dialog"

/* More combinations in a file are probably a typing error. */
#define EXPAND_CASES_MAX 2000
/* Values are parts of names. */
#define EXPAND_VALUE_MAX 64

typedef struct {
    char *text;
    guint *lines; /* for each line of `text` that of the file, from 1 */
} Expansion;

/* *ret->text is NULL if the file has no "each", set or dialog with a name, or a line that cannot be
 * read, of which the parser says more. FALSE and *error with the place of a mistake. Free both
 * members with g_free. */
gboolean expand_cases(const DiagFile *file, Expansion *ret, GError **error);
