#include "attempt/cache_key.h"
#include "attempt/verdict.h"
#include "base/hash.h"
#include "base/text.h"
#include "gate/gate_case.h"
#include "guest/guest.h"
#include "guest/image.h"
#include "guest/image_tool.h"
#include "guest/qemu_identity.h"
#include <stdlib.h>
#include <string.h>

/* Each field begins with its length, so no text can pass for two fields. */
static void add_text(GString *all, const char *name, const char *text) {
    g_string_append_printf(all, "%s %" G_GSIZE_FORMAT ":%s\n", name, text ? strlen(text) : 0,
                           text ? text : "-");
}

static void add_number(GString *all, const char *name, gint64 number) {
    g_string_append_printf(all, "%s %" G_GINT64_FORMAT "\n", name, number);
}

static gboolean add_file(GString *all, HashMemo *memo, const char *name, const char *path,
                         GError **error) {
    g_autofree char *hash = hash_memo_file(memo, path, error);
    if (hash) add_text(all, name, hash);
    return hash != NULL;
}

static gboolean add_program(GString *all, const char *name, const char *identity) {
    if (identity) add_text(all, name, identity);
    return identity != NULL;
}

/* Every key of the case except those that cannot change the result. */
static void add_case(GString *all, const GateCase *c) {
    g_autoptr(GPtrArray) lines = gate_case_lines(c, KEY_NO_RESULT);
    for (guint i = 0; i < lines->len; i++)
        add_text(all, "key", lines->pdata[i]);
}

static void add_counterpart(GString *all, GHashTable *files) {
    guint count;
    g_autofree gpointer *names = g_hash_table_get_keys_as_array(files, &count);
    qsort(names, count, sizeof *names, text_compare_names);
    for (guint i = 0; i < count; i++) {
        add_text(all, "counterpart", names[i]);
        add_text(all, "sha256", g_hash_table_lookup(files, names[i]));
    }
}

/* The files that Linux starts with besides its Image. */
static gboolean add_linux(GString *all, HashMemo *memo, const Boot *boot, GError **error) {
    for (const char *const *name = boot_linux_files; *name; name++) {
        g_autofree char *path = g_build_filename(boot->gate->root, BOOT_LINUX_FOLDER, *name, NULL);
        if (!add_file(all, memo, *name, path, error)) return FALSE;
    }
    return TRUE;
}

static gboolean add_hex(GString *all, HashMemo *memo, const Boot *boot, GError **error) {
    g_autofree char *text = boot_hex_text(boot);
    return add_file(all, memo, "K0", text, error);
}

/* Files of the guest, or of a drive, whose name is then before the path: no path begins with one.
 * Each is a name and a hash, with what the file is behind it (ingredients.h). */
static void add_inputs(GString *all, HashMemo *memo, const char *drive, const GPtrArray *files) {
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        g_autofree char *path = g_strconcat(drive, file->guest_path, NULL);
        g_autofree char *hash = hash_memo_hash(memo, &file->stamp, file->content);
        g_autofree char *marked = file->mode == INPUT_FILE_MODE
                                      ? g_strdup(hash)
                                      : g_strdup_printf("%s (mode %o)", hash, file->mode);
        add_text(all, "input", path);
        add_text(all, "sha256", marked);
    }
}

/* What the drives are made of, and by which tools. */
static gboolean add_drives(GString *all, HashMemo *memo, const GPtrArray *drives, GError **error) {
    for (guint i = 0; i < drives->len; i++) {
        const InputDrive *drive = drives->pdata[i];
        g_autofree char *name = g_strconcat(drive->drive->name, ":", NULL);
        add_inputs(all, memo, name, drive->files);
        if (!gate_drive_is_made(drive->drive)) continue;
        for (const char *const *tool = image_tools(drive->drive->format); *tool; tool++) {
            g_autofree char *path = image_tool_path(*tool); /* a missing one is told later */
            if (path && !add_program(all, *tool, qemu_identity_tool(path, memo, error)))
                return FALSE;
        }
    }
    return TRUE;
}

static void add_expected(GString *all, const GPtrArray *expected) {
    for (guint i = 0; i < expected->len; i++) {
        const ExpectedFile *file = expected->pdata[i];
        add_text(all, "expect", file->guest_path);
        add_text(all, "sha256", file->sha256);
    }
}

/* Files of the machine that the case names. */
static gboolean add_board(GString *all, HashMemo *memo, const Boot *boot, GError **error) {
    g_autofree char *firmware = boot_firmware(boot), *dtb = boot_dtb(boot);
    gboolean is_file = firmware && strcmp(firmware, "none") != 0;
    if (firmware && !is_file) add_text(all, "firmware", firmware);
    return (!is_file || add_file(all, memo, "firmware", firmware, error)) &&
           (!dtb || add_file(all, memo, "dtb", dtb, error));
}

char *cache_key_text(HashMemo *memo, const CacheSubject *subject, GError **error) {
    const Boot *boot = subject->boot;
    g_autoptr(GString) all = g_string_new("harness-cache-key 5\n");
    g_autofree char *kernel = boot_kernel(boot);
    if (!add_file(all, memo, "harness", "/proc/self/exe", error) ||
        !add_file(all, memo, "kernel", kernel, error) ||
        (boot->driver == DRIVER_LINUX && !add_linux(all, memo, boot, error)) ||
        (boot->driver == DRIVER_HEX && !add_hex(all, memo, boot, error)) ||
        !add_program(all, "qemu", qemu_identity(subject->qemu, memo, error)) ||
        !add_board(all, memo, boot, error) ||
        !add_drives(all, memo, subject->inputs->drives, error))
        return NULL;
    add_number(all, "driver", boot->driver);
    add_number(all, "disk", boot->disk);
    add_number(all, "icount", subject->icount);
    add_text(all, "accelerator", subject->accelerator);
    char factor[G_ASCII_DTOSTR_BUF_SIZE];
    add_text(all, "timeout-factor", g_ascii_dtostr(factor, sizeof factor, subject->timeout_factor));
    add_case(all, boot->gate_case);
    add_inputs(all, memo, "", subject->inputs->files);
    add_inputs(all, memo, "", subject->inputs->initrd);
    add_expected(all, subject->expected);
    if (subject->counterpart_files) /* GLib's readers take no const. */
        add_counterpart(all, (GHashTable *)subject->counterpart_files);
    return g_string_free(g_steal_pointer(&all), FALSE);
}

char *cache_key(const char *text) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    return hash_bytes(bytes);
}
