#include "attempt/cache.h"
#include "attempt/cache_entry.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/text.h"
#include "gate/gate_case.h"
#include "guest/guest.h"
#include "guest/qemu_identity.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- The key ---- */

/* Each field begins with its length, so no text can pass for two fields. */
static void add_text(GString *all, const char *name, const char *text) {
    g_string_append_printf(all, "%s %" G_GSIZE_FORMAT ":%s\n", name, text ? strlen(text) : 0,
                           text ? text : "-");
}

static void add_number(GString *all, const char *name, gint64 number) {
    g_string_append_printf(all, "%s %" G_GINT64_FORMAT "\n", name, number);
}

static void add_bytes(GString *all, const char *name, GBytes *bytes) {
    g_autofree char *hash = hash_bytes(bytes);
    add_text(all, name, hash);
}

static gboolean add_file(GString *all, const char *path, GError **error) {
    g_autoptr(GBytes) bytes = fdio_load(path, error);
    if (bytes) add_bytes(all, "file", bytes);
    return bytes != NULL;
}

static gboolean add_qemu(GString *all, const char *qemu, const char *arch, GError **error) {
    const char *identity = qemu_identity(qemu, error);
    if (!identity) return FALSE;
    add_text(all, "qemu", identity);
    add_text(all, "accelerator", guest_accelerator(arch));
    return TRUE;
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
static gboolean add_linux(GString *all, const Boot *boot, GError **error) {
    for (const char *const *name = boot_linux_files; *name; name++) {
        g_autofree char *path = g_build_filename(boot->gate->root, BOOT_LINUX_FOLDER, *name, NULL);
        if (!add_file(all, path, error)) return FALSE;
    }
    return TRUE;
}

static gboolean add_hex(GString *all, const Boot *boot, GError **error) {
    g_autofree char *text = boot_hex_text(boot);
    return add_file(all, text, error);
}

char *cache_key(const Boot *boot, const char *qemu, gboolean icount, const Inputs *inputs,
                const GPtrArray *expected, const GHashTable *counterpart_files, GError **error) {
    g_autoptr(GString) all = g_string_new("harness-cache-key 3\n");
    g_autofree char *kernel = boot_kernel(boot);
    if (!add_file(all, "/proc/self/exe", error) || !add_file(all, kernel, error) ||
        (boot->driver == DRIVER_LINUX && !add_linux(all, boot, error)) ||
        (boot->driver == DRIVER_HEX && !add_hex(all, boot, error)) ||
        !add_qemu(all, qemu, boot->gate_case->arch, error))
        return NULL;
    add_number(all, "driver", boot->driver);
    add_number(all, "disk", boot->disk);
    add_number(all, "icount", icount);
    add_case(all, boot->gate_case);
    for (guint i = 0; i < inputs->files->len; i++) {
        const InputFile *file = inputs->files->pdata[i];
        add_text(all, "input", file->guest_path);
        add_bytes(all, "sha256", file->content);
    }
    for (guint i = 0; i < expected->len; i++) {
        const ExpectedFile *file = expected->pdata[i];
        add_text(all, "expect", file->guest_path);
        add_text(all, "sha256", file->sha256);
    }
    if (counterpart_files)
        add_counterpart(all, (GHashTable *)counterpart_files); /* GLib's readers take no const */
    g_autoptr(GBytes) bytes = g_bytes_new_static(all->str, all->len);
    return hash_bytes(bytes);
}

/* ---- The folder: entries/XX/KEY, objects/XX/SHA256 ---- */

static char *object_path(const char *folder, const char *kind, const char *hash) {
    return g_strdup_printf("%s/%s/%.2s/%s", folder, kind, hash, hash);
}

/* FALSE if the file cannot be restored; a damaged object is removed, so that it is stored anew. */
static gboolean restore_file(const char *folder, const CacheFile *file, Outputs *outputs) {
    g_autofree char *path = object_path(folder, "objects", file->sha256);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    if (!mapped) return FALSE;
    gsize size = g_mapped_file_get_length(mapped);
    if (!outputs_begin(outputs, file->guest_path, NULL) ||
        !outputs_data(outputs, (const guint8 *)g_mapped_file_get_contents(mapped), size, NULL))
        return FALSE;
    if (size == file->size && strcmp(outputs_sha256(outputs), file->sha256) == 0)
        return outputs_publish(outputs, NULL);
    unlink(path);
    return FALSE;
}

gboolean cache_restore(const char *folder, const char *key, Outputs *outputs, EventLog *log) {
    g_autofree char *path = object_path(folder, "entries", key);
    g_autofree char *text = NULL;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, NULL)) return FALSE;
    g_autoptr(GPtrArray) entry = cache_entry_parse(text, length, key);
    if (!entry) cache_forget(folder, key);
    for (guint i = 0; entry && i < entry->len; i++) {
        const CacheFile *file = entry->pdata[i];
        if (file->is_kept && !restore_file(folder, file, outputs)) return FALSE;
    }
    for (guint i = 0; entry && i < entry->len; i++) {
        const CacheFile *file = entry->pdata[i];
        event_log_append(log, &(Event){.kind = EVENT_FILE,
                                       .text = file->guest_path,
                                       .size = file->size,
                                       .number = !file->is_kept,
                                       .sha256 = file->sha256});
    }
    if (entry) event_log_append(log, &(Event){.kind = EVENT_CACHED, .text = key});
    return entry != NULL;
}

void cache_forget(const char *folder, const char *key) {
    g_autofree char *path = object_path(folder, "entries", key);
    unlink(path);
}

/* Writes a file that others see complete or not at all. */
static gboolean save(const char *path, const char *data, gsize size, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return error_set_errno(error, errno, "cannot create %s", folder);
    return g_file_set_contents_full(path, data, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                    error);
}

static gboolean store_object(const char *folder, const char *sha256, const char *from,
                             GError **error) {
    g_autofree char *to = object_path(folder, "objects", sha256);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(from, FALSE, error);
    if (!mapped) return FALSE;
    /* An existing object has these bytes, or fails its hash when it is restored. */
    struct stat status;
    gsize size = g_mapped_file_get_length(mapped);
    if (stat(to, &status) == 0 && (gsize)status.st_size == size) return TRUE;
    const char *data = g_mapped_file_get_contents(mapped);
    return save(to, data ? data : "", size, error);
}

gboolean cache_store(const char *folder, const char *key, const EventLog *log,
                     const char *out_folder, GError **error) {
    g_autoptr(GPtrArray) entry = cache_entry_new();
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind != EVENT_FILE) continue;
        g_autofree char *from = g_strconcat(out_folder, event->text, NULL);
        gboolean is_kept = access(from, F_OK) == 0;
        if (is_kept && !store_object(folder, event->sha256, from, error)) return FALSE;
        cache_entry_add(entry, is_kept, event->sha256, event->size, event->text);
    }
    g_autofree char *path = object_path(folder, "entries", key);
    g_autofree char *text = cache_entry_format(entry, key);
    return save(path, text, strlen(text), error);
}
