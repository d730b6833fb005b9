/* Selects names by the globs of --filter. Pure functions. */
#pragma once
#include <glib.h>

/*
 * Applies patterns to `count` names. A pattern is a glob (* and ?, g_pattern_spec_new), in which
 * {a,b} matches either, or, with "!" in front, a glob whose names are excluded. Patterns without
 * "!" add up; without any, the names already selected are the start. `selected` is changed; a name
 * that is not in `candidates` is never selected. FALSE and *error (HARNESS_ERROR_USAGE) for an
 * invalid pattern, or one that matches no name.
 */
gboolean selection_apply(const char *const *patterns, const char *const *names, gsize count,
                         const gboolean *candidates, gboolean *selected, GError **error);

/* The globs that a pattern without its "!" expands to; NULL and *error (HARNESS_ERROR_USAGE). */
GPtrArray *selection_expand(const char *pattern, GError **error);

/* Whether a glob matches a name. */
gboolean selection_matches(const char *glob, const char *name);

/* Whether it names the subtest of the case `id`: by its name, or by "ID/NAME". */
gboolean selection_names(const char *glob, const char *id, const char *subtest);

/* The nearest of `names` (ends with NULL) to a glob that matches nothing, as the end of a message:
 * "; did you mean \"x\"?", or "". Free with g_free. */
char *selection_suggest(const char *glob, const char *const *names);
