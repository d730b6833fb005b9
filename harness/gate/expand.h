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
 */
#pragma once
#include "base/diag.h"

/* The word that such a line begins with. */
#define EXPAND_KEY "each"

/* More combinations in a file are probably a typing error. */
#define EXPAND_CASES_MAX 2000
/* Values are parts of names. */
#define EXPAND_VALUE_MAX 64

typedef struct {
    char *text;
    guint *lines; /* for each line of `text` that of the file, from 1 */
} Expansion;

/* *ret->text is NULL if the file has no "each", or a line that cannot be read, of which the parser
 * says more. FALSE and *error with the place of a mistake. Free both members with g_free. */
gboolean expand_cases(const DiagFile *file, Expansion *ret, GError **error);
