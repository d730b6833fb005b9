/*
 * What the last attempts at a case were made from (cache_key_text), kept below the output folder:
 * of the last that passed, of the last that passed with others before it, and of one that failed
 * since; harness diff --why compares them. Beside them lies what a case ran when it was last
 * counted (run/covered.h).
 */
#pragma once
#include <glib.h>

typedef enum {
    INGREDIENTS_PASS,
    INGREDIENTS_BEFORE,
    INGREDIENTS_FAIL,
    INGREDIENTS_COVERED
} IngredientsKind;

typedef struct {
    char *name;  /* "kernel", "input /a", "expect /out", "key" */
    char *value; /* a hash, a number or the line of a gate file */
} Ingredient;

/* Keeps the text of an attempt. Failures are ignored: they cost an explanation. */
void ingredients_keep(const char *out_root, const char *label, const char *case_name,
                      gboolean passed, const char *text);

/* Keeps what a case ran; NULL removes it. Failures are ignored: --affected then selects more. */
void ingredients_keep_covered(const char *out_root, const char *label, const char *case_name,
                              const char *text);

/* Of Ingredient, in their order; NULL when none were kept. */
GPtrArray *ingredients_load(const char *out_root, const char *label, const char *case_name,
                            IngredientsKind kind);

/* The same of a text; lines without the form are left out. */
GPtrArray *ingredients_parse(const char *text, gsize length);

/* The value of that name, or NULL. */
const char *ingredients_find(const GPtrArray *ingredients, const char *name);
