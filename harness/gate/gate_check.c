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
        if ((input->kind == INPUT_FILE || input->kind == INPUT_NODE) &&
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

static gboolean dialogs_judge(const GateCase *c) {
    gboolean judge = dialog_judges(c->dialog);
    for (guint i = 0; i < c->talks->len; i++)
        judge |= dialog_judges(((const GateTalk *)c->talks->pdata[i])->steps);
    return judge;
}

/* A case that judges only the console. */
static gboolean check_console(const Gate *gate, const GateCase *c, GError **error) {
    if (c->console->len == 0 && !dialogs_judge(c) && c->status < 0 && c->results == RESULTS_NONE &&
        c->expects->len == 0)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" judges nothing: add \"exit\", \"signal\", \"status\", "
                          "\"results\", \"console\" or \"dialog\"%s",
                          c->name, c->dialog->len > 0 ? " with a wait" : "");
    return c->spawns < 0 ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\" expects spawns: add \"exit\" or \"signal\"", c->name);
}

static gboolean has_input(const GateCase *c, GateInputKind kind) {
    for (guint i = 0; i < c->inputs->len; i++)
        if (((const GateInput *)c->inputs->pdata[i])->kind == kind) return TRUE;
    return FALSE;
}

static gboolean has_flash(const GateCase *c) {
    for (guint i = 0; i < c->drives->len; i++)
        if (((const GateDrive *)c->drives->pdata[i])->kind == DRIVE_FLASH) return TRUE;
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
                {"net", c->net != NET_NONE},
                {"node", has_input(c, INPUT_NODE)},
                {"initrd", has_input(c, INPUT_INITRD)}};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].is_given && !gate_case_is_foreign(c))
            return diag_error(error, &gate->file, c->span,
                              "case \"%s\": \"%s\" needs the key \"kernel\"", c->name,
                              keys[i].name);
    if (has_flash(c) && (!c->firmware || strcmp(c->firmware, "none") == 0))
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": \"flash\" needs a \"firmware\" that is a file", c->name);
    if (!c->kernel && g_strcmp0(c->firmware, "none") == 0)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" has neither a kernel nor a firmware", c->name);
    if (has_input(c, INPUT_INITRD) && c->inputs->len > 1)
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

/* Whether a file can be read from a drive of the case when QEMU has ended. */
static gboolean check_on_drive(const Gate *gate, const GateCase *c, const char *path,
                               GError **error) {
    const char *within;
    const GateDrive *drive = gate_drive_find(c->drives, path, &within);
    if (!drive)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": %s is on no disk or share of the case: /NAME/PATH, where "
                          "NAME is the disk or share",
                          c->name, path);
    return drive->format != DRIVE_QCOW2 || !*within ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\": the files of a qcow2 image cannot be read; convert it to raw",
                      c->name);
}

/* The disk of that name with a table of partitions. */
static const GateDrive *find_table(const GateCase *c, const GateDrive *part) {
    guint number;
    for (guint i = 0; i < c->drives->len; i++) {
        const GateDrive *disk = c->drives->pdata[i];
        if (gate_drive_is_table(disk) && gate_drive_is_part(part, disk->name, &number)) {
            return disk;
        }
    }
    return NULL;
}

/* Each partition has its disk, and each disk with a table has some. */
static gboolean check_partitions(const Gate *gate, const GateCase *c, GError **error) {
    for (guint i = 0; i < c->drives->len; i++) {
        const GateDrive *drive = c->drives->pdata[i];
        guint count = 0, number;
        for (guint k = 0; k < c->drives->len; k++)
            count += gate_drive_is_part(c->drives->pdata[k], drive->name, &number);
        if (drive->kind == DRIVE_PARTITION && !find_table(c, drive))
            return diag_error(error, &gate->file, drive->span,
                              "a partition needs the line \"disk %.*s = gpt\", or mbr, before it",
                              (int)strcspn(drive->name, "/"), drive->name);
        if (gate_drive_is_table(drive) && count == 0)
            return diag_error(error, &gate->file, drive->span,
                              "the disk \"%s\" has no \"partition %s = ...\" after it", drive->name,
                              drive->name);
        if (drive->format == DRIVE_MBR && count > PARTITIONS_MAX_MBR)
            return diag_error(error, &gate->file, drive->span,
                              "an mbr has room for %d partitions; a gpt for more",
                              PARTITIONS_MAX_MBR);
    }
    return TRUE;
}

/* Files of another kernel come from drives alone; drives are there for another kernel alone. */
static gboolean check_drives(const Gate *gate, const GateCase *c, GError **error) {
    if (!gate_case_is_foreign(c) && (c->drives->len > 0 || c->takes))
        return diag_error(
            error, &gate->file, c->span,
            "case \"%s\": \"disk\", \"flash\", \"share\", \"serial\" and \"take\" need the key "
            "\"kernel\" or \"firmware\"",
            c->name);
    if (c->drives->len > DRIVES_MAX)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" has %u disks, shares and serial ports; %d are the most",
                          c->name, c->drives->len, DRIVES_MAX);
    if (!check_partitions(gate, c, error)) return FALSE;
    for (char **path = c->takes; path && *path; path++)
        if (!check_on_drive(gate, c, *path, error)) return FALSE;
    for (guint i = 0; i < c->expects->len && !c->end.is_judged; i++)
        if (!check_on_drive(gate, c, ((const GateExpect *)c->expects->pdata[i])->guest_path, error))
            return FALSE;
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

static gboolean check_endless(const Gate *gate, const GateCase *c, const GPtrArray *steps,
                              GError **error) {
    const DialogStep *endless = dialog_endless(steps);
    return !endless ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\": maybe \"%s\" needs a wait after it, which says that "
                      "it does not come",
                      c->name, endless->shown);
}

static gboolean has_port(const GateCase *c, const char *name) {
    for (guint i = 0; i < c->drives->len; i++) {
        const GateDrive *drive = c->drives->pdata[i];
        if (drive->kind == DRIVE_SERIAL && strcmp(drive->name, name) == 0) return TRUE;
    }
    return FALSE;
}

static gboolean check_dialog(const Gate *gate, const GateCase *c, GError **error) {
    if (!check_endless(gate, c, c->dialog, error)) return FALSE;
    for (guint i = 0; i < c->talks->len; i++) {
        const GateTalk *talk = c->talks->pdata[i];
        if (!has_port(c, talk->port))
            return diag_error(
                error, &gate->file, c->span,
                "case \"%s\" has no serial port \"%s\" for its dialog: add \"serial %s "
                "= log\"",
                c->name, talk->port, talk->port);
        if (!check_endless(gate, c, talk->steps, error)) return FALSE;
    }
    return TRUE;
}

static gboolean has_any_group(const Regex *regex, const char *const *names) {
    for (; *names; names++)
        if (regex_named_group(regex, *names) > 0) return TRUE;
    return FALSE;
}

/* Expressions for the lines of results, and the groups that say what a line means. */
static gboolean check_results(const Gate *gate, const GateCase *c, GError **error) {
    static const char *const outcomes[] = {"pass", "fail", "skip", "todo", NULL};
    static const char *const plan[] = {"plan", NULL}, *const name[] = {"name", NULL};
    if ((c->results == RESULTS_REGEX) != (c->result_lines->len > 0))
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": \"results = regex\" and \"result-line\" need each other",
                          c->name);
    for (guint i = 0; i < c->result_lines->len; i++) {
        const DialogStep *line = c->result_lines->pdata[i];
        if (has_any_group(line->regex, plan) ||
            (has_any_group(line->regex, name) && has_any_group(line->regex, outcomes)))
            continue;
        return diag_error(
            error, &gate->file, c->span,
            "case \"%s\": the result-line \"%s\" needs a group (?<name>...) and one of "
            "(?<pass>...), (?<fail>...), (?<skip>...) and (?<todo>...), or a group "
            "(?<plan>...)",
            c->name, line->shown);
    }
    return TRUE;
}

gboolean gate_check_case(const Gate *gate, const GateCase *c, GError **error) {
    return check_machine(gate, c, error) && check_results(gate, c, error) &&
           check_dialog(gate, c, error) && check_status(gate, c, error) &&
           (c->end.is_judged ? check_init : check_console)(gate, c, error) &&
           check_drives(gate, c, error) && check_paths(gate, c, error);
}
