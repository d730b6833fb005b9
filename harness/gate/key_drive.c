/* The types of disks, flash memories, shares and serial ports: GPtrArray of GateDrive, which the
 * keys share. */
#include "gate/drive.h"
#include "gate/key_type.h"
#include <string.h>

static void clear_drives(void *value) { g_clear_pointer((GPtrArray **)value, g_ptr_array_unref); }

static void init_drives(void *value) {
    *(GPtrArray **)value = g_ptr_array_new_with_free_func((GDestroyNotify)gate_drive_free);
}

static gpointer copy_drive(gconstpointer from, gpointer data) {
    (void)data;
    GateDrive *copy = g_memdup2(from, sizeof *copy);
    copy->name = g_strdup(copy->name);
    copy->text = g_strdup(copy->text);
    if (copy->source) g_ptr_array_ref(copy->source);
    return copy;
}

static void copy_drives(void *to, const void *from) {
    *(GPtrArray **)to = g_ptr_array_copy(*(GPtrArray *const *)from, copy_drive, NULL);
    g_ptr_array_set_free_func(*(GPtrArray **)to, (GDestroyNotify)gate_drive_free);
}

/* Adds a drive of that name; it replaces one copied from another case. */
static gboolean add_drive(GPtrArray *drives, const KeyContext *context, DriveKind kind,
                          GateDrive **ret, GError **error) {
    GateDrive *drive = g_new0(GateDrive, 1);
    *drive =
        (GateDrive){.kind = kind,
                    .name = kind == DRIVE_FLASH ? g_strdup(DRIVE_FLASH_NAME)
                                                : lex_dup(context->file, context->line->argument),
                    .text = lex_dup(context->file, context->line->value),
                    .span = context->line->value};
    *ret = drive;
    for (guint i = 0; i < drives->len; i++) {
        GateDrive *other = drives->pdata[i];
        if (strcmp(other->name, drive->name) != 0) continue;
        gboolean is_other_kind = other->kind != kind;
        drives->pdata[i] = drive;
        gate_drive_free(other);
        return !is_other_kind ||
               diag_error(error, context->file, context->line->argument,
                          "two of disks, shares and serial ports are \"%s\"", drive->name);
    }
    g_ptr_array_add(drives, drive);
    return strlen(drive->name) <= DRIVE_NAME_MAX ||
           diag_error(error, context->file, context->line->argument,
                      "the name of a disk, share or serial port has at most %d characters",
                      DRIVE_NAME_MAX);
}

/* Whether *rest begins with the word `word`, which is then taken from it. */
static gboolean take_word(const KeyContext *context, DiagSpan *rest, const char *word) {
    DiagSpan after = *rest, found;
    gboolean quoted;
    if (!lex_word(context->file, &after, &found, &quoted, NULL) || quoted ||
        !lex_equal(context->file, found, word))
        return FALSE;
    *rest = after;
    return TRUE;
}

/* A size, if one comes next. */
static gboolean take_size(const KeyContext *context, DiagSpan *rest, guint64 *ret_size,
                          GError **error) {
    DiagSpan after = *rest, word;
    gboolean quoted;
    if (!lex_word(context->file, &after, &word, &quoted, NULL) || quoted ||
        !g_ascii_isdigit(context->file->text[word.begin]))
        return TRUE;
    *rest = after;
    return source_parse_size(context->file, word, DRIVE_SIZE_MAX, ret_size, error);
}

static gboolean is_empty(const KeyContext *context, DiagSpan rest) {
    DiagSpan word;
    gboolean quoted;
    return !lex_word(context->file, &rest, &word, &quoted, NULL);
}

static gboolean parse_source(GateDrive *drive, const KeyContext *context, DiagSpan rest,
                             GError **error) {
    drive->source = source_parse(context->file, rest, error);
    return drive->source != NULL;
}

/* A source that is one folder. */
static gboolean parse_folder(GateDrive *drive, const KeyContext *context, DiagSpan rest,
                             GError **error) {
    if (!parse_source(drive, context, rest, error)) return FALSE;
    return source_is_folder(drive->source) ||
           diag_error(error, context->file, rest, "expected one folder: " SOURCE_FOLDER_SYNTAX);
}

/* "[FORMAT] [SIZE] SOURCE" or "empty SIZE" */
static gboolean parse_disk(void *value, const KeyContext *context, GError **error) {
    GateDrive *drive;
    DiagSpan rest = context->line->value;
    if (!add_drive(*(GPtrArray **)value, context, DRIVE_DISK, &drive, error)) return FALSE;
    if (take_word(context, &rest, "empty")) {
        if (!take_size(context, &rest, &drive->size, error)) return FALSE;
        return (drive->size > 0 && is_empty(context, rest)) ||
               key_refuse(context, error, "an empty disk wants its size: empty 64M");
    }
    for (guint i = 0; drive_formats[i]; i++)
        if (take_word(context, &rest, drive_formats[i])) drive->format = i;
    if (!take_size(context, &rest, &drive->size, error)) return FALSE;
    if (!gate_drive_is_made(drive))
        return (drive->size == 0 || key_refuse(context, error,
                                               "a disk that is not made of a folder has the size "
                                               "of its source")) &&
               parse_source(drive, context, rest, error);
    if (drive->format == DRIVE_SQUASHFS && drive->size > 0)
        return key_refuse(context, error, "squashfs takes the size that its files want");
    if (drive->format != DRIVE_SQUASHFS && drive->size == 0)
        return key_refuse(context, error, "%s wants a size: %s 64M fixture:DIR",
                          drive_formats[drive->format], drive_formats[drive->format]);
    return parse_folder(drive, context, rest, error);
}

static gboolean parse_flash(void *value, const KeyContext *context, GError **error) {
    GateDrive *drive;
    if (!add_drive(*(GPtrArray **)value, context, DRIVE_FLASH, &drive, error)) return FALSE;
    return parse_source(drive, context, context->line->value, error);
}

static gboolean parse_share(void *value, const KeyContext *context, GError **error) {
    GateDrive *drive;
    DiagSpan rest = context->line->value;
    if (!add_drive(*(GPtrArray **)value, context, DRIVE_SHARE, &drive, error)) return FALSE;
    if (take_word(context, &rest, "empty") && is_empty(context, rest)) return TRUE;
    return parse_folder(drive, context, context->line->value, error);
}

/* "log" */
static gboolean parse_serial(void *value, const KeyContext *context, GError **error) {
    GateDrive *drive;
    DiagSpan rest = context->line->value;
    if (!add_drive(*(GPtrArray **)value, context, DRIVE_SERIAL, &drive, error)) return FALSE;
    return (take_word(context, &rest, "log") && is_empty(context, rest)) ||
           key_refuse(context, error, "expected log");
}

static void show_drives(const void *value, DriveKind kind, const char *key, GPtrArray *lines) {
    const GPtrArray *drives = *(GPtrArray *const *)value;
    for (guint i = 0; i < drives->len; i++) {
        const GateDrive *drive = drives->pdata[i];
        g_autofree char *named = g_strdup_printf("%s %s", key, drive->name);
        if (drive->kind == kind)
            key_show(lines, kind == DRIVE_FLASH ? key : named, "%s", drive->text);
    }
}

static void show_disks(const void *value, const char *key, GPtrArray *lines) {
    show_drives(value, DRIVE_DISK, key, lines);
}

static void show_flashes(const void *value, const char *key, GPtrArray *lines) {
    show_drives(value, DRIVE_FLASH, key, lines);
}

static void show_shares(const void *value, const char *key, GPtrArray *lines) {
    show_drives(value, DRIVE_SHARE, key, lines);
}

static void show_serials(const void *value, const char *key, GPtrArray *lines) {
    show_drives(value, DRIVE_SERIAL, key, lines);
}

#define DRIVES_TYPE(parser, shower) \
    { sizeof(GPtrArray *), init_drives, clear_drives, copy_drives, parser, shower }
const KeyType key_disk = DRIVES_TYPE(parse_disk, show_disks);
const KeyType key_flash = DRIVES_TYPE(parse_flash, show_flashes);
const KeyType key_serial = DRIVES_TYPE(parse_serial, show_serials);
const KeyType key_share = DRIVES_TYPE(parse_share, show_shares);
