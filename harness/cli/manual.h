/* Documents generated from the command table: a manual page and a bash completion. */
#pragma once
#include "cli/command.h"

/* The page harness(1), for groff's man macros. */
void manual_page(const Command *const *commands, GString *out);

/* The reference of the gate language in Markdown: docs/gates.md. */
void manual_gates(GString *out);

/* A script that bash-completion loads for "harness". */
void manual_bash(const Command *const *commands, GString *out);
