#include "run/affected_case.h"
#include "attempt/ingredients.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "gate/source_reader.h"
#include "run/covered.h"
#include <stdlib.h>
#include <string.h>

/* A file that was built; `sources` is NULL for no ELF file with DWARF. */
typedef struct {
    char *hash; /* NULL: it cannot be read */
    Sources *sources;
} Program;

typedef struct {
    AffectedFiles *files;
    const PlanCase *planned;
    SourceReader reader;
    GPtrArray *pass;    /* what the last pass was made from, or NULL */
    GPtrArray *covered; /* what the case ran when it was last counted, or NULL */
    gboolean is_spared;
} Subject;

static void program_free(gpointer data) {
    Program *program = data;
    if (program->sources) sources_free(program->sources);
    g_free(program->hash);
    g_free(program);
}

static char *real_path(const char *path) {
    char *real = realpath(path, NULL), *copy = g_strdup(real);
    free(real);
    return copy;
}

AffectedFiles *affected_files_new(const char *root, const char *const *paths) {
    AffectedFiles *files = g_new0(AffectedFiles, 1);
    files->changed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    files->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    files->root = root;
    files->files = source_files_new(root);
    files->programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, program_free);
    for (; *paths; paths++) {
        char *path = g_canonicalize_filename(*paths, NULL), *real = real_path(path);
        g_hash_table_insert(files->changed, path, g_strdup(*paths));
        if (real) g_hash_table_insert(files->changed, real, g_strdup(*paths));
    }
    return files;
}

void affected_files_free(AffectedFiles *files) {
    g_hash_table_unref(files->changed);
    g_hash_table_unref(files->known);
    g_hash_table_unref(files->programs);
    source_files_free(files->files);
    g_free(files);
}

static const Program *find_program(AffectedFiles *files, const char *path) {
    Program *program = g_hash_table_lookup(files->programs, path);
    if (program) return program;
    program = g_new0(Program, 1);
    g_autoptr(GBytes) bytes = fdio_load(path, NULL);
    if (bytes) program->hash = hash_bytes(bytes);
    if (bytes) program->sources = sources_read(bytes, files->root);
    g_hash_table_insert(files->programs, g_strdup(path), program);
    return program;
}

/* ---- Files that the gate names ---- */

/* The changed file that is `path`, or lies below it, as it was given; or NULL. All are known then.
 */
static const char *find_changed_at(const AffectedFiles *files, const char *path) {
    const char *found = NULL;
    gsize length = strlen(path);
    GHashTableIter iter;
    gpointer changed, given;
    g_hash_table_iter_init(&iter, files->changed);
    while (g_hash_table_iter_next(&iter, &changed, &given)) {
        const char *rest = (const char *)changed + length;
        if (strncmp(changed, path, length) != 0 || (*rest && *rest != '/')) continue;
        g_hash_table_add(files->known, g_strdup(given));
        if (!found || strcmp(given, found) < 0) found = given;
    }
    return found;
}

static const char *find_changed(const AffectedFiles *files, const char *path) {
    g_autofree char *real = real_path(path);
    const char *found = find_changed_at(files, path);
    const char *other = real && strcmp(real, path) != 0 ? find_changed_at(files, real) : NULL;
    return found ? found : other;
}

/* Notes that the case reads what is at the path; `reason` is NULL until there is one. */
static void take_path(const Subject *subject, const char *path, char **reason) {
    const char *given = path ? find_changed(subject->files, path) : NULL;
    if (given && !*reason) *reason = g_strdup_printf("it reads %s", given);
}

static void take_named(const Subject *subject, const char *below, char **reason) {
    g_autofree char *path =
        below ? g_build_filename(subject->planned->gate->root, below, NULL) : NULL;
    take_path(subject, path, reason);
}

static void take_sources(const Subject *subject, char **reason) {
    g_autoptr(GPtrArray) sources = gate_case_sources(subject->planned->gate_case);
    for (guint i = 0; i < sources->len; i++) {
        const GPtrArray *source = sources->pdata[i];
        for (guint k = 0; source && k < source->len; k++) {
            const SourcePart *part = source->pdata[k];
            if (part->kind != SOURCE_FIXTURE && part->kind != SOURCE_BUILD) continue;
            g_autofree char *path = source_reader_path(&subject->reader, part);
            take_path(subject, path, reason);
        }
    }
}

static void take_drivers_files(const Subject *subject, const Boot *boot, char **reason) {
    if (boot->driver == DRIVER_LINUX)
        for (const char *const *name = boot_linux_files; *name; name++) {
            g_autofree char *below = g_build_filename(BOOT_LINUX_FOLDER, *name, NULL);
            take_named(subject, below, reason);
        }
    if (boot->driver != DRIVER_HEX) return;
    g_autofree char *text = boot_hex_text(boot);
    take_path(subject, text, reason);
}

/* Everything that the case names, so that all of it is known. */
static void take_all(const Subject *subject, const Boot *boot, char **reason) {
    const Gate *gate = subject->planned->gate;
    const GateCase *c = subject->planned->gate_case;
    g_autofree char *kernel = boot_kernel(boot), *symbols = boot_symbols(boot);
    g_autofree char *path = g_canonicalize_filename(gate->path, NULL);
    take_path(subject, path, reason);
    take_path(subject, gate->golden_path, reason);
    take_path(subject, kernel, reason);
    take_path(subject, symbols, reason);
    take_named(subject, c->firmware, reason);
    take_named(subject, c->dtb, reason);
    if (c->qemu_program && strchr(c->qemu_program, '/'))
        take_named(subject, c->qemu_program, reason);
    take_drivers_files(subject, boot, reason);
    take_sources(subject, reason);
}

/* ---- Programs, which say what they were made from ---- */

static gboolean is_made_from_changed(const Subject *subject, const Program *program) {
    gboolean found = FALSE;
    GHashTableIter iter;
    gpointer changed, given;
    g_hash_table_iter_init(&iter, subject->files->changed);
    while (g_hash_table_iter_next(&iter, &changed, &given)) {
        if (!g_hash_table_contains(program->sources->files, changed)) continue;
        g_hash_table_add(subject->files->known, g_strdup(given));
        found = TRUE;
    }
    return found;
}

static void judge_program(Subject *subject, const Program *program, const char *path,
                          char **reason) {
    if (!is_made_from_changed(subject, program)) return;
    const CoveredProgram now = {program->hash, program->sources};
    g_autofree char *why =
        subject->covered
            ? covered_judge(subject->covered, subject->files->files, &now, subject->files->changed)
            : g_strdup_printf("%s is made from it, and what the case runs is unknown", path);
    if (!why) subject->is_spared = TRUE;
    if (why && !*reason) *reason = g_steal_pointer(&why);
}

/* ---- What was built and does not say of what: it must be what the case passed with ---- */

/* Whether the last pass had that hash; a mode may stand behind it. */
static gboolean passed_with(const Subject *subject, const char *name, const char *hash) {
    const char *kept = subject->pass ? ingredients_find(subject->pass, name) : NULL;
    return kept && hash && g_str_has_prefix(kept, hash);
}

static void refuse_product(const Subject *subject, const char *path, char **reason) {
    if (*reason) return;
    *reason = subject->pass
                  ? g_strdup_printf("%s is not what it passed with", path)
                  : g_strdup_printf("no pass is on record that %s can be compared with", path);
}

static void judge_product(Subject *subject, const char *path, const char *name, char **reason) {
    const Program *program = find_program(subject->files, path);
    if (program->sources)
        judge_program(subject, program, path, reason);
    else if (!passed_with(subject, name, program->hash))
        refuse_product(subject, path, reason);
}

typedef struct {
    const Subject *subject;
    const char *guest_path;
    guint count;
    gboolean differs;
} TreeCheck;

static gboolean check_file(gpointer data, const char *path, const InputFile *file, GError **error) {
    TreeCheck *check = data;
    (void)error;
    g_autofree char *hash = hash_bytes(file->content);
    g_autofree char *name = g_strconcat("input ", check->guest_path, path, NULL);
    check->differs |= !passed_with(check->subject, name, hash);
    check->count++;
    g_bytes_unref(file->content);
    return TRUE;
}

static guint count_below(const Subject *subject, const char *guest_path) {
    guint count = 0;
    g_autofree char *prefix = g_strdup_printf("input %s/", guest_path);
    for (guint i = 0; subject->pass && i < subject->pass->len; i++)
        count += (guint)g_str_has_prefix(((Ingredient *)subject->pass->pdata[i])->name, prefix);
    return count;
}

static gboolean is_same_tree(const Subject *subject, const GateInput *input) {
    TreeCheck check = {subject, input->guest_path, 0, FALSE};
    return subject->pass &&
           source_reader_tree(&subject->reader, input->source->pdata[0],
                              gate_case_is_foreign(subject->planned->gate_case), check_file, &check,
                              NULL) &&
           !check.differs && check.count == count_below(subject, input->guest_path);
}

static gboolean is_same_file(const Subject *subject, const char *name, const GPtrArray *source) {
    FileStamp stamp;
    for (guint i = 0; i < source->len; i++)
        if (((const SourcePart *)source->pdata[i])->kind == SOURCE_OUT) return FALSE;
    g_autoptr(GBytes) bytes = source_reader_load(&subject->reader, source, &stamp, NULL);
    g_autofree char *hash = bytes ? hash_bytes(bytes) : NULL;
    return passed_with(subject, name, hash);
}

/* The first part of a source that was built, or NULL. */
static const SourcePart *find_built(const GPtrArray *source) {
    for (guint i = 0; source && i < source->len; i++) {
        const SourcePart *part = source->pdata[i];
        if (part->kind == SOURCE_BUILD) return part;
    }
    return NULL;
}

static void judge_input(Subject *subject, const GateInput *input, char **reason) {
    const SourcePart *built = find_built(input->source);
    if (!built) return;
    g_autofree char *path = source_reader_path(&subject->reader, built);
    g_autofree char *name = g_strconcat("input ", input->guest_path, NULL);
    if (input->kind == INPUT_FILE && input->source->len == 1)
        judge_product(subject, path, name, reason);
    else if (!(input->kind == INPUT_TREE && is_same_tree(subject, input)) &&
             !(input->kind == INPUT_FILE && is_same_file(subject, name, input->source)))
        refuse_product(subject, path, reason);
}

static void judge_expect(const Subject *subject, const GateExpect *expect, char **reason) {
    const SourcePart *built = find_built(expect->source);
    if (!built) return;
    g_autofree char *path = source_reader_path(&subject->reader, built);
    g_autofree char *name = g_strconcat("expect ", expect->guest_path, NULL);
    if (!is_same_file(subject, name, expect->source)) refuse_product(subject, path, reason);
}

/* Drives are not taken apart. */
static void judge_drive(const Subject *subject, const GateDrive *drive, char **reason) {
    const SourcePart *built = find_built(drive->source);
    g_autofree char *path = built ? source_reader_path(&subject->reader, built) : NULL;
    if (path && !*reason) *reason = g_strdup_printf("%s may be made from it", path);
}

static void judge_board(Subject *subject, const Boot *boot, char **reason) {
    g_autofree char *kernel = boot_kernel(boot), *symbols = boot_symbols(boot);
    g_autofree char *firmware = boot_firmware(boot), *dtb = boot_dtb(boot);
    /* A kernel that a case makes comes from there. */
    if (boot->driver != DRIVER_MADE) {
        const Program *program = find_program(subject->files, symbols);
        judge_product(subject, program->sources ? symbols : kernel, "kernel", reason);
    }
    if (firmware && strcmp(firmware, "none") != 0)
        judge_product(subject, firmware, "firmware", reason);
    if (dtb) judge_product(subject, dtb, "dtb", reason);
    for (const char *const *name = boot_linux_files; boot->driver == DRIVER_LINUX && *name;
         name++) {
        g_autofree char *path = g_build_filename(boot->gate->root, BOOT_LINUX_FOLDER, *name, NULL);
        judge_product(subject, path, strcmp(*name, "vmlinuz") == 0 ? "kernel" : *name, reason);
    }
}

/* ---- The case ---- */

static void judge(Subject *subject, char **reason) {
    const PlanCase *planned = subject->planned;
    const GateCase *c = planned->gate_case;
    const Boot boot = {.driver = planned->driver,
                       .gate = planned->gate,
                       .gate_case = c,
                       .seed_kernel = subject->files->seed_kernel};
    take_all(subject, &boot, reason);
    judge_board(subject, &boot, reason);
    for (guint i = 0; i < c->inputs->len; i++)
        judge_input(subject, c->inputs->pdata[i], reason);
    for (guint i = 0; i < c->drives->len; i++)
        judge_drive(subject, c->drives->pdata[i], reason);
    for (guint i = 0; i < c->expects->len; i++)
        judge_expect(subject, c->expects->pdata[i], reason);
}

char *affected_case(AffectedFiles *files, const PlanCase *planned, gboolean *ret_spared) {
    const char *out = files->out_root, *name = planned->gate_case->name;
    Subject subject = {files,
                       planned,
                       source_reader(planned->gate, planned->driver, out),
                       ingredients_load(out, planned->label, name, INGREDIENTS_PASS),
                       ingredients_load(out, planned->label, name, INGREDIENTS_COVERED),
                       FALSE};
    char *reason = NULL;
    judge(&subject, &reason);
    source_reader_clear(&subject.reader);
    if (subject.pass) g_ptr_array_unref(subject.pass);
    if (subject.covered) g_ptr_array_unref(subject.covered);
    *ret_spared = !reason && subject.is_spared;
    return reason;
}
