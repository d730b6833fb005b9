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
static gboolean parse_content(GateDrive *drive, const KeyContext *context, DiagSpan rest,
                              GError **error) {
    if (take_word(context, &rest, "empty")) {
        if (!take_size(context, &rest, &drive->size, error)) return FALSE;
        return (drive->size > 0 && is_empty(context, rest)) ||
               key_refuse(context, error, "an empty disk wants its size: empty 64M");
    }
    for (guint i = 0; i < DRIVE_GPT; i++)
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

/* Removes the partitions of a disk that is given anew. */
static void drop_partitions(GPtrArray *drives, const char *name) {
    guint number;
    for (guint i = drives->len; i > 0; i--)
        if (gate_drive_is_part(drives->pdata[i - 1], name, &number))
            g_ptr_array_remove_index(drives, i - 1);
}

/* "on BUS" */
static gboolean take_bus(GateDrive *drive, const KeyContext *context, DiagSpan *rest,
                         GError **error) {
    if (!take_word(context, rest, "on")) return TRUE;
    for (guint i = BUS_PCI; drive_buses[i]; i++) {
        if (!take_word(context, rest, drive_buses[i])) continue;
        drive->bus = i;
        return TRUE;
    }
    return diag_error(error, context->file, *rest,
                      "expected pci, mmio, sd, mtd or none after \"on\"");
}

/* "[on BUS] gpt", or "[on BUS]" and a content */
static gboolean parse_disk(void *value, const KeyContext *context, GError **error) {
    GateDrive *drive;
    GPtrArray *drives = *(GPtrArray **)value;
    DiagSpan rest = context->line->value;
    if (!add_drive(drives, context, DRIVE_DISK, &drive, error) ||
        !take_bus(drive, context, &rest, error))
        return FALSE;
    drop_partitions(drives, drive->name);
    for (DriveFormat table = DRIVE_GPT; table <= DRIVE_MBR; table++) {
        if (!take_word(context, &rest, drive_formats[table])) continue;
        drive->format = table;
        return is_empty(context, rest) ||
               diag_error(error, context->file, rest,
                          "what a disk with partitions has is said by \"partition %s = ...\", a "
                          "line for each",
                          drive->name);
    }
    return parse_content(drive, context, rest, error);
}

/* A part of the disk that the line names, behind those that are there. */
static gboolean parse_partition(void *value, const KeyContext *context, GError **error) {
    GPtrArray *drives = *(GPtrArray **)value;
    g_autofree char *disk = lex_dup(context->file, context->line->argument);
    guint count = 0, number;
    if (!context->is_again) drop_partitions(drives, disk);
    for (guint i = 0; i < drives->len; i++)
        count += gate_drive_is_part(drives->pdata[i], disk, &number);
    GateDrive *drive = g_new0(GateDrive, 1);
    *drive = (GateDrive){.kind = DRIVE_PARTITION,
                         .name = g_strdup_printf("%s/%u", disk, count + 1),
                         .text = lex_dup(context->file, context->line->value),
                         .span = context->line->value};
    g_ptr_array_add(drives, drive);
    if (!parse_content(drive, context, context->line->value, error)) return FALSE;
    return drive->format != DRIVE_QCOW2 ||
           key_refuse(context, error, "a partition is no qcow2 image; convert it to raw");
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
        /* A partition is called by its disk. */
        g_autofree char *named =
            g_strdup_printf("%s %.*s", key, (int)strcspn(drive->name, "/"), drive->name);
        if (drive->kind == kind)
            key_show(lines, kind == DRIVE_FLASH ? key : named, "%s", drive->text);
    }
}

static void show_disks(const void *value, const char *key, GPtrArray *lines) {
    show_drives(value, DRIVE_DISK, key, lines);
}

static void show_partitions(const void *value, const char *key, GPtrArray *lines) {
    show_drives(value, DRIVE_PARTITION, key, lines);
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
const KeyType key_partition = DRIVES_TYPE(parse_partition, show_partitions);
const KeyType key_flash = DRIVES_TYPE(parse_flash, show_flashes);
const KeyType key_serial = DRIVES_TYPE(parse_serial, show_serials);
const KeyType key_share = DRIVES_TYPE(parse_share, show_shares);
