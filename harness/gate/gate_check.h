/* Whether the keys of a case fit together. */
#pragma once
#include "gate/gate.h"

/* FALSE and *error with the place of the case or the key. */
gboolean gate_check_case(const Gate *gate, const GateCase *c, GError **error);
