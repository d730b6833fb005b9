/* The files that --coverage leaves. All are pure functions of a sorted Coverage: equal runs give
 * equal bytes. */
#pragma once
#include "coverage/coverage.h"

/* Writes lcov.info, cobertura.xml, index.html and, for programs without lines, functions/ into
 * `folder`, which is made if need be. Sorts. FALSE and *error. */
gboolean coverage_write(Coverage *coverage, const char *folder, GError **error);

/* Makes the folder, so that a run can fail before it begins. FALSE and *error. */
gboolean coverage_make_folder(const char *folder, GError **error);

/* Appends a tracefile of lcov (geninfo(1), "FILES"), a section for each case and file: counts are
 * 1 and 0, so that tools which add up the sections count cases. `folder` holds functions/. */
void coverage_lcov(const Coverage *coverage, const char *folder, GString *out);

/* Appends XML of Cobertura's coverage-04.dtd; hits are the number of cases. */
void coverage_cobertura(const Coverage *coverage, const char *folder, GString *out);

/* Appends a self-contained page with the sources. */
void coverage_html(const Coverage *coverage, GString *out);
