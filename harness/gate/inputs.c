#include "gate/inputs.h"
#include "base/mistakes.h"
#include "gate/inputs_archive.h"
#include "gate/source_reader.h"

void inputs_free(Inputs *inputs) {
    GPtrArray *lists[] = {inputs->files, inputs->equals, inputs->initrd, inputs->drives};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        if (lists[i]) g_ptr_array_unref(lists[i]);
    g_free(inputs);
}

static void input_drive_free(gpointer data) {
    InputDrive *drive = data;
    g_ptr_array_unref(drive->files);
    g_free(drive);
}

/* The state of loading a case's inputs. */
typedef struct {
    const SourceReader *reader;
    const GateInput *input; /* the current one */
    GuestPaths *paths;
    GPtrArray *files, *initrd;
    gboolean as_it_is; /* what lies in trees: another kernel may have links */
} Loading;

/* Adds a file of the current input; takes its content. An empty folder occupies no path, since
 * files may come into it. */
static gboolean add_file(const Loading *loading, const char *guest_path, const InputFile *file,
                         GError **error) {
    if (!S_ISDIR(file->mode) &&
        !gate_add_path(loading->reader->gate, loading->paths, loading->input, guest_path, error)) {
        g_bytes_unref(file->content);
        return FALSE;
    }
    input_files_add_like(loading->files, guest_path, file);
    return TRUE;
}

static gboolean add_below(gpointer data, const char *path, const InputFile *file, GError **error) {
    const Loading *loading = data;
    g_autofree char *guest_path = g_strconcat(loading->input->guest_path, path, NULL);
    return add_file(loading, guest_path, file, error);
}

static gboolean add_node(const Loading *loading, GError **error) {
    const GateNode *node = &loading->input->node;
    InputFile file = {.mode = node->mode,
                      .content = g_bytes_new(NULL, 0),
                      .major = node->major,
                      .minor = node->minor,
                      .stamp = FILE_STAMP_NONE};
    return add_file(loading, loading->input->guest_path, &file, error);
}

static gboolean load_input(const Loading *loading, GError **error) {
    const GateInput *input = loading->input;
    if (input->kind == INPUT_NODE) return add_node(loading, error);
    if (input->kind == INPUT_TREE)
        return source_reader_tree(loading->reader, input->source->pdata[0], loading->as_it_is,
                                  add_below, (gpointer)loading, error);
    InputFile file = {.mode = INPUT_FILE_MODE};
    file.content = source_reader_load(loading->reader, input->source, &file.stamp, error);
    if (!file.content) return FALSE;
    if (input->kind == INPUT_FILE) return add_file(loading, input->guest_path, &file, error);
    input_files_add_like(loading->initrd, "", &file);
    return TRUE;
}

/* ---- Drives ---- */

static gboolean add_to_drive(gpointer data, const char *path, const InputFile *file,
                             GError **error) {
    (void)error;
    input_files_add_like(((InputDrive *)data)->files, path, file);
    return TRUE;
}

/* Loads the files that a drive is made of, or the one that it is. */
static gboolean load_drive(const SourceReader *reader, InputDrive *drive, GError **error) {
    const GateDrive *gate_drive = drive->drive;
    if (!gate_drive->source) return TRUE;
    if (gate_drive->kind == DRIVE_SHARE || gate_drive_is_made(gate_drive))
        return source_reader_tree(reader, gate_drive->source->pdata[0], TRUE, add_to_drive, drive,
                                  error);
    InputFile file = {.mode = INPUT_FILE_MODE};
    file.content = source_reader_load(reader, gate_drive->source, &file.stamp, error);
    return file.content && add_to_drive(drive, "", &file, error);
}

static gboolean load_drives(const SourceReader *reader, const GateCase *c, GPtrArray *drives,
                            GError **error) {
    for (guint i = 0; i < c->drives->len; i++) {
        InputDrive *drive = g_new0(InputDrive, 1);
        *drive = (InputDrive){c->drives->pdata[i], input_files()};
        g_ptr_array_add(drives, drive);
        if (!load_drive(reader, drive, error)) return FALSE;
    }
    return TRUE;
}

/* ---- The case ---- */

/* Adds the arguments as a file if bootargs cannot carry them. */
static gboolean check_argv(const SourceReader *reader, const GateCase *c, const GPtrArray *files,
                           GError **error) {
    g_autofree char *bootargs =
        c->argv ? inputs_bootargs((const char *const *)c->argv) : g_strdup("");
    return bootargs || !input_files_find(files, INPUTS_ARGV_PATH) ||
           diag_error(error, &reader->gate->file, c->span,
                      "the argv of case \"%s\" goes into " INPUTS_ARGV_PATH
                      ", a file that the case has "
                      "already",
                      c->name);
}

/* Another kernel, its firmware and its device tree must be in the project too. */
static gboolean check_kernel(const SourceReader *reader, const GateCase *c, GError **error) {
    const char *const names[] = {"kernel", "firmware", "device tree", "ELF file with symbols"};
    const char *const paths[] = {c->kernel, c->firmware, c->dtb, c->symbols};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *path =
            paths[i] ? g_build_filename(reader->gate->root, paths[i], NULL) : NULL;
        if (path && !project_files_has(reader->allowed, path))
            return diag_error(error, &reader->gate->file, c->span,
                              "the %s of case \"%s\", %s, leads out of the project by a symbolic "
                              "link",
                              names[i], c->name, path);
    }
    return TRUE;
}

Inputs *inputs_load(const Gate *gate, const GateCase *c, Driver driver, const char *out_root,
                    GError **error) {
    g_auto(SourceReader) reader = source_reader(gate, driver, out_root);
    g_autoptr(Inputs) inputs = g_new0(Inputs, 1);
    inputs->files = input_files();
    inputs->equals = input_files();
    inputs->initrd = input_files();
    inputs->drives = g_ptr_array_new_with_free_func(input_drive_free);
    g_autoptr(GuestPaths) paths = guest_paths_new();
    for (guint i = 0; i < c->inputs->len; i++) {
        const Loading loading = {&reader,       c->inputs->pdata[i], paths,
                                 inputs->files, inputs->initrd,      gate_case_is_foreign(c)};
        if (!load_input(&loading, error)) return NULL;
    }
    if (!check_argv(&reader, c, inputs->files, error) || !check_kernel(&reader, c, error) ||
        !load_drives(&reader, c, inputs->drives, error))
        return NULL;
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        if (!expect->source) continue;
        InputFile file = {.mode = INPUT_FILE_MODE};
        file.content = source_reader_load(&reader, expect->source, &file.stamp, error);
        if (!file.content) return NULL;
        input_files_add_like(inputs->equals, expect->guest_path, &file);
    }
    return g_steal_pointer(&inputs);
}

/* Whether a source can be read before any case has run. */
static gboolean is_at_hand(const GPtrArray *source) {
    for (guint i = 0; i < source->len; i++)
        if (((const SourcePart *)source->pdata[i])->kind == SOURCE_OUT) return FALSE;
    return TRUE;
}

/* Adds a mistake for each missing part of a source. */
static void check_source(const SourceReader *reader, const GPtrArray *source, GPtrArray *mistakes) {
    for (guint i = 0; source && i < source->len; i++) {
        const SourcePart *part = source->pdata[i];
        GError *error = NULL;
        FileStamp stamp;
        g_autoptr(GBytes) bytes =
            part->kind == SOURCE_OUT ? NULL : source_reader_part(reader, part, &stamp, &error);
        if (error) mistakes_take(mistakes, error);
    }
}

/* Checks the paths of an input. A file that cannot be read yet still occupies its path. */
static gboolean check_input(const Loading *loading, GError **error) {
    const GateInput *input = loading->input;
    if (input->kind == INPUT_INITRD) return TRUE;
    if (input->kind == INPUT_NODE) return load_input(loading, error);
    if (input->kind == INPUT_TREE) return !is_at_hand(input->source) || load_input(loading, error);
    InputFile unknown = {
        .mode = INPUT_FILE_MODE, .content = g_bytes_new(NULL, 0), .stamp = FILE_STAMP_NONE};
    return add_file(loading, input->guest_path, &unknown, error);
}

/* Reads what a drive is made of, as far as it is there. */
static gboolean check_drive(const SourceReader *reader, const GateDrive *gate_drive,
                            GError **error) {
    g_autoptr(GPtrArray) files = input_files();
    InputDrive drive = {gate_drive, files};
    return !gate_drive->source || !is_at_hand(gate_drive->source) ||
           load_drive(reader, &drive, error);
}

void inputs_check(const Gate *gate, const GateCase *c, GPtrArray *mistakes) {
    g_auto(SourceReader) reader = source_reader(gate, DRIVER_SEED, NULL);
    g_autoptr(GuestPaths) paths = guest_paths_new();
    g_autoptr(GPtrArray) files = input_files();
    GError *error = NULL;
    for (guint i = 0; i < c->inputs->len; i++) {
        const Loading loading = {&reader, c->inputs->pdata[i],    paths, files,
                                 files,   gate_case_is_foreign(c)};
        if (loading.input->kind != INPUT_TREE)
            check_source(&reader, loading.input->source, mistakes);
        if (!check_input(&loading, &error)) mistakes_take(mistakes, g_steal_pointer(&error));
    }
    for (guint i = 0; i < c->drives->len; i++)
        if (!check_drive(&reader, c->drives->pdata[i], &error))
            mistakes_take(mistakes, g_steal_pointer(&error));
    if (!check_argv(&reader, c, files, &error)) mistakes_take(mistakes, g_steal_pointer(&error));
    if (!check_kernel(&reader, c, &error)) mistakes_take(mistakes, g_steal_pointer(&error));
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        if (expect->source) check_source(&reader, expect->source, mistakes);
    }
}
