/* The values of a case, as the table of keys has them. */
#pragma once
#include "gate/gate_keys.h"

/* A case with the values of `from`, or where that is NULL with those that apply where a gate sets
 * none. Without a name. */
GateCase *gate_case_new(const GateCase *from);

/* Takes over the values of `from` but those with KEY_OWN. */
void gate_case_take(GateCase *c, const GateCase *from);
void gate_case_free(GateCase *c);

/* Lines of a gate file that give the values of the keys without any of `flags`, in the order of the
 * table. An array of char *; free with g_ptr_array_unref. */
GPtrArray *gate_case_lines(const GateCase *c, guint flags);
