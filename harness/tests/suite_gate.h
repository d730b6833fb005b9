/* What the tests of gate files share. */
#pragma once
#include "gate/gate.h"
#include "suite.h"

/* A gate up to the keys of its case "a", and a case of one file. */
#define HEAD               "[gate]\nproves = x\n[case a]\nfile /init = build:a\n"
#define CASE(name, source) "[case " name "]\nfile /init = " source "\nexit = 0\n"

/* The gate "g" below /root; NULL and *error. */
Gate *parse_gate(const char *text, GError **error);

/* Fails unless the gate `text` is refused with `message`. */
void assert_refused(const char *text, const char *message);

/* Writes a file below suite_folder(); returns its path, to be freed with g_free. */
char *write_file(const char *name, const char *text);

/* The same for the gate `name`, which needs the gates `needs`, if any, and has `cases`. */
char *write_gate(const char *name, const char *needs, const char *cases);
