/* The parts of a case's values, and what follows from several of them. */
#include "gate/gate_keys.h"
#include <string.h>

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

void gate_talk_free(GateTalk *talk) {
    g_free(talk->port);
    g_ptr_array_unref(talk->steps);
    g_free(talk);
}

const char *gate_case_machine(const GateCase *c) {
    return c->machine || strcmp(c->arch, GATE_DEFAULT_ARCH) != 0 ? c->machine
                                                                 : GATE_DEFAULT_MACHINE;
}

const char *gate_case_cpu(const GateCase *c) {
    return c->cpu || strcmp(c->arch, GATE_DEFAULT_ARCH) != 0 ? c->cpu : GATE_DEFAULT_CPU;
}

/* Enough for every stage of the chain, and for a Linux with a file system in memory. */
#define DEFAULT_MEMORY_BYTES (G_GUINT64_CONSTANT(1) << 30)

guint64 gate_case_memory(const GateCase *c) {
    const char *machine = gate_case_machine(c);
    if (c->memory_bytes) return c->memory_bytes;
    return !machine || g_str_has_prefix(machine, "virt") ? DEFAULT_MEMORY_BYTES : 0;
}

gboolean gate_case_is_foreign(const GateCase *c) { return c->kernel || c->firmware; }

gboolean gate_case_keeps_contract(const GateCase *c) {
    return !gate_case_is_foreign(c) || c->end.is_judged || c->argv;
}

GPtrArray *gate_case_sources(const GateCase *c) {
    GPtrArray *sources = g_ptr_array_new();
    for (guint i = 0; i < c->inputs->len; i++)
        g_ptr_array_add(sources, ((const GateInput *)c->inputs->pdata[i])->source);
    for (guint i = 0; i < c->drives->len; i++)
        g_ptr_array_add(sources, ((const GateDrive *)c->drives->pdata[i])->source);
    for (guint i = 0; i < c->expects->len; i++)
        g_ptr_array_add(sources, ((const GateExpect *)c->expects->pdata[i])->source);
    while (g_ptr_array_remove(sources, NULL))
        continue;
    return sources;
}

char *gate_case_program(const Gate *gate, const GateCase *c) {
    if (!c->qemu_program) return g_strconcat("qemu-system-", c->arch, NULL);
    return strchr(c->qemu_program, '/') ? g_build_filename(gate->root, c->qemu_program, NULL)
                                        : g_strdup(c->qemu_program);
}

const char *gate_case_reaches_host(const GateCase *c, DiagSpan *ret_span) {
    *ret_span = c->qemu.host ? c->qemu.span : c->span;
    if (c->qemu.host) return c->qemu.host;
    if (c->net == NET_OPEN) return "with \"net = open\" the guest reaches sockets of the host";
    return c->qemu_program && strchr(c->qemu_program, '/')
               ? "\"qemu-program\" names a program of the project, which is then run"
               : NULL;
}
