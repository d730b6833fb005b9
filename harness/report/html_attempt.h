/* One attempt on the page of a run: findings, programs, files, subtests, console. */
#pragma once
#include "record/record.h"
#include "report/html_choice.h"

void html_attempt(GString *out, const RecordAttempt *attempt, guint case_index,
                  const HtmlChoice *choice);
