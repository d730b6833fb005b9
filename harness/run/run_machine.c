#include "run/run_machine.h"
#include "gate/gate_keys.h"
#include "guest/confinement.h"
#include "guest/image.h"
#include "guest/image_tool.h"
#include <string.h>

/* The first tool for an image of the case that is missing, in words; or NULL. Interned. */
static const char *find_missing_tool(const GateCase *c) {
    for (guint i = 0; i < c->drives->len; i++) {
        const GateDrive *drive = c->drives->pdata[i];
        for (const char *const *tool = image_tools(drive->format); *tool; tool++) {
            g_autofree char *path = image_tool_path(*tool);
            if (path) continue;
            g_autofree char *text = g_strdup_printf(
                "%s is not installed, which the disk \"%s\" needs", *tool, drive->name);
            return g_intern_string(text);
        }
    }
    return NULL;
}

/* What the case needs and this machine lacks; or NULL. Interned. */
static const char *find_missing(const Gate *gate, const GateCase *c,
                                const AttemptOptions *options) {
    g_autofree char *program = gate_case_program(gate, c);
    g_autofree char *found = g_find_program_in_path(program);
    gboolean is_usual = !c->qemu_program && strcmp(c->arch, GATE_DEFAULT_ARCH) == 0;
    if (!options->qemu && !found && !is_usual) {
        g_autofree char *text = g_strdup_printf("%s is not installed", program);
        return g_intern_string(text);
    }
    const char *tool = find_missing_tool(c);
    if (tool) return tool;
    if (attempt_accelerator(options, c)) return NULL;
    g_autofree char *text =
        g_strdup_printf("it has no accelerator %s for the architecture %s", c->accel, c->arch);
    return g_intern_string(text);
}

void run_machine_mark(const Plan *plan, const AttemptOptions *options) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        if (planned->driver == DRIVER_SEED)
            planned->missing = find_missing(planned->gate, planned->gate_case, options);
    }
}

gboolean run_machine_check(const Plan *plan, gboolean allow_host, GError **error) {
    for (guint i = 0; !allow_host && i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        DiagSpan span;
        const char *why = gate_case_reaches_host(planned->gate_case, &span);
        if (!why && planned->gate_case->qemu.is_semihosted && !confinement_exists())
            why = "by semihosting the guest can open files of the host, since this "
                  "system has no Landlock to confine QEMU";
        if (why && !planned->unsupported)
            return diag_error(error, &planned->gate->file, span,
                              "%s; if you trust this gate, run it with --allow-host", why);
    }
    return TRUE;
}
