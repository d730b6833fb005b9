/* Which names a user means with globs: --filter. Pure functions of texts. */
#pragma once
#include <glib.h>

/*
 * Applies patterns to `count` names. A pattern is a glob (* and ?, g_pattern_spec_new), in which
 * {a,b} stands for either, or with "!" in front one whose names are left out. Those without "!"
 * add up; where there are none, the names that are selected already are those to begin with.
 * `selected` is changed; a name that is not in `candidates` is never selected. FALSE and *error
 * (HARNESS_ERROR_USAGE) for a pattern that is none, or that matches no name.
 */
gboolean selection_apply(const char *const *patterns, const char *const *names, gsize count,
                         const gboolean *candidates, gboolean *selected, GError **error);
