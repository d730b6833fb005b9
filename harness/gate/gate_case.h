/* The values of a case, driven by the table of keys. */
#pragma once
#include "gate/gate_keys.h"

/* A new case without a name, with the values of `from`, or with defaults if that is NULL. */
GateCase *gate_case_new(const GateCase *from);

/* Copies the values of `from` except those with KEY_OWN. */
void gate_case_take(GateCase *c, const GateCase *from);
void gate_case_free(GateCase *c);

/* Lines of a gate file that give the values of the keys without any of `flags`, in the order of the
 * table. An array of char *; free with g_ptr_array_unref. */
GPtrArray *gate_case_lines(const GateCase *c, guint flags);
