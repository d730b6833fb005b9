/* The parts of a case's values. */
#include "gate/gate.h"

void gate_input_free(GateInput *input) {
    g_free(input->guest_path);
    g_free(input->text);
    g_clear_pointer(&input->source, g_ptr_array_unref);
    g_free(input);
}

void gate_expect_free(GateExpect *expect) {
    g_free(expect->guest_path);
    g_free(expect->text);
    g_clear_pointer(&expect->source, g_ptr_array_unref);
    g_free(expect);
}
