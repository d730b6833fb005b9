/* The different sets of cases that a page names: many lines have the same. */
#pragma once
#include "coverage/coverage.h"

typedef struct _HtmlSets HtmlSets;

HtmlSets *html_sets_new(const Coverage *coverage);
void html_sets_free(HtmlSets *sets);

/* The number of a set, from 1, in the order in which they are asked for. `cases` must outlive. */
guint html_sets_number(HtmlSets *sets, const CoverageCases *cases);
guint html_sets_count(const HtmlSets *sets);
const CoverageCases *html_sets_get(const HtmlSets *sets, guint number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HtmlSets, html_sets_free)
