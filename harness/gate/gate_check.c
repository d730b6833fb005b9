#include "gate/gate_check.h"
#include "base/paths.h"
#include "gate/gate_keys.h"
#include <string.h>

/* Other inputs come from the command line or from the same file. */
static gboolean path_error(const DiagFile *file, const GateInput *input, const char *path,
                           const char *why, const GateInput *other, GError **error) {
    g_autofree char *line =
        other ? g_strdup_printf(" (line %" G_GSIZE_FORMAT ")", diag_line(file, other->span)) : NULL;
    return diag_error(error, file, input->span, "the guest path %s %s%s", path, why,
                      line ? line : "");
}

gboolean gate_add_path(const Gate *gate, GuestPaths *paths, const GateInput *input,
                       const char *guest_path, GError **error) {
    gconstpointer other = NULL;
    g_autofree char *clash = NULL;
    const char *why = path_check_input(guest_path);
    if (!why) why = clash = guest_paths_add(paths, guest_path, input, &other);
    return !why || path_error(&gate->file, input, guest_path, why, other, error);
}

/* Checks only named files against each other; the files of trees are known once read. */
static gboolean check_paths(const Gate *gate, const GateCase *c, GError **error) {
    g_autoptr(GuestPaths) paths = guest_paths_new();
    for (guint i = 0; i < c->inputs->len; i++) {
        const GateInput *input = c->inputs->pdata[i];
        if (input->kind == INPUT_FILE &&
            !gate_add_path(gate, paths, input, input->guest_path, error))
            return FALSE;
    }
    return TRUE;
}

/* A case that judges the end of init. */
static gboolean check_init(const Gate *gate, const GateCase *c, GError **error) {
    gboolean has_init = FALSE;
    for (guint i = 0; i < c->inputs->len; i++) {
        const GateInput *input = c->inputs->pdata[i];
        has_init |= input->kind != INPUT_FILE || strcmp(input->guest_path, "/init") == 0;
    }
    return has_init || diag_error(error, &gate->file, c->span,
                                  "case \"%s\" has no program: add \"file /init = ...\"", c->name);
}

/* A case that judges only the console. */
static gboolean check_console(const Gate *gate, const GateCase *c, GError **error) {
    if (c->console->len == 0 && !dialog_judges(c->dialog) && c->status < 0 &&
        c->results == RESULTS_NONE)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" judges nothing: add \"exit\", \"signal\", \"status\", "
                          "\"results\", \"console\" or \"dialog\"%s",
                          c->name, c->dialog->len > 0 ? " with a wait" : "");
    return (c->expects->len == 0 && c->spawns < 0) ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\" expects files or spawns: add \"exit\" or \"signal\"", c->name);
}

static gboolean has_initrd(const GateCase *c) {
    for (guint i = 0; i < c->inputs->len; i++)
        if (((const GateInput *)c->inputs->pdata[i])->kind == INPUT_INITRD) return TRUE;
    return FALSE;
}

/* Keys that only make sense for another kernel. */
static gboolean check_machine(const Gate *gate, const GateCase *c, GError **error) {
    const struct {
        const char *name;
        gboolean is_given;
    } keys[] = {{"append", c->append != NULL},
                {"arch", strcmp(c->arch, GATE_DEFAULT_ARCH) != 0},
                {"dtb", c->dtb != NULL},
                {"initrd", has_initrd(c)}};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].is_given && !gate_case_is_foreign(c))
            return diag_error(error, &gate->file, c->span,
                              "case \"%s\": \"%s\" needs the key \"kernel\"", c->name,
                              keys[i].name);
    if (!c->kernel && g_strcmp0(c->firmware, "none") == 0)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" has neither a kernel nor a firmware", c->name);
    if (has_initrd(c) && c->inputs->len > 1)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": \"initrd\" takes the place of the archive of \"file\" and "
                          "\"tree\"",
                          c->name);
    if (!gate_case_is_foreign(c) && c->memory_bytes % (1024 * 1024) != 0)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": the seed kernel wants a whole number of MiB of memory",
                          c->name);
    return TRUE;
}

/* QEMU's status is the guest's only where init's end is not judged. */
static gboolean check_status(const Gate *gate, const GateCase *c, GError **error) {
    if (c->status >= 0 && c->end.is_judged)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" has either \"status\", which QEMU ends with, or \"exit\" or "
                          "\"signal\", which init ends with",
                          c->name);
    return c->skip_status < 0 || (c->status >= 0 && c->status != c->skip_status) ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\": \"skip-status\" needs another \"status\"", c->name);
}

gboolean gate_check_case(const Gate *gate, const GateCase *c, GError **error) {
    return check_machine(gate, c, error) && check_status(gate, c, error) &&
           (c->end.is_judged ? check_init : check_console)(gate, c, error) &&
           check_paths(gate, c, error);
}
